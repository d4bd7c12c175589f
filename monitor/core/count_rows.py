"""The rows of `counts` in the shape of the JSON interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from monitor.core.contributions import Contributions, Watched, contributions
from monitor.core.counts import By, Count, Counted, count, first_days

JsonRow = dict[str, Any]

COUNTED = ("period", "group", "launches", "release_days", "repos", "blind_days", "basis")
COMPARED = ("median", "previous_median", "change", "contributions", "panel", "left_out")


@dataclass(frozen=True, slots=True)
class CountTable:
    """The rows, and how each period of each group compares with the one before."""

    rows: list[JsonRow]
    compared: Mapping[tuple[str, str], Contributions]


def count_table(
    releases: Sequence[Counted],
    blind: Mapping[str, Sequence[tuple[date, date]]],
    groups: Mapping[str, Sequence[str]],
    watched: Mapping[str, Watched],
    every: By,
    today: date,
) -> CountTable:
    """Return the analyst's table; arguments are as of `count` and `contributions`."""
    compared = contributions(releases, blind, groups, watched, every, today)
    watching = {key: one.since for key, one in watched.items()}
    since = first_days((), groups, watching)
    rows = [
        _row(one, compared.get((one.period, one.group)), since.get(one.group))
        for one in count(releases, blind, groups, watching, every, today)
    ]
    return CountTable(rows, compared)


def _row(counted: Count, compared: Contributions | None, since: date | None) -> JsonRow:
    row = {name: getattr(counted, name) for name in COUNTED} | dict.fromkeys(COMPARED)
    if compared is not None:
        row |= {
            "median": compared.median,
            "previous_median": compared.previous_median,
            "change": compared.change,
            "contributions": [
                {"organization": key, "change": change} for key, change in compared.by_organization
            ],
            "panel": compared.panel,
            "left_out": [{"organization": key, "why": why} for key, why in compared.left_out],
        }
    watched_since = datetime.combine(since, time(), UTC) if since else None
    return row | {"watched_since": watched_since, "is_running": counted.is_running}
