"""What people say is no release leaves the log, counts no more, stays out over polls, and comes back when undone."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from monitor.cli import cli
from monitor.errors import ConfigError
from monitor.store import correcting, counting
from monitor.store.correcting import Corrected
from servers import repo
from world import World

MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def world(world_on_both: World) -> World:
    """Acme, with One-7B, Two-7B, and a demonstration that is no release."""
    world_on_both.hub.repos = (*world_on_both.hub.repos, repo("acme/Toy-1B", MAY + 2 * DAY))
    world_on_both.poll()
    return world_on_both


def discard(world: World, name: str) -> Corrected:
    with world.store.writing() as tx:
        return correcting.discard(tx, ids(world)[name], world.clock.now)


def undo(world: World, number: int) -> Corrected:
    with world.store.writing() as tx:
        return correcting.undo(tx, number, world.clock.now)


def ids(world: World) -> dict[str, int]:
    return {release["name"]: release["id"] for release in world.log()}


def publish(world: World, *names: str) -> None:
    world.clock.now += DAY
    world.hub.repos = (*world.hub.repos, *(repo(f"acme/{name}", world.clock.now) for name in names))
    world.poll(after=MINUTE)


def test_it_leaves_the_log_and_counts_no_more_over_polls_and_comes_back_with_its_id(world: World) -> None:
    before = ids(world)
    done = discard(world, "Toy-1B")
    for _ in range(2):
        assert ids(world) == {"One-7B": before["One-7B"], "Two-7B": before["Two-7B"]}
        with world.store.reading() as tx:
            assert len(counting.counted_releases(tx)) == 2
        publish(world)  # nothing new
    undo(world, done.number)
    assert ids(world) == before
    world.poll(after=DAY)
    assert ids(world) == before


def test_later_formats_stay_out_too_and_come_back_with_it(world: World) -> None:
    number = discard(world, "Toy-1B").number
    publish(world, "Toy-1B-GGUF", "Three-7B")
    assert set(ids(world)) == {"One-7B", "Two-7B", "Three-7B"}
    undo(world, number)
    back = next(release for release in world.log() if release["name"] == "Toy-1B")
    assert [one["id"] for one in back["repos"]] == ["acme/Toy-1B", "acme/Toy-1B-GGUF"]


def test_what_was_told_of_it_stays_and_is_its_own_again(world: World) -> None:
    publish(world, "Four-7B")
    told = world.alerts("release")
    assert len(told) == 1
    number = discard(world, "Four-7B").number
    assert world.alerts("release") == told
    undo(world, number)
    assert ids(world)["Four-7B"]
    assert world.alerts("release") == told


def test_a_release_that_was_taken_out_is_named_so_and_cannot_be_taken_out_twice(world: World) -> None:
    toy = ids(world)["Toy-1B"]
    number = discard(world, "Toy-1B").number
    for change in (correcting.discard, lambda tx, one, now: correcting.merge(tx, [one, 1], now)):
        with (
            pytest.raises(
                ConfigError, match=f"release {toy} was taken out of the log by correction {number}"
            ),
            world.store.writing() as tx,
        ):
            change(tx, toy, world.clock.now)


def test_merged_and_then_taken_out_each_comes_back_as_it_was(world: World) -> None:
    before = ids(world)
    with world.store.writing() as tx:
        merged = correcting.merge(tx, [before["Two-7B"], before["Toy-1B"]], world.clock.now).number
    taken = discard(world, next(name for name in ids(world) if name != "One-7B")).number
    assert set(ids(world)) == {"One-7B"}
    undo(world, taken)
    assert len(ids(world)) == 2
    undo(world, merged)
    assert ids(world) == before


def test_the_command_takes_out_lists_and_undoes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", world.store.engine.url.render_as_string(hide_password=False))
    toy = ids(world)["Toy-1B"]

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(cli, ["releases", *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    assert f"release {toy} left the log" in run("discard", str(toy))
    (row,) = json.loads(run("corrections", "--format", "json"))
    assert (row["kind"], row["repos"]) == ("discard", ["acme/Toy-1B"])
    assert "no release: acme/Toy-1B" in run("corrections")
    assert f"release {toy} of acme is now Toy-1B" in run("undo", str(row["number"]))


def test_what_was_told_of_it_says_so_and_no_more_when_that_is_undone(world: World) -> None:
    publish(world, "Demo-2B")
    done = discard(world, "Demo-2B")
    (told,) = [text for text in world.texts("release") if "released Demo-2B" in text]
    assert f"Corrected: no release: it was taken out of the log (correction {done.number}, " in told
    undo(world, done.number)
    (told,) = [text for text in world.texts("release") if "released Demo-2B" in text]
    assert "Corrected" not in told
