"""Foresee what watching an organisation would show, from listings of its accounts alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.core.appearances import hub_name
from monitor.core.cadence.fleet import COLD_START, Fleet
from monitor.core.cadence.onboarding import onboard
from monitor.core.cadence.record import Record
from monitor.core.cadence.regime import advance
from monitor.core.cadence.state import Crossing
from monitor.core.cadence.verdict import Verdict, verdict
from monitor.core.changes import compare
from monitor.core.corrections import Correction
from monitor.core.globs import is_watched
from monitor.core.history import Findings, History
from monitor.core.judge import release_days
from monitor.core.releases import regroup
from monitor.core.text import counted
from monitor.core.types import Budgets, KnownRepo, Level, Listing, Organization

# How far back it is told what would have been raised.
LOOK_BACK = timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True)
class Preview:
    """What is there: `since` is the first day with a release; `undated` releases are counted in no cadence.

    `crossings` are those that would have been told in the last two years.
    """

    repos: int
    releases: int
    undated: int
    since: date | None
    verdict: Verdict
    crossings: tuple[Crossing, ...]
    days: tuple[date, ...] = ()  # with a release, in order


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the organisation already, if it was watched before, and of the fleet."""

    repos: tuple[KnownRepo, ...] = ()
    corrections: tuple[Correction, ...] = ()
    fleet: Fleet = COLD_START


def preview(
    organization: Organization, known: Known, listings: Iterable[Listing], budgets: Budgets, now: datetime
) -> Preview:
    """Take the listings as baselines are taken, group what they show, and live through its past up to yesterday.

    The verdict is the one that the first look would give; the crossings are those of somebody who had watched all
    along.
    """
    repos = known.repos
    for listing in listings:
        seen = compare(History(organization, listing.account, repos), listing, Findings())
        repos = tuple({one.key: one for one in (*repos, *seen.repos)}.values())
    watched = [one for one in repos if not one.is_witness and is_watched(organization, one.repo.name)]
    releases = regroup(watched, known.corrections)
    days = release_days(releases)
    record, today = Record(days), now.date()
    yesterday = today - timedelta(days=1)
    state, crossings = None, tuple[Crossing, ...]()
    if days:
        state = onboard(record, known.fleet, budgets, yesterday)
        _, crossings = advance(None, record, known.fleet, budgets, yesterday)
    return Preview(
        repos=len(watched),
        releases=len(releases),
        undated=sum(release.released_at is None for release in releases),
        since=days[0] if days else None,
        verdict=verdict(state, record, budgets, today, hubs=sorted({hub_name(one.hub) for one in watched})),
        crossings=tuple(one for one in crossings if one.decided_on >= today - LOOK_BACK),
        days=tuple(days),
    )


def in_lines(found: Preview) -> Iterator[str]:
    """Say it: what is there, the regime now, then what would have been raised in two years, a line each."""
    since = f" since {found.since}" if found.since else ""
    undated = f" ({found.undated:,} without a date)" if found.undated else ""
    yield (
        f"{counted(found.repos, 'repository', 'repositories')}, "
        f"{counted(found.releases, 'release', 'releases')}{since}{undated}"
    )
    yield f"now {_regime(found.verdict)}"
    alerts = [one for one in found.crossings if one.level is Level.ALERT]
    possible = counted(len(found.crossings) - len(alerts), "possible change", "possible changes")
    yield f"in the last 2 years it would have raised {counted(len(alerts), 'alert', 'alerts')} and {possible}"
    yield from (_raised(one) for one in found.crossings)


def _regime(verdict: Verdict) -> str:
    rate = f", {verdict.rate_per_month:.1f} release days a month" if verdict.rate_per_month else ""
    return f"{verdict.regime}{rate}: {verdict.why}"


def _raised(crossing: Crossing) -> str:
    raised_on = crossing.decided_on + timedelta(days=1)  # when the day that decided is over
    return f"{raised_on}  {crossing.level} {crossing.direction}: {crossing.evidence}"
