"""Lists of many pages on the Hugging Face Hub: walked to their end, and recognised when they come again.

A list's validator is JSON: each page's address, its ETag if it has one, and a digest of its bytes.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx2

from monitor.core.citations import Citation
from monitor.errors import HubError, Trouble
from monitor.hubs.adapter import Deadline
from monitor.hubs.citing import RECEIVED_AT, citation
from monitor.hubs.http import leading_nowhere
from monitor.hubs.huggingface_api import HUB, Api
from monitor.hubs.reading import load_json
from monitor.hubs.wire import Answer

LARGEST_PAGE = 1000  # rows; huggingface.co shortens any larger limit to this
_PAGES = 200
_REDIRECTS = (301, 302, 303, 307, 308)
_VERSION = 1  # of what a validator stands for: another one where rows come to be read in another way
_ETAG = re.compile(r'(?:W/)?"[!#-~]{0,200}"', re.ASCII)  # RFC 9110, 8.8.3


@dataclass(frozen=True, slots=True)
class KnownPage:
    """What a validator holds of one page."""

    url: str
    etag: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page as the hub answered it; `source` is where the answer came from, `following` where the next page is."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    following: str | None
    source: str
    received_at: datetime

    def rows(self) -> list[object]:
        """Parse its rows. Raises HubError where it is no list."""
        rows = load_json(self.body)
        if not isinstance(rows, list):
            raise HubError("no list where a list belongs", Trouble.SHAPE)
        return rows

    def cited(self, rows: Sequence[object] = ()) -> Citation:
        """Cite the answer, in which these rows stand; it was a 200."""
        return citation(self.source, 200, self.body, self.received_at, rows)

    def known(self) -> KnownPage:
        """Return what recognises it."""
        etag = self.headers.get("etag", "")
        return KnownPage(self.url, etag if _ETAG.fullmatch(etag) else None, _digest(self.body))


def read_page(api: Api, response: httpx2.Response, url: str) -> Page:
    """Take an answer for the page that was asked for. Raises HubError for any status but 200."""
    api.check(response.status_code)
    source = str(response.url)
    following = _following(source, response.headers)
    received_at: datetime = response.extensions[RECEIVED_AT]
    return Page(url, response.headers, response.content, following, source, received_at)


def _get_page(api: Api, url: str, urgent: bool) -> Page:
    answer = api.ask(url, urgent=urgent)
    if answer.status in _REDIRECTS and "location" in answer.headers:
        return read_page(api, api.get(_join(url, answer.headers["location"]), urgent=urgent), url)
    api.check(answer.status)
    return _page(url, answer)


def _page(url: str, answer: Answer) -> Page:
    following = _following(url, answer.headers)
    return Page(url, answer.headers, answer.body, following, url, answer.received_at)


def walk(
    api: Api, url: str, deadline: Deadline, begun: Sequence[Page] = (), *, urgent: bool = False
) -> Iterator[Page]:
    """Yield page after page, those that were `begun` with first. Raises HubError unless it reaches the end."""
    begun_with = list(begun)
    visited: set[str] = set()
    while len(visited) < _PAGES:
        visited.add(url)
        page = begun_with.pop(0) if begun_with else _get_page(api, url, urgent)
        yield page
        if page.following is None:
            return
        url = page.following
        if url in visited:
            raise HubError(f"the pages of {deadline.name} go in circles", Trouble.SHAPE)
        deadline.check()
    raise HubError(f"the pages of {deadline.name} have no end", Trouble.SHAPE)


def collect(
    api: Api, url: str, deadline: Deadline, begun: Sequence[Page] = ()
) -> tuple[list[object], str, tuple[Citation, ...]]:
    """Return the rows of all pages, each once, their validator, and the pages to cite.

    Raises HubError unless the rows are all there.
    """
    rows: dict[object, object] = {}
    total: int | None = None
    known: list[KnownPage] = []
    sizes: list[int] = []
    cited: list[Citation] = []
    for page in walk(api, url, deadline, begun):
        shown, before = page.rows(), len(rows)
        for row in shown:
            rows[_row_key(row, len(rows))] = row
        # Rows published or withdrawn while we walk change the count: the smallest one said is binding.
        total = _least(total, _total(page.headers))
        known.append(page.known())
        sizes.append(len(shown))
        cited.append(page.cited(shown))
        if page.following is not None and len(rows) == before:
            raise HubError(f"the pages of {deadline.name} go in circles", Trouble.SHAPE)
    if total is not None and len(rows) < total:
        raise HubError(
            f"{len(rows)} of the {total} models of {deadline.name} were listed", Trouble.INCOMPLETE
        )
    return list(rows.values()), _validator(known, sizes), tuple(cited)


def changed(api: Api, known: Sequence[KnownPage], deadline: Deadline) -> list[Page] | None:
    """Ask for pages that we know; None if the hub shows just these again, without parsing any. Raises HubError.

    Otherwise return those that were read anew, from the first on: a walk may begin with them. It may not where
    one of them was spared, since its rows are unknown.
    """
    fresh: list[Page] = []
    for number, page in enumerate(known, start=1):
        answer = api.ask(page.url, page.etag)
        shown = _page(page.url, answer)
        if answer.status == 200:
            fresh.append(shown)
        following = known[number].url if number < len(known) else None
        if not _is_same(page, answer.status, shown, following):
            return fresh if len(fresh) == number else []
        deadline.check()
    return None


def read_validator(text: str | None, url: str) -> tuple[KnownPage, ...]:
    """Return the pages of a validator; none where it is of another version, or of another list than that at `url`."""
    try:
        read = json.loads(text or "null")
        pages = tuple(KnownPage(*page) for page in read["pages"]) if read["version"] == _VERSION else ()
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
    is_ours = 0 < len(pages) <= _PAGES and pages[0].url == url
    return pages if is_ours and all(map(_is_sound, pages)) else ()


def _validator(known: list[KnownPage], sizes: list[int]) -> str:
    """Return the validator of a walk.

    A full last page has no ETag in it: an ETag stands for a page's own rows, and says nothing of a page that
    follows by now.
    """
    pages = [[page.url, page.etag, page.digest] for page in known]
    if sizes[-1] >= max(sizes[:-1], default=LARGEST_PAGE):
        pages[-1][1] = None
    return json.dumps({"version": _VERSION, "pages": pages}, separators=(",", ":"))


def _is_same(page: KnownPage, status: int, shown: Page, following: str | None) -> bool:
    if status == 304:
        # What a 304 leaves out is as it was (RFC 9110, 15.4.5). Who did not ask for one cannot tell what it means.
        return page.etag is not None and ("link" not in shown.headers or shown.following == following)
    return status == 200 and shown.following == following and _digest(shown.body) == page.digest


def _is_sound(page: KnownPage) -> bool:
    has_etag = page.etag is None or (isinstance(page.etag, str) and _ETAG.fullmatch(page.etag) is not None)
    return isinstance(page.url, str) and page.url.isascii() and isinstance(page.digest, str) and has_etag


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _following(url: str, headers: Mapping[str, str]) -> str | None:
    """Return where the next page is; that it is on this hub is the transport's care."""
    if "link" not in headers:
        return None
    # As bytes: of texts the library takes ASCII alone, and a hub may send anything.
    links = httpx2.Response(200, headers=[(b"link", headers["link"].encode("latin-1", "replace"))]).links
    link = links.get("next", {}).get("url")
    return _join(url, link) if link else None


def _join(url: str, reference: str) -> str:
    with leading_nowhere(HUB):
        return str(httpx2.URL(url).join(reference))


def _row_key(row: object, position: int) -> object:
    hub_id = row.get("_id") if isinstance(row, dict) else None
    return hub_id if isinstance(hub_id, str) else position


def _total(headers: Mapping[str, str]) -> int | None:
    value = headers.get("x-total-count", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _least(one: int | None, other: int | None) -> int | None:
    return min((value for value in (one, other) if value is not None), default=None)
