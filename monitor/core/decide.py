"""Decide everything that one poll of one account changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby

from monitor.core.change_messages import account_renamed_message, change_message, unread_message
from monitor.core.changes import Comparison, compare, previous_listing
from monitor.core.globs import is_watched
from monitor.core.history import Findings, Gathering, History, Rules
from monitor.core.messages import late_releases_message, release_message
from monitor.core.names import read_name
from monitor.core.releases import regroup
from monitor.core.telling import Alert, AlertKind
from monitor.core.types import WITNESSES, Change, ChangeKind, KnownRepo, Listing, Release, Weights

# As many launches that are found together after we were blind are told one by one; more are one message.
TOLD_APART = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that one poll changes.

    `releases` are all of the organisation's, regrouped, or None where nothing about them changed; `launched` tells
    that among them is one that the cadence does not know yet. `amended` are alerts that were raised before and say
    more now. `is_settled` means that the same listing again would change nothing; `doubt` says why the listing was
    not believed, as a whole or in what it lacks: the account was not seen.
    """

    changes: tuple[Change, ...] = ()
    repos: tuple[KnownRepo, ...] = ()
    releases: tuple[Release, ...] | None = None
    is_baseline: bool = False
    launched: bool = False
    alerts: tuple[Alert, ...] = ()
    amended: tuple[Alert, ...] = ()
    is_settled: bool = False
    doubt: str | None = None


def decide(history: History, listing: Listing, findings: Findings, rules: Rules, now: datetime) -> Decision:
    """Decide everything that one poll changes.

    1. Compare the listing with what was known; stop there if it is doubted.
    2. Group the organisation's repositories into releases, the new ones included.
    3. Raise alerts for launches and changes; an account's first listing is its baseline and silent.
    """
    comparison = compare(history, listing, findings)
    if comparison.is_held:
        return Decision(repos=comparison.repos, doubt=comparison.doubt)
    repos = _merged(history.repos, comparison.repos)
    watched = (known for known in repos if is_watched(history.organization, known.repo.name))
    releases = regroup(watched, history.corrections)
    is_baseline = previous_listing(history, listing) is None
    if is_baseline:
        # What was there is told to nobody; what we awaited is.
        published = {(c.hub, c.hub_id) for c in comparison.changes if c.kind is ChangeKind.PUBLISHED}
        comparison = replace(comparison, launched=comparison.launched & published)
    launches, amended = _launch_alerts(history, releases, listing, comparison, rules)
    changes = () if is_baseline else tuple(_change_alerts(history, listing, comparison.changes, now))
    return Decision(
        changes=comparison.changes,
        repos=comparison.repos,
        releases=releases if comparison.repos or _is_regrouped(history, releases) else None,
        is_baseline=is_baseline,
        launched=bool(comparison.launched),
        alerts=(*launches, *changes, *_renamed_alert(listing, now), *_unread_alert(listing, now)),
        amended=amended,
        is_settled=comparison.is_settled and not _is_unread(releases, listing),
        doubt=comparison.doubt,
    )


def _is_unread(releases: tuple[Release, ...], listing: Listing) -> bool:
    """Tell whether a witness that belongs to a release now is still to be looked into: nobody did while it did not."""
    if listing.account.hub not in WITNESSES:
        return False
    shas = {repo.hub_id: repo.sha for repo in listing.repos if repo.sha}
    return any(
        known.hub == listing.account.hub
        and known.repo.hub_id in shas
        and (known.contents is None or known.contents.revision != shas[known.repo.hub_id])
        for release in releases
        for known in release.repos
    )


def _merged(known: tuple[KnownRepo, ...], now: tuple[KnownRepo, ...]) -> tuple[KnownRepo, ...]:
    return tuple({repo.key: repo for repo in (*known, *now)}.values()) if known else now


def _is_regrouped(history: History, releases: tuple[Release, ...]) -> bool:
    """Tell whether a repository is in another release than before: the globs changed, or the way of grouping."""
    now = {known.key: release.id for release in releases for known in release.repos}
    is_new = any(release.id is None for release in releases)
    return is_new or any(now.get(known.key) != known.release_id for known in history.repos)


def _launch_alerts(
    history: History, releases: tuple[Release, ...], listing: Listing, comparison: Comparison, rules: Rules
) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
    """Raise one alert for each launch, or let what came later join the one that can still say more.

    1. While a launch is gathered, whatever joins the release joins its alert.
    2. Once it was announced, a copy on another hub amends it and is no news; other repositories are told apart.
    3. Many that are found together after we were blind are one message.
    """
    raised: list[tuple[Release, list[KnownRepo]]] = []
    amended: list[Alert] = []
    for release in releases:
        fresh = [known for known in release.repos if known.key in comparison.launched]
        if not fresh:
            continue
        told = _told_before(history, release, fresh)
        if told is not None:
            # People may have parted since what it tells of: it goes on to tell of all, in whatever release they are.
            before = [
                k for one in releases for k in one.repos if k.key in set(told.repos) - comparison.launched
            ]
            alert = _launch_alert(
                history, releases, release, before + fresh, listing, rules, first_told_at=told.raised_at
            )
            amended.append(replace(alert, key=told.key))
        elif not _are_copies(release, fresh):
            raised.append((release, fresh))
    if history.unseen_since is not None and len(raised) > TOLD_APART:
        return (_late_alert(history, raised, listing, history.unseen_since),), tuple(amended)
    alerts = (
        replace(
            _launch_alert(history, releases, release, fresh, listing, rules),
            answers=_first_told(history, release),
        )
        for release, fresh in raised
    )
    return tuple(alerts), tuple(amended)


def _first_told(history: History, release: Release) -> str | None:
    """Return the key of the alert that told of a release first; None where none did."""
    announced = history.announced.get(release.id) if release.id is not None else None
    return announced.key if announced else None


def _told_before(history: History, release: Release, fresh: list[KnownRepo]) -> Gathering | None:
    """Return the alert that these repositories join: one still gathered; for copies also one that was sent."""
    if release.id is None:
        return None
    gathering = history.gathering.get(release.id)
    if gathering is None and _are_copies(release, fresh):
        return history.announced.get(release.id)
    return gathering


def _are_copies(release: Release, fresh: list[KnownRepo]) -> bool:
    """Tell whether all of these are on another hub already, and were before."""
    keys = {known.key for known in fresh}
    before = {
        (read_name(known.repo.short_name).checkpoint, known.hub)
        for known in release.repos
        if known.key not in keys and not known.is_witness and known.weights is not Weights.PENDING
    }
    return all(
        any(name == read_name(known.repo.short_name).checkpoint and hub != known.hub for name, hub in before)
        for known in fresh
    )


def _launch_alert(
    history: History,
    releases: tuple[Release, ...],
    release: Release,
    told: list[KnownRepo],
    listing: Listing,
    rules: Rules,
    *,
    first_told_at: datetime | None = None,
) -> Alert:
    keys = tuple(sorted(known.key for known in told))
    hub, hub_id = keys[0]
    return Alert(
        key=f"release:{hub}:{hub_id}",
        organization=history.organization.key,
        kind=AlertKind.RELEASE,
        message=release_message(
            history.organization, release, told, listing.seen_at, first_told_at, releases
        ),
        raised_at=listing.seen_at,
        due_at=listing.seen_at + rules.settle,
        subjects=keys,
        names=_short_names(told),
    )


def _late_alert(
    history: History, raised: list[tuple[Release, list[KnownRepo]]], listing: Listing, since: datetime
) -> Alert:
    releases = [release for release, _ in raised]
    return Alert(
        key=f"release:late:{listing.account}:{_moment(listing.seen_at)}",
        organization=history.organization.key,
        kind=AlertKind.RELEASE,
        message=late_releases_message(
            history.organization, listing.account, releases, since, listing.seen_at
        ),
        raised_at=listing.seen_at,
        due_at=listing.seen_at,
        subjects=tuple(sorted(known.key for _, fresh in raised for known in fresh)),
        names=_short_names(known for _, fresh in raised for known in fresh),
    )


def _short_names(told: Iterable[KnownRepo]) -> tuple[str, ...]:
    return tuple(sorted({known.repo.short_name for known in told}))


def _change_alerts(
    history: History, listing: Listing, changes: tuple[Change, ...], now: datetime
) -> Iterator[Alert]:
    """Raise one alert for all changes of a kind: thirty repositories that vanish together are one incident.

    Of a witness changes are recorded and not told. Weights that arrive are told as the launch that they make.
    """
    known = [
        change
        for change in changes
        if change.hub not in WITNESSES
        and change.kind is not ChangeKind.PUBLISHED
        and not (change.kind is ChangeKind.WEIGHTS and change.before == "pending")
    ]
    known.sort(key=lambda change: (change.kind, change.repo))
    for kind, group in groupby(known, key=lambda change: change.kind):
        told = list(group)
        yield Alert(
            key=f"change:{kind}:{listing.account}:{_moment(listing.seen_at)}",
            organization=history.organization.key,
            kind=AlertKind.CHANGE,
            message=change_message(history.organization, told, history.repos),
            raised_at=now,
            due_at=now,
            change=kind.value,
            names=tuple(sorted({change.repo.rpartition("/")[2] for change in told})),
        )


def _renamed_alert(listing: Listing, now: datetime) -> Iterator[Alert]:
    """Tell the owner of the configuration that an account has another name; its key makes that once."""
    if listing.listed_as and listing.listed_as != listing.account.name:
        yield Alert(
            key=f"renamed:{listing.account}:{listing.listed_as}",
            organization=listing.account.organization,
            kind=AlertKind.HEALTH,
            message=account_renamed_message(listing.account, listing.listed_as),
            raised_at=now,
            due_at=now,
        )


def _unread_alert(listing: Listing, now: datetime) -> Iterator[Alert]:
    """Tell once that rows of an account cannot be read, for each reason: what they hold is neither seen nor missed."""
    reasons = sorted({row.reason for row in listing.set_aside})
    if reasons:
        yield Alert(
            key=f"unread:{listing.account}:{sha256(repr(reasons).encode()).hexdigest()[:16]}",
            organization=listing.account.organization,
            kind=AlertKind.HEALTH,
            message=unread_message(listing.account, len(listing.set_aside), reasons),
            raised_at=now,
            due_at=now,
        )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
