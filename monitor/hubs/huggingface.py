"""See what an account publishes on the Hugging Face Hub.

Sources: huggingface.co/docs/hub/api and the client library huggingface_hub.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx2

from monitor import addresses
from monitor.core.types import Account, Listing, Look, Quota, Repo, SetAside, Sight
from monitor.errors import HubError, Trouble
from monitor.hubs.http import Bounds, PoliteTransport
from monitor.hubs.huggingface_library import library_headers
from monitor.hubs.huggingface_rows import NAME, OBJECT_ID, is_private, read_rows
from monitor.hubs.politeness import Politeness
from monitor.hubs.reading import clean, load_json, set_aside

HUB = "huggingface"
_PAGES = 200
_WALK = timedelta(seconds=45)  # a worker holds an account for a minute
# Nothing that changes by itself (likes, downloads) is asked for. Keys that are not asked for are absent.
_EXPAND = (
    *("author", "createdAt", "lastModified", "sha", "gated", "private", "disabled"),
    *("tags", "pipeline_tag", "library_name", "safetensors"),
)


class HuggingFace:
    """The Hugging Face Hub, or a mirror that speaks its API. Safe for many threads.

    `token` None means anonymous, whatever token the library may have stored on this machine. `timeout` bounds
    each request in all. `paused_until` and `quota` are what an earlier process learnt. Raises ValueError for a
    token that cannot be sent.
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
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._token = addresses.token(token) if token else None
        self._clock = clock
        self._politeness = Politeness(HUB, paused_until, quota)
        self._client = httpx2.Client(
            headers=library_headers(self._token),
            transport=PoliteTransport(HUB, self._endpoint, self._politeness, clock, Bounds(total=timeout)),
            follow_redirects=True,
            max_redirects=5,
            trust_env=False,
        )

    @property
    def paused_until(self) -> datetime | None:
        """Until when the hub asked not to be asked; may lie in the past, None if it never did."""
        return self._politeness.paused_until

    @property
    def quota(self) -> Quota | None:
        """The hub's own statement of its quota, None until it made one."""
        return self._politeness.quota

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def list_repos(self, account: Account) -> Listing:
        """Return every public repository of the account, or raise HubError.

        1. Walk all pages first: a failure on the second must not look like a short list.
        2. Set aside the rows that cannot be read.
        3. Ask who the account is where the list is empty or shows somebody else's.
        """
        # Of the walk's two ends the earlier: what appears while we walk was not there before it.
        seen_at = self._clock()
        rows = self._walk(account.name)
        repos, aside = read_rows(rows, self._endpoint)
        if rows and len(aside) == len(rows):
            raise HubError(f"no row of {account} can be read: {aside[0].reason}", Trouble.SHAPE)
        if not rows:
            self._explain_empty(account)
        listed_as = self._owner(account, repos)
        own = tuple(repo for repo in repos if _owner_of(repo) in (listed_as, ""))
        strays = tuple(_stray(repo) for repo in repos if _owner_of(repo) not in (listed_as, ""))
        return Listing(account, seen_at, own, aside + strays, listed_as)

    def look(self, name: str) -> Look:
        """Look at one repository, following renames. Raises HubError where the hub cannot be asked."""
        try:
            response = self._get(f"{self._endpoint}/api/models/{quote(name)}", {"expand": ["private"]})
        except HubError as error:
            if error.trouble in (Trouble.SERVER, Trouble.SHAPE):  # this one page is broken
                return Look(Sight.UNSURE)
            raise
        # With a token the hub says 404 for what does not exist; 401 then means that the token is broken.
        gone = (404, 410) if self._token else (401, 404, 410)
        if response.status_code in gone:
            return Look(Sight.GONE)
        return _look(response) if response.status_code == 200 else Look(Sight.UNSURE)

    def exists(self, name: str) -> str | None:
        """Return the account's name as the hub itself spells it, None if there is none. Raises HubError."""
        overview = self._overview(name)
        return None if overview is None else _spelling(overview, name)

    def _get(self, url: str, query: Mapping[str, str | int | list[str]] | None = None) -> httpx2.Response:
        try:
            return self._client.get(url, params=query)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise HubError(f"{HUB} leads nowhere: {clean(str(error))}", Trouble.SHAPE) from error

    def _walk(self, name: str) -> list[object]:
        """Return the rows of all pages, each once. Raises HubError unless the walk reaches its end."""
        ends = time.monotonic() + _WALK.total_seconds()
        rows: dict[object, object] = {}
        total: int | None = None
        query = {"author": name, "sort": "createdAt", "limit": 1000, "expand": list(_EXPAND)}
        url = str(httpx2.URL(f"{self._endpoint}/api/models", params=query))
        visited: set[str] = set()
        while len(visited) < _PAGES:
            visited.add(url)
            page, response = self._page(url)
            known = len(rows)
            for row in page:
                rows[_row_key(row, len(rows))] = row
            total = _least(total, _total(response))
            following = _next(response)
            if following is None:
                return _complete(rows, total, name)
            url = following
            if url in visited or len(rows) == known:
                raise HubError(f"the pages of {name} go in circles", Trouble.SHAPE)
            if time.monotonic() > ends:
                raise HubError(f"the pages of {name} take too long in all", Trouble.UNREACHABLE)
        raise HubError(f"the pages of {name} have no end", Trouble.SHAPE)

    def _page(self, url: str) -> tuple[list[object], httpx2.Response]:
        response = self._get(url)
        body = self._json(response)
        if not isinstance(body, list):
            raise HubError("no list where a list of models belongs", Trouble.SHAPE)
        return body, response

    def _json(self, response: httpx2.Response) -> object:
        status = response.status_code
        if status in (401, 403):
            hint = "; probably HF_TOKEN is invalid or has expired" if self._token else ""
            raise HubError(f"{HUB} refuses with {status}{hint}", Trouble.REFUSED)
        if status != 200:
            raise HubError(f"{HUB} answers {status} where 200 belongs", Trouble.SHAPE)
        return load_json(response.content)

    def _overview(self, name: str) -> Mapping[str, object] | None:
        for kind in ("organizations", "users"):
            response = self._get(f"{self._endpoint}/api/{kind}/{quote(name, safe='')}/overview")
            if response.status_code == 404:
                continue
            overview = self._json(response)
            if not isinstance(overview, dict):
                raise HubError(f"no object where the overview of {name} belongs", Trouble.SHAPE)
            return overview
        return None

    def _explain_empty(self, account: Account) -> None:
        """Raise HubError unless the hub knows the account, by this very name, and says that it has nothing.

        The listing alone cannot tell: it answers an unknown or differently spelt author with an empty list.
        """
        overview = self._overview(account.name)
        if overview is None:
            raise HubError(
                f"{HUB} knows no account {account.name!r}; names are case-sensitive",
                Trouble.NOT_FOUND,
            )
        spelling = _spelling(overview, account.name)
        if spelling != account.name:
            raise HubError(
                f"{HUB} knows {account.name!r} as {spelling!r}; names are case-sensitive",
                Trouble.NOT_FOUND,
            )
        count = overview.get("numModels")
        if isinstance(count, int) and count > 0:
            raise HubError(f"nothing listed of the {count} models of {account.name}", Trouble.INCOMPLETE)

    def _owner(self, account: Account, repos: tuple[Repo, ...]) -> str:
        """Return under which name the account is listed: ours, or the one that it was renamed to.

        Raises HubError where the rows are somebody else's: a mirror that ignores `author` shows everybody's.
        """
        owners = {_owner_of(repo) for repo in repos} - {""}
        if not owners or account.name in owners:
            return account.name
        if len(owners) == 1 and self.exists(account.name) == (owner := owners.pop()):
            return owner
        raise HubError(f"the rows listed for {account} belong to others", Trouble.SHAPE)


def _look(response: httpx2.Response) -> Look:
    try:
        row = load_json(response.content)
        if not isinstance(row, dict) or is_private(row):
            return Look(Sight.GONE if isinstance(row, dict) else Sight.UNSURE)
    except (HubError, ValueError):
        return Look(Sight.UNSURE)
    hub_id, name = row.get("_id"), row.get("id")
    if not isinstance(hub_id, str) or not OBJECT_ID.fullmatch(hub_id):
        return Look(Sight.UNSURE)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return Look(Sight.UNSURE)
    return Look(Sight.PUBLIC, hub_id, name)


def _spelling(overview: Mapping[str, object], name: str) -> str:
    # An organisation's overview has "name", a person's has "user".
    said = overview.get("name") or overview.get("user")
    return clean(said) if isinstance(said, str) else name


def _owner_of(repo: Repo) -> str:
    return repo.name.rpartition("/")[0]


def _stray(repo: Repo) -> SetAside:
    return set_aside("belongs to another account", {"_id": repo.hub_id, "id": repo.name})


def _row_key(row: object, position: int) -> object:
    hub_id = row.get("_id") if isinstance(row, dict) else None
    return hub_id if isinstance(hub_id, str) else position


def _total(response: httpx2.Response) -> int | None:
    value = response.headers.get("x-total-count", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _least(one: int | None, other: int | None) -> int | None:
    return min((value for value in (one, other) if value is not None), default=None)


def _next(response: httpx2.Response) -> str | None:
    """Return where the next page is; that it is on this hub is the transport's care."""
    link = response.links.get("next", {}).get("url")
    try:
        return str(response.url.join(link)) if link else None
    except httpx2.InvalidURL as error:
        raise HubError(f"{HUB} links to no address", Trouble.SHAPE) from error


def _complete(rows: Mapping[object, object], total: int | None, name: str) -> list[object]:
    # Rows published or withdrawn while we walked change the count: the smallest one said is binding.
    if total is not None and len(rows) < total:
        raise HubError(f"{len(rows)} of the {total} models of {name} were listed", Trouble.INCOMPLETE)
    return list(rows.values())
