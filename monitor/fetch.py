"""Fetch what one poll needs from a hub: the account's listing under its present name, and direct looks."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from random import sample

from monitor.core.absence import suspects
from monitor.core.contents import Inspection
from monitor.core.history import Findings
from monitor.core.identity import recognised
from monitor.core.types import Account, KnownRepo, Listing, Look, Organization, RepoState, Sight, Unchanged
from monitor.core.wanted import Wanted, to_inspect
from monitor.errors import HubError, Trouble
from monitor.hubs import Hub, Inspector, Looker
from monitor.store import Store
from monitor.store.repos import account_repos, hub_repos
from monitor.store.watchlist import Claim

# How many of an account's repositories are asked where they went when the account shows nothing any more.
ASKED = 3

# So many polls of an account may fail in a row because a new repository cannot be looked into.
INSISTENT = 3

# One poll looks into so many repositories that have a new revision; the others wait for the next.
MOST_INSPECTIONS = 20

# One poll looks into so many new repositories; further ones are taken for what they seem, which is releases.
MOST_NEW = 100

# After these a hub is not asked any more in this poll, ...
_OF_ALL = (Trouble.QUOTA, Trouble.UNREACHABLE)
# ... these concern one repository. Both may be over by themselves, so that asking again is worth while.
_PASSING = (*_OF_ALL, Trouble.SERVER, Trouble.SHAPE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A listing and what was looked at besides; `validator` is to be kept if the listing leaves nothing to do."""

    listing: Listing
    findings: Findings
    validator: str | None


class Fetcher:
    """Fetches from some hubs. Safe for many threads: it keeps nothing, and only reads the store."""

    def __init__(self, store: Store, hubs: Mapping[str, Hub]) -> None:
        self._store = store
        self._hubs = hubs

    def fetch(self, claim: Claim, organization: Organization, *, follow: bool = True) -> Fetched | Unchanged:
        """Fetch one listing, and look directly at what is missing twice, and into what is new or changed.

        An account whose repositories went elsewhere together is followed, once. No transaction is open during a
        request. Unchanged means that the listing is what was seen and settled before.
        """
        hub = self._hubs[claim.account.hub]
        seen = self._list(hub, claim, _known(claim, organization))
        if isinstance(seen, Unchanged):
            return seen
        known = {} if claim.is_first else self._known_repos(claim, seen)
        if claim.is_new and not known:  # its baseline, which counts as it stands
            return Fetched(seen, Findings(), _memo(organization, seen.validator))
        listing = recognised(known, seen)
        here = {
            hub_id: one
            for hub_id, one in known.items()
            if one.account == claim.account.name and one.state is RepoState.PUBLIC
        }
        ids = suspects({hub_id: one.missing_since for hub_id, one in here.items()}, listing)
        looks = {hub_id: _look(hub, here[hub_id].repo.name) for hub_id in ids}
        moved_to = _moved_away(here, looks, claim.listed_as)
        if follow and moved_to is not None:
            moved = replace(claim, listed_as=moved_to, validator=None)
            return self.fetch(moved, organization, follow=False)
        wanted = to_inspect(known, listing, organization)
        inspections, postponed = _inspect(hub, wanted, insist=claim.failures < INSISTENT)
        findings = Findings(looks, inspections, postponed)
        return Fetched(seen, findings, _memo(organization, seen.validator))

    def _known_repos(self, claim: Claim, listing: Listing) -> dict[str, KnownRepo]:
        """Return what was ever seen of the account, or of what it lists now, by hub id."""
        hub = claim.account.hub
        with self._store.reading() as tx:
            listed = hub_repos(tx, hub, (repo.hub_id for repo in listing.repos))
            return listed | account_repos(tx, hub, claim.account.name)

    def _list(self, hub: Hub, claim: Claim, validator: str | None) -> Listing | Unchanged:
        """List an account under its present name; where it shows nothing of what it had, ask whether it moved."""
        trouble: HubError | None = None
        listing: Listing | None = None
        try:
            seen = hub.list_repos(replace(claim.account, name=claim.listed_as), validator)
            if isinstance(seen, Unchanged):
                return seen
            if seen.repos:
                return _as(claim, seen, seen.listed_as or claim.listed_as)
            listing = seen
        except HubError as error:
            if error.trouble is not Trouble.NOT_FOUND:
                raise
            trouble = error
        with self._store.reading() as tx:
            known = _newest_first(account_repos(tx, claim.account.hub, claim.account.name))
        if not known and listing is not None:
            return _as(claim, listing, claim.listed_as)
        moved_to = _moved_to(hub, known, claim.listed_as)
        if moved_to is not None:
            seen = hub.list_repos(Account(claim.account.organization, claim.account.hub, moved_to))
            if isinstance(seen, Listing) and seen.repos:
                return _as(claim, seen, moved_to)
        had = f"{claim.account} shows nothing, and had {len(known)} repositories"
        raise trouble or HubError(had, Trouble.EMPTY)


def _as(claim: Claim, listing: Listing, listed_as: str) -> Listing:
    return replace(listing, account=claim.account, listed_as=listed_as)


def _memo(organization: Organization, validator: str | None) -> str | None:
    """Return what is remembered of a listing: what let us skip it would be wrong for other globs."""
    return None if validator is None else f"{_globs(organization)} {validator}"


def _known(claim: Claim, organization: Organization) -> str | None:
    globs, _, validator = (claim.validator or "").partition(" ")
    return validator if validator and globs == _globs(organization) else None


def _globs(organization: Organization) -> str:
    if not organization.include and not organization.exclude:
        return "all"
    return sha256(repr((organization.include, organization.exclude)).encode()).hexdigest()[:16]


def _newest_first(known: Mapping[str, KnownRepo]) -> list[KnownRepo]:
    public = [one for one in known.values() if one.state is RepoState.PUBLIC]
    return sorted(public, key=lambda one: (one.repo.created_at or one.first_seen_at, one.key), reverse=True)


def _look(hub: Hub, name: str) -> Look:
    return hub.look(name) if isinstance(hub, Looker) else Look(Sight.UNSURE)


def _inspect(
    hub: Hub, wanted: tuple[Wanted, ...], *, insist: bool
) -> tuple[dict[str, Inspection | None], frozenset[str]]:
    """Look into repositories; return what was found, and what has to wait until the next poll.

    A new revision can wait. A new repository cannot: whether it is a release is not to be guessed. While we `insist`
    the poll fails (HubError) when one cannot be looked into.
    """
    done: dict[str, Inspection | None] = {}
    postponed: set[str] = set()
    if not isinstance(hub, Inspector):
        return done, frozenset()
    is_over = False
    # In any order, so that some which fail for ever do not keep the others from their turn.
    in_turn = sample(wanted, len(wanted))
    for number, want in enumerate(sorted(in_turn, key=lambda want: want.known is not None)):
        known, hub_id = want.known, want.repo.hub_id
        if known is not None and (is_over or number >= MOST_INSPECTIONS):
            postponed.add(hub_id)
            continue
        if number >= MOST_NEW:
            done[hub_id] = None
            continue
        before, since = (known.contents, known.repo.sha) if known else (None, None)
        try:
            done[hub_id] = hub.inspect(want.repo, before, since)
        except HubError as error:
            if known is None and insist:
                raise
            if known is not None and error.trouble in _PASSING:
                postponed.add(hub_id)
                is_over |= error.trouble in _OF_ALL
            else:
                done[hub_id] = None
    return done, frozenset(postponed)


def _moved_away(here: Mapping[str, KnownRepo], looks: Mapping[str, Look], listed_as: str) -> str | None:
    """Return where most of an account's repositories are now, if they left together: somebody else has its name."""
    owners = Counter(
        look.name.partition("/")[0]
        for hub_id, look in looks.items()
        if look.sight is Sight.PUBLIC and look.hub_id == hub_id and look.name
    )
    owner, number = owners.most_common(1)[0] if owners else ("", 0)
    return owner if owner != listed_as and 2 * number > len(here) else None


def _moved_to(hub: Hub, known: list[KnownRepo], listed_as: str) -> str | None:
    """Return the account's new name, if one of its newest repositories is public under it."""
    for one in known[:ASKED]:
        look = _look(hub, one.repo.name)
        if look.sight is Sight.PUBLIC and look.hub_id == one.repo.hub_id and look.name:
            owner = look.name.partition("/")[0]
            return owner if owner != listed_as else None
    return None
