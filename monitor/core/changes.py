"""Find what differs between what we knew of an account and what a listing shows."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.absence import doubt, follow_missing, missing
from monitor.core.citations import Citations, showing
from monitor.core.contents import Contents, Inspection
from monitor.core.files import licence_differences, licence_words, weights_difference, weights_now
from monitor.core.globs import is_watched
from monitor.core.history import Findings, History
from monitor.core.identity import recognised
from monitor.core.types import (
    WITNESSES,
    Account,
    Change,
    ChangeKind,
    KnownRepo,
    Listing,
    Repo,
    RepoState,
    Weights,
)

# To tell these, files of the repository may have been read.
_OF_FILES = (ChangeKind.PUBLISHED, ChangeKind.LICENCE, ChangeKind.WEIGHTS)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a listing changes: `repos` are those that are new or differ, as they are to be kept.

    `launched` are the keys of those that are public with their weights since now: new, or pending until now.
    `is_settled` means that the same listing again would change nothing. `doubt` says why what the listing lacks is
    not believed; `is_held` that nothing of it is: then only `missing_since` of some repositories changes.
    """

    changes: tuple[Change, ...] = ()
    repos: tuple[KnownRepo, ...] = ()
    launched: frozenset[tuple[str, str]] = frozenset()
    is_settled: bool = False
    doubt: str | None = None
    is_held: bool = False


def compare(history: History, listing: Listing, findings: Findings) -> Comparison:
    """Compare a complete listing with what was known.

    1. A repository that we know by its id is followed through renames; a withdrawn one has returned.
    2. One that we do not know is new: published since the account's previous listing, or part of its baseline.
    3. One that is missing twice and that a direct look cannot see either is withdrawn.
    4. What the organisation's globs keep out is remembered without a word, so that it is no news when they let it in.
    5. A listing with unreadable rows confirms no withdrawal. One that lacks a great part at once is held until a second
       one agrees. One that lacks what direct looks show is believed in what it shows, and not in what it lacks.
    """
    by_id = {known.repo.hub_id: known for known in history.repos if known.hub == listing.account.hub}
    listing = recognised(by_id, listing)
    absent = missing(history, listing)
    gone = list(follow_missing(absent, listing.seen_at, findings.looks))
    reason, is_held = doubt(history, absent, findings.looks)
    if reason:
        gone = [(known, change) for known, change in gone if known.missing_since == listing.seen_at]
    if is_held:
        return Comparison(repos=tuple(known for known, _ in gone), doubt=reason, is_held=True)
    seen = list(_follow_listed(history, by_id, listing, findings))
    seen += [(known, (_change(known, listing, *change),) if change else ()) for known, change in gone]
    told = [
        (known, changes) for known, changes in seen if not known.is_witness or known.release_id is not None
    ]
    changes = [
        replace(change, cites=_cites(change.hub_id, change.repo, change.kind, listing, findings))
        for _, changes in told
        for change in changes
        if is_watched(history.organization, change.repo)
    ]
    return Comparison(
        changes=tuple(changes),
        repos=tuple(known for known, _ in seen if by_id.get(known.repo.hub_id) != known),
        launched=frozenset(
            known.key
            for known, changes in seen
            if _is_launched(known, changes) and is_watched(history.organization, known.repo.name)
        ),
        is_settled=not absent and not listing.set_aside and not findings.postponed,
        doubt=reason,
    )


def previous_listing(history: History, listing: Listing) -> datetime | None:
    """Return when the account was last listed whole, under this name or, after a rename, under its former one.

    It was renamed where most of what it lists is most of what another account had: a few repositories that moved from
    one to the other make no rename. Never later than the listing itself, whatever the clock was then.
    """
    if history.previous_at is not None:
        return min(history.previous_at, listing.seen_at)
    ids = {repo.hub_id for repo in listing.repos}
    on_hub = [k for k in history.repos if k.hub == listing.account.hub and k.state is RepoState.PUBLIC]
    had = Counter(known.account for known in on_hub)
    moved = Counter(known.account for known in on_hub if known.repo.hub_id in ids)
    former = [
        Account(history.organization.key, listing.account.hub, name)
        for name, number in moved.items()
        if 2 * number >= max(had[name], len(ids))
    ]
    return max(
        (history.listed_at[account] for account in former if account in history.listed_at), default=None
    )


def _is_launched(known: KnownRepo, changes: tuple[Change, ...]) -> bool:
    """Tell whether something was launched: it became public with weights, or the weights that it waited for came."""
    if known.weights is not Weights.YES or known.is_witness:
        return False
    return any(
        change.kind is ChangeKind.PUBLISHED
        or (change.kind is ChangeKind.WEIGHTS and change.before == Weights.PENDING)
        for change in changes
    )


def _follow_listed(
    history: History, by_id: Mapping[str, KnownRepo], listing: Listing, findings: Findings
) -> Iterator[tuple[KnownRepo, tuple[Change, ...]]]:
    previous = previous_listing(history, listing)
    for repo in listing.repos:
        known = by_id.get(repo.hub_id)
        if known is not None:
            yield _follow(history, known, repo, listing, findings)
        elif repo.hub_id not in history.elsewhere:
            since = previous or _awaited_since(history, repo, listing)
            yield _new(history, repo, listing, since, findings)


def _awaited_since(history: History, repo: Repo, listing: Listing) -> datetime | None:
    """Return since when a repository was awaited on an account that could not be listed so far.

    We asked for it before the repository was made: it is no part of the baseline. Some hubs do not tell an account
    that has nothing yet from one that does not exist.
    """
    since = history.asked_since
    if since is None or repo.created_at is None or not since < repo.created_at <= listing.seen_at:
        return None
    return since


def _new(
    history: History,
    repo: Repo,
    listing: Listing,
    previous: datetime | None,
    findings: Findings,
) -> tuple[KnownRepo, tuple[Change, ...]]:
    inspection = findings.inspections.get(repo.hub_id)
    known = KnownRepo(
        hub=listing.account.hub,
        account=listing.account.name,
        repo=repo,
        first_seen_at=listing.seen_at,
        published_between=(previous, listing.seen_at) if previous else None,
        weights=_weights(None, repo, listing, inspection) if previous else _as_it_stands(repo),
        contents=inspection.now if inspection else None,
        found_late=previous is not None and history.unseen_since is not None,
        cites=_cites(repo.hub_id, repo.name, ChangeKind.PUBLISHED, listing, findings),
    )
    if previous is None or known.is_witness:
        return known, ()
    after = None if known.weights is Weights.YES else f"weights {known.weights.value}"
    return known, (_change(known, listing, ChangeKind.PUBLISHED, None, after),)


def _as_it_stands(repo: Repo) -> Weights:
    """Return what a repository of a baseline holds: it counts as it is, and is waited for in no case."""
    return Weights.NONE if repo.has_weights is False else Weights.YES


def _follow(
    history: History, known: KnownRepo, repo: Repo, listing: Listing, findings: Findings
) -> tuple[KnownRepo, tuple[Change, ...]]:
    """Return a known repository as it is now, with all that changed about it."""
    inspection = findings.inspections.get(repo.hub_id)
    kept = _kept(known.repo, repo, repo.hub_id in findings.postponed)
    weights = _weights(known, repo, listing, inspection)
    now = replace(
        known,
        account=listing.account.name,
        repo=kept,
        state=RepoState.PUBLIC,
        missing_since=None,
        weights=weights,
        contents=inspection.now if inspection else _unread(known, repo, findings),
    )
    if now == known:
        return known, ()
    previous = previous_listing(history, listing)
    if known.weights is Weights.PENDING and weights is Weights.YES and previous:
        bracket, is_late = (previous, listing.seen_at), history.unseen_since is not None
        now = replace(now, published_between=bracket, found_late=is_late)
    differences = _differences(known, now, inspection)
    return now, tuple(_change(now, listing, *difference) for difference in differences)


def _unread(known: KnownRepo, repo: Repo, findings: Findings) -> Contents | None:
    """Return what is known of the contents; of a witness that showed nothing, that it was asked at this revision."""
    if known.is_witness and repo.hub_id in findings.inspections:
        return Contents(repo.sha or "")
    return known.contents


def _weights(known: KnownRepo | None, repo: Repo, listing: Listing, inspection: Inspection | None) -> Weights:
    """Tell whether a repository holds weights; a witness is none to ask."""
    return Weights.YES if listing.account.hub in WITNESSES else weights_now(known, repo, inspection)


def _kept(old: Repo, new: Repo, is_postponed: bool) -> Repo:
    """Return the new state, in which what the hub did not say this time stays as it was."""
    silent = {
        name: getattr(old, name)
        for name in ("licence", "gated", "disabled", "licence_name", "licence_link")
        if getattr(new, name) is None and getattr(old, name) is not None
    }
    if is_postponed:
        silent["sha"] = old.sha
    return replace(new, **silent) if silent else new


def _differences(
    known: KnownRepo, now: KnownRepo, inspection: Inspection | None
) -> Iterator[tuple[ChangeKind, str | None, str | None, str | None]]:
    old, new = known.repo, now.repo
    if known.state is RepoState.WITHDRAWN:
        yield ChangeKind.RETURNED, "withdrawn", "public", None
    for kind, before, after in (
        (ChangeKind.RENAMED, old.name, new.name),
        (ChangeKind.GATING, old.gated, new.gated),
        (ChangeKind.DISABLED, _yes_no(old.disabled), _yes_no(new.disabled)),
    ):
        if before is not None and before != after:
            yield kind, before, after, None
    if _is_relicensed(old, new):
        yield ChangeKind.LICENCE, licence_words(old), licence_words(new), None
    if known.is_witness:
        return
    for difference in licence_differences(known, inspection):
        yield ChangeKind.LICENCE, *difference
    if replaced := weights_difference(known, now.weights, inspection):
        yield ChangeKind.WEIGHTS, *replaced


def _is_relicensed(old: Repo, new: Repo) -> bool:
    pairs = (
        (old.licence, new.licence),
        (old.licence_name, new.licence_name),
        (old.licence_link, new.licence_link),
    )
    return any(before is not None and before != after for before, after in pairs)


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _cites(hub_id: str, name: str, kind: ChangeKind, listing: Listing, findings: Findings) -> Citations:
    """Return the answers that a change came of.

    The page on which the repository stands, or all of them where it is missing, and then the direct look; where its
    files count, what was read of them.
    """
    cites = showing(listing.cited, name)
    if look := findings.looks.get(hub_id):
        cites += look.cited
    if kind in _OF_FILES and (inspection := findings.inspections.get(hub_id)):
        cites += inspection.cited
    return cites


def _change(
    known: KnownRepo,
    listing: Listing,
    kind: ChangeKind,
    before: str | None,
    after: str | None,
    detail: str | None = None,
) -> Change:
    repo = known.repo
    return Change(known.hub, repo.hub_id, repo.name, kind, listing.seen_at, repo.url, before, after, detail)
