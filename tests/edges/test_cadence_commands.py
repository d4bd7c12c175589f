"""What `cadence` and `counts` show of a small world: figures beside verdicts, groups, and what dates are worth."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from monitor.cli import cli
from monitor.clock import utc_now
from monitor.core.contributions import Watched
from monitor.errors import ConfigError
from monitor.store import Store, counting
from monitor.store.migrate import prepare
from monitor.store.tables import RepoRow
from servers import Clock, StandInHub, repo
from world import World, organization

DAY = timedelta(days=1)
STEADY = ("baidu", "kuaishou", "meituan", "minimax", "tencent", "xiaomi")
FORTNIGHTLY = range(5, 500, 14)
QUICKENED = (*range(2, 60, 3), *range(75, 500, 14))
WATCHED = 12  # days
JSON_PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Six laboratories of one pace, a seventh that sped up two months ago, and one that is watched since today.

    Its last poll is now, by the clock that the commands read.
    """
    folder = tmp_path_factory.mktemp("cadence")
    now, clock = utc_now(), Clock()
    clock.now = now - WATCHED * DAY
    with StandInHub(clock) as hub, closing(Store(f"sqlite:///{folder}/m.db")) as store:
        prepare(store.engine)
        hub.repos = tuple(
            repo(f"{key}/Lyra-{n}-7B", now - days * DAY)
            for key in (*STEADY, "alibaba", "late")
            for n, days in enumerate(QUICKENED if key == "alibaba" else FORTNIGHTLY)
        )
        yield _lived(World(store, clock, hub))


def _lived(world: World) -> World:
    watched = [organization(key, country="CN", groups=("lab",)) for key in (*STEADY, "alibaba")]
    world.organizations = tuple(watched)
    with world.process():
        for day in range(WATCHED + 1):
            if day == WATCHED:
                world.organizations = (*watched, organization("late", country="FR"))
            world.poll(after=DAY if day else timedelta(0))
    return world


@pytest.fixture
def show(world: World, tmp_path: Path) -> Any:
    """Run a reading command on the world."""
    url = world.store.engine.url.render_as_string(hide_password=False)
    environ = {"DATABASE_URL": url, "MONITOR_CONFIG": str(tmp_path / "config")}

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, env=environ)

    return run


def rows(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def day_of(world: World, days_ago: int) -> datetime:
    return (world.clock.now - days_ago * DAY).replace(hour=0, minute=0, second=0, microsecond=0)


def test_half_years_and_what_the_dates_are_stand_beside_each_verdict(world: World, show: Any) -> None:
    by_key = {row["organization"]: row for row in rows(show("cadence", "--format", "json"))}
    steady, swift = by_key["baidu"], by_key["alibaba"]
    assert (steady["launches_half_year"], steady["launches_half_year_before"]) == (13, 13)
    assert (swift["launches_half_year"], swift["launches_half_year_before"]) == (28, 13)
    began = f"{day_of(world, WATCHED):%Y-%m-%d}"
    note = f"dates before {began} are creation dates of what was still public"
    assert (steady["watched_since"], steady["dates"]) == (f"{began}T00:00:00Z", note)
    assert note not in steady["why"]  # nothing is claimed there
    assert (swift["regime"], swift["why"].endswith(note)) == ("faster", True)


def test_an_open_change_is_told_from_one_of_everybody(show: Any) -> None:
    (named,) = rows(show("cadence", "alibaba", "--format", "json"))
    assert (named["company"], named["company_group"], named["company_moved"]) == ("alone", "CN", [])
    assert named["company_why"] == "only this one sped up: of 6 others in CN, none clearly did"
    (steady,) = rows(show("cadence", "baidu", "--format", "json"))
    assert {steady[name] for name in steady if name.startswith("company")} == {None}


def test_the_table_has_a_line_of_figures_a_line_of_evidence_and_ends_with_the_watch_list(show: Any) -> None:
    text = show("cadence").stdout
    assert max(map(len, text.splitlines())) <= 100
    assert text.splitlines()[0].split() == [
        *("organisation", "12", "months", "regime", "a", "month", "(95%)"),
        *("half-year", "days", "since", "last", "(longer", "than)"),
    ]
    assert "28, was 13" in text
    assert "    no change shown; less than x" in text
    assert "Before the day on which watching began (" in text
    ending = " ".join(text.split("\n\n")[-1].split())
    assert ending.startswith(
        "8 organisations watched: expect 0.051 false alerts a month. Alert: one false alert per"
    )
    assert "days until it is told" in ending


def test_history_has_the_rates_on_both_sides_of_a_change_and_its_date_with_a_range(
    world: World, show: Any
) -> None:
    *_, before, change = rows(show("cadence", "alibaba", "--history", "--format", "json"))
    assert (before["regime"], change["regime"]) == ("steady", "faster")
    assert change["previous_rate_per_month"] == before["rate_per_month"]
    assert 1.5 < change["previous_rate_per_month"] < 3 < change["rate_per_month"]
    low, high = change["interval"]
    assert low < change["rate_per_month"] < high
    first, last = change["between"]
    assert first <= change["since"] <= last
    assert (before["basis"], change["basis"]) == ("created", "mixed")
    assert f"{first[:10]} to" in show("cadence", "alibaba", "--history").stdout


def test_the_present_regime_has_the_rate_of_today_unless_something_else_is_possible(show: Any) -> None:
    *_, steady = rows(show("cadence", "baidu", "--history", "--format", "json"))
    (now,) = rows(show("cadence", "baidu", "--format", "json"))
    assert (steady["regime"], steady["until"]) == ("steady", None)
    assert (steady["rate_per_month"], steady["interval"]) == (now["rate_per_month"], now["interval"])


def test_groups_are_judged_as_a_whole_and_one_laboratory_is_no_group(show: Any) -> None:
    found = {row["group"]: row for row in rows(show("cadence", "--group", "country", "--format", "json"))}
    assert {key: (row["organizations"], row["judged"]) for key, row in found.items()} == {
        "CN": (7, 7),
        "FR": (1, found["FR"]["judged"]),
        "all": (8, 8),
    }
    assert found["CN"]["regime"] == "steady"
    assert (found["CN"]["release_days"], found["CN"]["since"]) == (None, None)
    assert found["FR"]["regime"] == "learning"
    (lab,) = rows(show("cadence", "--group", "lab", "--format", "json"))
    assert (lab["group"], lab["organizations"]) == ("lab", 7)
    assert [row["group"] for row in rows(show("cadence", "--group", "group", "--format", "json"))] == [
        "all",
        "lab",
    ]
    assert "    no common change of 7 organisations shown" in show("cadence", "--group", "lab").stdout


def test_a_group_that_nobody_is_in_and_group_with_names_are_wrong_usage(show: Any) -> None:
    for command in ("cadence", "counts"):
        done = show(command, "--group", "labs")
        assert isinstance(done.exception, ConfigError)  # which main turns into exit code 2
        assert (str(done.exception), done.stdout) == (
            "--group: no organisation is in a group 'labs'; see organizations.toml",
            "",
        )
    assert show("cadence", "alibaba", "--group", "country").exit_code == 2
    assert show("cadence", "--history", "--group", "country").exit_code == 2


def test_groups_are_compared_by_the_median_and_the_contributions_of_a_fixed_panel(show: Any) -> None:
    weeks = rows(show("counts", "--by", "week", "--group", "all", "--format", "json"))
    whole = [row for row in weeks if row["change"] is not None]
    assert whole[-1]["period"] == weeks[-2]["period"]  # the running week is compared with nothing
    assert {row["panel"] for row in whole[1:]} == {7}
    assert [one["organization"] for one in whole[-1]["left_out"]] == ["late"]
    assert whole[-1]["left_out"][0]["why"].startswith("watched only since ")
    for row in whole:
        assert sum(one["change"] for one in row["contributions"]) == row["change"]
    by_country = rows(show("counts", "--by", "quarter", "--group", "country", "--format", "json"))
    assert {row["group"] for row in by_country} == {"CN", "FR"}


def test_the_table_of_groups_says_who_was_left_out_and_what_the_dates_are(show: Any) -> None:
    text = show("counts", "--by", "quarter", "--group", "all").stdout
    assert max(map(len, text.splitlines())) <= 100
    assert "    median lab " in text
    assert ", of which alibaba +" in text
    assert "7 of 8 organisations are compared with the period before; left out: late (watched only" in text
    assert "Before the day on which watching began (" in text
    assert "median lab" not in show("counts").stdout


def test_csv_has_a_text_where_json_has_a_list(show: Any) -> None:
    text = show("counts", "--by", "quarter", "--group", "all", "--format", "csv").stdout
    found = list(csv.DictReader(io.StringIO(text)))
    assert any(row["contributions"].startswith("alibaba +") for row in found)
    assert all(row["left_out"].startswith("late (watched only since ") for row in found if row["change"])
    (row,) = csv.DictReader(io.StringIO(show("cadence", "alibaba", "--format", "csv").stdout))
    assert (row["company"], row["company_moved"], row["launches_half_year"]) == ("alone", "", "28")


@pytest.mark.parametrize("command", ["cadence", "cadence --history", "cadence --group", "counts"])
def test_every_column_is_documented(command: str, show: Any) -> None:
    arguments = [*command.split(), *(["all"] if command.endswith("--group") else [])]
    columns = show(*arguments, "--format", "csv").stdout.splitlines()[0].split(",")
    (row,) = [line for line in JSON_PAGE.splitlines() if line.startswith(f"| `{command}` |")]
    assert [column for column in columns if f"`{column}`" not in row] == []


def test_watching_begins_with_the_first_look_and_ends_when_an_organisation_is_dropped(
    store: Store, clock: Clock
) -> None:
    with StandInHub(clock, [repo("acme/Lyra-7B", clock.now - 90 * DAY)]) as hub:
        world = World(store, clock, hub, organization("acme"), organization("empty"))
        began = clock.now.date()
        world.poll()
        world.poll(after=5 * DAY)
        with store.reading() as tx:
            assert counting.watched(tx) == {"acme": Watched(began)}
        world.organizations = (organization("empty"),)
        world.poll(after=DAY)
        with store.reading() as tx:
            assert counting.watched(tx) == {"acme": Watched(began, clock.now.date())}


def test_what_only_a_witness_shows_is_no_look(store: Store, clock: Clock) -> None:
    with StandInHub(clock, [repo("acme/Lyra-7B", clock.now - 90 * DAY)]) as hub:
        World(store, clock, hub, organization("acme")).poll()
    with store.writing() as tx:
        tx.execute(update(RepoRow).values(hub="github"))
    with store.reading() as tx:
        assert counting.watched(tx) == {}
