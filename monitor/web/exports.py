"""The release log as CSV, narrowed down as on its page: as many rows as there are, in little memory."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from itertools import chain

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from monitor.core.flat import LOG_COLUMNS, cell, log_rows
from monitor.store.browsing import MOST_ROWS, Query, releases
from monitor.store.reading import JsonRow
from monitor.store.release_log import find_releases
from monitor.web.filters import Filters
from monitor.web.site import Site, site_of

router = APIRouter(include_in_schema=False)


@router.get("/releases.csv")
def of_releases(request: Request) -> Response:
    """Give a row for each release."""
    return _export(request, "releases")


@router.get("/repos.csv")
def of_repos(request: Request) -> Response:
    """Give a row for each repository of the releases."""
    return _export(request, "repos")


def _export(request: Request, rows: str) -> Response:
    query = Filters.of(request.query_params).query(limit=MOST_ROWS)
    batches = _batches(site_of(request), query)
    # Read before the answer begins: afterwards an error could not be said.
    first = next(batches)
    lines = (_written(rows, batch) for batch in chain([first], batches))
    headers = {"content-disposition": f'attachment; filename="{rows}.csv"'}
    return StreamingResponse(
        chain([_line(LOG_COLUMNS[rows])], lines), media_type="text/csv; charset=utf-8", headers=headers
    )


def _batches(site: Site, query: Query) -> Iterator[list[JsonRow]]:
    """Read a batch at a time, each in a transaction of its own: however slow the reader, none stays open."""
    with site.browsing():
        pass
    wanted: Query | None = query
    while wanted is not None:
        with site.store.reading() as tx:
            found = releases(tx, wanted)
            batch = find_releases(tx, [row["id"] for row in found.rows])
        yield batch
        wanted = replace(wanted, after=found.next) if found.next else None


def _written(rows: str, batch: list[JsonRow]) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, fieldnames=LOG_COLUMNS[rows], extrasaction="ignore", lineterminator="\n")
    writer.writerows({name: cell(value) for name, value in row.items()} for row in log_rows(rows, batch))
    return out.getvalue()


def _line(columns: tuple[str, ...]) -> str:
    return f"{','.join(columns)}\n"
