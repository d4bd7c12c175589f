"""Decide everything that one poll of one account changes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from monitor.core.cadence.record import Record
from monitor.core.cadence.regime import advance
from monitor.core.cadence.state import CadenceState, Crossing
from monitor.core.changes import Comparison, compare, is_watched, previous_listing
from monitor.core.history import History, Rules
from monitor.core.messages import cadence_message, change_message, release_message
from monitor.core.releases import regroup
from monitor.core.types import (
    Alert,
    AlertKind,
    Basis,
    Change,
    ChangeKind,
    Direction,
    KnownRepo,
    Level,
    Listing,
    Look,
    Release,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that one poll changes.

    `releases` are all of the organisation's, regrouped, or None where nothing about them changed. `amended` are
    alerts that were raised before and say more now. `open_cadence` are the keys of the cadence alerts that are not
    over; None where the cadence did not move. `is_settled` means that the same listing again would change nothing;
    `doubt` says why the listing was not believed.
    """

    changes: tuple[Change, ...] = ()
    repos: tuple[KnownRepo, ...] = ()
    releases: tuple[Release, ...] | None = None
    cadence: CadenceState | None = None
    alerts: tuple[Alert, ...] = ()
    amended: tuple[Alert, ...] = ()
    open_cadence: frozenset[str] | None = None
    is_settled: bool = False
    doubt: str | None = None


def decide(
    history: History, listing: Listing, looks: Mapping[str, Look], rules: Rules, now: datetime
) -> Decision:
    """Decide everything that one poll changes.

    1. Compare the listing with what was known; stop there if it is doubted.
    2. Group the organisation's repositories into releases, the new ones included.
    3. Let the cadence live through the days that have ended since, unless an account is blind.
    4. Raise alerts for launches, changes and crossings; an account's first listing is its baseline and silent.
    """
    comparison = compare(history, listing, looks)
    if comparison.doubt:
        return Decision(repos=comparison.repos, doubt=comparison.doubt)
    repos = _merged(history.repos, comparison.repos)
    releases = regroup(known for known in repos if is_watched(history.organization, known.repo.name))
    is_baseline = previous_listing(history, listing) is None
    cadence, crossings = _live_through(history, listing, releases, rules, is_baseline, now)
    launches, amended = _launch_alerts(history, releases, listing, comparison, rules)
    return Decision(
        changes=comparison.changes,
        repos=comparison.repos,
        releases=releases if comparison.repos or _is_regrouped(history, releases) else None,
        cadence=cadence,
        alerts=(
            *launches,
            *(() if is_baseline else _change_alerts(history, listing, comparison.changes, now)),
            *(_cadence_alert(history, crossing, releases, rules, now) for crossing in crossings),
        ),
        amended=amended,
        open_cadence=_open(history, cadence),
        is_settled=comparison.is_settled,
    )


def _is_regrouped(history: History, releases: tuple[Release, ...]) -> bool:
    """Tell whether a repository is in another release than before: the globs changed, or the way of grouping."""
    now = {known.key: release.id for release in releases for known in release.repos}
    is_new = any(release.id is None for release in releases)
    return is_new or any(now.get(known.key) != known.release_id for known in history.repos)


def release_days(releases: Iterable[Release]) -> tuple[date, ...]:
    """Return the days on which the cadence counts a release: dated ones, each day once, in order."""
    dated = (r.released_at for r in releases if r.released_at is not None and r.basis is not Basis.UNKNOWN)
    return tuple(sorted({at.date() for at in dated}))


def _merged(known: tuple[KnownRepo, ...], now: tuple[KnownRepo, ...]) -> tuple[KnownRepo, ...]:
    return tuple({repo.key: repo for repo in (*known, *now)}.values())


def _live_through(
    history: History,
    listing: Listing,
    releases: tuple[Release, ...],
    rules: Rules,
    is_baseline: bool,
    now: datetime,
) -> tuple[CadenceState | None, tuple[Crossing, ...]]:
    """Let the cadence live through every day that has ended for all accounts, and through today if it has a release.

    A day has ended for an account once it was listed after it. A day with a release can be decided at once: further
    releases on it change nothing. Of days on which an account could not be seen nothing is said.
    """
    days = release_days(releases)
    if history.blind - {listing.account} or not days:
        return history.cadence, ()
    others = history.watched - {listing.account}
    listed = [at for account, at in history.listed_at.items() if account in others]
    until = min([listing.seen_at, *listed]).date() - timedelta(days=1)
    today = listing.seen_at.date()
    if until == today - timedelta(days=1) and days[-1] == today:
        until = today
    record = Record(days, history.unseen)
    state, crossings = advance(history.cadence, record, history.fleet, rules.budgets, until)
    before = history.cadence
    if is_baseline or before is None:
        return state, ()
    return state, tuple(crossing for crossing in crossings if _is_news(crossing, before, state))


def _is_news(crossing: Crossing, before: CadenceState, state: CadenceState) -> bool:
    """Tell whether a crossing is not overtaken already, where many days are lived through at once.

    After a week of our own downtime nobody needs a silence that is over, or a possible change that became one.
    """
    if crossing.direction is Direction.RESUMED:
        return before.incident is not None and before.incident.level is Level.ALERT
    return crossing in (state.incident, state.change)


def _open(history: History, cadence: CadenceState | None) -> frozenset[str] | None:
    if cadence is None or cadence is history.cadence:
        return None
    key = history.organization.key
    return frozenset(
        _cadence_key(key, crossing) for crossing in (cadence.incident, cadence.change) if crossing
    )


def _cadence_key(organization: str, crossing: Crossing) -> str:
    return f"cadence:{organization}:{crossing.direction}:{crossing.level}:{crossing.decided_on}"


def _launch_alerts(
    history: History, releases: tuple[Release, ...], listing: Listing, comparison: Comparison, rules: Rules
) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
    """Raise one alert for each launch, or let its repositories join the one that is still being gathered."""
    published = {(c.hub, c.hub_id) for c in comparison.changes if c.kind is ChangeKind.PUBLISHED}
    raised, amended = [], []
    for release in releases:
        fresh = [known for known in release.repos if known.key in published]
        if not fresh:
            continue
        gathering = history.gathering.get(release.id) if release.id is not None else None
        if gathering is None:
            raised.append(_launch_alert(history, release, fresh, listing, rules))
        else:
            told = [known for known in release.repos if known.key in published | set(gathering.repos)]
            alert = _launch_alert(history, release, told, listing, rules)
            amended.append(replace(alert, key=gathering.key))
    return tuple(raised), tuple(amended)


def _launch_alert(
    history: History, release: Release, told: list[KnownRepo], listing: Listing, rules: Rules
) -> Alert:
    keys = tuple(sorted(known.key for known in told))
    hub, hub_id = keys[0]
    return Alert(
        key=f"release:{hub}:{hub_id}",
        organization=history.organization.key,
        kind=AlertKind.RELEASE,
        message=release_message(history.organization, release, told),
        raised_at=listing.seen_at,
        due_at=listing.seen_at + rules.settle,
        subjects=keys,
    )


def _change_alerts(
    history: History, listing: Listing, changes: tuple[Change, ...], now: datetime
) -> Iterator[Alert]:
    """Raise one alert for all changes of a kind: thirty repositories that vanish together are one incident."""
    known = [change for change in changes if change.kind is not ChangeKind.PUBLISHED]
    known.sort(key=lambda change: (change.kind, change.repo))
    for kind, group in groupby(known, key=lambda change: change.kind):
        yield Alert(
            key=f"change:{kind}:{listing.account}:{listing.seen_at.astimezone(UTC).isoformat()}",
            organization=history.organization.key,
            kind=AlertKind.CHANGE,
            message=change_message(history.organization, list(group)),
            raised_at=now,
            due_at=now,
        )


def _cadence_alert(
    history: History, crossing: Crossing, releases: tuple[Release, ...], rules: Rules, now: datetime
) -> Alert:
    key = history.organization.key
    behind = [r for r in releases if r.released_at and r.released_at.date() in set(crossing.release_days)]
    changed_on = crossing.changed_on
    return Alert(
        key=_cadence_key(key, crossing),
        organization=key,
        kind=AlertKind.CADENCE,
        message=cadence_message(history.organization, crossing, behind, rules.budgets),
        raised_at=now,
        due_at=now,
        level=crossing.level,
        direction=crossing.direction,
        changed_at=datetime.combine(changed_on, datetime.min.time(), tzinfo=UTC) if changed_on else None,
    )
