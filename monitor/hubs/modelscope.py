"""See what an account publishes on ModelScope.

Source: modelscope.cn/.well-known/openapi.json. A hub that has no stable id, no ETag and no overview of accounts: what
it answers is believed only when its own count agrees.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote

import httpx

from monitor import addresses
from monitor.core.citations import Citation
from monitor.core.types import Account, Listing, Look, Quota, Repo, SetAside, Sight, Unchanged
from monitor.errors import HubError, Trouble
from monitor.hubs.adapter import Deadline, Polite, parted, read_listing
from monitor.hubs.citing import cite
from monitor.hubs.http import Bounds, ask, polite_client, user_agent
from monitor.hubs.limit_headers import USUAL_PAUSE
from monitor.hubs.modelscope_rows import NAME, is_private, read_row
from monitor.hubs.politeness import Politeness
from monitor.hubs.reading import clean, load_json, parse_time, read_each, set_aside

HUB = "modelscope"
_ROWS = 50  # a page holds no more, whatever is asked for
_MOST = 3000  # rows; further ones the hub does not show
_SWEEP = timedelta(hours=6)  # so long the first page and the count stand for the pages behind them
_ASSUMED = Quota(300, timedelta(minutes=5))  # the hub tells no limits


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a listing, how many rows the hub says there are in all, and how to cite the answer."""

    rows: Sequence[object]
    total: int
    cited: Citation


@dataclass(frozen=True, slots=True)
class _Sweep:
    """The rows of all pages, each once, every count that was stated beside them, and the pages to cite."""

    rows: list[object]
    totals: set[int]
    cited: tuple[Citation, ...]


class ModelScope(Polite):
    """ModelScope. Safe for many threads.

    `token` None means anonymous. `timeout` bounds each request in all. `paused_until` and `quota` are what an earlier
    process learnt; `contact` is told to the hub. Raises ValueError for a token or contact that cannot be sent.
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
        gap = timedelta(milliseconds=50)
        super().__init__(Politeness(HUB, paused_until, quota, assumed=_ASSUMED, gap=gap))
        headers = {"User-Agent": user_agent(contact)}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        self._client = polite_client(
            HUB, self._endpoint, self._politeness, clock, headers, Bounds(total=timeout)
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def list_repos(self, account: Account, known: str | None = None) -> Listing | Unchanged:
        """Return every public repository of the account, or raise HubError.

        1. Read the page of what was modified last; where it is the one that is known, that is all.
        2. Walk all pages first: a failure on the second must not look like a short list.
        3. Set aside the rows that cannot be read, and those of somebody else.
        """
        # Of the walk's two ends the earlier: what appears while we walk was not there before it.
        seen_at = self._clock()
        first = self._page(account.name, 1)
        state = _state(first, self._endpoint)
        if known is not None and _still_stands(known, state, first, seen_at):
            return Unchanged(account, seen_at)
        swept = self._walk(account.name, first)
        repos, aside = read_listing(account, swept.rows, partial(read_row, endpoint=self._endpoint))
        own, strays = _owned(account.name, repos)
        validator = json.dumps({"state": state, "swept_at": seen_at.isoformat()})
        return Listing(account, seen_at, own, aside + strays, account.name, validator, swept.cited)

    def look(self, name: str) -> Look:
        """Look at one repository. Raises HubError where the hub cannot be asked."""
        try:
            response = self._get(f"/models/{quote(name)}")
            is_gone = response.status_code in (404, 410)
            seen = Look(Sight.GONE) if is_gone else _look(_data(response))
            return replace(seen, cited=(cite(response),))
        except HubError as error:
            if error.trouble in (Trouble.SERVER, Trouble.SHAPE, Trouble.REFUSED):  # this one page is broken
                return Look(Sight.UNSURE)
            raise

    def exists(self, name: str) -> str | None:
        """Return the account's name as the hub itself spells it, None if it shows nothing of it. Raises HubError."""
        repos, _ = read_each(self._page(name, 1).rows, partial(read_row, endpoint=self._endpoint))
        owners = (repo.owner for repo in repos)
        return next((owner for owner in owners if owner.casefold() == name.casefold()), None)

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> httpx.Response:
        response = ask(self._client, HUB, f"{self._endpoint}/openapi/v1{path}", params=query)
        if response.status_code == 403 and b"QuotaLimitExceed" in response.content:
            self._politeness.refuse(USUAL_PAUSE, self._clock())
            raise HubError(f"{HUB} answers 403: quota exceeded", Trouble.QUOTA, USUAL_PAUSE)
        if response.status_code in (401, 403):
            hint = "; probably MODELSCOPE_TOKEN is invalid or has expired" if self._token else ""
            raise HubError(f"{HUB} refuses with {response.status_code}{hint}", Trouble.REFUSED)
        return response

    def _page(self, name: str, number: int) -> Page:
        return _read_page(self._ask_for(name, number), name)

    def _page_after(self, name: str, number: int, is_counted: bool) -> Page | None:
        """Return a further page; None where all that the hub counts is read and it refuses to show any more."""
        response = self._ask_for(name, number)
        return None if is_counted and response.status_code in (400, 404) else _read_page(response, name)

    def _ask_for(self, name: str, number: int) -> httpx.Response:
        query = {"owner": name, "sort": "last_modified", "page_number": str(number), "page_size": str(_ROWS)}
        return self._get("/models", query)

    def _walk(self, name: str, first: Page) -> _Sweep:
        """Return what is on all pages. Raises HubError unless the rows are as many as the hub counts.

        What is modified while we walk moves to the first page and pushes others on: where the count does not come
        out exactly, everything is read once more.
        """
        if first.total > _MOST:
            raise HubError(
                f"{HUB} has {first.total} models of {name} and shows no more than {_MOST} of an account; "
                "watch it on another hub",
                Trouble.SHAPE,
            )
        deadline = Deadline.of_walk(name)
        swept = self._sweep(name, first, deadline)
        if swept.totals != {len(swept.rows)}:
            swept = self._sweep(name, self._page(name, 1), deadline)
        rows, totals = swept.rows, swept.totals
        if len(rows) < min(totals):
            raise HubError(
                f"{len(rows)} of the {min(totals)} models of {name} were listed", Trouble.INCOMPLETE
            )
        if len(rows) > max(totals):
            said = f"{HUB} counts {max(totals)} models of {name} and lists {len(rows)}: its count cannot be believed"
            raise HubError(said, Trouble.INCOMPLETE)
        if not rows:
            raise HubError(
                f"{HUB} shows nothing for {name!r}; names are case-sensitive, and a wrong one looks like an account "
                "without models",
                Trouble.NOT_FOUND,
            )
        return swept

    def _sweep(self, name: str, first: Page, deadline: Deadline) -> _Sweep:
        rows: dict[object, object] = {}
        totals: set[int] = set()
        cited: list[Citation] = []
        page: Page | None = first
        for number in range(1, _MOST // _ROWS + 1):
            if number > 1:
                page = self._page_after(name, number, is_counted=len(rows) == max(totals))
            if page is None:
                break
            totals.add(page.total)
            cited.append(page.cited)
            before = len(rows)
            rows |= {_key(row, (number, at)): row for at, row in enumerate(page.rows)}
            # Behind a full page there may be more, whatever the count says; behind the last one that is shown, not.
            may_go_on = len(page.rows) >= _ROWS and number * _ROWS < _MOST
            if len(rows) == before or (len(rows) >= max(totals) and not may_go_on):
                break
            deadline.check()
        else:
            raise HubError(f"the pages of {name} have no end", Trouble.SHAPE)
        return _Sweep(list(rows.values()), totals, tuple(cited))


def _read_page(response: httpx.Response, name: str) -> Page:
    data = _data(response)
    rows, total = data.get("models"), data.get("total_count")
    if not isinstance(rows, list) or not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise HubError(f"no list of models, or no count of them, for {name}", Trouble.SHAPE)
    return Page(rows, total, cite(response, rows))


def _data(response: httpx.Response) -> Mapping[str, object]:
    """Return what is in the envelope. Raises HubError where the hub does not say that it succeeded.

    Its own client library reads any other answer as an empty list.
    """
    if response.status_code != 200:
        raise HubError(f"{HUB} answers {response.status_code} where 200 belongs", Trouble.SHAPE)
    body = load_json(response.content)
    if (
        not isinstance(body, dict)
        or body.get("success") is not True
        or not isinstance(body.get("data"), dict)
    ):
        said = body.get("message") if isinstance(body, dict) else None
        why = f": {clean(said)}" if isinstance(said, str) else ""
        raise HubError(f"{HUB} does not say that it succeeded{why}", Trouble.SHAPE)
    data: Mapping[str, object] = body["data"]
    return data


def _state(first: Page, endpoint: str) -> str:
    """Return a digest of all that we read of the first page; downloads and likes, which never rest, are not in it."""
    repos, aside = read_each(first.rows, partial(read_row, endpoint=endpoint))
    told = repr((first.total, repos, [each.reason for each in aside]))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def _still_stands(known: str, state: str, first: Page, now: datetime) -> bool:
    """Whether the listing that was known so is still the whole truth, as far as its first page tells."""
    try:
        before = json.loads(known)
        is_same, swept_at = before["state"] == state, parse_time(before["swept_at"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
    # What was swept in the future was swept by a clock that ran ahead.
    is_fresh = timedelta(0) <= now - swept_at < _SWEEP
    return is_same and (is_fresh or len(first.rows) == first.total < _ROWS)


def _owned(name: str, repos: tuple[Repo, ...]) -> tuple[tuple[Repo, ...], tuple[SetAside, ...]]:
    """Part the account's repositories from others'. Raises HubError where there are only others'."""
    own, strays = parted(repos, (name,))
    if strays and not own:
        owners = {repo.owner for repo in strays}
        if {owner.casefold() for owner in owners} == {name.casefold()}:
            said = f"{HUB} knows {name!r} spelt {sorted(owners)[0]!r}; names are case-sensitive"
            raise HubError(said, Trouble.NOT_FOUND)
        raise HubError(f"the rows listed for {name} belong to others", Trouble.SHAPE)
    return own, tuple(set_aside("belongs to another account", {"id": repo.name}) for repo in strays)


def _look(data: Mapping[str, object]) -> Look:
    name = data.get("id")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return Look(Sight.UNSURE)
    try:
        return Look(Sight.GONE) if is_private(data) else Look(Sight.PUBLIC, name, name)
    except ValueError:
        return Look(Sight.UNSURE)


def _key(row: object, position: tuple[int, int]) -> object:
    name = row.get("id") if isinstance(row, dict) else None
    return name if isinstance(name, str) else position
