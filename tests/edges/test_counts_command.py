"""What `counts` shows of a small world that has been left alone for the last three months."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli import cli
from monitor.clock import utc_now
from monitor.store import Store
from monitor.store.migrate import prepare
from servers import Clock, StandInHub, repo
from world import World, organization

DAY = timedelta(days=1)
WATCHED_UNTIL = 100  # days ago


@pytest.fixture(scope="module")
def now() -> datetime:
    return utc_now()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Iterator[str]:
    """One laboratory of France, one of nowhere, and one with no release of a known date; all seen once."""
    url, clock = f"sqlite:///{tmp_path_factory.mktemp('counts')}/m.db", Clock()
    clock.now = now - WATCHED_UNTIL * DAY
    with StandInHub(clock) as hub, closing(Store(url)) as store:
        prepare(store.engine)
        days = {"acme": (400, 390, 130), "beta": (200,)}
        hub.repos = (
            *(
                repo(f"{key}/V{n}-7B", now - ago * DAY)
                for key, those in days.items()
                for n, ago in enumerate(those)
            ),
            repo("quiet/Old-7B", datetime(2022, 3, 1, tzinfo=UTC)),
        )
        france = [organization("acme", country="FR"), organization("quiet", country="FR")]
        world = World(store, clock, hub, *france, organization("beta"))
        with world.process():
            world.poll()
        yield url


@pytest.fixture
def show(url: str, tmp_path: Any) -> Any:
    environ = {"DATABASE_URL": url, "MONITOR_CONFIG": str(tmp_path)}

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(cli, ["counts", *arguments], env=environ)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def rows(text: str, group: str) -> list[dict[str, Any]]:
    return [row for row in json.loads(text) if row["group"] == group]


def test_who_never_released_anything_has_rows_of_zeros_since_watching_began(show: Any, now: datetime) -> None:
    found = rows(show("--format", "json"), "quiet")
    assert found[0]["period"] == f"{now - WATCHED_UNTIL * DAY:%Y-%m}"
    assert {row["launches"] for row in found} == {0}
    assert [row["is_running"] for row in found] == [False] * (len(found) - 1) + [True]


def test_csv_writes_true_and_false_as_json_does(show: Any) -> None:
    found = [row for row in csv.DictReader(io.StringIO(show("--format", "csv"))) if row["group"] == "quiet"]
    assert [row["is_running"] for row in found] == ["false"] * (len(found) - 1) + ["true"]


def test_days_on_which_the_monitor_was_down_are_blind_before_it_runs_again(show: Any) -> None:
    for group, organizations in (("organization", 1), ("all", 3)):
        found = rows(show("--group", group, "--format", "json"), "acme" if organizations == 1 else "all")
        assert sum(row["blind_days"] for row in found) == organizations * (WATCHED_UNTIL - 1)


def test_where_nobody_could_be_seen_the_table_says_why_nothing_is_compared(show: Any, now: datetime) -> None:
    text = show("--group", "country")
    last = rows(show("--group", "country", "--format", "json"), "FR")[-2]
    assert (last["panel"], last["median"], last["change"]) == (0, None, None)
    assert [one["organization"] for one in last["left_out"]] == ["acme", "quiet"]
    assert "    compared with nothing: nobody could be seen over both periods" in text
    assert f"FR, {last['period']}: 0 of 2 organisations are compared with the period before" in text
    assert f"{now:%Y-%m}, so far" in text
    assert "blind org-days" in text


def test_those_without_a_country_are_counted_and_not_compared(show: Any) -> None:
    found = rows(show("--group", "country", "--format", "json"), "no country")
    assert sum(row["launches"] for row in found) == 1
    assert {row["panel"] for row in found} == {None}


def test_the_table_by_organisation_says_that_it_leaves_quiet_periods_out(show: Any) -> None:
    text = show()
    assert "Periods without a launch or a blind day are not shown here; JSON and CSV have them." in text
    assert "    " not in {line[:4] for line in text.splitlines()}  # nothing is compared
