"""Digests and quiet hours on their way to a strict Slack: what goes out together, when, once and in order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from monitor.core.routing import BRIEF, Mode
from monitor.core.telling import AlertKind
from monitor.core.timetable import Timetable
from monitor.core.types import Level
from monitor.deliver import MOST_ATTEMPTS
from monitor.store import Store, outbox, reading, standing
from monitor.store.reading import Filters
from monitor.store.tables import NotificationRow
from outbox import MINUTE, SECOND, Outbox
from servers import Clock
from slack_server import Fault, SlackServer
from slack_workspace import Workspace

REFUSED = Fault(body={"ok": False, "error": "invalid_blocks"})
NIGHT = Timetable(quiet=(time(22), time(7)))


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(Workspace(paced=True)) as server:
        yield server


@pytest.fixture
def out(sqlite_store: Store, slack: SlackServer) -> Outbox:
    return Outbox(sqlite_store, Clock(datetime(2026, 6, 12, 8, tzinfo=UTC)), slack)


@pytest.fixture
def out_on_both(store: Store, slack: SlackServer) -> Outbox:
    return Outbox(store, Clock(datetime(2026, 6, 12, 8, tzinfo=UTC)), slack)


def launch(out: Outbox, end: int, start: int = 0) -> None:
    """Raise alerts about releases: "a0" and so on."""
    out.raise_alerts(*(out.alert(f"a{n}", AlertKind.RELEASE) for n in range(start, end)))


def lines(message: dict[str, object]) -> str:
    """Everything that a message shows below its title."""
    return str(message["blocks"])


def states(out: Outbox) -> set[tuple[str, int, bool]]:
    """The state, attempts and having been sent of every notification, as `alerts` shows them."""
    with out.store.reading() as tx:
        shown = [n for alert in reading.alerts(tx, Filters()) for n in alert["notifications"]]
    return {(str(n["state"]), n["attempts"], n["sent_at"] is not None) for n in shown}


def test_what_is_told_in_digests_waits_and_goes_out_as_one_message(out_on_both: Outbox) -> None:
    out = out_on_both
    out.modes(release=Mode.DIGEST)
    out.raise_alerts(*(out.alert(f"Nova-{n}", AlertKind.RELEASE) for n in range(3)), out.alert("now"))
    out.deliver()
    assert (out.said, out.counts()) == (["now"], (3, 0))
    assert out.deliver(after=59 * MINUTE) == 0
    assert out.deliver(after=MINUTE) == 1
    assert out.said == ["now", "Daily digest: 3 releases"]
    assert all(f"Nova-{n}" in lines(out.slack.posted[1]) for n in range(3))
    assert (out.counts(), states(out)) == ((0, 0), {("sent", 1, True)})
    assert out.deliver(after=timedelta(days=2)) == 0


def test_a_digest_of_one_alert_is_that_alert(out: Outbox) -> None:
    out.modes(release=Mode.DIGEST)
    out.raise_alerts(out.alert("Nova", AlertKind.RELEASE))
    out.deliver(after=61 * MINUTE)
    assert out.said == ["Nova"]


def test_a_long_digest_comes_in_parts_of_one_size(out: Outbox) -> None:
    out.modes(release=Mode.DIGEST)
    out.raise_alerts(*(out.alert(f"Nova-{n}-", AlertKind.RELEASE) for n in range(16)))
    out.deliver(after=61 * MINUTE)
    assert out.said == ["Daily digest: 8 releases"] * 2
    assert "8 more alerts follow" in lines(out.slack.posted[0])
    first, second = ([n for n in range(16) if f"Nova-{n}-" in lines(message)] for message in out.slack.posted)
    assert (first, second) == (list(range(8)), list(range(8, 16)))


def test_a_changed_cadence_is_the_headline_of_its_digest(out: Outbox) -> None:
    out.modes(release=Mode.DIGEST, cadence=Mode.DIGEST)
    slow = out.alert("Acme has slowed down", AlertKind.CADENCE)
    possible = out.alert("Zen may have sped up", AlertKind.CADENCE, level=Level.WATCHING)
    out.modes(release=Mode.DIGEST, cadence=Mode.DIGEST, watching=Mode.DIGEST)
    out.raise_alerts(possible, out.alert("Nova", AlertKind.RELEASE), slow)
    out.deliver(after=61 * MINUTE)
    assert out.said == ["Acme has slowed down; and 2 other alerts"]
    shown = lines(out.slack.posted[0])
    assert "1 change of cadence, 1 release and 1 possible change of cadence" in shown
    bullets = shown[shown.index("•") :]
    assert bullets.index("slowed") < bullets.index("Nova") < bullets.index("may have")


def test_a_burst_goes_out_in_digests_and_its_rest_one_by_one(out_on_both: Outbox) -> None:
    out = out_on_both
    launch(out, 36)
    out.deliver()
    assert out.said == ["15 releases at once"] * 2 + [f"a{n}" for n in range(30, 36)]
    assert (out.counts(), states(out)) == ((0, 0), {("sent", 1, True)})


def test_twenty_alerts_are_no_burst(out: Outbox) -> None:
    launch(out, 20)
    out.deliver()
    assert out.said == [f"a{n}" for n in range(20)]


def test_in_a_backlog_the_brief_and_what_is_wrong_now_stand_alone_and_in_order(out_on_both: Outbox) -> None:
    out = out_on_both
    launch(out, 12)
    out.raise_alerts(out.alert("brief:2026-06-12", topic=BRIEF), out.alert("wrong"))
    launch(out, 36, 12)
    out.deliver()
    alone = ["brief:2026-06-12", "wrong"]
    assert out.said == [
        "12 releases at once",
        *alone,
        "15 releases at once",
        *(f"a{n}" for n in range(27, 36)),
    ]


def test_a_flood_of_what_was_wrong_and_is_over_goes_out_in_digests(out: Outbox) -> None:
    out.tell(*(f"a{n}" for n in range(21)))
    with out.store.writing() as tx:
        standing.end(tx, (f"a{n}" for n in range(21)), out.clock.now)
    out.deliver()
    assert out.said[0] == "15 notices of health at once"


def test_a_digest_that_fails_for_good_fails_with_all_that_it_holds_and_what_comes_after_goes_on(
    out_on_both: Outbox,
) -> None:
    out = out_on_both
    launch(out, 21)
    out.slack.script(Fault(503))
    assert out.deliver_one() == "15 releases at once"
    with out.store.writing() as tx:
        tx.scalars(
            select(NotificationRow).where(NotificationRow.attempts == 1)
        ).one().attempts = MOST_ATTEMPTS
    out.slack.script(Fault(503))
    out.deliver(after=2 * MINUTE)
    assert out.said == [f"a{n}" for n in range(15, 21)]
    assert out.counts() == (0, 15)
    assert states(out) == {("failed", MOST_ATTEMPTS + 1, False), ("sent", 1, True)}
    assert out.deliver(after=timedelta(days=1)) == 0


def test_a_digest_whose_answer_was_lost_is_looked_up_and_not_sent_twice(out_on_both: Outbox) -> None:
    out = out_on_both
    launch(out, 21)
    out.slack.script(Fault(commit=True, cut="drop"))
    out.deliver()
    assert out.said == ["15 releases at once"]
    assert states(out) == {("waiting", 1, False), ("waiting", 0, False)}
    out.deliver(after=12 * SECOND)
    assert out.said == ["15 releases at once", *(f"a{n}" for n in range(15, 21))]
    assert (out.counts(), states(out)) == ((0, 0), {("sent", 1, True)})


def test_a_worker_that_dies_while_it_sends_a_digest_loses_and_repeats_nothing(out_on_both: Outbox) -> None:
    out = out_on_both
    launch(out, 21)
    out.claim(is_being_sent=True)
    out.deliver(after=30 * SECOND)
    assert out.said == ["15 releases at once", *(f"a{n}" for n in range(15, 21))]
    assert out.slack.methods()[0] == "conversations.history"


def test_a_digest_that_is_refused_is_taken_apart_and_only_the_bad_alert_fails(out_on_both: Outbox) -> None:
    out = out_on_both
    out.modes(release=Mode.DIGEST)
    out.raise_alerts(*(out.alert(f"Nova{n}", AlertKind.RELEASE) for n in range(3)))
    out.slack.script(*[REFUSED] * 6)  # the digest in its three shapes, and then the first alert
    out.deliver(after=61 * MINUTE)
    assert out.posted == ["Nova1", "Nova2"]
    assert out.counts() == (0, 1)


def test_quiet_hours_hold_everything_and_drop_nothing(out_on_both: Outbox) -> None:
    out = out_on_both
    out.timetable(NIGHT)
    out.clock.now = datetime(2026, 6, 12, 21, 59, 59, tzinfo=UTC)
    out.tell("evening")
    out.deliver()
    out.clock.now += MINUTE
    out.tell("night")
    assert (out.deliver(), out.counts()) == (0, (1, 0))
    out.clock.now = datetime(2026, 6, 13, 6, 59, tzinfo=UTC)
    assert out.deliver() == 0
    out.deliver(after=MINUTE)
    assert out.said == ["evening", "night"]


def test_what_piled_up_over_the_quiet_hours_goes_out_in_digests_that_say_so(out: Outbox) -> None:
    out.timetable(NIGHT)
    out.clock.now = datetime(2026, 6, 12, 23, tzinfo=UTC)
    launch(out, 21)
    out.clock.now = datetime(2026, 6, 13, 7, tzinfo=UTC)
    out.deliver()
    assert out.said[0] == "15 releases of the quiet hours"


def test_changed_quiet_hours_hold_and_free_at_once(out: Outbox) -> None:
    out.timetable(NIGHT)
    out.clock.now = datetime(2026, 6, 12, 23, tzinfo=UTC)
    out.tell("night")
    deliverer = out.app.deliverer()  # of a service that goes on
    assert deliverer.deliver_one() is None
    out.timetable(Timetable())
    assert deliverer.deliver_one() is not None


def test_a_message_in_doubt_is_not_looked_up_in_quiet_hours(out: Outbox) -> None:
    out.timetable(NIGHT)
    out.clock.now = datetime(2026, 6, 12, 21, 59, 50, tzinfo=UTC)
    out.tell("late")
    out.slack.script(Fault(commit=True, cut="drop"))
    out.deliver()
    assert out.deliver(after=MINUTE) == 0
    assert out.slack.methods() == ["chat.postMessage"]
    out.clock.now = datetime(2026, 6, 13, 7, tzinfo=UTC)
    out.deliver()
    assert (out.said, out.counts()) == (["late"], (0, 0))


def test_a_channel_that_fails_holds_up_no_other(out: Outbox) -> None:
    (good,) = out.rules.routing.receivers
    out.rules = replace(out.rules, routing=replace(out.rules.routing, receivers=("slack:C0000000005", good)))
    out.tell(*"abc")
    began = out.clock.now
    out.deliver()
    assert (out.said, out.clock.now - began) == (list("abc"), 2 * SECOND)
    with out.store.reading() as tx:
        fine, bad = outbox.receivers_health(tx)
    assert (bad.waiting, bad.parked_at, fine.waiting, fine.parked_at) == (3, began, 0, None)
    assert "is_archived" in str(bad.error)


def test_what_goes_wrong_with_a_receiver_is_told_to_the_others(out: Outbox) -> None:
    bad, good = "slack:C0000000005", out.rules.routing.receivers[0]
    out.rules = replace(out.rules, routing=replace(out.rules.routing, receivers=(bad, good)))
    out.raise_alerts(out.alert("trouble", spared=(bad,)))
    out.deliver()
    assert (out.said, out.counts()) == (["trouble"], (0, 0))
