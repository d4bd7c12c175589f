"""See which code an account publishes on GitHub, and since when.

Sources: docs.github.com/en/rest/repos/repos, docs.github.com/en/rest/releases/releases and
docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

import httpx

from monitor import addresses
from monitor.core.contents import Contents, Inspection
from monitor.core.types import Account, Listing, Look, Quota, Repo, SetAside, Sight, Unchanged
from monitor.errors import HubError, Trouble
from monitor.hubs.adapter import Deadline, Polite, parted, read_listing
from monitor.hubs.citing import cite
from monitor.hubs.github_pages import ROWS, Page, all_rows, page_of, remembered, validator, walk
from monitor.hubs.github_rows import LOGIN, code_since, is_private, read_identity, read_releases, read_row
from monitor.hubs.http import Bounds, ask, polite_client, user_agent
from monitor.hubs.limit_headers import USUAL_PAUSE
from monitor.hubs.politeness import Politeness
from monitor.hubs.reading import load_json, set_aside

HUB = "github"
_GONE = (404, 410, 451)  # private or deleted, and taken down by law


class GitHub(Polite):
    """GitHub, or an enterprise server. A witness: it confirms, dates and links releases. Safe for many threads.

    `token` None means anonymous, with 60 requests an hour instead of 5,000. `timeout` bounds each request in all.
    `paused_until` and `quota` are what an earlier process learnt; `contact` is told to the hub. Raises ValueError
    for a token or contact that cannot be sent.
    """

    def __init__(
        self,
        endpoint: str,
        token: str | None,
        clock: Callable[[], datetime],
        timeout: timedelta = timedelta(seconds=30),
        *,
        paused_until: datetime | None = None,
        quota: Quota | None = None,
        contact: str | None = None,
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._token = addresses.token(token) if token else None
        self._clock = clock
        hour = timedelta(hours=1)
        assumed, gap = Quota(5000 if self._token else 60, hour), timedelta(milliseconds=100)
        super().__init__(Politeness(HUB, paused_until, quota, assumed=assumed, gap=gap, window=hour))
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": user_agent(contact),
            **({"Authorization": f"Bearer {self._token}"} if self._token else {}),
        }
        self._client = polite_client(
            HUB, self._endpoint, self._politeness, clock, headers, Bounds(total=timeout)
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def list_repos(self, account: Account, known: str | None = None) -> Listing | Unchanged:
        """Return the account's public repositories that are no forks, or raise HubError.

        1. Where the listing is known, ask of each of its pages whether it has changed.
        2. If one has, walk all pages: a failure on the second must not look like a short list.
        3. Set aside the rows that cannot be read, and those of somebody else.
        """
        # Of the walk's two ends the earlier: what appears while we walk was not there before it.
        seen_at, deadline = self._clock(), Deadline.of_walk("a listing")
        starts = self._starts(account.name)
        states = remembered(known, starts)
        changed = next(self._changed(states, deadline), None)
        if states and changed is None:
            return Unchanged(account, seen_at)
        # The first page of the known listing is as good a beginning as a new one.
        is_first = changed is not None and changed[0] in starts and changed[1].status_code == 200
        first = changed if changed and is_first else self._open(account.name, starts)
        pages = walk(self._get, self._page, first, deadline)
        repos, aside = read_listing(account, all_rows(pages), partial(read_row, endpoint=self._endpoint))
        listed_as = self._owner(account, repos)
        own, others = parted(repos, (listed_as,))
        strays = tuple(map(_stray, others))
        cited = tuple(page.cited for page in pages)
        return Listing(account, seen_at, own, aside + strays, listed_as, validator(pages), cited)

    def inspect(self, repo: Repo, before: Contents | None, since: str | None) -> Inspection | None:
        """Return what the releases of a repository confirm; None where it is not shown any more.

        One page is enough: the newest releases stand on it. What there was `before` cannot be told.
        """
        response = self._get(f"{self._endpoint}/repos/{quote(repo.name)}/releases?per_page={ROWS}")
        if response.status_code in _GONE:
            return None
        page = self._page(str(response.url), response)
        confirms = (code_since(repo), *read_releases(page.rows, repo))
        return Inspection(Contents(repo.sha or "", confirms=confirms), cited=(page.cited,))

    def look(self, name: str) -> Look:
        """Look at one repository, following renames. Raises HubError where the hub cannot be asked."""
        try:
            response = self._get(f"{self._endpoint}/repos/{quote(name)}")
        except HubError as error:
            if error.trouble in (Trouble.SERVER, Trouble.SHAPE):  # this one page is broken
                return Look(Sight.UNSURE)
            raise
        if response.status_code in _GONE:
            seen = Look(Sight.GONE)
        else:
            seen = _look(response) if response.status_code == 200 else Look(Sight.UNSURE)
        return replace(seen, cited=(cite(response),))

    def exists(self, name: str) -> str | None:
        """Return the account's name as the hub itself spells it, None if there is none. Raises HubError."""
        if not LOGIN.fullmatch(name):
            return None
        response = self._get(f"{self._endpoint}/users/{name}")
        if response.status_code in _GONE:
            return None
        account = self._json(response)
        login = account.get("login") if isinstance(account, dict) else None
        if not isinstance(login, str) or not LOGIN.fullmatch(login):
            raise HubError(f"no object where the account {name} belongs", Trouble.SHAPE)
        return login

    def _starts(self, name: str) -> tuple[str, str]:
        """Return where the listing of an organisation, and of a person, begins."""
        query = f"sort=pushed&direction=desc&per_page={ROWS}"
        return (
            f"{self._endpoint}/orgs/{quote(name, safe='')}/repos?type=public&{query}",
            f"{self._endpoint}/users/{quote(name, safe='')}/repos?type=owner&{query}",
        )

    def _get(self, url: str, etag: str | None = None) -> httpx.Response:
        response = ask(self._client, HUB, url, headers={"If-None-Match": etag} if etag else None)
        if response.status_code == 403 and b"rate limit" in response.content:
            # A limit that no header tells of: "wait for at least one minute", says the documentation.
            self._politeness.refuse(USUAL_PAUSE, self._clock())
            raise HubError(f"{HUB} answers 403: too many requests", Trouble.QUOTA, USUAL_PAUSE)
        return response

    def _json(self, response: httpx.Response) -> object:
        status = response.status_code
        if status in (401, 403):
            hint = "; probably GITHUB_TOKEN is invalid or has expired" if self._token else ""
            raise HubError(f"{HUB} refuses with {status}{hint}", Trouble.REFUSED)
        if status != 200:
            raise HubError(f"{HUB} answers {status} where 200 belongs", Trouble.SHAPE)
        return load_json(response.content)

    def _page(self, url: str, response: httpx.Response) -> Page:
        return page_of(url, response, self._json(response))

    def _changed(
        self, states: Iterable[tuple[str, str]], deadline: Deadline
    ) -> Iterator[tuple[str, httpx.Response]]:
        """Yield what is answered for pages that are not what they were; the last one alone may differ."""
        for url, etag in states:
            deadline.check()
            response = self._get(url, etag)
            if response.status_code != 304:
                yield url, response

    def _open(self, name: str, starts: Iterable[str]) -> tuple[str, httpx.Response]:
        """Return the first page of an organisation's listing, or of a person's. Raises HubError if there is neither."""
        for url in starts if LOGIN.fullmatch(name) else ():
            response = self._get(url)
            if response.status_code not in _GONE:
                return url, response
        raise HubError(f"{HUB} knows no account {name!r}", Trouble.NOT_FOUND)

    def _owner(self, account: Account, repos: Iterable[Repo]) -> str:
        """Return under which name the account is listed: ours in the hub's spelling, or the one that it was renamed to.

        Raises HubError where the rows are somebody else's.
        """
        owners = {repo.owner for repo in repos}
        if not owners:
            return account.name
        ours = [owner for owner in owners if owner.casefold() == account.name.casefold()]
        if ours:
            return min(ours)
        if len(owners) == 1 and self.exists(account.name) == (owner := owners.pop()):
            return owner
        raise HubError(f"the rows listed for {account} belong to others", Trouble.SHAPE)


def _look(response: httpx.Response) -> Look:
    try:
        row = load_json(response.content)
        if not isinstance(row, dict):
            return Look(Sight.UNSURE)
        return Look(Sight.GONE) if is_private(row) else Look(Sight.PUBLIC, *read_identity(row))
    except (HubError, ValueError):
        return Look(Sight.UNSURE)


def _stray(repo: Repo) -> SetAside:
    return set_aside("belongs to another account", {"id": repo.hub_id, "full_name": repo.name})
