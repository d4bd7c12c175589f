"""Read release days from a CSV file, for replaying them through the cadence engine."""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from monitor.errors import ConfigError

_COLUMNS = ("organization", "released_at")


def read_events(path: Path) -> dict[str, list[date]]:
    """Return the UTC release days of each organisation, as the file has them, repeats included.

    The file is UTF-8 with the columns `organization` and `released_at` (an ISO 8601 date or date-time; without
    a zone it is UTC); other columns are ignored. Raises ConfigError with every problem at once.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(path, csv.DictReader(file))
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8; save it as UTF-8"]) from error
    except csv.Error as error:
        raise ConfigError([f"{path}: is not CSV: {error}"]) from error


def _read(path: Path, rows: "csv.DictReader[str]") -> dict[str, list[date]]:
    missing = [column for column in _COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise ConfigError([f"{path}:1: no column {name!r}; add it to the header" for name in missing])
    events: dict[str, list[date]] = {}
    problems: list[str] = []
    for row in rows:
        try:
            organization, day = _row(row)
        except ValueError as problem:
            problems.append(f"{path}:{rows.line_num}: {problem}")
        else:
            events.setdefault(organization, []).append(day)
    if problems:
        raise ConfigError(problems)
    return events


def _row(row: Mapping[str, str | None]) -> tuple[str, date]:
    """Read one row; raises ValueError with everything that is wrong with it, and the remedy."""
    organization = (row["organization"] or "").strip()
    problems = [] if organization else ["no organization; write its key"]
    text = (row["released_at"] or "").strip()
    day = _utc_day(text)
    if day is None:
        problems.append(f"released_at is {text!r}; write a date like 2025-07-21 or 2025-07-21T09:00:00Z")
    if day is None or problems:
        raise ValueError("; ".join(problems))
    return organization, day


def _utc_day(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):  # year 1 or 9999 may leave the calendar on its way to UTC
        return None
