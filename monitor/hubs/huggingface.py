"""See what an account publishes on the Hugging Face Hub.

Sources: huggingface.co/docs/hub/api and the client library huggingface_hub.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import quote, urlencode

import httpx2

from monitor.core.contents import Contents, Inspection
from monitor.core.types import Account, Listing, Look, Newcomer, Quota, Repo, SetAside, Sight, Unchanged
from monitor.errors import HubError, Trouble
from monitor.hubs.adapter import Deadline, Polite, parted, read_listing
from monitor.hubs.citing import cite
from monitor.hubs.huggingface_api import HUB, Api
from monitor.hubs.huggingface_files import inspect
from monitor.hubs.huggingface_newest import newest
from monitor.hubs.huggingface_pages import LARGEST_PAGE, changed, collect, read_validator
from monitor.hubs.huggingface_rows import NAME, OBJECT_ID, is_private, read_row
from monitor.hubs.politeness import Politeness
from monitor.hubs.reading import clean, load_json, set_aside

# Nothing that changes by itself (likes, downloads) is asked for. Keys that are not asked for are absent.
_EXPAND = (
    *("author", "createdAt", "lastModified", "sha", "gated", "private", "disabled"),
    *("tags", "pipeline_tag", "library_name", "safetensors", "cardData"),
)


class HuggingFace(Polite):
    """The Hugging Face Hub, or a mirror that speaks its API. Safe for many threads.

    `token` None means anonymous, whatever token the library may have stored on this machine. `timeout` bounds
    each request in all. `paused_until` and `quota` are what an earlier process learnt. `contact` is whom the hub may
    complain to. Raises ValueError for a token or a contact that cannot be sent.
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
        self._clock = clock
        super().__init__(Politeness(HUB, paused_until, quota))
        self._api = Api(self._endpoint, token, self._politeness, clock, timeout, contact)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def list_repos(self, account: Account, known: str | None = None) -> Listing | Unchanged:
        """Return every public repository of the account, or that it is as `known` says, or raise HubError.

        1. Ask for the pages that we know: where they are the same, that is all.
        2. Else walk all pages first: a failure on the second must not look like a short list.
        3. Set aside the rows that cannot be read.
        4. Ask who the account is where the list is empty or shows somebody else's.
        """
        # Of the walk's two ends the earlier: what appears while we walk was not there before it.
        seen_at = self._clock()
        deadline = Deadline.of_walk(account.name)
        url = self._listing_url(account.name)
        pages = read_validator(known, url)
        begun = changed(self._api, pages, deadline) if pages else []
        if begun is None:
            return Unchanged(account, seen_at)
        rows, validator, cited = collect(self._api, url, deadline, begun)
        return replace(self._listing(account, seen_at, rows, validator), cited=cited)

    def newest(self, back_to: datetime) -> tuple[Newcomer, ...]:
        """Return what anybody created since `back_to`, the newest first, or as much as five pages hold."""
        return newest(self._api, back_to, Deadline.of_walk("everybody"))

    def inspect(self, repo: Repo, before: Contents | None, since: str | None) -> Inspection | None:
        """Look into a repository as it was just listed; None where the hub does not show what is in it.

        `before` is what it held when it was last looked into; where that is None, the hub is asked what it held at
        the commit `since`. Raises HubError.
        """
        return inspect(self._api, repo, before, since, Deadline.of_walk(repo.name))

    def look(self, name: str) -> Look:
        """Look at one repository, following renames. Raises HubError where the hub cannot be asked."""
        try:
            response = self._api.get(f"{self._endpoint}/api/models/{quote(name)}", {"expand": ["private"]})
        except HubError as error:
            if error.trouble in (Trouble.SERVER, Trouble.SHAPE):  # this one page is broken
                return Look(Sight.UNSURE)
            raise
        if self._api.is_gone(response):
            seen = Look(Sight.GONE)
        else:
            seen = _look(response) if response.status_code == 200 else Look(Sight.UNSURE)
        return replace(seen, cited=(cite(response),))

    def exists(self, name: str) -> str | None:
        """Return the account's name as the hub itself spells it, None if there is none. Raises HubError."""
        overview = self._overview(name)
        return None if overview is None else _spelling(overview, name)

    def _listing_url(self, name: str) -> str:
        query = [("author", name), ("sort", "createdAt"), ("limit", LARGEST_PAGE)]
        query += [("expand", key) for key in _EXPAND]
        return f"{self._api.models}?{urlencode(query)}"

    def _listing(self, account: Account, seen_at: datetime, rows: list[object], validator: str) -> Listing:
        repos, aside = read_listing(account, rows, partial(read_row, endpoint=self._endpoint))
        if not rows:
            self._explain_empty(account)
        listed_as = self._owner(account, repos)
        own, others = parted(repos, (listed_as, ""))
        strays = tuple(map(_stray, others))
        # What was doubtful once is read anew each time.
        is_plain = own and not aside and not strays
        return Listing(account, seen_at, own, aside + strays, listed_as, validator if is_plain else None)

    def _overview(self, name: str) -> Mapping[str, object] | None:
        for kind in ("organizations", "users"):
            response = self._api.get(f"{self._endpoint}/api/{kind}/{quote(name, safe='')}/overview")
            if response.status_code == 404:
                continue
            overview = self._api.read(response)
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
        owners = {repo.owner for repo in repos} - {""}
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


def _stray(repo: Repo) -> SetAside:
    return set_aside("belongs to another account", {"_id": repo.hub_id, "id": repo.name})
