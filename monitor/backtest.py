"""Read release days from a CSV file of any size, for replaying them through the cadence engine."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from monitor.errors import ConfigError

if TYPE_CHECKING:
    from _csv import Reader

# The columns, with what others call them.
_COLUMNS = {
    "organization": ("organisation", "org", "lab", "laboratory", "company", "owner", "author"),
    "released_at": (
        "date",
        "day",
        "time",
        "timestamp",
        "released",
        "release_date",
        "created_at",
        "published_at",
    ),
}
_DELIMITERS = ",;\t"  # the usual one first; spreadsheets of half of Europe write the second
_LONGEST_NAME = 40

# So many bad lines are named; a file of millions may have as many of them.
MOST_PROBLEMS = 100

STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class Events:
    """The UTC days on which each organisation released something.

    `place` is what they were read from, for people. `future` counts the rows that are dated after today, of which
    `first_future` is the line of the first.
    """

    place: str
    days: dict[str, set[date]]
    future: int = 0
    first_future: int | None = None


def read_events(path: Path, today: date) -> Events:
    """Return the UTC days on which each organisation released something; of the rows nothing else is kept.

    The file is UTF-8 with the columns `organization` and `released_at` (an ISO 8601 date or date-time; without
    a zone it is UTC), in any order and capitalised as you like; other columns are ignored. They are separated by
    commas, semicolons or tabs. `-` is standard input. Raises ConfigError with every problem at once, but for those
    after the first hundred.
    """
    source, place = (0, "standard input") if path == STDIN else (path, str(path))
    try:
        # A byte order mark, which spreadsheets write, is no part of the header.
        with open(source, encoding="utf-8-sig", newline="", closefd=path != STDIN) as file:
            return _read(place, _reader(file), today)
    except OSError as error:
        raise ConfigError([f"{place}: cannot be read: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{place}: is not UTF-8; save it as UTF-8"]) from error
    except csv.Error as error:
        raise ConfigError([f"{place}: is not CSV: {error}"]) from error


def _reader(file: TextIO) -> "Reader":
    """Return the rows; the header, the first line that is not empty, shows what separates the columns."""
    head: list[str] = []
    for line in file:
        head.append(line)
        if line.strip():
            break
    delimiter = _delimiter(head[-1]) if head else ","
    return csv.reader(chain(head, file), delimiter=delimiter, skipinitialspace=True)


def _delimiter(header: str) -> str:
    """Return the delimiter that finds most of our columns in a header, and then most columns."""

    def found(delimiter: str) -> tuple[int, int]:
        names = _folded(next(csv.reader([header], delimiter=delimiter, skipinitialspace=True), []))
        return len(_COLUMNS.keys() & names), len(names)

    return max(_DELIMITERS, key=found)


def _folded(names: Sequence[str]) -> list[str]:
    return [name.strip().casefold() for name in names]


def _read(place: str, rows: "Reader", today: date) -> Events:
    header = next(filter(None, rows), [])
    whose, when = _columns(f"{place}:{max(rows.line_num, 1)}", header)
    days: dict[str, set[date]] = {}
    future, first_future = 0, None
    problems: list[str] = []
    more = 0
    for row in filter(None, rows):
        key = row[whose].strip() if whose < len(row) else ""
        text = row[when].strip() if when < len(row) else ""
        day = _utc_day(text)
        if key and day is not None:
            days.setdefault(key, set()).add(day)
            if day > today:
                future, first_future = future + 1, first_future or rows.line_num
        elif len(problems) < MOST_PROBLEMS:
            problems.append(f"{place}:{rows.line_num}: {'; '.join(_complaints(key, text))}")
        else:
            more += 1
    if problems:
        raise ConfigError([*problems, *([f"{place}: and {more:,} more bad lines"] if more else [])])
    return Events(place, days, future, first_future)


def _columns(place: str, header: Sequence[str]) -> list[int]:
    """Return where our columns stand in a header, in the order in which we name them. Raises ConfigError."""
    names = _folded(header)
    problems = [*filter(None, (_missing(column, header, names) for column in _COLUMNS))]
    if problems:
        raise ConfigError([f"{place}: {problem}" for problem in problems])
    return [names.index(column) for column in _COLUMNS]


def _missing(column: str, header: Sequence[str], names: Sequence[str]) -> str | None:
    """Say why a column cannot be found, with the remedy; None where it can."""
    if names.count(column) == 1:
        return None
    if column in names:
        return f"{names.count(column)} columns are named {column!r}; keep one"
    others = [name for name in names if name not in _COLUMNS]
    near = [name for name in _COLUMNS[column] if name in others] or get_close_matches(column, others, n=1)
    if not near:
        return f"no column {column!r}; add it to the header"
    found = header[names.index(near[0])].strip()[:_LONGEST_NAME]
    return f"no column {column!r}; is it {found!r}? rename that column"


def _complaints(key: str, text: str) -> Iterator[str]:
    """Yield everything that is wrong with a row, with the remedy."""
    if not key:
        yield "no organization; write its key"
    if _utc_day(text) is None:
        yield f"released_at is {text[:40]!r}; write a date like 2025-07-21 or 2025-07-21T09:00:00Z"


@lru_cache(maxsize=65536)
def _utc_day(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):  # year 1 or 9999 may leave the calendar on its way to UTC
        return None
