"""The newest repositories of the whole Hugging Face Hub: a hint which accounts to list at once."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from urllib.parse import urlencode

from monitor.core.types import Newcomer
from monitor.errors import HubError, Trouble
from monitor.hubs.adapter import Deadline
from monitor.hubs.huggingface_api import Api
from monitor.hubs.huggingface_pages import walk
from monitor.hubs.huggingface_rows import NAME, OBJECT_ID, is_private
from monitor.hubs.reading import matching, parse_time

_PAGES = 5
_QUERY = urlencode({"sort": "createdAt", "limit": 100, "expand": ("createdAt", "private")}, doseq=True)


def newest(api: Api, back_to: datetime, deadline: Deadline) -> tuple[Newcomer, ...]:
    """Return what was created since `back_to`, the newest first, or as much of it as a few pages hold.

    A hub that ignores `sort` shows its rows in another order: then those of the first pages that are new enough are
    all that can be had. Raises HubError for what is no listing, and where no row can be read.
    """
    found: dict[str, Newcomer] = {}
    for page in islice(walk(api, f"{api.models}?{_QUERY}", deadline, urgent=True), _PAGES):
        newcomers = _read(page.rows())
        found |= {newcomer.hub_id: newcomer for newcomer in newcomers if newcomer.created_at >= back_to}
        if any(newcomer.created_at < back_to for newcomer in newcomers):
            break
    return tuple(sorted(found.values(), key=lambda newcomer: newcomer.created_at, reverse=True))


def _read(rows: Iterable[object]) -> list[Newcomer]:
    """Return the rows that can be read. Raises HubError where there are rows and none of them can."""
    newcomers: list[Newcomer] = []
    fault: ValueError | None = None
    for row in rows:
        try:
            newcomers += _newcomer(row)
        except ValueError as error:
            fault = error
    if fault is not None and not newcomers:
        raise HubError(f"no row of the newest can be read: {fault}", Trouble.SHAPE)
    return newcomers


def _newcomer(row: object) -> tuple[Newcomer, ...]:
    """Return the repository, nothing for a private one. Raises ValueError naming what cannot be read."""
    if not isinstance(row, dict):
        raise ValueError("a row that is no object")
    if is_private(row):
        return ()
    created_at = parse_time(row.get("createdAt"))
    return (Newcomer(matching(row, "_id", OBJECT_ID), matching(row, "id", NAME), created_at),)
