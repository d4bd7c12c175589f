"""What could not be seen is known as such: no silence, and what is found after it is late and no flood."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from several import errors, on_both, on_huggingface, on_modelscope, release
from sqlalchemy import select

import openrouter_server
from monitor.config import PollSettings
from monitor.core.types import Budgets, Organization
from monitor.demo.server import Answer
from monitor.store import Store, cadence, counting, watchlist
from monitor.store.blindness import DOWN
from monitor.store.cadence_rows import verdict_row
from monitor.store.tables import AccountRow, BlindSpotRow
from servers import Clock
from world import Hubs, World, four_hubs, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)  # where the clock stands at first
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOON = 12 * HOUR


@pytest.fixture
def hubs(clock: Clock) -> Iterator[Hubs]:
    with four_hubs(clock) as hubs:
        yield hubs


@pytest.fixture
def world(sqlite_store: Store, clock: Clock, hubs: Hubs) -> World:
    return _watching(sqlite_store, clock, hubs)


@pytest.fixture
def world_on_postgres_too(store: Store, clock: Clock, hubs: Hubs) -> World:
    return _watching(store, clock, hubs)


def _watching(store: Store, clock: Clock, hubs: Hubs, organization: Organization | None = None) -> World:
    """An organisation on both model hubs, seen last at noon."""
    world = World(store, clock, hubs, organization or on_both())
    # What is polled later than it is due was out of sight: let nothing be due before it is polled.
    world.settings = replace(world.settings, poll=PollSettings(7 * HOUR))
    for n in range(12):
        on_huggingface(world, f"Lyra-{n}-7B", JUNE - 4 * n * DAY)
        on_modelscope(world, f"Lyra-{n}-7B", JUNE - 4 * n * DAY)
    world.poll(after=11 * HOUR)
    assert errors(world.poll(after=HOUR)) == []
    return world


def be_blind(world: World, kind: str) -> None:
    """See nothing of one hub for three days: it fails, or we do not run and see nothing at all."""
    if kind == "downtime":
        world.clock.now += 3 * DAY
        return
    world.hub.spoil = lambda request, answer: Answer(503)
    poll_for(3 * DAY, world)
    world.hub.spoil = None


def poll_for(time: timedelta, world: World) -> None:
    with world.process():
        for _ in range(time // (6 * HOUR)):
            world.poll(after=6 * HOUR)


def spots(world: World) -> list[tuple[Any, Any, str]]:
    """Every blind spot: from when, until when, and why."""
    with world.store.reading() as tx:
        rows = tx.scalars(select(BlindSpotRow).order_by(BlindSpotRow.id)).all()
        return [(row.began_at, row.ended_at, row.reason) for row in rows]


def unseen(world: World) -> list[date]:
    """Every whole day of which nothing is said."""
    with world.store.reading() as tx:
        stretches = counting.unseen_days(tx, "acme", world.clock.now)
    return [low + n * DAY for low, high in stretches for n in range((high - low).days)]


@pytest.mark.parametrize("kind", ["the hub fails", "downtime"])
def test_three_days_without_sight_are_a_blind_spot_and_no_days_of_the_cadence(
    kind: str, world_on_postgres_too: World
) -> None:
    world = world_on_postgres_too
    be_blind(world, kind)
    if kind != "downtime":
        ((began, ended, reason),) = spots(world)
        assert (began, ended) == (JUNE + NOON, None)
        assert "503" in reason
        assert world.account("acme")["blind_since"] == JUNE + NOON
    assert errors(world.poll(after=HOUR)) == []
    found = spots(world)
    seen_again = JUNE + NOON + 3 * DAY + HOUR
    assert {(began, ended) for began, ended, _ in found} == {(JUNE + NOON, seen_again)}
    assert len(found) == (2 if kind == "downtime" else 1)  # of each account, if it was we who did not look
    assert sorted(set(unseen(world))) == [date(2026, 6, 13), date(2026, 6, 14)]
    assert world.account("acme")["blind_since"] is None
    assert world.quiet()


@pytest.mark.parametrize("kind", ["the hub fails", "downtime"])
def test_what_is_found_after_it_is_late_and_dated_as_far_as_it_can_be(kind: str, world: World) -> None:
    made, hidden = JUNE + 2 * DAY, JUNE - 40 * DAY
    on_huggingface(world, "Nova-9-8B", made)
    on_huggingface(world, "Vega-7B", hidden, public_from=JUNE + 2 * DAY)
    be_blind(world, kind)
    world.poll(after=HOUR)
    bracket = [JUNE + NOON, world.clock.now]
    nova, vega = release(world, "Nova-9-8B"), release(world, "Vega-7B")
    assert (nova["released_at"], vega["released_at"]) == (made, bracket[1])
    assert (nova["basis"], vega["basis"]) == ("observed", "observed")
    assert (nova["found_late"], vega["found_late"]) == (True, True)
    assert [each["repos"][0]["published_between"] for each in (nova, vega)] == [bracket, bracket]
    assert sorted(world.alerts("release")) == ["Acme released Nova-9-8B", "Acme released Vega-7B"]
    assert all("Found late" in text for text in world.texts("release"))


@pytest.mark.parametrize("kind", ["the hub fails", "downtime"])
def test_more_than_three_that_are_found_late_are_one_message(kind: str, world_on_postgres_too: World) -> None:
    world = world_on_postgres_too
    for n, star in enumerate(("Nova", "Vega", "Mira", "Rigel", "Deneb", "Atlas")):
        on_huggingface(world, f"{star}-7B", JUNE + DAY + n * HOUR)
    be_blind(world, kind)
    for _ in range(3):
        world.poll(after=HOUR)
    (text,) = world.texts("release")
    assert text.startswith("Acme: 6 releases found after 3 days out of sight")
    assert all(star in text for star in ("Nova", "Vega", "Mira", "Rigel", "Deneb", "Atlas"))
    assert sum(each["found_late"] for each in world.log()) == 6
    assert len(world.launches()) == 18


def test_what_comes_after_sight_is_back_is_not_late(world: World) -> None:
    be_blind(world, "the hub fails")
    world.poll(after=HOUR)
    on_huggingface(world, "Nova-9-8B", world.clock.now + MINUTE)
    world.poll(after=HOUR)
    assert release(world, "Nova-9-8B")["found_late"] is False
    assert world.alerts("release") == ["Acme released Nova-9-8B"]


def test_a_hub_that_was_blind_adds_its_copies_late_and_moves_no_date(world: World) -> None:
    """Hugging Face failed while ModelScope showed the launch: the release was seen in time."""
    world.hub.spoil = lambda request, answer: Answer(503)
    poll_for(DAY, world)
    on_modelscope(world, "Nova-9-8B", world.clock.now + MINUTE)
    on_huggingface(world, "Nova-9-8B", world.clock.now + 30 * HOUR)
    poll_for(2 * DAY, world)
    before = release(world, "Nova-9-8B")
    assert before["found_late"] is False
    world.hub.spoil = None
    world.poll(after=HOUR)
    after = release(world, "Nova-9-8B")
    assert (after["id"], after["released_at"]) == (before["id"], before["released_at"])
    assert after["found_late"] is False
    assert after["hubs"] == ["modelscope", "huggingface"]
    assert world.alerts("release") == ["Acme released Nova-9-8B"]


def test_a_witness_that_cannot_be_seen_makes_no_day_blind(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    hubs.openrouter.rows = [openrouter_server.model("acme/lyra-1-7b")]
    world = _watching(sqlite_store, clock, hubs, organization("acme", "acme", openrouter="acme"))
    hubs.openrouter.faults = [Answer(503)] * 100
    poll_for(3 * DAY, world)
    assert world.account("acme")["state"] == "ok"
    assert [reason for _, _, reason in spots(world)] != []
    assert unseen(world) == []


def test_one_poll_that_fails_makes_nothing_late_and_leaves_no_blind_spot(
    world_on_postgres_too: World,
) -> None:
    world = world_on_postgres_too
    world.hub.spoil = lambda request, answer: Answer(503)
    world.poll(after=30 * MINUTE)
    assert [(began, ended) for began, ended, _ in spots(world)] == [(JUNE + NOON, None)]
    world.hub.spoil = None
    for star in ("Nova", "Vega", "Mira", "Rigel"):
        on_huggingface(world, f"{star}-7B", world.clock.now)
    world.poll(after=MINUTE)
    assert len(world.alerts("release")) == 4
    assert {each["found_late"] for each in world.log()} == {False}
    assert spots(world) == []


@pytest.mark.parametrize(("outage", "kept"), [(59 * MINUTE, 0), (HOUR, 1)])
def test_a_blind_spot_that_is_over_within_an_hour_is_not_kept(
    outage: timedelta, kept: int, world: World
) -> None:
    world.hub.spoil = lambda request, answer: Answer(503)
    world.poll(after=MINUTE)
    world.hub.spoil = None
    world.poll(after=outage - MINUTE)
    assert len(spots(world)) == kept


@pytest.mark.parametrize("every", [2 * HOUR, DAY + HOUR])
def test_polls_by_cron_leave_no_blind_spot_and_find_nothing_late(
    every: timedelta, world_on_postgres_too: World
) -> None:
    world = world_on_postgres_too
    for star in ("Nova", "Vega", "Mira", "Rigel"):
        on_huggingface(world, f"{star}-7B", world.clock.now + HOUR)
    for _ in range(4):
        assert errors(world.poll(after=every)) == []
    assert (spots(world), unseen(world)) == ([], [])
    assert {each["found_late"] for each in world.log()} == {False}
    assert len(world.alerts("release")) == 4


def test_days_without_a_poll_by_cron_are_a_blind_spot(world: World) -> None:
    world.poll(after=DAY + HOUR + MINUTE)
    assert {(began, reason) for began, _, reason in spots(world)} == {(JUNE + NOON, DOWN)}


@pytest.mark.parametrize("ended_by", ["the service", "a poll by hand"])
def test_a_service_that_stops_for_hours_was_down(ended_by: str, world: World) -> None:
    world.settings = replace(world.settings, poll=PollSettings(10 * MINUTE))
    world.poll(after=5 * HOUR)
    assert len(world.poll_due()) == 2  # what was polled by hand is due for the service that begins
    assert world.poll_due(after=5 * MINUTE) == []
    assert spots(world) == []
    (world.poll_due if ended_by == "the service" else world.poll)(after=5 * HOUR)
    assert {reason for _, _, reason in spots(world)} == {DOWN}


@pytest.mark.parametrize(
    ("began", "lasted", "hidden"),
    [
        (JUNE, DAY, 1),
        (JUNE - timedelta(microseconds=1), DAY, 0),
        (JUNE + timedelta(microseconds=1), 2 * DAY - MINUTE, 0),
        (JUNE - timedelta(microseconds=1), DAY + timedelta(microseconds=1), 1),
        (JUNE - NOON, 3 * DAY, 2),
    ],
)
def test_a_blind_spot_hides_the_days_that_lie_in_it_as_a_whole(
    began: datetime, lasted: timedelta, hidden: int, store: Store
) -> None:
    with store.writing() as tx:
        watchlist.watch(tx, [on_both()], JUNE)
    with store.writing() as tx:
        account = tx.scalars(select(AccountRow.id).limit(1)).one()
        tx.add(BlindSpotRow(account_id=account, began_at=began, ended_at=began + lasted, reason="503"))
    with store.reading() as tx:
        stretches = counting.unseen_days(tx, "acme", JUNE + 9 * DAY)
    assert sum((high - low).days for low, high in stretches) == hidden


def test_while_the_monitor_is_down_no_cadence_is_told_and_the_days_are_blind(
    world_on_postgres_too: World,
) -> None:
    world = world_on_postgres_too
    world.poll()
    later = world.clock.now + 60 * DAY
    with world.store.reading() as tx:
        (found,) = cadence.organization_cadences(tx, (), Budgets(), later)
    said = verdict_row(found, Budgets(), later)
    assert (said["regime"], said["blind"]) == ("unknown", True)
    assert said["blind_days_half_year"] == 60
