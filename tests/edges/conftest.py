"""What the tests of polling share: a hub with one small account, and a monitor that watches it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from monitor.store import Store
from servers import Clock, StandInHub, repo
from world import World, organization

MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    with StandInHub(clock, [repo("acme/One-7B", MAY), repo("acme/Two-7B", MAY + DAY)]) as hub:
        yield hub


@pytest.fixture
def world(sqlite_store: Store, clock: Clock, hub: StandInHub) -> World:
    return World(sqlite_store, clock, hub, organization("acme"))


@pytest.fixture
def world_on_both(store: Store, clock: Clock, hub: StandInHub) -> World:
    return World(store, clock, hub, organization("acme"))
