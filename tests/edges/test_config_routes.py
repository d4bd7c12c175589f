"""Routes in settings.toml: what is accepted, what is wrong with one, and what makes no sense."""

import os
from pathlib import Path

import pytest

from monitor.app import rules
from monitor.config import Config, load, read_environment
from monitor.config.edit import remove
from monitor.config.receivers import set_up, unreachable
from monitor.core.routing import Match, Route, Topic
from monitor.errors import ConfigError

LABS = """
[alibaba]
country = "CN"
groups = ["frontier"]
huggingface = ["Qwen"]
[meta]
country = "US"
huggingface = ["meta"]
"""
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C0000000000"}
HOOK = {"MONITOR_WEBHOOK_URL": "https://a.example/x", "MONITOR_WEBHOOK_SECRET": f"whsec_{'A' * 32}"}


def loaded(folder: Path, settings: str, organizations: str = LABS) -> Config:
    (folder / "organizations.toml").write_text(organizations)
    (folder / "settings.toml").write_text(settings)
    return load(folder)


def route(match: str = "", channels: str = '"C0123456789"') -> str:
    return f"[[routes]]\nmatch = {{ {match} }}\nchannels = [{channels}]\n"


def problems(folder: Path, settings: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        loaded(folder, settings)
    return [problem.removeprefix(f"{folder}{os.sep}settings.toml: ") for problem in raised.value.problems]


def warnings(folder: Path, settings: str) -> list[str]:
    return [
        said.removeprefix(f"{folder}{os.sep}settings.toml: ") for said in loaded(folder, settings).warnings
    ]


def test_routes_keep_their_order_and_say_everything_that_can_be_asked(tmp_path: Path) -> None:
    asked = 'country = ["CN"], group = ["frontier"], level = ["alert"], name = ["*-VL"], kind = ["release"]'
    first = route('organization = ["alibaba"], kind = ["change"], change = ["licence", "withdrawn"]')
    found = loaded(tmp_path, first + route(asked, '"slack:G012", "G012", "apprise:ops", "webhook"')).settings
    assert found.routes == (
        Route(
            Match(organization=("alibaba",), kind=("change",), change=("licence", "withdrawn")),
            ("slack:C0123456789",),
        ),
        Route(
            Match((), ("CN",), ("frontier",), ("release",), (), ("alert",), ("*-VL",)),
            ("slack:G012", "apprise:ops", "webhook"),
        ),
    )


def test_a_route_without_a_match_fits_everything(tmp_path: Path) -> None:
    assert loaded(tmp_path, '[[routes]]\nchannels = ["terminal"]').settings.routes[0].match == Match()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            route('organization = ["alibab"]'),
            "match.organization: no organisation `alibab`; did you mean `alib",
        ),
        (
            route('organization = ["zzz"]'),
            "match.organization: no organisation `zzz`; add it to organizations",
        ),
        (route('organization = "alibaba"'), "match.organization: must be a list, such as"),
        (route("organization = []"), "match.organization: is empty; name at least one, or leave the key out"),
        (
            route('organisation = ["alibaba"]'),
            "match.organisation: unknown key; did you mean `organization`?",
        ),
        (route('country = ["China"]'), "match.country: `China` is no ISO 3166-1 alpha-2 country code"),
        (route('group = ["Big Labs"]'), "match.group: `Big Labs` is no key"),
        (route('kind = ["releases"]'), "match.kind: `releases` is no kind of alert; did you mean `release`?"),
        (
            route('kind = ["x"]'),
            "match.kind: `x` is no kind of alert; known: release, cadence, change, health, b",
        ),
        (
            route('change = ["license"]'),
            "match.change: `license` is no kind of change; did you mean `licence`?",
        ),
        (
            route('change = ["published"]'),
            "match.change: `published` is no kind of change; known: withdrawn, ",
        ),
        (route('level = ["alerts"]'), "match.level: `alerts` is no level; did you mean `alert`?"),
        (
            route('name = ["Qwen/*"]'),
            "match.name: `Qwen/*` never fits: globs see the name without owner; write",
        ),
        (
            route(channels='"#releases"'),
            "channels: `#releases` is no channel; write its id, such as C0123456789",
        ),
        (
            route(channels='"c0123456789"'),
            "channels: `c0123456789` is no channel; did you mean `C0123456789`?",
        ),
        (route(channels='"webhok"'), "channels: `webhok` is no channel; did you mean `webhook`?"),
        (route(channels='"@me"'), "channels: `@me` is no channel; messages to a person cannot be routed"),
        (
            route(channels='"U0123456789"'),
            "channels: `U0123456789` is no channel; messages to a person cannot",
        ),
        (route(channels='"apprise:On Call"'), "channels: `apprise:On Call` is no channel; "),
        (route(channels='"\\u001b[31m"'), "channels: `?[31m` is no channel; write a channel's id"),
        (route(channels=""), "channels: is empty"),
        ('[[routes]]\nchannels = "C0123456789"', "channels: must be a list, such as"),
        ("[[routes]]\nmatch = {}", "channels: is missing; say where it leads"),
        ('[[routes]]\nmatch = 1\nchannels = ["terminal"]', "match: must be a table, not 1"),
        (
            '[[routes]]\nchannel = ["terminal"]\nchannels = ["terminal"]',
            "channel: unknown key; did you mean `cha",
        ),
    ],
)
def test_what_is_wrong_with_a_route_is_said_with_its_number_and_a_remedy(
    tmp_path: Path, settings: str, problem: str
) -> None:
    (said,) = problems(tmp_path, route('kind = ["brief"]') + settings)
    assert said.startswith(f"route 2: {problem}"), said


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("[routes]\nmatch = {}", "routes: are several; write [[routes]] instead of [routes]"),
        ("routes = 1", "routes: must be a list"),
        ("routes = [1]", "route 1: must be a table, not 1"),
        ("[[route]]", "route: unknown key; did you mean `routes`?"),
    ],
)
def test_routes_that_are_no_tables_are_refused(tmp_path: Path, settings: str, problem: str) -> None:
    (said,) = problems(tmp_path, settings)
    assert said.startswith(problem), said


def test_an_organisation_that_merely_cannot_be_read_is_not_called_unknown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, route('organization = ["meta"]'), LABS + 'nam = "Meta"')
    assert len(raised.value.problems) == 1


def test_an_organisation_of_a_route_is_not_removed_from_the_list(tmp_path: Path) -> None:
    loaded(tmp_path, route('organization = ["meta"]'))
    with pytest.raises(ConfigError, match=r"route 1: match\.organization: no organisation `meta`"):
        remove(tmp_path, "meta")
    assert (tmp_path / "organizations.toml").read_text() == LABS


@pytest.mark.parametrize(
    ("settings", "warning"),
    [
        (
            route('group = ["frontir"]'),
            "route 1: match.group: no organisation has `frontir`; did you mean `fron",
        ),
        (route('country = ["CN", "FR"]'), "route 1: match.country: no organisation has `FR`"),
        (route('organization = ["meta"], country = ["CN"]'), "route 1: fits nothing that can happen"),
        (
            route('country = ["CN"]') + route('organization = ["alibaba"]'),
            "route 2: nothing comes to it: the ro",
        ),
        (route() + route('kind = ["brief"]'), "route 2: nothing comes to it"),
    ],
)
def test_a_route_that_makes_no_sense_is_a_warning(tmp_path: Path, settings: str, warning: str) -> None:
    (said,) = warnings(tmp_path, settings)
    assert said.startswith(warning), said


def test_routes_that_make_sense_warn_of_nothing(tmp_path: Path) -> None:
    sensible = route('country = ["CN"], name = ["*-VL"]') + route('country = ["CN"]') + route()
    assert warnings(tmp_path, sensible) == []


# Receivers


def test_everybody_who_is_set_up_is_told_and_the_terminal_where_nobody_is() -> None:
    assert set_up(read_environment({})) == ("terminal",)
    assert set_up(read_environment({**SLACK, **HOOK, "MONITOR_APPRISE_URL_OPS": "ntfy://x"})) == (
        "slack:C0000000000",
        "webhook",
        "apprise:ops",
    )


def test_a_route_to_what_is_not_set_up_leads_to_who_is_so_that_nothing_waits_for_ever(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        route('kind = ["release"]', '"C0123456789", "webhook"')
        + route('kind = ["health"]', '"webhook", "apprise:ops", "apprise"'),
    )
    release, health = Topic("release"), Topic("health")
    alone = rules(config, read_environment({})).routing
    assert (alone.receivers_of(release), alone.receivers_of(health)) == (("terminal",), ("terminal",))
    env = read_environment(SLACK)
    slack = rules(config, env).routing
    assert slack.receivers_of(release) == ("slack:C0123456789",)
    assert slack.receivers_of(health) == ("slack:C0000000000",)
    assert list(unreachable(config.settings.routes, env)) == [
        "route 1: webhook is not set up: set MONITOR_WEBHOOK_URL; until then slack:C0123456789 is told",
        "route 2: webhook is not set up: set MONITOR_WEBHOOK_URL; until then slack:C0000000000 is told",
        "route 2: apprise:ops is not set up: set MONITOR_APPRISE_URL_OPS; until then slack:C0000000000 is told",
        "route 2: apprise is not set up: set MONITOR_APPRISE_URL; until then slack:C0000000000 is told",
    ]


def test_a_route_to_what_is_set_up_stays_as_it_is(tmp_path: Path) -> None:
    config = loaded(tmp_path, route('kind = ["health"]', '"webhook", "terminal"'))
    env = read_environment({**SLACK, **HOOK})
    assert rules(config, env).routing.receivers_of(Topic("health")) == ("webhook", "terminal")
    assert list(unreachable(config.settings.routes, env)) == []
