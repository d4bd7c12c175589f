"""What people correct about the grouping outlives polls, renames, restarts and a change of hands, on both databases."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli import cli, main
from monitor.errors import ConfigError
from monitor.store import Store, Transaction, correcting
from monitor.store.correcting import Corrected
from servers import Clock, StandInHub, repo
from world import World, organization

MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def world(world_on_both: World) -> World:
    """Acme, with One-7B and Two-7B, and a family of three."""
    family = [repo(f"acme/Lyra-{size}", MAY + n * DAY) for n, size in enumerate(["1B", "7B", "70B"])]
    world_on_both.hub.repos = (*world_on_both.hub.repos, *family)
    world_on_both.poll()
    return world_on_both


def correct(world: World, change: Callable[[Transaction], Corrected]) -> Corrected:
    with world.store.writing() as tx:
        return change(tx)


def merge(world: World, *names: str) -> Corrected:
    return correct(world, lambda tx: correcting.merge(tx, ids(world, *names), world.clock.now))


def split(world: World, name: str, *repos: str, only: bool = False) -> Corrected:
    (release_id,) = ids(world, name)
    return correct(world, lambda tx: correcting.split(tx, release_id, repos, world.clock.now, only=only))


def rename(world: World, name: str, other: str) -> Corrected:
    (release_id,) = ids(world, name)
    return correct(world, lambda tx: correcting.rename(tx, release_id, other, world.clock.now))


def undo(world: World, number: int) -> Corrected:
    return correct(world, lambda tx: correcting.undo(tx, number, world.clock.now))


def ids(world: World, *names: str) -> list[int]:
    by_name = {each["name"]: each["id"] for each in world.log()}
    return [by_name[name] for name in names]


def releases(world: World) -> dict[int, tuple[str, set[str]]]:
    """Name and repositories of each release, by its id."""
    return {
        each["id"]: (each["name"], {one["id"].partition("/")[2] for one in each["repos"]})
        for each in world.log()
    }


def publish(world: World, *names: str) -> None:
    world.clock.now += MINUTE
    world.hub.repos = (*world.hub.repos, *(repo(f"acme/{name}", world.clock.now) for name in names))
    world.poll(after=MINUTE)


def test_a_merge_outlives_polls_and_renames_and_keeps_the_oldest_id(world: World) -> None:
    one, two = ids(world, "One-7B", "Two-7B")
    done = merge(world, "Two-7B", "One-7B")
    oldest = min(one, two)
    assert [each.id for each in done.releases] == [oldest]
    assert {one, two} & releases(world).keys() == {oldest}
    publish(world, "Unrelated-9B")
    world.hub.repos = tuple(
        replace(each, name="acme/Deux-7B", former_names=(each.name,), hub_id=each.object_id)
        if each.name == "acme/Two-7B"
        else each
        for each in world.hub.repos
    )
    world.poll(after=MINUTE)
    publish(world, "Deux-7B-GGUF")
    assert releases(world)[oldest][1] == {"One-7B", "Deux-7B", "Deux-7B-GGUF"}


def test_a_split_part_gets_a_new_id_and_its_later_quantisations_follow(world: World) -> None:
    (family,) = ids(world, "Lyra")
    before = max(releases(world))
    done = split(world, "Lyra", "acme/Lyra-1B")
    assert [(each.id, each.name) for each in done.releases] == [(family, "Lyra"), (before + 1, "Lyra-1B")]
    publish(world, "Lyra-1B-FP8", "Lyra-7B-AWQ")
    publish(world, "Lyra-1B-GGUF")
    assert releases(world)[family][1] == {"Lyra-7B", "Lyra-70B", "Lyra-7B-AWQ"}
    assert releases(world)[before + 1][1] == {"Lyra-1B", "Lyra-1B-FP8", "Lyra-1B-GGUF"}


def test_what_is_undone_is_grouped_as_before(world: World) -> None:
    before = releases(world)
    for change in (
        lambda: split(world, "Lyra", "acme/Lyra-1B"),
        lambda: rename(world, "Lyra", "Constellation"),
    ):
        done = change()
        assert releases(world) != before
        undo(world, done.number)
        assert releases(world) == before


def test_a_split_takes_along_the_quantisations_that_are_there_unless_it_is_to_leave_them(
    world: World,
) -> None:
    publish(world, "Lyra-1B-GGUF", "Lyra-1B-FP8", "Lyra-7B-GGUF")
    (family,) = ids(world, "Lyra")
    with pytest.raises(ConfigError, match="has no repository"):
        split(world, "Lyra", "acme/Lyra-2B")
    done = split(world, "Lyra", "acme/Lyra-1B")
    assert done.along == ("acme/Lyra-1B-FP8", "acme/Lyra-1B-GGUF")
    assert releases(world)[family][1] == {"Lyra-7B", "Lyra-70B", "Lyra-7B-GGUF"}
    undo(world, done.number)
    assert split(world, "Lyra", "acme/Lyra-1B", only=True).along == ()
    assert {"Lyra-1B"} in [repos for _, repos in releases(world).values()]


def test_a_split_that_would_take_everything_along_says_how_to_leave_the_formats(world: World) -> None:
    publish(world, "One-7B-GGUF")
    with pytest.raises(ConfigError, match=r"left without a repository; with --only"):
        split(world, "One-7B", "acme/One-7B")
    split(world, "One-7B", "acme/One-7B", only=True)
    assert {"One-7B-GGUF"} in [repos for _, repos in releases(world).values()]


def test_after_a_merge_is_undone_each_release_has_its_own_id_again(world: World) -> None:
    before = releases(world)
    # Two-7B has the older id here, and One-7B the earlier date.
    done = merge(world, "One-7B", "Lyra", "Two-7B")
    assert releases(world).keys() == {min(before)}
    publish(world, "One-7B-GGUF", "Vega-9B")
    undo(world, done.number)
    after = releases(world)
    assert {one: after[one][0] for one in before} == {one: before[one][0] for one in before}
    assert after[ids(world, "One-7B")[0]][1] == {"One-7B", "One-7B-GGUF"}
    publish(world, "Lyra-1B-GGUF")
    assert releases(world).keys() == after.keys()


def test_ids_come_back_whichever_of_two_merges_is_undone_first(world: World) -> None:
    before = releases(world)
    for order in ((0, 1), (1, 0)):
        first = merge(world, "One-7B", "Two-7B")
        second = merge(world, first.releases[0].name, "Lyra")
        for number in order:
            undo(world, (first, second)[number].number)
        assert releases(world) == before


def test_what_was_told_of_a_release_is_its_own_again_when_a_merge_is_undone(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = World(sqlite_store, clock, hub, organization("acme"))
    world.poll()
    publish(world, "Neo-7B")
    publish(world, "Quark-7B")
    before = [row["release_id"] for row in world.dump()["alert"]]
    undo(world, merge(world, "Neo-7B", "Quark-7B").number)
    assert [row["release_id"] for row in world.dump()["alert"]] == before
    assert before.count(None) == 1  # the hello


def test_the_id_of_a_merged_release_leads_to_the_one_that_it_is_in(world: World) -> None:
    environ = {"DATABASE_URL": world.store.engine.url.render_as_string(hide_password=False)}
    one, two = sorted(ids(world, "One-7B", "Two-7B"))
    number = merge(world, "One-7B", "Two-7B").number
    merged = f"release {two} was merged into {one} by correction {number}"
    done = CliRunner().invoke(cli, ["releases", "show", str(two), "--format", "json"], env=environ)
    assert (done.exit_code, json.loads(done.stdout)["id"]) == (0, one)
    assert merged in done.stderr.splitlines()
    with pytest.raises(ConfigError, match=merged):
        correct(world, lambda tx: correcting.rename(tx, two, "Two", world.clock.now))
    undo(world, number)
    again = CliRunner().invoke(cli, ["releases", "show", str(two), "--format", "json"], env=environ)
    assert json.loads(again.stdout)["id"] == two
    assert "merged" not in again.stderr


def test_a_name_given_by_a_person_stays(world: World) -> None:
    rename(world, "Lyra", " The \u202e Lyre\n")
    publish(world, "Lyra-7B-GGUF")
    assert ("The Lyre", {"Lyra-1B", "Lyra-7B", "Lyra-70B", "Lyra-7B-GGUF"}) in releases(world).values()


def test_the_name_of_a_part_goes_when_its_split_is_undone(world: World) -> None:
    done = split(world, "Lyra", "acme/Lyra-1B")
    named = rename(world, "Lyra-1B", "The Small")
    publish(world, "Lyra-1B-GGUF", "Lyra-1B-AWQ", "Lyra-1B-FP8")
    assert ("The Small", {"Lyra-1B", "Lyra-1B-GGUF", "Lyra-1B-AWQ", "Lyra-1B-FP8"}) in releases(
        world
    ).values()
    undone = undo(world, done.number)
    assert [each.name for each in undone.releases] == ["Lyra"]
    assert [row["number"] for row in undone.remaining] == [named.number]


def test_numbers_are_never_given_twice(world: World) -> None:
    first = rename(world, "Lyra", "A")
    undo(world, first.number)
    assert rename(world, "Lyra", "B").number > first.number


def test_wrong_corrections_are_refused_and_change_nothing(world: World) -> None:
    before = world.dump()
    (lyra, one) = ids(world, "Lyra", "One-7B")
    now = world.clock.now
    wrong: list[tuple[str, Callable[[Transaction], Corrected]]] = [
        ("no release 999", lambda tx: correcting.merge(tx, [lyra, 999], now)),
        ("at least two different", lambda tx: correcting.merge(tx, [lyra, lyra], now)),
        ("has no repository 'acme/one-7b'", lambda tx: correcting.split(tx, lyra, ["acme/One-7B"], now)),
        ("left without a repository", lambda tx: correcting.split(tx, one, ["acme/One-7B"], now)),
        ("the name is empty", lambda tx: correcting.rename(tx, lyra, "\u200b ", now)),
        ("no correction 5", lambda tx: correcting.undo(tx, 5, now)),
    ]
    for message, change in wrong:
        with pytest.raises(ConfigError, match=message):
            correct(world, change)
    assert world.dump() == before


def test_releases_of_two_organisations_are_not_one(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    hub.repos = (*hub.repos, repo("zeta/Zed-7B", MAY))
    world = World(sqlite_store, clock, hub, organization("acme"), organization("zeta"))
    world.poll()
    with pytest.raises(ConfigError, match=r"a release is of one organisation: 1 is of zeta, 2 is of acme"):
        merge(world, "One-7B", "Zed-7B")


def test_corrections_go_with_the_account_when_its_organisation_is_renamed(world: World) -> None:
    merge(world, "One-7B", "Two-7B")
    before = releases(world)
    world.organizations = (organization("acme-labs", "acme"),)
    world.poll(after=MINUTE)
    publish(world, "Two-7B-GGUF")
    after = releases(world)
    assert after.keys() == before.keys()
    assert {"One-7B", "Two-7B", "Two-7B-GGUF"} in [names for _, names in after.values()]


def test_a_launch_that_is_corrected_while_it_is_gathered_is_told_whole(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = World(sqlite_store, clock, hub, organization("acme"), settle=5 * MINUTE)
    world.poll()
    publish(world, "Neo-7B", "Neo-70B", "Quark-7B")
    merge(world, "Neo", "Quark-7B")
    publish(world, "Quark-7B-GGUF")
    assert world.alerts("release") == ["Acme released Neo", "Acme released Quark-7B"]
    split(world, "Neo", "acme/Neo-70B")
    publish(world, "Neo-7B-GGUF")
    assert len(world.alerts("release")) == 2
    told = "\n".join(world.texts("release"))
    for name in ("Neo-7B", "Neo-70B", "Quark-7B", "Quark-7B-GGUF", "Neo-7B-GGUF"):
        assert f"- acme/{name}\n" in told


@pytest.fixture
def busy(sqlite_store: Store, clock: Clock) -> Any:
    """Acme released something every ten days for a year, and has stopped; it is told."""
    clock.now += DAY / 2  # so that a day between two polls hides none
    with StandInHub(clock) as hub:
        hub.repos = tuple(repo(f"acme/V{n}-7B", clock.now - (20 + 10 * n) * DAY) for n in range(36))
        world = World(sqlite_store, clock, hub, organization("acme"))
        world.poll()
        with world.process():
            for _ in range(60):
                world.poll(after=DAY)
        yield world


def test_the_cadence_is_judged_anew_silently_and_what_was_sent_stays(busy: World) -> None:
    told = busy.texts("cadence")
    assert any("silent" in text for text in told)
    (before,) = busy.dump()["organization"]
    by_date = [each["name"] for each in busy.log()]
    done = merge(busy, *by_date[::2])  # half of its releases become one
    (between,) = busy.dump()["organization"]
    assert (between["cadence"], between["judged_until"]) == (None, before["judged_until"])
    busy.poll(after=DAY)
    (after,) = busy.dump()["organization"]
    assert after["judged_until"] == before["judged_until"] + DAY
    assert after["cadence"]["seen"] == 19
    for was, now in zip(told, busy.texts("cadence"), strict=False):
        assert was.splitlines()[-1] in now  # what was sent may be marked as over
    assert len(busy.log()) == 19
    assert done.releases[0].released_at is not None
    assert done.releases[0].released_at.date() == date(2026, 6, 12) - 370 * DAY


def test_the_commands_say_what_is_now_what(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"DATABASE_URL": world.store.engine.url.render_as_string(hide_password=False)}

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(cli, ["releases", *arguments], env=environ, catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    one, two, lyra = ids(world, "One-7B", "Two-7B", "Lyra")
    said = run("merge", str(one), str(two))
    assert said.startswith(f"release {min(one, two)} of acme is now One")
    assert said.endswith(" (2026-05-02, 2 repositories):\n    acme/One-7B, acme/Two-7B\n")
    assert "acme/Lyra-70B" in run("split", str(lyra), "--repo", "acme/Lyra-70B")
    assert run("rename", str(lyra), "The Lyre").startswith(f"release {lyra} of acme is now The Lyre (")
    made = json.loads(run("corrections", "acme", "--format", "json"))
    assert [(each["kind"], each["name"]) for each in made] == [
        ("merge", None),
        ("split", None),
        ("rename", "The Lyre"),
    ]
    assert made[1]["repos"] == ["acme/Lyra-70B"]
    shown = run("show", str(lyra))
    assert "The Lyre" in shown
    assert "acme/Lyra-70B apart from acme/Lyra-1B, acme/Lyra-7B" in shown
    row = json.loads(run("show", str(lyra), "--format", "json"))
    assert row["corrections"] == made[1:]
    (evidence,) = row["evidence"]
    assert evidence["what"] == "first seen"
    assert evidence["sha256"] in "".join(shown.split())
    assert "acme/Lyra-70B" in run("undo", str(made[1]["number"]))
    assert len(json.loads(run("corrections", "--format", "json"))) == 2


def test_undoing_says_what_remains(world: World) -> None:
    environ = {"DATABASE_URL": world.store.engine.url.render_as_string(hide_password=False)}

    def undone(number: int) -> list[str]:
        done = CliRunner().invoke(cli, ["releases", "undo", str(number)], env=environ, catch_exceptions=False)
        return [line for line in done.stderr.splitlines() if "correction " in line]

    first = merge(world, "One-7B", "Two-7B").number
    (name,) = [name for name, repos in releases(world).values() if repos == {"One-7B", "Two-7B"}]
    second = merge(world, name, "Lyra").number
    before = releases(world)
    nothing, remains = undone(first)
    assert nothing.endswith(f"{first} is undone; nothing changes: correction {second} holds them together")
    assert f"correction {second} remains: acme/" in remains
    assert releases(world) == before
    (said,) = undone(second)
    assert said.endswith(f"correction {second} is undone")
    assert {"One-7B"} in [repos for _, repos in releases(world).values()]


def test_a_wrong_id_is_exit_code_2(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    for arguments in (
        ["merge", "1", "2"],
        ["split", "1", "--repo", "a/b"],
        ["show", "7"],
        ["undo", "1"],
        ["rename", "x", "y"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(["releases", *arguments])
        assert ended.value.code == 2
    assert "release-monitor: no release 1" in capsys.readouterr().err
