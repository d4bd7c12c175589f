"""Find what differs between what we knew of an account and what a listing shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from hashlib import sha256

from monitor.core.history import History
from monitor.core.types import (
    Account,
    Change,
    ChangeKind,
    KnownRepo,
    Listing,
    Look,
    Organization,
    Repo,
    RepoState,
    Sight,
)

# How many repositories one poll looks at directly before it believes that they are gone.
MOST_LOOKS = 200

# A listing that lacks several repositories, and more than this share, is doubted until a second one agrees:
# hubs do show half a listing and call it whole.
DOUBTED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a listing changes: `repos` are those that are new or differ, as they are to be kept.

    `is_settled` means that the same listing again would change nothing. `doubt` says why the listing is not
    believed: then only `missing_since` of some repositories changes.
    """

    changes: tuple[Change, ...] = ()
    repos: tuple[KnownRepo, ...] = ()
    is_settled: bool = False
    doubt: str | None = None


def digest(listing: Listing, organization: Organization, day: date) -> str:
    """Return a short text that differs wherever a decision about the listing could.

    The day is part of it: the cadence lives through a day even if nothing is published.
    """
    globs = (organization.include, organization.exclude)
    text = repr(
        (day, globs, listing.listed_as, listing.set_aside, sorted(listing.repos, key=lambda r: r.hub_id))
    )
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def suspects(missing_since: Mapping[str, datetime | None], listing: Listing) -> tuple[str, ...]:
    """Return the ids to look at directly: missing from this complete listing and from one before.

    `missing_since` has, for each public repository of the account, the first listing that lacked it, if one did.
    """
    if listing.set_aside:
        return ()
    listed = {repo.hub_id for repo in listing.repos}
    missing = (
        hub_id for hub_id, since in missing_since.items() if since is not None and hub_id not in listed
    )
    return tuple(missing)[:MOST_LOOKS]


def compare(history: History, listing: Listing, looks: Mapping[str, Look]) -> Comparison:
    """Compare a complete listing with what was known; `looks` holds the direct looks by hub id.

    1. A repository that we know by its id is followed through renames; a withdrawn one has returned.
    2. One that we do not know is new: published since the account's previous listing, or part of its baseline.
    3. One that is missing twice and that a direct look cannot see either is withdrawn.
    4. What the organisation's globs keep out is remembered without a word, so that it is no news when they let it in.
    5. A listing with unreadable rows confirms no withdrawal; one that lacks a great part at once, or lacks what a
       direct look shows, is doubted and changes nothing else.
    """
    missing = () if listing.set_aside else _missing(history, listing)
    doubt = _doubt(history, missing, looks)
    gone = list(_follow_missing(missing, listing, looks))
    if doubt:
        marks = (known for known, change in gone if change is None and known.missing_since == listing.seen_at)
        return Comparison(repos=tuple(marks), doubt=doubt)
    seen = [*_follow_listed(history, listing), *gone]
    before = {known.key: known for known in history.repos}
    return Comparison(
        changes=tuple(c for _, c in seen if c is not None and is_watched(history.organization, c.repo)),
        repos=tuple(
            {known.key: known for known, _ in seen if before.get(known.key) != known}.values(),
        ),
        is_settled=not missing and not listing.set_aside,
    )


def previous_listing(history: History, listing: Listing) -> datetime | None:
    """Return when the account was last listed whole, under this name or, after a rename, under its former one."""
    if history.previous_at is not None:
        return history.previous_at
    ids = {repo.hub_id for repo in listing.repos}
    former = {
        Account(history.organization.key, known.hub, known.account)
        for known in history.repos
        if known.hub == listing.account.hub and known.repo.hub_id in ids
    }
    return max(
        (history.listed_at[account] for account in former if account in history.listed_at), default=None
    )


def is_watched(organization: Organization, name: str) -> bool:
    """Tell whether the organisation's globs let a repository in; they speak of its name without the owner."""
    short_name = name.rpartition("/")[2]
    wanted = not organization.include or any(fnmatchcase(short_name, glob) for glob in organization.include)
    return wanted and not any(fnmatchcase(short_name, glob) for glob in organization.exclude)


def _missing(history: History, listing: Listing) -> tuple[KnownRepo, ...]:
    listed = {repo.hub_id for repo in listing.repos}
    hub, account = listing.account.hub, listing.account.name
    return tuple(
        known
        for known in history.repos
        if known.hub == hub
        and known.account == account
        and known.state is RepoState.PUBLIC
        and known.repo.hub_id not in listed
    )


def _doubt(history: History, missing: tuple[KnownRepo, ...], looks: Mapping[str, Look]) -> str | None:
    here = {(known.hub, known.account) for known in missing}
    public = sum((k.hub, k.account) in here and k.state is RepoState.PUBLIC for k in history.repos)
    bearable = max(1, DOUBTED_SHARE * public)
    there = sum(_is_there(known, looks) for known in missing)
    if there > bearable:
        return f"the listing lacks {there} of {public} repositories that a direct look shows"
    fresh = sum(known.missing_since is None for known in missing)
    if fresh > bearable:
        return f"{fresh} of {public} repositories are missing at once; believed when a second listing agrees"
    return None


def _is_there(known: KnownRepo, looks: Mapping[str, Look]) -> bool:
    """Tell whether a direct look shows the repository where it was."""
    look = looks.get(known.repo.hub_id, Look(Sight.UNSURE))
    return look == Look(Sight.PUBLIC, known.repo.hub_id, known.repo.name)


def _follow_listed(history: History, listing: Listing) -> Iterator[tuple[KnownRepo, Change | None]]:
    by_id = {known.repo.hub_id: known for known in history.repos if known.hub == listing.account.hub}
    previous = previous_listing(history, listing)
    for repo in listing.repos:
        known = by_id.get(repo.hub_id)
        if known is not None:
            yield from _follow(known, repo, listing)
        elif repo.hub_id not in history.elsewhere:
            yield _new(repo, listing, previous)


def _new(repo: Repo, listing: Listing, previous: datetime | None) -> tuple[KnownRepo, Change | None]:
    known = KnownRepo(
        hub=listing.account.hub,
        account=listing.account.name,
        repo=repo,
        first_seen_at=listing.seen_at,
        published_between=(previous, listing.seen_at) if previous else None,
    )
    return known, _change(known, ChangeKind.PUBLISHED, listing, None, None) if previous else None


def _follow(known: KnownRepo, repo: Repo, listing: Listing) -> Iterator[tuple[KnownRepo, Change | None]]:
    """Yield a known repository as it is now, once for each change and at least once."""
    old = known.repo
    kept = replace(
        repo,
        licence=repo.licence if repo.licence is not None else old.licence,
        gated=repo.gated if repo.gated is not None else old.gated,
    )
    now = replace(known, account=listing.account.name, repo=kept, state=RepoState.PUBLIC, missing_since=None)
    yield now, None
    if known.state is RepoState.WITHDRAWN:
        yield now, _change(now, ChangeKind.RETURNED, listing, None, None)
    for kind, before, after in (
        (ChangeKind.RENAMED, old.name, kept.name),
        (ChangeKind.LICENCE, old.licence, kept.licence),
        (ChangeKind.GATING, old.gated, kept.gated),
    ):
        if before is not None and before != after:
            yield now, _change(now, kind, listing, before, after)


def _follow_missing(
    missing: tuple[KnownRepo, ...], listing: Listing, looks: Mapping[str, Look]
) -> Iterator[tuple[KnownRepo, Change | None]]:
    for known in missing:
        look = looks.get(known.repo.hub_id)
        if known.missing_since is None:
            yield replace(known, missing_since=listing.seen_at), None
        elif look is None or look.sight is Sight.UNSURE or _is_there(known, looks):
            yield known, None
        elif look.sight is Sight.PUBLIC and look.hub_id == known.repo.hub_id and look.name:
            moved = _moved(known, look.name)
            yield moved, _change(moved, ChangeKind.RENAMED, listing, known.repo.name, look.name)
        else:
            now = replace(known, state=RepoState.WITHDRAWN, missing_since=None)
            yield now, _change(now, ChangeKind.WITHDRAWN, listing, None, _successor(look))


def _successor(look: Look) -> str | None:
    """Return the id of another repository that stands under the withdrawn one's name: it was made again."""
    return look.hub_id if look.sight is Sight.PUBLIC else None


def _moved(known: KnownRepo, name: str) -> KnownRepo:
    """Return a repository that went to another account, which is from now on the one to list it."""
    url = known.repo.url.removesuffix(known.repo.name) + name
    repo = replace(known.repo, name=name, url=url)
    return replace(known, account=name.partition("/")[0], repo=repo, missing_since=None)


def _change(
    known: KnownRepo, kind: ChangeKind, listing: Listing, before: str | None, after: str | None
) -> Change:
    repo = known.repo
    return Change(known.hub, repo.hub_id, repo.name, kind, listing.seen_at, repo.url, before, after)
