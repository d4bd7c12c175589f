"""When accounts are polled, by whom, and what time that passes means for the cadence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from sqlalchemy import select

from monitor.demo.server import Answer
from monitor.poll import Poller
from monitor.store import Store
from monitor.store.tables import AccountRow
from monitor.store.watchlist import LEASE, claim_due
from servers import Clock, StandInHub, repo, stall
from world import World, organization, until

JUNE = datetime(2026, 6, 12, tzinfo=UTC)  # where the clock stands at first
MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RECORDED = ("deepseek-ai", "Qwen", "mistralai", "openai", "moonshotai", "01-ai")


def add(world: World, *repos: object) -> None:
    world.hub.repos = (*world.hub.repos, *repos)  # type: ignore[assignment]


def every_four_days(count: int) -> list[object]:
    """Releases that are four days apart, the last one at the start of the clock."""
    return [repo(f"acme/Model{n}-7B", JUNE - n * 4 * DAY) for n in range(count)]


def steady_organization(store: Store, clock: Clock, hub: StandInHub) -> World:
    hub.repos = (*every_four_days(60), repo("acme-vision/Eye-7B", MAY))  # type: ignore[assignment]
    world = World(store, clock, hub, organization("acme", "acme", "acme-vision"))
    world.poll()
    return world


def test_a_steady_organisation_that_stops_publishing_is_called_silent_once(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = steady_organization(sqlite_store, clock, hub)
    with world.process():
        for _ in range(120):
            world.poll(after=DAY / 2)
    # Called possible first, and then a change; and no more, however long it lasts.
    assert world.alerts("cadence") == [
        "Acme may have fallen silent: no release for 19 days",
        "Acme has fallen silent: no release for 23 days",
    ]


def test_two_accounts_that_fail_together_for_weeks_are_seen_and_judged_again_afterwards(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = steady_organization(sqlite_store, clock, hub)
    hub.spoil = lambda request, truth: Answer(500)
    for _ in range(26):
        world.poll(after=DAY)
    hub.spoil = None
    add(world, repo("acme/Back-7B", clock.now))
    for _ in range(4):
        assert [result.error for result in world.poll(after=DAY)] == [None, None]
    assert "acme/Back-7B" in world.repos()
    assert world.alerts("cadence") == []


def test_no_silence_is_called_while_an_account_is_blind(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = steady_organization(sqlite_store, clock, hub)
    hub.spoil = lambda request, answer: (
        answer if request.first("author") != "acme-vision" else replace(answer, status=500)
    )
    for _ in range(30):
        world.poll(after=2 * DAY)
    assert world.alerts("cadence") == []
    assert world.account("acme-vision")["blind_since"] == JUNE


def test_a_week_of_downtime_loses_no_release_and_raises_no_cadence_alert(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = steady_organization(sqlite_store, clock, hub)
    add(world, *(repo(f"acme/Later{n}-7B", JUNE + n * 3 * DAY) for n in (1, 2)))
    world.poll(after=7 * DAY)
    assert [release["released_at"] for release in world.log()[-2:]] == [JUNE + 3 * DAY, JUNE + 6 * DAY]
    assert len(world.alerts("release")) == 2
    assert world.alerts("cadence") == []


def test_only_what_is_due_is_polled(world: World) -> None:
    assert len(world.poll_due()) == 1
    assert world.poll_due(after=9 * MINUTE) == []
    assert len(world.poll_due(after=2 * MINUTE)) == 1


def test_one_organisation_can_be_polled_by_itself(world: World) -> None:
    world.organizations = (*world.organizations, organization("zenith"))
    polled = world.poll("acme")
    assert [str(result.account) for result in polled] == ["huggingface:acme"]
    assert world.alerts("health") == []  # hello waits until every account was asked


def test_an_account_that_another_worker_polls_is_reported_and_left_to_it(world: World) -> None:
    world.poll()
    with world.store.writing() as tx:
        claim_due(tx, world.watch_keys(), world.clock.now + HOUR, {"huggingface": 1})
    (result,) = world.poll(after=HOUR)
    assert "another worker" in str(result.error)
    assert world.poll(after=2 * MINUTE)[0].error is None


def test_an_account_whose_answer_takes_longer_than_its_lease_stays_with_its_worker(
    store: Store, clock: Clock, hub: StandInHub
) -> None:
    world, released = World(store, clock, hub, organization("acme")), Event()
    hub.faults = [stall(released)]
    with world.app().hubs() as hubs:
        watch, stalled = world.watch(), timedelta(seconds=0.02)
        poller = Poller(store, hubs, clock, heartbeat=stalled, patience=stalled)
        worker = Thread(target=lambda: until(lambda: poller.poll_due(watch)))
        worker.start()
        until(lambda: hub.requests)
        for _ in range(3):
            clock.now += LEASE - timedelta(seconds=1)
            until(lambda: leased_until(store) == clock.now + LEASE)
            assert world.poll_due() == []
        released.set()
        worker.join()
        poller.close()
    assert len(hub.requests) == 1


def leased_until(store: Store) -> datetime | None:
    with store.reading() as tx:
        return tx.scalars(select(AccountRow.lease_until)).one()
