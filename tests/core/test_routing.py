"""Who is told of what."""

from monitor.core.routing import Match, Mode, Route, Routing, Topic, topics_of, unused
from monitor.core.types import Level, Organization

LICENCES = Route(
    Match(kind=("change",), change=("licence", "withdrawn")), ("slack:C1", "slack:C2", "slack:C1")
)
CODERS = Route(Match(organization=("alibaba",), name=("*Coder*",)), ("slack:C3",))
ROUTING = Routing(("slack:C0",), (LICENCES, CODERS), {"release": Mode.OFF, "watching": Mode.DIGEST})


def test_what_fits_no_route_goes_to_everybody_else() -> None:
    assert ROUTING.receivers_of(Topic("change", change="gating")) == ("slack:C0",)


def test_the_first_route_that_fits_wins_and_tells_each_receiver_once() -> None:
    topic = Topic("change", organization="alibaba", change="licence", names=("Qwen3-Coder",))
    assert ROUTING.receivers_of(topic) == ("slack:C1", "slack:C2")


def test_a_name_fits_where_one_repository_does() -> None:
    assert ROUTING.receivers_of(
        Topic("release", organization="alibaba", names=("Qwen3", "Qwen3-Coder-30B"))
    ) == ("slack:C3",)
    assert ROUTING.receivers_of(Topic("release", organization="alibaba")) == ("slack:C0",)


def test_a_route_by_group_asks_for_one_of_the_groups() -> None:
    routing = Routing(("a",), (Route(Match(group=("frontier",), level=("alert",)), ("b",)),))
    assert routing.receivers_of(Topic("cadence", groups=("cloud", "frontier"))) == ("b",)
    assert routing.receivers_of(Topic("cadence", Level.WATCHING, groups=("frontier",))) == ("a",)


def test_possible_changes_follow_their_own_mode() -> None:
    assert ROUTING.mode_of(Topic("release")) is Mode.OFF
    assert ROUTING.mode_of(Topic("cadence", Level.WATCHING)) is Mode.DIGEST
    assert ROUTING.mode_of(Topic("cadence")) is Mode.EACH


ALIBABA = Organization("alibaba", "Alibaba", (), "CN", ("frontier",))
META = Organization("meta", "Meta", (), "US")


def unused_of(*matches: Match) -> dict[int, bool]:
    return unused([Route(match, ("a",)) for match in matches], [ALIBABA, META])


def test_a_route_is_unused_where_those_before_it_take_everything() -> None:
    assert unused_of(Match(), Match(kind=("brief",))) == {1: True}
    assert unused_of(Match(country=("CN",)), Match(organization=("alibaba",), kind=("release",))) == {1: True}
    assert unused_of(Match(kind=("change",)), Match(change=("licence",))) == {1: True}
    alert_and_watching = (Match(kind=("cadence",), level=("alert",)), Match(level=("watching",)))
    assert unused_of(*alert_and_watching, Match(kind=("cadence",))) == {2: True}


def test_a_route_is_in_use_where_something_is_left_for_it() -> None:
    assert unused_of(Match(country=("CN",)), Match(kind=("release",)), Match()) == {}
    assert unused_of(Match(organization=("alibaba",), name=("*-VL",)), Match(organization=("alibaba",))) == {}
    assert unused_of(Match(group=("frontier",)), Match(kind=("health", "brief"))) == {}


def test_a_route_that_contradicts_itself_is_unused_and_nobody_is_before_it() -> None:
    assert unused_of(Match(organization=("meta",), country=("CN",))) == {0: False}
    assert unused_of(Match(), Match(kind=("release",), change=("licence",))) == {1: False}


def test_everything_that_may_be_told_of_an_organisation_has_its_country_and_groups() -> None:
    topics = list(topics_of(ALIBABA))
    assert {(t.organization, t.country, t.groups) for t in topics} == {("alibaba", "CN", ("frontier",))}
    assert {t.kind for t in topics} == {"release", "cadence", "change", "health"}
