"""Catalogues that vanish and return, accounts and repositories that are renamed, on hubs with ids and without."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from several import cadences, dates, errors, on_both, on_huggingface, on_modelscope, release

from monitor.config import PollSettings
from monitor.demo.hub import DemoRepo
from monitor.store import Store
from monitor.store.migrate import prepare
from servers import Clock, repo
from world import Hubs, World, four_hubs, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)  # where the clock stands at first
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hubs(clock: Clock) -> Iterator[Hubs]:
    with four_hubs(clock) as hubs:
        yield hubs


def vanishing(world: World, hub: str, *, is_true: bool) -> list[Any]:
    """Live through a month in which 34 of 40 repositories are gone for two weeks; return the cadences at its end."""
    clock, rows, repos = world.clock, list(world.hubs.modelscope.rows), world.hub.repos
    # What is polled later than it is due was out of sight: let nothing be due before it is polled.
    world.settings = replace(world.settings, poll=PollSettings(2.2 * DAY))
    clock.now = JUNE
    for _ in range(3):
        world.poll(after=2 * DAY)
    if is_true and hub == "huggingface":
        world.hub.repos = tuple(
            replace(each, public_until=clock.now) if n < 34 else each for n, each in enumerate(repos)
        )
    elif is_true:
        world.hubs.modelscope.rows = rows[34:]
    world.poll(after=HOUR)
    for _ in range(7):
        world.poll(after=2 * DAY)
    world.hub.repos, world.hubs.modelscope.rows = repos, rows
    for _ in range(3):
        assert errors(world.poll(after=2 * DAY)) == []
    return cadences(world)


def vanish_and_return(hub: str, store: Store, clock: Clock, hubs: Hubs, steady: Store) -> None:
    accounts = {"huggingface": organization("acme"), "modelscope": organization("acme", modelscope="acme-ms")}
    world = World(store, clock, hubs, accounts[hub])
    for n in range(40):
        publish = on_huggingface if hub == "huggingface" else on_modelscope
        publish(world, f"Lyra-{n}-7B", JUNE - (6 * n + n % 4) * DAY - n * HOUR)
    undisturbed = vanishing(World(steady, clock, hubs, accounts[hub]), hub, is_true=False)
    clock.now = JUNE
    world.poll()
    before, launches = dates(world), world.launches()
    assert vanishing(world, hub, is_true=True) == undisturbed != [(None, None, None)]
    assert world.alerts("change") == [
        "Acme withdrew 34 repositories",
        "Acme made 34 repositories public again",
    ]
    assert (world.alerts("release"), world.changes("published")) == ([], [])
    assert (dates(world), world.launches()) == (before, launches)
    assert [len(world.changes(kind)) for kind in ("withdrawn", "returned")] == [34, 34]


@pytest.fixture
def steady(tmp_path: Path) -> Iterator[Store]:
    """A second store: of a world in which nothing vanishes."""
    store = Store(f"sqlite:///{tmp_path / 'steady.db'}")
    prepare(store.engine)
    yield store
    store.close()


def test_thirty_four_repositories_that_vanish_and_return_are_one_alert_each_way_and_no_release(
    store: Store, clock: Clock, hubs: Hubs, steady: Store
) -> None:
    vanish_and_return("huggingface", store, clock, hubs, steady)


def test_so_they_are_on_a_hub_without_ids(
    sqlite_store: Store, clock: Clock, hubs: Hubs, steady: Store
) -> None:
    vanish_and_return("modelscope", sqlite_store, clock, hubs, steady)


def renamed(old: DemoRepo, name: str) -> DemoRepo:
    return replace(old, name=name, former_names=(old.name,), hub_id=old.object_id)


def test_a_renamed_account_is_followed_and_the_owner_of_the_file_is_told_once(
    store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = World(store, clock, hubs, on_both())
    for n in range(5):
        on_huggingface(world, f"Lyra-{n}-7B", JUNE - n * DAY)
        on_modelscope(world, f"Lyra-{n}-7B", JUNE - n * DAY)
    world.poll()
    before = dates(world)
    world.hub.repos = tuple(renamed(each, each.name.replace("acme/", "acme-ai/")) for each in world.hub.repos)
    for _ in range(3):
        assert errors(world.poll(after=HOUR)) == []
    assert dates(world) == before
    told = [text for text in world.texts("health") if "acme-ai" in text]
    assert len(told) == 1
    assert told[0].startswith("huggingface:acme is now called acme-ai")
    assert 'huggingface = ["acme-ai"]' in told[0]
    assert "organizations.toml" in told[0]
    assert world.alerts("change") == ["Acme renamed 5 repositories"]
    assert world.alerts("release") == []


def modelscope_world(store: Store, clock: Clock, hubs: Hubs) -> World:
    world = World(store, clock, hubs, organization("acme", modelscope="acme-ms"))
    for n in range(12):
        on_modelscope(world, f"Lyra-{n}-7B", JUNE - n * DAY - n * HOUR)
    world.poll()
    return world


def test_a_repository_renamed_on_a_hub_without_ids_keeps_its_history(
    store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = modelscope_world(store, clock, hubs)
    before = release(world, "Lyra-3-7B")["id"]
    hubs.modelscope.rows[3]["id"] = "acme-ms/Vega-3-7B"
    for _ in range(3):
        assert errors(world.poll(after=HOUR)) == []
    (change,) = world.changes("renamed")
    assert (change["before"], change["after"]) == ("acme-ms/Lyra-3-7B", "acme-ms/Vega-3-7B")
    assert release(world, "Vega-3-7B")["id"] == before
    assert world.changes("published") == world.changes("withdrawn") == []
    assert world.alerts("release") == []


def test_what_takes_the_old_name_on_a_hub_without_ids_is_another_repository(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = modelscope_world(sqlite_store, clock, hubs)
    hubs.modelscope.rows[3]["id"] = "acme-ms/Vega-3-7B"
    world.poll(after=HOUR)
    on_modelscope(world, "Lyra-3-7B", clock.now + HOUR)
    for _ in range(3):
        assert errors(world.poll(after=2 * HOUR)) == []
    assert [each["repo"] for each in world.changes("published")] == ["acme-ms/Lyra-3-7B"]
    assert len(world.changes("renamed")) == 1
    assert {"acme-ms/Lyra-3-7B", "acme-ms/Vega-3-7B"} <= world.repos().keys()
    assert {each["state"] for each in world.repos().values()} == {"public"}


def test_two_that_could_each_be_the_renamed_one_are_not_guessed(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = modelscope_world(sqlite_store, clock, hubs)
    for n in (3, 4):
        hubs.modelscope.rows[n] |= {"created_at": "2026-06-01T00:00:00Z"}
    world.poll(after=HOUR)
    del hubs.modelscope.rows[3:5]
    on_modelscope(world, "Vega-7B", datetime(2026, 6, 1, tzinfo=UTC))
    for _ in range(4):
        world.poll(after=HOUR)
    assert world.changes("renamed") == []
    assert sorted(each["repo"] for each in world.changes("withdrawn")) == [
        "acme-ms/Lyra-3-7B",
        "acme-ms/Lyra-4-7B",
    ]
    assert [each["repo"] for each in world.changes("published")] == ["acme-ms/Vega-7B"]


def test_an_account_that_shows_nothing_any_more_is_out_of_sight_and_has_withdrawn_nothing(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = modelscope_world(sqlite_store, clock, hubs)
    before = world.dump(without="missing_since")
    rows, hubs.modelscope.rows = hubs.modelscope.rows, []
    for _ in range(4):
        assert errors(world.poll(after=HOUR)) != []
    assert world.account("acme-ms")["state"] in ("failing", "unknown")
    assert world.changes("withdrawn") == []
    hubs.modelscope.rows = rows
    assert errors(world.poll(after=2 * HOUR)) == []
    after = world.dump(without="missing_since")
    assert {name for name in before if before[name] != after[name]} <= {"alert", "notification", "receiver"}
    assert world.quiet()


def test_a_repository_made_again_under_its_name_is_withdrawn_and_published(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = World(sqlite_store, clock, hubs, organization("acme"))
    for n in range(12):
        on_huggingface(world, f"Lyra-{n}-7B", JUNE - n * DAY)
    world.poll()
    world.hub.repos = (repo("acme/Lyra-0-7B", JUNE + HOUR / 2), *world.hub.repos[1:])
    for _ in range(3):
        world.poll(after=HOUR)
    (gone,), (made,) = world.changes("withdrawn"), world.changes("published")
    assert gone["repo"] == made["repo"] == "acme/Lyra-0-7B"
    assert gone["after"] == f"made again as {world.hub.repos[0].object_id}"
