"""Judge an organisation's cadence when days have ended, or something was released."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from monitor.core.cadence.fleet import COLD_START, Fleet
from monitor.core.cadence.onboarding import onboard
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.regime import advance
from monitor.core.cadence.state import CadenceState, Crossing
from monitor.core.figures import creation_dates, evidence_since
from monitor.core.history import Rules
from monitor.core.launch_chart import launch_chart
from monitor.core.messages import cadence_message
from monitor.core.telling import Alert, AlertKind, Chart
from monitor.core.types import Basis, Direction, Level, Organization, Release, Weights


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of an organisation when its cadence is judged.

    `unseen` are stretches of whole days, [from, to), on which an account could not be seen. `listed_at` is the
    earliest of its accounts' last listings. `silent_until` is the last day of which nobody is told: it lay before we
    watched, which we do since `watched_since`. `fleet` is what the watched organisations have in common, see
    core.cadence. `open_alerts` are the keys of the cadence alerts that were raised and are not over.
    """

    organization: Organization
    releases: tuple[Release, ...]
    listed_at: datetime
    cadence: CadenceState | None = None
    silent_until: date | None = None
    unseen: tuple[tuple[date, date], ...] = ()
    fleet: Fleet = COLD_START
    watched_since: date | None = None
    open_alerts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the days that ended change; `open_alerts` are the keys of the cadence alerts that are not over, or not yet.

    An alert "slower" is over for as long as a silence is: it explains both.
    """

    cadence: CadenceState | None
    alerts: tuple[Alert, ...] = ()
    open_alerts: frozenset[str] = frozenset()


def release_days(releases: Iterable[Release]) -> tuple[date, ...]:
    """Return the days on which the cadence counts a release: dated, with weights, each day once, in order."""
    counted = (
        r.released_at
        for r in releases
        if r.released_at is not None and r.basis is not Basis.UNKNOWN and r.weights is not Weights.PENDING
    )
    return tuple(sorted({at.date() for at in counted}))


def judge(past: Past, rules: Rules, now: datetime) -> Judgement:
    """Let the cadence live through every day that has ended for all accounts, and through today if it has a release.

    A day has ended for an account once it was listed after it. A day with a release can be decided at once: further
    releases on it change nothing. Of days on which an account could not be seen nothing is said, and of days before
    we watched nobody is told.
    """
    days = release_days(past.releases)
    if not days:
        return Judgement(past.cadence)
    record = Record(days, past.unseen)
    today = past.listed_at.date()
    until = today - timedelta(days=0 if days[-1] == today else 1)
    before = past.cadence or onboard(record, past.fleet, rules.budgets, past.silent_until or until)
    state, crossings = advance(before, record, past.fleet, rules.budgets, until)
    news = [crossing for crossing in crossings if _is_news(crossing, before, state)]
    dates = creation_dates(evidence_since(state, Timeline.of(record)), past.watched_since)
    alerts = tuple(_alert(past, _dated(crossing, dates), rules, now) for crossing in news)
    answered = _answered(past.organization.key, before, past.open_alerts)
    told = past.open_alerts | {alert.key for alert in alerts}
    return Judgement(
        cadence=state,
        alerts=tuple(replace(one, answers=answered.get(one.direction)) for one in alerts),
        open_alerts=frozenset(_told_as(past.organization.key, crossing, told) for crossing in _open(state)),
    )


def _open(state: CadenceState) -> tuple[Crossing, ...]:
    """Return what is not over: a silence alone, which explains a slower pace too; else what changed, and may have.

    Of what only looking back showed nobody was told.
    """
    incident = state.incident
    if incident and incident.level is Level.ALERT:
        return (incident,)
    change = state.change if state.change != state.hindsight else None
    return tuple(crossing for crossing in (change, incident) if crossing)


def _is_news(crossing: Crossing, before: CadenceState, state: CadenceState) -> bool:
    """Tell whether a crossing is not overtaken already, where many days are lived through at once.

    After a week of our own downtime nobody needs a silence that is over, or a possible change that became one.
    """
    if crossing.direction is Direction.RESUMED:
        return before.incident is not None and before.incident.level is Level.ALERT
    return crossing in (state.incident, state.change)


def _key(organization: str, crossing: Crossing) -> str:
    return f"{_kind(organization, crossing)}{crossing.decided_on}"


def _kind(organization: str, crossing: Crossing) -> str:
    return f"cadence:{organization}:{crossing.direction}:{crossing.level}:"


def _told_as(organization: str, crossing: Crossing, told: Collection[str]) -> str:
    """Return the key of the alert that told of it: after a correction of the past it may be dated to another day."""
    key, kind = _key(organization, crossing), _kind(organization, crossing)
    return key if key in told else max((one for one in told if one.startswith(kind)), default=key)


def _dated(crossing: Crossing, dates: str | None) -> Crossing:
    """Add to the evidence how the dates behind it are to be read; a release that ends a silence needs no past."""
    if dates is None or crossing.direction is Direction.RESUMED:
        return crossing
    return replace(crossing, evidence=f"{crossing.evidence}; {dates}")


def _answered(organization: str, before: CadenceState, told: Collection[str]) -> dict[Direction | None, str]:
    """Return the key of the alert that one of each direction answers: what was possible, or the silence that ends."""
    incident = before.incident
    if incident is None:
        return {}
    is_silence = incident.direction is Direction.SILENT and incident.level is Level.ALERT
    return {Direction.RESUMED if is_silence else incident.direction: _told_as(organization, incident, told)}


def _alert(past: Past, crossing: Crossing, rules: Rules, now: datetime) -> Alert:
    key = past.organization.key
    behind = [
        r for r in past.releases if r.released_at and r.released_at.date() in set(crossing.release_days)
    ]
    changed_on = crossing.changed_on
    return Alert(
        key=_key(key, crossing),
        organization=key,
        kind=AlertKind.CADENCE,
        message=replace(
            cadence_message(past.organization, crossing, behind, rules.budgets), chart=_chart(past, crossing)
        ),
        raised_at=now,
        due_at=now,
        level=crossing.level,
        direction=crossing.direction,
        changed_at=datetime.combine(changed_on, datetime.min.time(), tzinfo=UTC) if changed_on else None,
    )


def _chart(past: Past, crossing: Crossing) -> Chart | None:
    spells = past.cadence.spells if past.cadence else ()
    return launch_chart(
        past.organization,
        past.releases,
        past.listed_at.date(),
        spells=spells,
        crossing=crossing,
        unseen=past.unseen,
    )
