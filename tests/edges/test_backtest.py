"""Backtests of files, among them the release days of real organisations (see tests/data/cadence)."""

import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from builders import backtest
from monitor.backtest import read_events
from monitor.core.cadence.backtest import Row
from monitor.core.types import Budgets, Direction, Level
from monitor.errors import ConfigError

DATA = Path(__file__).parents[1] / "data" / "cadence"


def alerts(events: dict[str, set[date]], until: date | None = None) -> list[Row]:
    return [row for row in backtest(events, until, Budgets()) if row.crossing.level is Level.ALERT]


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "events.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_qwen_became_faster_in_august_2025_and_not_before() -> None:
    first, *_ = alerts(read_events(DATA / "qwen-releases.csv"))
    assert first.crossing.direction is Direction.FASTER
    assert first.raised_at.date() == date(2025, 8, 5)
    assert first.crossing.changed_on is not None
    assert date(2025, 7, 14) <= first.crossing.changed_on <= date(2025, 7, 21)


def test_of_five_real_laboratories_only_the_one_that_stopped_is_called_out() -> None:
    events = read_events(DATA / "hub-releases.csv")
    rows = alerts(events, date(2026, 6, 11))
    assert {len(events[name]) for name in ("deepseek-ai", "mistralai")} == {41, 47}
    assert len([row for row in rows if row.organization != "01-ai"]) <= 1
    assert [row.crossing.direction for row in rows if row.organization == "01-ai"] == [Direction.SILENT]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_dates_and_times_of_any_zone_become_utc_days(tmp_path: Path, encoding: str) -> None:
    path = write(
        tmp_path,
        "note,organization,released_at\n"
        "é,lab,2025-07-21\n"
        ",lab,2025-07-22T01:00:00+08:00\n"
        ",lab,2025-07-22T09:00:00Z\n"
        "\n"
        '"two\nlines",other, 2025-07-22T23:30:00-05:00 \n',
        encoding,
    )
    july = [date(2025, 7, day) for day in (21, 22, 23)]
    assert read_events(path) == {"lab": {july[0], july[1]}, "other": {july[2]}}


def test_every_bad_line_is_reported_at_once_with_its_remedy(tmp_path: Path) -> None:
    path = write(tmp_path, "organization,released_at\nlab,soon\n,2025-07-21\nlab,2025-07-21\nlab\n,\n")
    with pytest.raises(ConfigError) as raised:
        read_events(path)
    remedy = "write a date like 2025-07-21 or 2025-07-21T09:00:00Z"
    assert raised.value.problems == (
        f"{path}:2: released_at is 'soon'; {remedy}",
        f"{path}:3: no organization; write its key",
        f"{path}:5: released_at is ''; {remedy}",
        f"{path}:6: no organization; write its key; released_at is ''; {remedy}",
    )


def test_of_very_many_bad_lines_the_first_hundred_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, "organization,released_at\n" + "lab,soon\n" * 1234)
    with pytest.raises(ConfigError) as raised:
        read_events(path)
    assert len(raised.value.problems) == 101
    assert raised.value.problems[-1] == f"{path}: and 1,134 more bad lines"


def test_of_a_large_file_no_more_is_kept_than_the_days(tmp_path: Path) -> None:
    row = f"{{}},{'x' * 200},{{}}\n"
    path = tmp_path / "events.csv"
    with path.open("w") as file:
        file.write("organization,note,released_at\n")
        for n in range(40_000):
            file.write(row.format(f"lab-{n % 7}", f"2025-0{1 + n % 9}-{1 + n % 28:02}"))
    tracemalloc.start()
    events = read_events(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(len, events.values())) < 7 * 366
    assert most < path.stat().st_size / 8


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        read_events(write(tmp_path, "name,date\nlab,2025-07-21\n"))
    assert [problem.partition(": ")[2] for problem in raised.value.problems] == [
        "no column 'organization'; add it to the header",
        "no column 'released_at'; add it to the header",
    ]


def test_an_empty_file_lacks_both_columns(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no column 'organization'"):
        read_events(write(tmp_path, ""))


def test_a_file_that_is_not_there_or_not_text_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_events(tmp_path / "none.csv")
    binary = tmp_path / "events.csv"
    binary.write_bytes(b"organization,released_at\n\xff\xfe,2025-07-21\n")
    with pytest.raises(ConfigError, match="save it as UTF-8"):
        read_events(binary)
