"""What a hub's pauses keep from being seen: nobody's fault for a while, and told of when it goes on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from github_server import Code, StandInGitHub
from monitor.demo.server import Answer
from monitor.errors import HubError, Trouble
from monitor.record import TOLD_EVERY
from monitor.store import Store, blindness
from monitor.store.tables import AccountRow
from servers import Clock, StandInHub, repo
from world import GITHUB_TOKEN, World, four_hubs, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)  # where the clock stands at first
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
HELLO = "The release monitor is watching"

# Six pages of a hundred, where five requests an hour are granted.
TOO_MANY = [Code(number, f"big/Code{number}") for number in range(1, 601)]


@pytest.fixture
def world(sqlite_store: Store, clock: Clock) -> Iterator[World]:
    with (
        four_hubs(clock) as hubs,
        StandInGitHub(clock, TOO_MANY, tokens=[GITHUB_TOKEN], quota=5) as github,
    ):
        acme = organization("acme", "acme", github="big")
        world = World(sqlite_store, clock, replace(hubs, github=github), acme)
        world.hub.repos = (repo("acme/Lyra-7B", JUNE - HOUR),)
        yield world


def poll_for(time: timedelta, world: World) -> None:
    with world.process():
        for _ in range(time // (20 * MINUTE)):
            world.poll_due(after=20 * MINUTE)


def test_an_account_whose_pages_never_fit_the_quota_is_told_of_and_how_to_raise_it(world: World) -> None:
    poll_for(3 * HOUR, world)
    assert world.account("big")["state"] == "learning"
    assert world.alerts("health") == [HELLO]
    poll_for(5 * HOUR, world)
    big = world.account("big")
    assert (big["state"], big["blind_since"]) == ("failing", JUNE + 20 * MINUTE)
    assert "do not fit the hub's quota; a token raises it: set GITHUB_TOKEN" in big["last_error"]
    assert world.alerts("health") == [HELLO, "The monitor cannot see github:big"]
    assert world.account("acme")["state"] == "ok"


def test_one_that_outgrows_the_quota_is_blind_since_it_was_seen_last(world: World) -> None:
    world.hubs.github.repos = TOO_MANY[:10]
    poll_for(20 * MINUTE, world)
    assert world.account("big")["state"] == "ok"
    world.hubs.github.repos = TOO_MANY
    poll_for(5 * HOUR, world)
    assert world.account("big")["blind_since"] == JUNE + 20 * MINUTE
    world.hubs.github.repos = TOO_MANY[:11]
    poll_for(2 * HOUR, world)
    assert (world.account("big")["state"], world.account("big")["blind_since"]) == ("ok", None)


def test_a_pause_says_nothing_of_an_account_that_has_a_trouble_of_its_own(world: World) -> None:
    poll_for(20 * MINUTE, world)
    later = world.clock.now + 9 * HOUR
    for trouble, since in ((Trouble.SERVER, 9 * HOUR), (Trouble.NOT_FOUND, timedelta(0))):
        with world.store.writing() as tx:
            (account,) = tx.scalars(select(AccountRow.id).where(AccountRow.name == "big"))
            blindness.record_trouble(tx, account, HubError("no", trouble), world.clock.now)
            assert blindness.record_pause(tx, account, later) == since


def test_the_health_of_all_accounts_is_looked_at_at_most_every_ten_seconds(
    sqlite_store: Store, clock: Clock
) -> None:
    with StandInHub(clock, [repo("acme/Lyra-7B", JUNE - HOUR)]) as hub:
        world = World(sqlite_store, clock, hub, organization("acme"))
        with world.process():
            world.poll_due()
            assert world.alerts("health") == [HELLO]  # the first look is at once
            hub.spoil = lambda request, truth: Answer(503)
            for _ in range(3):
                world.poll_due(after=HOUR)
            assert len(world.alerts("health")) == 2
            hub.spoil = None
            world.poll_due(after=2 * HOUR)
            assert len(world.alerts("health")) == 3
            world.organizations = (*world.organizations, organization("zenith"))
            clock.now += TOLD_EVERY / 2
            for _ in range(3):
                world.poll("zenith")  # it is unknown; whoever asks by hand is told at the end
            assert len(world.alerts("health")) == 4


def test_what_came_too_soon_after_a_look_is_told_by_the_next_though_nothing_was_polled(
    sqlite_store: Store, clock: Clock
) -> None:
    with StandInHub(clock, [repo("acme/Lyra-7B", JUNE), repo("zenith/Peak-7B", JUNE)]) as hub:
        world = World(sqlite_store, clock, hub, organization("acme"))
        hub.spoil = lambda request, truth: Answer(503) if "acme" in str(request.first("author")) else truth
        with world.process():
            for _ in range(3):
                world.poll_due(after=HOUR)
            told = world.alerts("health")
            hub.spoil = None
            world.organizations = (*world.organizations, organization("zenith"))
            world.poll_due(after=TOLD_EVERY / 2)
            assert world.account("zenith")["state"] == "ok"
            assert world.alerts("health") == told
            assert world.poll_due(after=TOLD_EVERY / 2) == []
            assert world.alerts("health") == [*told, HELLO]
