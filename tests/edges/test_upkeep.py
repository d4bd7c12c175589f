"""The service tells of itself: of a bad configuration, of receivers that cannot be reached, and of the week."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from monitor.config import load
from monitor.core.history import Rules
from monitor.core.routing import Mode, Routing
from monitor.core.standing import health_alert
from monitor.core.telling import Alert, AlertKind, Message
from monitor.core.timetable import Timetable
from monitor.core.types import Direction
from monitor.pace import Watch
from monitor.store import Store, alerts
from monitor.store.tables import AlertRow, NotificationRow, ReceiverRow
from monitor.upkeep import Upkeep
from monitor.worker import ticks
from servers import Clock, StandInHub, html_answer, repo
from world import World

ACME = '[acme]\nhuggingface = ["acme"]\n'
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOT = "slack:C0123456789"
MONDAY = datetime(2026, 6, 15, 9, tzinfo=UTC)
RULES = Rules(routing=Routing((BOT, "webhook")))
BAD = "The configuration has 1 problem and is not used"
GOOD = "The configuration is good again and in use"


def upkeep(store: Store, clock: Clock) -> Upkeep:
    return Upkeep(store, clock)


def watch(rules: Rules = RULES) -> Watch:
    return Watch({}, rules, None)


def told(store: Store) -> list[str]:
    """The title of every alert, the oldest first."""
    with store.reading() as tx:
        return [row.message["title"] for row in tx.scalars(select(AlertRow).order_by(AlertRow.id))]


def open_now(store: Store) -> list[str]:
    with store.reading() as tx:
        rows = tx.scalars(select(AlertRow).where(AlertRow.resolved_at.is_(None)).order_by(AlertRow.id))
        return [row.message["title"] for row in rows]


def receivers_of(store: Store, title: str) -> set[str]:
    """Who is told of an alert."""
    with store.reading() as tx:
        query = select(NotificationRow.receiver, AlertRow.message).join(AlertRow)
        return {receiver for receiver, message in tx.execute(query) if message["title"] == title}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "organizations.toml").write_text(ACME)
    return tmp_path


def test_the_service_tells_of_a_bad_configuration_once_reminds_daily_and_says_when_it_is_good_again(
    world: World, folder: Path
) -> None:
    organizations = folder / "organizations.toml"
    with ticks(world.app(), load(folder), pace=timedelta(0)) as service, capture_logs():

        def tick(after: timedelta = timedelta(seconds=1)) -> None:
            world.clock.now += after
            service["poll"]()
            service["upkeep"]()

        tick()
        organizations.write_text("[acme\n")
        for _ in range(3):
            tick()
        assert [title for title in world.alerts("health") if "configuration" in title] == [BAD]
        tick(DAY + MINUTE)
        tick(HOUR)
        organizations.write_text(ACME)
        tick()
        tick()
    assert [title for title in world.alerts("health") if "configuration" in title] == [
        BAD,
        f"{BAD} (still, after 1 day)",
        GOOD,
    ]
    assert [title for title in open_now(world.store) if "configuration" in title] == []


def test_workers_on_the_same_files_tell_of_them_once(store: Store, clock: Clock) -> None:
    workers = [upkeep(store, clock) for _ in range(2)]
    for problems in (("bad",), ("bad",), (), ()):
        for worker in workers:
            worker.look(watch(), problems)
            clock.now += MINUTE
    assert told(store) == [BAD, GOOD]


def test_what_was_bad_when_the_process_ended_is_good_when_it_starts(
    sqlite_store: Store, clock: Clock
) -> None:
    upkeep(sqlite_store, clock).look(watch(), ("bad",))
    upkeep(sqlite_store, clock).look(watch(), ())
    assert told(sqlite_store) == [BAD, GOOD]
    assert open_now(sqlite_store) == []


def test_reminders_go_on_daily_and_end_with_what_they_remind_of(sqlite_store: Store, clock: Clock) -> None:
    worker = upkeep(sqlite_store, clock)
    for _ in range(3 * 6):
        worker.look(watch(), ("bad",))
        clock.now += 4 * HOUR
    worker.look(watch(), ())
    for _ in range(8):
        worker.look(watch(), ())
        clock.now += 6 * HOUR
    assert told(sqlite_store) == [BAD, f"{BAD} (still, after 1 day)", f"{BAD} (still, after 2 days)", GOOD]
    assert open_now(sqlite_store) == []


def test_a_parked_receiver_is_told_to_the_others_and_so_is_its_return(store: Store, clock: Clock) -> None:
    worker, title = upkeep(store, clock), f"Messages do not reach {BOT}: a person is needed"
    with store.writing() as tx:
        alerts.raise_alerts(tx, [health_alert("x", Message("X", ""), clock.now)], RULES)
        tx.get_one(ReceiverRow, BOT).parked_at = clock.now
        tx.get_one(ReceiverRow, BOT).error = "token_revoked"
    for _ in range(3):
        worker.look(watch(), ())
        clock.now += MINUTE
    assert told(store) == ["X", title]
    assert receivers_of(store, title) == {"webhook"}
    with store.writing() as tx:
        tx.get_one(ReceiverRow, BOT).parked_at = None
    worker.look(watch(), ())
    assert told(store)[2:] == [f"Messages reach {BOT} again"]
    assert open_now(store) == ["X"]


def test_a_parked_receiver_is_reminded_of_to_the_others_alone(sqlite_store: Store, clock: Clock) -> None:
    with sqlite_store.writing() as tx:
        alerts.raise_alerts(tx, [health_alert("x", Message("X", ""), clock.now)], RULES)
        tx.get_one(ReceiverRow, BOT).parked_at = clock.now
    worker = upkeep(sqlite_store, clock)
    worker.look(watch(), ())
    clock.now += DAY
    worker.look(watch(), ())
    assert told(sqlite_store)[2].endswith("(still, after 1 day)")
    assert receivers_of(sqlite_store, told(sqlite_store)[2]) == {"webhook"}


def test_what_failed_for_good_is_told_once_to_the_others(sqlite_store: Store, clock: Clock) -> None:
    worker, title = upkeep(sqlite_store, clock), f"1 message could not be delivered to {BOT}"
    with sqlite_store.writing() as tx:
        alerts.raise_alerts(tx, [health_alert("x", Message("X", ""), clock.now)], RULES)
        tx.scalars(select(NotificationRow).where(NotificationRow.receiver == BOT)).one().state = "failed"
    for _ in range(3):
        worker.look(watch(), ())
        clock.now += DAY
    assert told(sqlite_store) == ["X", title]
    assert receivers_of(sqlite_store, title) == {"webhook"}


def test_a_reminder_of_accounts_names_those_that_cannot_be_seen_now(world: World, hub: StandInHub) -> None:
    world.poll()
    hub.faults = [html_answer(500)] * 3
    for _ in range(3):
        world.poll(after=HOUR)
    worker = upkeep(world.store, world.clock)
    world.clock.now += DAY
    worker.look(watch(), ())
    assert world.alerts("health")[-1] == "The monitor cannot see huggingface:acme (still, after 1 day)"
    world.poll()
    assert world.alerts("health")[-1] == "The monitor sees huggingface:acme again"
    assert [title for title in open_now(world.store) if "cannot see" in title] == []


def briefs(world: World) -> list[str]:
    return [text for text in world.texts("health") if text.startswith("Weekly brief")]


def test_the_brief_comes_once_a_week_over_all_workers(world_on_both: World) -> None:
    world = world_on_both
    world.clock.now = MONDAY - 9 * DAY
    world.poll()
    workers = [upkeep(world.store, world.clock) for _ in range(2)]
    while world.clock.now < MONDAY + 8 * DAY:
        for worker in workers:
            worker.look(watch(), ())
        world.clock.now += 12 * HOUR
    assert len(briefs(world)) == 3  # of 8, 15 and 22 June
    assert "1 organisation watched" in briefs(world)[0]


def test_a_brief_says_what_is_seen_and_who_released_what(world: World, hub: StandInHub) -> None:
    world.clock.now = MONDAY - 9 * DAY
    world.poll()
    hub.repos = (*hub.repos, repo("acme/Three-7B", MONDAY - DAY))
    world.clock.now = MONDAY
    world.poll()
    upkeep(world.store, world.clock).look(watch(), ())
    (text,) = briefs(world)
    assert text.splitlines()[0] == "Weekly brief: 1 launch by Acme"
    assert "All sources healthy: 1 of 1 account seen within the last hour." in text
    assert "1 this week" in text


def test_there_is_no_brief_before_a_first_week_two_days_late_or_where_it_is_off(world: World) -> None:
    world.clock.now = MONDAY + MINUTE
    world.poll()  # begins after this week's brief was due
    upkeep(world.store, world.clock).look(watch(), ())
    world.clock.now = MONDAY + 7 * DAY + 2 * DAY + MINUTE
    upkeep(world.store, world.clock).look(watch(), ())
    off = replace(RULES, timetable=Timetable(brief=None))
    world.clock.now = MONDAY + 14 * DAY
    upkeep(world.store, world.clock).look(watch(off), ())
    assert briefs(world) == []


def cadence_alert(title: str, direction: Direction, at: datetime) -> Alert:
    alert = replace(health_alert(title, Message(title, ""), at), organization="acme", direction=direction)
    return replace(alert, kind=AlertKind.CADENCE)


def test_a_brief_that_comes_late_leaves_nothing_between_two_untold_and_nothing_told_twice(
    world: World,
) -> None:
    worker, late = upkeep(world.store, world.clock), 3 * HOUR
    world.clock.now = MONDAY - 9 * DAY
    world.poll()
    raised = {
        "one": MONDAY - HOUR,
        "two": MONDAY + HOUR,
        "three": MONDAY + 7 * DAY + HOUR,
        "four": MONDAY + 8 * DAY,
    }
    for due in (MONDAY, MONDAY + 7 * DAY + late, MONDAY + 14 * DAY):
        for title in [title for title, at in raised.items() if at < due]:
            with world.store.writing() as tx:
                alerts.raise_alerts(tx, [cadence_alert(title, Direction.FASTER, raised.pop(title))], RULES)
        world.clock.now = due
        worker.look(watch(), ())
    told = [text.splitlines()[1].partition(". ")[2] for text in briefs(world)]
    assert told == ["one.", "two; three.", "four."]


def test_a_brief_says_who_released_again_after_a_silence(world: World) -> None:
    world.clock.now = MONDAY - 9 * DAY
    world.poll()
    world.clock.now = MONDAY - DAY
    with world.store.writing() as tx:
        alerts.raise_alerts(tx, [cadence_alert("Acme is back", Direction.RESUMED, world.clock.now)], RULES)
        alerts.resolve_cadence(tx, "acme", frozenset(), world.clock.now)
    world.clock.now = MONDAY
    upkeep(world.store, world.clock).look(watch(), ())
    assert "Acme is back." in briefs(world)[0]


def test_a_brief_has_a_route_and_a_mode_of_its_own(world: World) -> None:
    world.clock.now = MONDAY - DAY
    world.poll()
    world.clock.now = MONDAY
    quiet = replace(RULES, routing=replace(RULES.routing, modes={"health": Mode.OFF}))
    upkeep(world.store, world.clock).look(watch(quiet), ())
    title = briefs(world)[0].splitlines()[0]
    assert receivers_of(world.store, title) == {BOT, "webhook"}


def test_another_time_zone_brings_no_second_brief_of_a_week(world: World) -> None:
    worker = upkeep(world.store, world.clock)
    world.clock.now = MONDAY - 9 * DAY
    world.poll()
    for zone in ("Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"):
        world.clock.now = MONDAY if zone == "Europe/Berlin" else world.clock.now + 2 * HOUR
        worker.look(watch(replace(RULES, timetable=Timetable(zone))), ())
    assert len(briefs(world)) == 1
