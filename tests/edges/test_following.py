"""Whoever follows changes and releases sees each, in one order, however transactions overlap."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from monitor.store import Store, cards, correcting
from monitor.store.following import follow, last_number, number_new
from monitor.store.tables import ChangeRow, OrganizationRow
from servers import Clock, repo
from world import World


def change(number: int, clock: Clock) -> ChangeRow:
    return ChangeRow(
        organization="acme",
        hub="huggingface",
        hub_id=f"{number}",
        repo=f"acme/{number}",
        kind="licence",
        seen_at=clock.now,
    )


@pytest.fixture
def acme(store: Store) -> Store:
    with store.writing() as tx:
        tx.add(OrganizationRow(key="acme", name="Acme", groups=[], watched=True, cards=cards.RULE))
    return store


def seen(store: Store, since: int = 0, limit: int = 3) -> Iterator[dict[str, Any]]:
    """Go through everything after a number, as a client does."""
    while True:
        is_all = number_new(store)
        with store.reading() as tx:
            found = follow(tx, since, limit)
        assert all(since < row["number"] <= found.last for row in found.rows)
        yield from found.rows
        since = found.last
        if found.is_all and is_all:
            return


def repos(rows: Iterator[dict[str, Any]]) -> list[str]:
    return [row["change"]["repo"] for row in rows if row["type"] == "change"]


def test_with_nothing_logged_there_is_nothing_to_follow(store: Store) -> None:
    assert list(seen(store)) == []
    with store.reading() as tx:
        assert last_number(tx) == 0


def test_every_change_and_release_comes_once_in_order(world_on_both: World, clock: Clock) -> None:
    world, store = world_on_both, world_on_both.store
    world.poll()
    cards.catch_up(store)
    first = list(seen(store))
    assert sorted(row["release"]["id"] for row in first) == [1, 2]
    world.hub.repos = (*world.hub.repos, repo("acme/Lyra-7B", clock.now))
    world.poll(after=timedelta(minutes=10))
    later = list(seen(store, first[-1]["number"]))
    assert [(row["type"], row.get("change", {}).get("kind")) for row in later] == [
        ("change", "published"),
        ("release", None),
    ]
    assert later[1]["release"]["repos"][0]["id"] == "acme/Lyra-7B"
    everything = list(seen(store))
    assert everything == [*first, *later]
    assert [row["number"] for row in everything] == [1, 2, 3, 4]


def test_what_is_committed_late_comes_late_and_not_never(postgres_store: Store, clock: Clock) -> None:
    store = postgres_store
    with store.writing() as tx:
        tx.add(OrganizationRow(key="acme", name="Acme", groups=[], watched=True, cards=cards.RULE))
    with store.writing() as slow:
        slow.add(change(1, clock))
        slow.flush()
        with store.writing() as quick:
            quick.add(change(2, clock))
        first = list(seen(store))
        assert repos(iter(first)) == ["acme/2"]
    later = list(seen(store, first[-1]["number"]))
    assert repos(iter(later)) == ["acme/1"]
    with store.reading() as tx:
        assert tx.scalars(select(ChangeRow.repo).order_by(ChangeRow.id)).all() == ["acme/1", "acme/2"]
    assert repos(seen(store)) == ["acme/2", "acme/1"]


def test_a_release_comes_again_when_it_has_changed_and_a_number_never(
    world_on_both: World, clock: Clock
) -> None:
    world_on_both.poll()
    store = world_on_both.store
    cards.catch_up(store)
    first = list(seen(store))
    newest = first[-1]["release"]["id"]
    with store.writing() as tx:
        correcting.rename(tx, newest, "Vega", clock.now)
    (again,) = seen(store, first[-1]["number"])
    assert (again["release"]["id"], again["release"]["name"]) == (newest, "Vega")
    assert again["number"] == first[-1]["number"] + 1
    assert [row["release"]["id"] for row in seen(store)] == [row["release"]["id"] for row in first]


def test_a_backlog_is_numbered_by_and_by(acme: Store, clock: Clock) -> None:
    with acme.writing() as tx:
        tx.add_all([change(number, clock) for number in range(2500)])
    assert not number_new(acme)
    found = list(seen(acme, limit=200))
    assert repos(iter(found)) == [f"acme/{number}" for number in range(2500)]
    assert [row["number"] for row in found] == list(range(1, 2501))


def test_a_number_that_was_never_given_is_refused(acme: Store) -> None:
    with acme.reading() as tx, pytest.raises(ValueError, match="the last one is 0"):
        follow(tx, 1, 10)
