"""Whose cadence is judged when: nobody waits for others for ever, and no wrong clock stops it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from several import on_both, on_huggingface, on_modelscope

from monitor.core.history import Rules
from monitor.core.telling import Alert, AlertKind, Message
from monitor.store import Store, watchlist
from monitor.store.alerts import open_cadence, raise_alerts, resolve_cadence
from servers import Clock, StandInHub, repo
from world import World, four_hubs, organization

JUNE = datetime(2026, 6, 12, 12, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
UNDATED = datetime(2022, 3, 2, 23, 29, 4, tzinfo=UTC)  # what the hub says where it does not know


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    clock.now = JUNE
    with StandInHub(clock) as hub:
        yield hub


def organizations(world: World) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in world.dump()["organization"]}


def test_organisations_without_a_dated_release_keep_none_behind_them_from_being_judged(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    undated = [f"a{n:02}" for n in range(12)]
    hub.repos = (
        *(repo(f"{key}/Old", UNDATED) for key in undated),
        *(repo(f"zeta/Lyra-{n}-7B", JUNE - 4 * n * DAY) for n in range(12)),
    )
    world = World(sqlite_store, clock, hub, *map(organization, [*undated, "zeta"]))
    with world.process():
        for _ in range(2):
            for _ in range(4):
                world.poll_due(after=MINUTE)
            clock.now += DAY
    judged = organizations(world)
    assert judged["zeta"]["cadence"] is not None
    assert {row["judged_until"] for row in judged.values()} == {date(2026, 6, 12)}
    assert not any(row["unjudged"] for row in judged.values())


def test_the_first_sweep_keeps_the_past_that_it_lived_through_and_tells_nobody(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    hub.repos = tuple(repo(f"acme/Lyra-{n}-7B", JUNE - (4 * n + 200) * DAY) for n in range(20))
    world = World(sqlite_store, clock, hub, organization("acme"))
    world.poll()
    kept = organizations(world)["acme"]
    assert (kept["judged_until"], kept["unjudged"]) == (JUNE.date() - DAY, False)
    assert kept["cadence"]["spells"][-1]["regime"] == "silent"
    assert world.alerts("cadence") == []
    world.poll(after=DAY)
    assert organizations(world)["acme"]["cadence"]["last_tick"] == str(JUNE.date())
    assert world.alerts("cadence") == []


def test_of_a_long_watch_list_the_pasts_are_lived_through_when_the_first_day_has_ended(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    hub.repos = (repo("lab0/Lyra-7B", JUNE - 9 * DAY),)
    world = World(sqlite_store, clock, hub, *(organization(f"lab{n}") for n in range(101)))
    world.poll()
    assert organizations(world)["lab0"]["cadence"] is None
    world.poll(after=DAY)
    assert organizations(world)["lab0"]["cadence"] is not None


def test_an_alert_that_a_silence_took_the_place_of_is_open_again_afterwards(sqlite_store: Store) -> None:
    keys = ("cadence:acme:slower:alert:2026-06-01", "cadence:acme:silent:alert:2026-06-09")
    with sqlite_store.writing() as tx:
        watchlist.watch(tx, [organization("acme")], JUNE)
        raise_alerts(tx, [_alert(key) for key in keys], Rules())
    for still_open in (keys[1:], keys[:1]):
        with sqlite_store.writing() as tx:
            resolve_cadence(tx, "acme", frozenset(still_open), JUNE)
        with sqlite_store.reading() as tx:
            assert open_cadence(tx, "acme") == set(still_open)


def _alert(key: str) -> Alert:
    return Alert(key, "acme", AlertKind.CADENCE, Message("Acme", "Slower."), JUNE, JUNE)


def test_a_cadence_that_a_wrong_clock_carried_into_the_future_is_lived_through_anew(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    hub.repos = tuple(repo(f"acme/Lyra-{n}-7B", JUNE - 4 * n * DAY) for n in range(20))
    world = World(sqlite_store, clock, hub, organization("acme"))
    clock.now += 365 * DAY
    with world.process():
        for _ in range(3):
            world.poll_due(after=MINUTE)
    assert organizations(world)["acme"]["judged_until"] > date(2027, 1, 1)
    clock.now = JUNE
    for _ in range(3):
        world.poll(after=DAY)
    assert organizations(world)["acme"]["judged_until"] == date(2026, 6, 14)


def test_an_account_that_is_gone_for_good_holds_up_the_verdicts_for_two_weeks(
    sqlite_store: Store, clock: Clock
) -> None:
    clock.now = JUNE
    with four_hubs(clock) as hubs:
        world = World(sqlite_store, clock, hubs, on_both())
        for n in range(40):
            on_huggingface(world, f"Lyra-{n}-7B", JUNE - 4 * n * DAY)
        on_modelscope(world, "Lyra-3-7B", JUNE - 12 * DAY)
        world.poll()
        hubs.modelscope.rows.clear()
        with world.process():
            for _ in range(12):
                world.poll(after=DAY)
            assert organizations(world)["acme"]["judged_until"] == JUNE.date()  # when it was seen last
            for _ in range(45):
                world.poll(after=DAY)
        assert organizations(world)["acme"]["judged_until"] == clock.now.date() - DAY
        assert "Acme has fallen silent: no release for 43 days" in world.alerts("cadence")
