"""What waits while the configuration is changed: when it goes out, to whom, and once."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from monitor.config import load
from monitor.core.routing import Match, Mode, Route, Routing
from monitor.core.telling import AlertKind
from monitor.core.timetable import Timetable
from monitor.store import Store, outbox
from monitor.store.replanning import replan
from outbox import MINUTE, SECOND, Outbox
from servers import Clock
from slack_server import Fault, SlackServer
from slack_workspace import Workspace
from world import CHANNEL

BEGAN = datetime(2026, 6, 12, 8, 30, tzinfo=UTC)
OURS, ARCHIVED = f"slack:{CHANNEL}", "slack:C0000000005"
DIGEST = {"release": Mode.DIGEST}


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(Workspace(paced=True)) as server:
        yield server


@pytest.fixture
def out(store: Store, slack: SlackServer) -> Outbox:
    return Outbox(store, Clock(BEGAN), slack)


def launch(out: Outbox, *names: str) -> None:
    out.raise_alerts(*(out.alert(name, AlertKind.RELEASE) for name in names))


def take_up(out: Outbox) -> None:
    with out.store.writing() as tx:
        replan(tx, out.rules)


@dataclass(frozen=True)
class Settings:
    """The part of [notify] that says when releases go out."""

    digest: time | None = None
    modes: Mapping[str, Mode] = field(default_factory=lambda: DIGEST)
    zone: str = "UTC"

    def hold(self, out: Outbox) -> None:
        out.timetable(Timetable(self.zone, self.digest))
        out.modes(**self.modes)


HOURLY, AT_SIX, AT_ONCE = Settings(), Settings(time(18)), Settings(modes={})


@pytest.mark.parametrize(
    ("before", "after", "told_at"),
    [
        (HOURLY, HOURLY, "09:00"),
        (HOURLY, AT_SIX, "18:00"),
        (AT_SIX, HOURLY, "09:00"),
        (AT_SIX, Settings(time(8, 35)), "08:40"),  # which is past by now
        (AT_SIX, Settings(time(18), zone="Asia/Shanghai"), "10:00"),
        (AT_SIX, AT_ONCE, "08:40"),
        (AT_ONCE, AT_SIX, "18:00"),
        (AT_SIX, Settings(modes={"release": Mode.OFF}), None),
        (HOURLY, Settings(modes={"health": Mode.OFF}), "08:40"),
    ],
)
def test_what_waits_goes_out_as_it_is_set_by_now_and_once(
    out: Outbox, before: Settings, after: Settings, told_at: str | None
) -> None:
    before.hold(out)
    launch(out, "Nova", "Vega")
    out.clock.now += 10 * MINUTE
    after.hold(out)
    for _ in range(2):
        take_up(out)
    if told_at is None:
        assert out.counts() == (0, 0)
    else:
        moment = datetime.fromisoformat(f"2026-06-12T{told_at}+00:00")
        if moment > out.clock.now:
            out.clock.now = moment - SECOND
            assert out.deliver_one() is None
            out.clock.now = moment
        out.deliver()
    out.deliver(after=timedelta(days=3))
    shown = str([message["blocks"] for message in out.slack.posted])
    assert shown.count("Nova") == shown.count("Vega") == (0 if told_at is None else 1)
    assert out.counts() == (0, 0)


def test_what_is_on_its_way_goes_out_as_it_was_to(out: Outbox) -> None:
    launch(out, "Nova")
    out.claim(is_being_sent=True)  # and that worker dies
    AT_SIX.hold(out)
    take_up(out)
    out.deliver(after=MINUTE)
    assert out.said == ["Nova"]


def test_a_wait_that_was_asked_for_is_kept(out: Outbox) -> None:
    launch(out, "Nova")
    out.slack.script(Fault(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "600"}))
    out.deliver()
    take_up(out)
    assert out.deliver(after=9 * MINUTE) == 0
    out.deliver(after=MINUTE)
    assert (out.said, out.slack.impatient) == (["Nova"], [])


def test_workers_that_take_up_a_configuration_at_once_make_one_plan(
    postgres_store: Store, slack: SlackServer
) -> None:
    out = Outbox(postgres_store, Clock(BEGAN), slack)
    out.rules = replace(out.rules, routing=Routing((ARCHIVED,)))
    launch(out, "Nova", "Vega", "Lyra")
    out.deliver()
    out.rules = replace(out.rules, routing=Routing((OURS,)))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: take_up(out), range(8)))
    out.deliver()
    assert (out.said, out.counts()) == (["Nova", "Vega", "Lyra"], (0, 0))


def test_the_service_plans_anew_when_it_takes_a_configuration_up(out: Outbox, tmp_path: Path) -> None:
    HOURLY.hold(out)
    launch(out, "Nova", "Vega")
    (tmp_path / "organizations.toml").write_text('[acme]\nhuggingface = ["acme"]\n')
    (tmp_path / "settings.toml").write_text('[notify]\nreleases = "digest"\ndigest = "daily 18:00"\n')
    out.app.watch(load(tmp_path))
    with out.store.reading() as tx:
        assert outbox.next_due(tx, [OURS]) == BEGAN.replace(hour=18, minute=0)


TO_ARCHIVED = Routing((ARCHIVED,))
BY_NAME = Routing(
    (OURS,),
    (Route(Match(kind=("release",)), (OURS, "webhook")), Route(Match(kind=("health",)), ("webhook",))),
)


@pytest.mark.parametrize("number", [1, 2, 25])
@pytest.mark.parametrize(
    ("after", "told"),
    [
        (Routing((OURS,)), {OURS}),
        (BY_NAME, {OURS, "webhook"}),
        (Routing((ARCHIVED, OURS)), {ARCHIVED}),  # in use: it waits for the person
        (Routing(("terminal",)), {ARCHIVED}),  # perhaps this process was not told Slack's token
        (Routing((OURS,), modes={"release": Mode.OFF}), set[str]()),
    ],
)
def test_what_waits_for_a_channel_that_was_given_up_goes_where_it_would_go_now(
    out: Outbox, number: int, after: Routing, told: set[str]
) -> None:
    out.rules = replace(out.rules, routing=TO_ARCHIVED)
    launch(out, *(f"Nova-{n}" for n in range(number)))
    out.deliver()  # the channel is archived; of many a digest is on its way
    assert out.counts() == (number, 0)
    out.rules = replace(out.rules, routing=after)
    for _ in range(2):
        take_up(out)
    with out.store.reading() as tx:
        waiting = {one.name: one.waiting for one in outbox.receivers_health(tx) if one.waiting}
        assert waiting == dict.fromkeys(told, number)
        assert set(outbox.parked(tx)) == told & {ARCHIVED}


def test_a_channel_that_works_is_sent_what_waited_for_it_wherever_the_next_goes(out: Outbox) -> None:
    launch(out, "Nova")
    out.rules = replace(out.rules, routing=Routing(("slack:C0000000002",)))
    take_up(out)
    out.deliver()
    assert (out.said, out.counts()) == (["Nova"], (0, 0))


def test_who_was_told_of_it_is_not_told_again(out: Outbox) -> None:
    out.rules = replace(out.rules, routing=Routing((ARCHIVED, OURS)))
    launch(out, "Nova")
    out.deliver()
    out.rules = replace(out.rules, routing=Routing((OURS,)))
    take_up(out)
    out.deliver(after=timedelta(hours=1))
    assert (out.said, out.counts()) == (["Nova"], (0, 0))
