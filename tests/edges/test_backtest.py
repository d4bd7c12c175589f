"""Backtests of files, among them the release days of real organisations (see tests/data/cadence)."""

import subprocess
import sys
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from builders import backtest
from monitor.backtest import Events
from monitor.backtest import read_events as read
from monitor.core.cadence.backtest import Row
from monitor.core.types import Budgets, Direction, Level
from monitor.errors import ConfigError

DATA = Path(__file__).parents[1] / "data" / "cadence"


TODAY = date(2026, 11, 23)


def read_events(path: Path) -> dict[str, set[date]]:
    return read(path, TODAY).days


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


@pytest.mark.parametrize(
    "text",
    [
        "organization;released_at\nlab;2025-07-21\n",
        "note\torganization\treleased_at\na, b; c\tlab\t2025-07-21\n",
        "\nReleased_At , ORGANIZATION \n 2025-07-21 , lab \n",
        '"released_at", "organization"\n"2025-07-21", "lab"\n',
        'released_at;"a,b,c";organization\n2025-07-21;x;lab\n',
        "organization,released_at\rlab,2025-07-21\r",
    ],
)
def test_columns_may_be_separated_by_commas_semicolons_or_tabs_and_capitalised(
    tmp_path: Path, text: str
) -> None:
    assert read_events(write(tmp_path, text)) == {"lab": {date(2025, 7, 21)}}


@pytest.mark.parametrize(
    ("header", "problems"),
    [
        (
            "a,b",
            [
                "no column 'organization'; add it to the header",
                "no column 'released_at'; add it to the header",
            ],
        ),
        ("Organisation;released_at", ["no column 'organization'; is it 'Organisation'? rename that column"]),
        ("organization\tdate", ["no column 'released_at'; is it 'date'? rename that column"]),
        ("organizaton,released_at", ["no column 'organization'; is it 'organizaton'? rename that column"]),
        ("Organization,organization,released_at", ["2 columns are named 'organization'; keep one"]),
    ],
)
def test_what_is_wrong_with_the_header_is_said_with_its_remedy(
    tmp_path: Path, header: str, problems: list[str]
) -> None:
    path = write(tmp_path, f"{header}\nlab,2025-07-21\n")
    with pytest.raises(ConfigError) as raised:
        read_events(path)
    assert raised.value.problems == tuple(f"{path}:1: {problem}" for problem in problems)


def test_rows_in_the_future_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    days = ["2025-01-01", "2999-01-01", "2026-11-23", "2026-11-24"]
    path = write(tmp_path, "organization,released_at\n" + "".join(f"lab,{day}\n" for day in days))
    found = read(path, TODAY)
    assert found == Events(str(path), {"lab": set(map(date.fromisoformat, days))}, future=2, first_future=3)


def backtested(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "monitor", "backtest", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def test_a_replay_of_standard_input_stops_today_and_says_so() -> None:
    stdin = "organization;released_at\n" + "lab;2026-01-01\n" * 3 + "lab;2999-01-01\n"
    done = backtested("-", stdin=stdin)
    assert done.stderr.startswith(
        "standard input: 1 row is in the future (the first in line 5); replayed up to "
    )
    assert done.stdout.splitlines()[0] == "Nothing would have been raised."
    assert done.stdout.splitlines()[-1] == "  lab: 1 release day; 4 are needed"
    assert backtested("-", "--until", "2026-02-01", "--format", "json", stdin=stdin).stdout == "[]\n"


def test_a_file_without_rows_is_said_to_be_one() -> None:
    done = backtested("-", "--format", "json", stdin="organization,released_at\n")
    assert (done.returncode, done.stdout, done.stderr) == (
        *(0, "[]\n", "standard input: no rows below the header\n"),
    )


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
