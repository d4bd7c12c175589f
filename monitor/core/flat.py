"""Write rows as JSON and CSV have them: moments, cells that no spreadsheet runs, the release log laid flat."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from monitor.core.text import clean

Row = Mapping[str, Any]

# The columns of the release log as CSV, by what a row is.
LOG_COLUMNS = {
    "releases": (
        *("id", "organization", "country", "name", "kind", "released_at", "basis", "first_seen_at", "hubs"),
        *("weights", "parameters", "licence", "gated", "url", "repos"),
    ),
    "repos": (
        *("release_id", "organization", "release", "hub", "id", "hub_id", "url", "created_at"),
        *("first_seen_at", "published_after", "published_before", "state"),
    ),
}

# A spreadsheet takes a text that begins with one of these for a formula. Source: OWASP, CSV injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def time_text(moment: datetime | None) -> str | None:
    """Write a moment as JSON and CSV have it.

    >>> time_text(datetime(2026, 4, 24, 3, 0, tzinfo=UTC))
    '2026-04-24T03:00:00Z'
    """
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def plain(value: Any) -> Any:
    """Write a value that JSON does not know."""
    return time_text(value) if isinstance(value, datetime) else str(value)


def cell(value: Any) -> Any:
    """Write a cell of CSV: on one line, and as a text where a spreadsheet would take it for a formula.

    >>> cell("=1+1"), cell(-1), cell(True), cell(["a", "b"])
    ("'=1+1", -1, 'true', 'a b')
    """
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, list | tuple):
        value = " ".join(str(plain(item)) for item in value)
    if isinstance(value, datetime | date):
        return plain(value)
    if isinstance(value, str):
        text = clean(value)
        return f"'{text}" if text.startswith(_FORMULA) else text
    return value


def log_rows(rows: str, releases: Sequence[Row]) -> list[Row]:
    """Lay releases flat: a row each with `rows` "releases", with "repos" one for each of their repositories."""
    if rows == "releases":
        return [{**release, "repos": len(release["repos"])} for release in releases]
    return [_repo_row(release, repo) for release in releases for repo in release["repos"]]


def _repo_row(release: Row, repo: Row) -> Row:
    after, before = repo["published_between"] or (None, None)
    return {
        "release_id": release["id"],
        "organization": release["organization"],
        "release": release["name"],
        **{
            name: repo[name]
            for name in ("hub", "id", "hub_id", "url", "created_at", "first_seen_at", "state")
        },
        "published_after": after,
        "published_before": before,
    }
