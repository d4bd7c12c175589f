"""The list follows the release log through whatever polls, hubs, people and configurations do, on both databases."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from browsed import dump, ids, is_the_log, log, page
from several import everywhere, on_huggingface, on_modelscope
from sqlalchemy import delete, select, update

from benchmarks.big_log import fill
from monitor.core.corrections import CorrectionKind
from monitor.demo.repo import DemoRepo
from monitor.store import Store, cards, correcting
from monitor.store.card_tables import CardRow
from monitor.store.tables import OrganizationRow
from servers import Clock, StandInHub
from world import World, four_hubs, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def withdraw(world: World, repo: DemoRepo) -> DemoRepo:
    return replace(repo, public_until=world.clock.now)


def license(_: World, repo: DemoRepo) -> DemoRepo:
    return replace(repo, tags=("license:other",))


def gate(_: World, repo: DemoRepo) -> DemoRepo:
    return replace(repo, gated="manual")


def rename(_: World, repo: DemoRepo) -> DemoRepo:
    return replace(
        repo, name=f"{repo.name}-Neo", former_names=(*repo.former_names, repo.name), hub_id=repo.object_id
    )


def correct(world: World, draw: random.Random) -> None:
    """Correct something as a person may, or take a correction back."""
    of_models = [row for row in log(world.store) if row["organization"] == "acme"]
    one, other = draw.sample(of_models, 2)
    with world.store.writing() as tx:
        made = correcting.all_corrections(tx)
        kind = draw.choice([*CorrectionKind, "undo"]) if made else draw.choice([*CorrectionKind])
        now = world.clock.now
        if kind == CorrectionKind.MERGE:
            correcting.merge(tx, [one["id"], other["id"]], now)
        elif kind == CorrectionKind.DISCARD:
            correcting.discard(tx, one["id"], now)
        elif kind == CorrectionKind.RENAME:
            correcting.rename(tx, one["id"], f"Renamed {len(made)}", now)
        elif kind == CorrectionKind.SPLIT:
            of_several = [row for row in of_models if len(row["repos"]) > 1]
            if of_several:
                correcting.split(tx, of_several[0]["id"], [of_several[0]["repos"][0]["id"]], now, only=True)
        else:
            correcting.undo(tx, draw.choice(made)["number"], now)


def live(world: World, draw: random.Random, number: int) -> None:
    """Let the hub change in one way, poll it twice (what is missing is believed then), and correct something."""
    now = world.clock.now
    happens: Callable[[World, DemoRepo], DemoRepo] = draw.choice([withdraw, license, gate, rename])
    repos = list(world.hub.repos)
    which = draw.randrange(len(repos))
    repos[which] = happens(world, repos[which])
    owner, family = draw.choice(["acme", "zenith"]), draw.choice(["Lyra", "Orion", "Vega"])
    name = f"{owner}/{family}-{draw.randrange(3)}-{draw.choice((1, 7, 70))}B-v{number}"
    repos.append(DemoRepo(name, now, now, tags=("license:mit",)))
    world.hub.repos = tuple(repos)
    world.poll(after=MINUTE)
    world.poll(after=MINUTE)
    correct(world, draw)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_list_stays_what_the_log_is_whatever_happens(store: Store, clock: Clock, seed: int) -> None:
    draw = random.Random(seed)
    begin = JUNE - 30 * DAY
    repos = [
        DemoRepo(f"{owner}/{family}-{n}-{size}B", begin + n * DAY, begin + n * DAY)
        for owner in ("acme", "zenith")
        for family in ("Lyra", "Orion")
        for n in range(3)
        for size in (1, 7)
    ]
    with StandInHub(clock, repos) as hub:
        world = World(store, clock, hub, organization("acme"), organization("zenith"))
        world.poll()
        assert page(store).rows == []
        assert cards.catch_up(store) == 2
        for number in range(8):
            live(world, draw, number)
            with store.reading() as tx:
                assert not cards.are_due(tx)
            assert is_the_log(store)
    assert cards.catch_up(store) == 0


def test_the_list_follows_releases_over_four_hubs(store: Store, clock: Clock) -> None:
    with four_hubs(clock) as hubs:
        world = World(store, clock, hubs, everywhere())
        on_huggingface(world, "Lyra-1-7B", JUNE - 40 * DAY)
        world.poll()
        cards.catch_up(store)
        on_modelscope(world, "Lyra-1-7B", JUNE - 39 * DAY)
        on_modelscope(world, "Vega-7B", JUNE - 20 * DAY)
        world.poll(after=MINUTE)
        assert is_the_log(store)
        assert [row["hubs"] for row in page(store, hub="modelscope").rows] == [
            ["modelscope"],
            ["huggingface", "modelscope"],
        ]
        assert [row["name"] for row in page(store, hub="huggingface").rows] == ["Lyra-1-7B"]
        assert page(store, hub="github").rows == page(store, hub="nowhere").rows == []


def test_an_organisation_that_is_renamed_or_gives_its_account_away_keeps_its_releases(
    world_on_both: World,
) -> None:
    world, store = world_on_both, world_on_both.store
    world.poll()
    cards.catch_up(store)
    assert {row["country"] for row in page(store, search="acme").rows} == {None}
    world.organizations = (replace(world.organizations[0], name="Zhongguo 智谱", country="CN"),)
    world.poll(after=MINUTE)
    assert cards.catch_up(store) == 1
    assert ids(page(store, search="智谱 one").rows) == ids(page(store, search="one", country="CN").rows) != []
    world.organizations = (organization("other", "acme"),)
    world.poll(after=MINUTE)
    cards.catch_up(store)
    assert is_the_log(store)
    assert {row["organization"] for row in page(store).rows} == {"other"}
    assert page(store, organizations=("acme",)).rows == []


def test_what_a_poll_changes_in_many_releases_is_made_later(store: Store, clock: Clock) -> None:
    begin = JUNE - 300 * DAY
    with StandInHub(clock, [DemoRepo("acme/First-1B", begin, begin)]) as hub:
        world = World(store, clock, hub, organization("acme"))
        world.poll()
        cards.catch_up(store)
        many = [DemoRepo(f"acme/Model{n}x-{n}B", begin + n * DAY, begin + n * DAY) for n in range(250)]
        hub.repos = (*hub.repos, *many)
        world.poll(after=MINUTE)
    with store.reading() as tx:
        assert cards.are_due(tx)
    assert cards.catch_up(store) == 1
    assert is_the_log(store)


def test_what_is_postponed_while_cards_are_made_is_made_after_all(store: Store) -> None:
    fill(store, 60, 3, JUNE)
    with store.writing() as tx:
        key = tx.scalars(select(CardRow.organization)).first()
        assert key
        cards.postpone(tx, [key])
    cards._begin(store, key)
    with store.writing() as tx:
        assert cards._remake(tx, key, 0)
        cards.postpone(tx, [key])
        assert cards._remake(tx, key, 10**6) is None
    with store.reading() as tx:
        assert cards.are_due(tx)
    assert cards.catch_up(store) == 1
    assert cards.catch_up(store) == 0


def test_several_processes_make_what_is_to_be_made_together(store: Store) -> None:
    fill(store, 900, 3, JUNE)
    before = dump(store)
    with store.writing() as tx:
        tx.execute(delete(CardRow).where(CardRow.release_id > 100))
        tx.execute(update(OrganizationRow).values(cards=0))
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: cards.catch_up(store), range(4))) <= {0, 1, 2, 3}
    assert dump(store) == before
    with store.reading() as tx:
        assert not cards.are_due(tx)
