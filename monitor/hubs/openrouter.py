"""See which of an account's models OpenRouter serves, and since when.

Source: openrouter.ai/docs/api-reference/list-available-models.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from urllib.parse import urlsplit

import httpx

from monitor.core.citations import Citation
from monitor.core.types import Account, Listing, Look, Quota, Repo, SetAside, Sight, Unchanged
from monitor.errors import HubError, Trouble
from monitor.hubs.adapter import LONGEST_WALK, Polite
from monitor.hubs.citing import cite
from monitor.hubs.http import Bounds, ask, leading_nowhere, polite_client, user_agent
from monitor.hubs.openrouter_rows import Row, author_of, author_told, merge, read_row
from monitor.hubs.politeness import Politeness
from monitor.hubs.reading import load_json, set_aside

HUB = "openrouter"
# The hub's own caches are hardly fresher; polls come every five, a little more or less.
_KEPT = timedelta(minutes=4)
_FAILURE_KEPT = timedelta(minutes=1)  # for those who waited for the same answer
_PAGES = 50


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """All models at one moment, by author, and the rows that cannot be read; those of "" may be anybody's."""

    seen_at: datetime
    repos: Mapping[str, tuple[Repo, ...]]
    aside: Mapping[str, tuple[SetAside, ...]]
    cited: tuple[Citation, ...]

    def of(self, author: str) -> tuple[tuple[Repo, ...], tuple[SetAside, ...]]:
        """Return the models of an author, and the rows that cannot be read and may be more of them."""
        return self.repos.get(author, ()), self.aside.get(author, ()) + self.aside.get("", ())


@dataclass(frozen=True, slots=True)
class _Failure:
    """That the catalogue could not be had a moment ago, and why."""

    seen_at: datetime
    text: str
    trouble: Trouble


class OpenRouter(Polite):
    """OpenRouter. A witness: it says since when a model is served. Safe for many threads.

    All accounts are in one answer, which is kept for four minutes: however many are polled, it is one request.
    `timeout` bounds it in all. `paused_until` and `quota` are what an earlier process learnt; `contact` is told to
    the hub. Raises ValueError for a contact that cannot be sent.
    """

    def __init__(
        self,
        endpoint: str,
        clock: Callable[[], datetime],
        timeout: timedelta = timedelta(seconds=30),
        *,
        paused_until: datetime | None = None,
        quota: Quota | None = None,
        contact: str | None = None,
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._clock = clock
        super().__init__(Politeness(HUB, paused_until, quota, assumed=Quota(60, timedelta(minutes=5))))
        headers = {"Accept": "application/json", "User-Agent": user_agent(contact)}
        bounds = Bounds(total=timeout)
        self._client = polite_client(HUB, self._endpoint, self._politeness, clock, headers, bounds)
        self._latest: _Catalogue | _Failure | None = None
        self._lock = Lock()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def list_repos(self, account: Account, known: str | None = None) -> Listing | Unchanged:
        """Return the account's models in the catalogue, or raise HubError; seen when the catalogue was fetched."""
        catalogue = self._catalogue()
        repos, aside = catalogue.of(account.name)
        if not repos and aside:
            raise HubError(f"no row of {account} can be read: {aside[0].reason}", Trouble.SHAPE)
        if not repos:
            text = f"{HUB} lists no model of {account.name!r}; names are case-sensitive"
            raise HubError(text, Trouble.NOT_FOUND)
        validator = sha256(repr((repos, aside)).encode("utf-8", "surrogatepass")).hexdigest()
        if validator == known:
            return Unchanged(account, catalogue.seen_at)
        return Listing(account, catalogue.seen_at, repos, aside, account.name, validator, catalogue.cited)

    def look(self, name: str) -> Look:
        """Look a model up in the catalogue: what it does not list is not served."""
        catalogue = self._catalogue()
        repos, aside = catalogue.of(name.partition("/")[0])
        found = next((repo for repo in repos if repo.name == name), None)
        if found is not None:
            return Look(Sight.PUBLIC, found.hub_id, found.name, catalogue.cited)
        return Look(Sight.UNSURE if aside else Sight.GONE, cited=catalogue.cited)

    def _catalogue(self) -> _Catalogue:
        with self._lock:  # whoever comes meanwhile waits for the one answer
            latest, now = self._latest, self._clock()
            if isinstance(latest, _Catalogue) and _is_within(_KEPT, latest.seen_at, now):
                return latest
            if isinstance(latest, _Failure) and _is_within(_FAILURE_KEPT, latest.seen_at, now):
                raise HubError(latest.text, latest.trouble)
            try:
                self._latest = catalogue = self._fetch(now)
            except HubError as error:
                # Whoever waited while the hub said nothing must not each wait as long again.
                if error.trouble is not Trouble.QUOTA:  # then the pause itself spares the request
                    self._latest = _Failure(self._clock(), str(error), error.trouble)
                raise
            return catalogue

    def _fetch(self, now: datetime) -> _Catalogue:
        """Read the whole catalogue. Raises HubError where it is not whole, or empty."""
        rows: list[Row] = []
        aside: defaultdict[str, list[SetAside]] = defaultdict(list)
        raw_rows, cited = self._rows()
        for raw in raw_rows:
            try:
                row = read_row(raw, now)
            except ValueError as error:
                aside[author_told(raw)].append(set_aside(str(error), raw))
            else:
                rows += [row] if row else []
        if not rows and aside:
            raise HubError(f"no row of {HUB} can be read", Trouble.SHAPE)
        if not rows:
            raise HubError(f"{HUB} shows an empty catalogue", Trouble.EMPTY)
        parts = urlsplit(self._endpoint)
        repos: defaultdict[str, list[Repo]] = defaultdict(list)
        for repo in merge(rows, f"{parts.scheme}://{parts.netloc}"):
            repos[author_of(repo)].append(repo)
        return _Catalogue(
            now,
            {author: tuple(theirs) for author, theirs in repos.items()},
            {author: tuple(theirs) for author, theirs in aside.items()},
            cited,
        )

    def _rows(self) -> tuple[list[object], tuple[Citation, ...]]:
        """Return all rows, and the answers to cite.

        Without `limit` the hub gives them at once, unless it says that there are more.
        """
        ends = time.monotonic() + LONGEST_WALK.total_seconds()
        url: str | None = f"{self._endpoint}/models?output_modalities=all"  # its own default is text alone
        rows: list[object] = []
        cited: list[Citation] = []
        visited: list[str] = []
        total: object = None
        while url is not None:
            if url in visited or len(visited) == _PAGES or time.monotonic() > ends:
                raise HubError(f"the pages of {HUB} have no end", Trouble.SHAPE)
            visited.append(url)
            response, page = self._page(url)
            data = page.get("data")
            if not isinstance(data, list):
                raise HubError("no list where a list of models belongs", Trouble.SHAPE)
            rows += data
            cited.append(cite(response))
            total, url = page.get("total_count", page.get("total")), _next(response, page)
        if isinstance(total, int) and len(rows) < total:
            raise HubError(f"{len(rows)} of the {total} models of {HUB} were listed", Trouble.INCOMPLETE)
        return rows, tuple(cited)

    def _page(self, url: str) -> tuple[httpx.Response, Mapping[str, object]]:
        response = ask(self._client, HUB, url)
        if response.status_code in (401, 403):
            raise HubError(f"{HUB} refuses with {response.status_code}", Trouble.REFUSED)
        if response.status_code != 200:
            raise HubError(f"{HUB} answers {response.status_code} where 200 belongs", Trouble.SHAPE)
        body = load_json(response.content)
        if not isinstance(body, dict):
            raise HubError("no object where a catalogue belongs", Trouble.SHAPE)
        return response, body


def _is_within(limit: timedelta, then: datetime, now: datetime) -> bool:
    # What is of the future was seen by a clock that ran ahead.
    return timedelta(0) <= now - then < limit


def _next(response: httpx.Response, page: Mapping[str, object]) -> str | None:
    """Return where the next page is, if there is one; that it is on this hub is the transport's care."""
    links = page.get("links")
    link = links.get("next") if isinstance(links, dict) else None
    with leading_nowhere(HUB):
        return str(response.url.join(link)) if isinstance(link, str) and link else None
