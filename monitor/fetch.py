"""Fetch what one poll needs from a hub: the account's listing under its present name, and direct looks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.core.changes import digest, suspects
from monitor.core.types import Listing, Look, Organization, Sight
from monitor.errors import HubError, Trouble
from monitor.hubs import Hub, Looker
from monitor.store import Store, polling
from monitor.store.watchlist import Claim

# How many of an account's repositories are asked where they went when the account shows nothing any more.
ASKED = 3


@dataclass(frozen=True, slots=True)
class Fetched:
    """A listing, its digest, and direct looks by hub id; `is_same` where it is what was seen and settled before."""

    listing: Listing
    digest: str
    looks: Mapping[str, Look]
    is_same: bool = False


class Fetcher:
    """Fetches from some hubs. Safe for many threads: it keeps nothing, and only reads the store."""

    def __init__(self, store: Store, hubs: Mapping[str, Hub]) -> None:
        self._store = store
        self._hubs = hubs

    def fetch(self, claim: Claim, organization: Organization) -> Fetched:
        """Fetch one listing, and look directly at what is missing twice. No transaction is open during a request."""
        hub = self._hubs[claim.account.hub]
        listing = self._list(hub, claim)
        listing_digest = digest(listing, organization, listing.seen_at.date())
        with self._store.reading() as tx:
            if polling.is_known(tx, claim, listing_digest):
                return Fetched(listing, listing_digest, {}, is_same=True)
            known = polling.public_names(tx, claim.account)
        ids = suspects({hub_id: since for hub_id, (_, since) in known.items()}, listing)
        return Fetched(listing, listing_digest, {hub_id: _look(hub, known[hub_id][0]) for hub_id in ids})

    def _list(self, hub: Hub, claim: Claim) -> Listing:
        """List an account under its present name; where it shows nothing of what it had, ask whether it moved."""
        try:
            listing = hub.list_repos(replace(claim.account, name=claim.listed_as))
            if listing.repos:
                return replace(listing, account=claim.account, listed_as=listing.listed_as or claim.listed_as)
            trouble = None
        except HubError as error:
            if error.trouble is not Trouble.NOT_FOUND:
                raise
            trouble = error
        with self._store.reading() as tx:
            known = polling.public_names(tx, claim.account)
        if not known and trouble is None:
            return replace(listing, account=claim.account, listed_as=claim.listed_as)
        moved_to = _moved_to(hub, {hub_id: name for hub_id, (name, _) in known.items()}, claim.listed_as)
        if moved_to is not None:
            listing = hub.list_repos(replace(claim.account, name=moved_to))
            if listing.repos:
                return replace(listing, account=claim.account, listed_as=moved_to)
        had = f"{claim.account} shows nothing, and had {len(known)} repositories"
        raise trouble or HubError(had, Trouble.EMPTY)


def _look(hub: Hub, name: str) -> Look:
    return hub.look(name) if isinstance(hub, Looker) else Look(Sight.UNSURE)


def _moved_to(hub: Hub, known: Mapping[str, str], listed_as: str) -> str | None:
    """Return the account's new name, if one of its newest repositories is public under it."""
    for hub_id, name in list(known.items())[:ASKED]:
        look = _look(hub, name)
        if look.sight is Sight.PUBLIC and look.hub_id == hub_id and look.name:
            owner = look.name.partition("/")[0]
            return owner if owner != listed_as else None
    return None
