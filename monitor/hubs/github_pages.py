"""Walk the pages of one GitHub listing, and remember the state of each so that it need not be read again.

Sources: docs.github.com/en/rest/using-the-rest-api, on pagination and on conditional requests.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import httpx

from monitor.core.citations import Citation
from monitor.errors import HubError, Trouble
from monitor.hubs.adapter import Deadline
from monitor.hubs.citing import cite
from monitor.hubs.http import leading_nowhere

ROWS = 100  # of one page: the most that the hub gives
_PAGES = 200
_ETAG = re.compile(r'(W/)?"[!#-~]{1,200}"', re.ASCII)
_READING = 1  # of the rows; another number forgets all validators, as rows are read in another way then


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing: where it was asked for, which state of it was answered, what is in it, how to cite it."""

    url: str
    etag: str
    rows: list[object]
    cited: Citation


def page_of(url: str, answer: httpx.Response, body: object) -> Page:
    """Return the page that an answer holds. Raises HubError where its body is no list."""
    if not isinstance(body, list):
        raise HubError("no list where a list of repositories belongs", Trouble.SHAPE)
    return Page(url, answer.headers.get("etag", ""), body, cite(answer, body, "full_name"))


def walk(
    get: Callable[[str], httpx.Response],
    read: Callable[[str, httpx.Response], Page],
    first: tuple[str, httpx.Response],
    deadline: Deadline,
) -> list[Page]:
    """Return all pages, from the `first` address and its answer on. Raises HubError unless the walk reaches its end.

    A repository that is pushed to meanwhile goes from a page that we have not read to the first one, and a row
    that we have read moves to the next page: seeing one twice, we read the first page again.
    """
    url, answer = first
    pages: list[Page] = []
    known: set[int] = set()
    has_moved = False
    while len(pages) < _PAGES:
        page = read(url, answer)
        ids = {key for row in page.rows if (key := row_id(row)) is not None}
        has_moved = has_moved or not ids.isdisjoint(known)
        pages.append(page)
        following = _next(answer)
        if following is None:
            return [*pages, _again(read(first[0], get(first[0])))] if has_moved else pages
        if ids <= known or any(following == page.url for page in pages):
            raise HubError("the pages of a listing go in circles", Trouble.SHAPE)
        deadline.check()
        known |= ids
        url, answer = following, get(following)
    raise HubError("the pages of a listing have no end", Trouble.SHAPE)


def all_rows(pages: list[Page]) -> list[object]:
    """Return the rows of all pages; of one that moved while we walked, what was read last."""
    rows = [row for page in pages for row in page.rows]
    keys = (row_id(row) or f"row {position}" for position, row in enumerate(rows))
    return list(dict(zip(keys, rows, strict=True)).values())


def row_id(row: object) -> int | None:
    """Return the hub's id for a row, None where it has none."""
    number = row.get("id") if isinstance(row, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def validator(pages: list[Page]) -> str | None:
    """Return the state of every page; None where it would not notice each change of the listing.

    That a page which is full has not changed says nothing of one that may follow it by now.
    """
    if len(pages[-1].rows) >= ROWS or not all(_ETAG.fullmatch(page.etag) for page in pages):
        return None
    return json.dumps([_READING, *([page.url, page.etag] for page in pages)], separators=(",", ":"))


def remembered(known: str | None, starts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the address and state of each page of a known listing; none if it does not begin at one of `starts`."""
    try:
        reading, *pages = json.loads(known or "[0]")
        states = tuple((str(url), str(etag)) for url, etag in pages)
    except (ValueError, TypeError):
        return ()
    is_ours = reading == _READING and states and states[0][0] in starts
    return states if is_ours and all(_ETAG.fullmatch(etag) for _, etag in states) else ()


def _again(page: Page) -> Page:
    # Without its state: two states of one page are no listing to come back to.
    return replace(page, etag="")


def _next(answer: httpx.Response) -> str | None:
    """Return where the next page is; that it is on this hub is the transport's care."""
    with leading_nowhere("a listing"):
        link = answer.links.get("next", {}).get("url")
        return str(answer.url.join(link)) if link else None
