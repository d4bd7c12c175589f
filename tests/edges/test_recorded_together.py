"""Accounts that are polled at once are recorded in one transaction, and none of them suffers from another."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select

from modelscope_server import model
from monitor.core.types import Account
from monitor.store import Store
from monitor.store.tables import RepoRow
from servers import Clock, StandInHub, repo
from world import World, four_hubs, organization

MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)


def owners(store: Store) -> dict[str, str]:
    with store.reading() as tx:
        return {row.name: row.organization for row in tx.scalars(select(RepoRow))}


def test_a_repository_that_two_organisations_list_at_once_is_logged_once_and_hinders_nobody(
    store: Store, clock: Clock
) -> None:
    moving = repo("acme/Moving-7B", MAY)
    arrived = replace(moving, name="beta/Moving-7B", hub_id=moving.object_id)
    repos = [moving, arrived, repo("acme/One-7B", MAY), repo("beta/Two-7B", MAY), repo("gamma/Three-7B", MAY)]
    with StandInHub(clock, repos) as hub:
        world = World(store, clock, hub, organization("acme"), organization("beta"), organization("gamma"))
        polled = world.poll()
    assert [one.error for one in polled] == [None, None, None]
    found = owners(store)
    assert found.pop("acme/Moving-7B", None) or found.pop("beta/Moving-7B", None)
    assert found == {"acme/One-7B": "acme", "beta/Two-7B": "beta", "gamma/Three-7B": "gamma"}


def test_releases_of_many_organisations_that_are_written_at_once_hold_their_own_repositories(
    store: Store, clock: Clock
) -> None:
    keys = [f"lab-{n:02}" for n in range(20)]
    repos = [repo(f"{key}/{key}-V{v}-{size}B", MAY) for key in keys for v in (1, 2) for size in (7, 70)]
    with StandInHub(clock, repos) as hub:
        world = World(store, clock, hub, *(organization(key) for key in keys))
        assert not any(one.error for one in world.poll())
        releases = world.log()
    named = {row["name"]: {each["id"] for each in row["repos"]} for row in releases}
    assert len(releases) == 2 * len(keys)
    for key in keys:
        for version in (1, 2):
            name = f"{key}-V{version}"
            assert named[name] == {f"{key}/{name}-7B", f"{key}/{name}-70B"}


def test_what_the_database_cannot_hold_is_the_trouble_of_its_account_alone(
    postgres_store: Store, clock: Clock
) -> None:
    lab, long_name = "l" * 120, "n" * 120  # together longer than the column
    with four_hubs(clock) as hubs:
        hubs.huggingface.repos = (repo("acme/One-7B", MAY), repo("beta/Two-7B", MAY))
        hubs.modelscope.rows = [model(f"{lab}/{long_name}")]
        many = (organization("acme"), organization("beta"), organization("long", modelscope=lab))
        polled = World(postgres_store, clock, hubs, *many).poll()
    assert [one.account for one in polled if one.error] == [Account("long", "modelscope", lab)]
    assert owners(postgres_store) == {"acme/One-7B": "acme", "beta/Two-7B": "beta"}
