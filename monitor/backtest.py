"""Read release days from a CSV file of any size, for replaying them through the cadence engine."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.errors import ConfigError

if TYPE_CHECKING:
    from _csv import Reader

_COLUMNS = ("organization", "released_at")

# So many bad lines are named; a file of millions may have as many of them.
MOST_PROBLEMS = 100


def read_events(path: Path) -> dict[str, set[date]]:
    """Return the UTC days on which each organisation released something; of the rows nothing else is kept.

    The file is UTF-8 with the columns `organization` and `released_at` (an ISO 8601 date or date-time; without
    a zone it is UTC), in any order; other columns are ignored. Raises ConfigError with every problem at once, but for
    those after the first hundred.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(path, csv.reader(file))
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8; save it as UTF-8"]) from error
    except csv.Error as error:
        raise ConfigError([f"{path}: is not CSV: {error}"]) from error


def _read(path: Path, rows: "Reader") -> dict[str, set[date]]:
    header = next(filter(None, rows), [])
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        raise ConfigError([f"{path}:1: no column {name!r}; add it to the header" for name in missing])
    whose, when = map(header.index, _COLUMNS)
    events: dict[str, set[date]] = {}
    problems: list[str] = []
    more = 0
    for row in filter(None, rows):
        key = row[whose].strip() if whose < len(row) else ""
        text = row[when].strip() if when < len(row) else ""
        day = _utc_day(text)
        if key and day is not None:
            events.setdefault(key, set()).add(day)
        elif len(problems) < MOST_PROBLEMS:
            problems.append(f"{path}:{rows.line_num}: {'; '.join(_complaints(key, text))}")
        else:
            more += 1
    if problems:
        raise ConfigError([*problems, *([f"{path}: and {more:,} more bad lines"] if more else [])])
    return events


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
