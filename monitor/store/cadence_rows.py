"""The rows of `cadence` in the shape of the JSON interface: of organisations, of their regimes so far, of groups."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from monitor.core.cadence.panel import group_regime
from monitor.core.cadence.record import HORIZON, Timeline
from monitor.core.cadence.report import refreshed
from monitor.core.cadence.state import Rate, Spell
from monitor.core.cadence.verdict import regime_rate
from monitor.core.companions import Companions
from monitor.core.figures import HALF_YEAR, creation_dates, evidence_since, half_years
from monitor.core.types import Budgets, Level, Regime
from monitor.store.cadence import OrganizationCadence, panel

JsonRow = dict[str, Any]

_CHANGED = (Regime.FASTER, Regime.SLOWER, Regime.SILENT)


def verdict_row(
    cadence: OrganizationCadence, budgets: Budgets, now: datetime, companions: Companions | None = None
) -> JsonRow:
    """Return the row of `cadence --format json`."""
    found = cadence.verdict(budgets, now)
    line = Timeline.of(cadence.record(now))
    regime, why, blind = found.regime, found.why, found.blind
    if not cadence.is_seen:
        regime, blind = Regime.UNKNOWN, True
        why = f"not seen yet: {cadence.last_error}" if cadence.last_error else "not looked at yet"
    evidence = evidence_since(cadence.state, line) if cadence.state else None
    if regime in _CHANGED and (dates := creation_dates(evidence, cadence.watched_since)):
        why = f"{why}; {dates}"
    return {
        "organization": cadence.key,
        "regime": regime.value,
        "level": found.level.value if found.level else None,
        "rate_per_month": _rounded(found.rate_per_month),
        "interval": [_rounded(end) for end in found.interval] if found.interval else None,
        "interval_level": 0.95,
        "since": _midnight(found.since),
        "previous_rate_per_month": _rounded(found.previous_rate_per_month),
        "releases": len(cadence.released_at),
        "release_days": found.release_days,
        "last_released_at": cadence.released_at[-1] if cadence.released_at else None,
        "days_since_last": found.days_since_last,
        "gap_rank": found.gap_rank,
        "blind": blind,
        "why": why,
        **_plain_figures(cadence, line, now.date(), evidence),
        **_company(companions),
    }


def _plain_figures(
    cadence: OrganizationCadence, line: Timeline, today: date, evidence: date | None
) -> JsonRow:
    """Count half-years, and say how the dates behind them and behind the verdict are to be read."""
    halves = half_years(cadence.launches, line, today)
    begin = today - timedelta(days=2 * HALF_YEAR - 1)
    return {
        "launches_half_year": halves.launches,
        "launches_half_year_before": halves.launches_before,
        "blind_days_half_year": halves.blind_days,
        "blind_days_half_year_before": halves.blind_days_before,
        "watched_since": _midnight(cadence.watched_since),
        "dates": creation_dates(min(begin, evidence or begin), cadence.watched_since),
    }


def _company(companions: Companions | None) -> JsonRow:
    compared = companions.compared if companions else None
    return {
        "company": compared.company.value if compared else None,
        "company_group": companions.group if companions else None,
        "company_moved": list(compared.moved) if compared else None,
        "company_why": str(companions) if companions else None,
    }


def history_rows(cadence: OrganizationCadence, now: datetime) -> list[JsonRow]:
    """Return the rows of `cadence --history`: every regime that the organisation went through, in order.

    `basis` says how the releases of a regime are dated, `between` holds the first day of it with 80% probability,
    `note` says what else is possible now, or that only looking back showed it.
    """
    spells = _with_present(cadence, now)
    before: list[Rate | None] = [None]
    for spell in spells:
        before.append(spell.rate or before[-1])
    rows = [
        _history_row(cadence, spell, spell.before or former)
        for spell, former in zip(spells, before, strict=False)
    ]
    if rows and (possible := _possible(cadence)):
        rows[-1]["note"] = "; ".join(filter(None, (rows[-1]["note"], possible)))
    return rows


def _history_row(cadence: OrganizationCadence, spell: Spell, previous: Rate | None) -> JsonRow:
    found = cadence.state.hindsight if cadence.state else None
    is_found = found is not None and found.changed_on == spell.since
    return {
        "organization": cadence.key,
        "regime": spell.regime.value,
        "since": _midnight(spell.since),
        "until": _midnight(spell.until),
        "rate_per_month": _rounded(spell.rate.per_month) if spell.rate else None,
        "interval": _interval(spell.rate),
        "between": [_midnight(day) for day in spell.between] if spell.between else None,
        "previous_rate_per_month": _rounded(previous.per_month) if previous else None,
        "previous_interval": _interval(previous),
        "basis": _basis(spell, cadence.watched_since),
        "note": found.evidence if found and is_found else None,
    }


def _with_present(cadence: OrganizationCadence, now: datetime) -> list[Spell]:
    """Return the regimes with the present one as it is known by now, not only as it was on the day of its alert."""
    state = cadence.state
    if state is None or not state.spells:
        return []
    *earlier, present = state.spells
    line = Timeline.of(cadence.record(now))
    later = refreshed(state, line, state.last_tick.toordinal())
    if later is not None and later.direction.value == present.regime.value:
        present = replace(present, between=later.changed_between)
    return [*earlier, replace(present, rate=regime_rate(state, line))]


def _possible(cadence: OrganizationCadence) -> str | None:
    """Say what is possible beside the present regime."""
    incident = cadence.state.incident if cadence.state else None
    if incident is None or incident.level is not Level.WATCHING:
        return None
    return f"possibly {incident.direction} since {incident.changed_on}"


def _basis(spell: Spell, watched_since: date | None) -> str:
    """Say how the releases of a regime are dated: "observed", "created", or "mixed"."""
    if watched_since is None or (spell.until is not None and spell.until <= watched_since):
        return "created"
    return "observed" if spell.since >= watched_since else "mixed"


def group_rows(
    cadences: Iterable[OrganizationCadence],
    groups: Mapping[str, Sequence[str]],
    budgets: Budgets,
    now: datetime,
) -> list[JsonRow]:
    """Return the rows of `cadence --group`: the pace of each group's organisations taken together, by yesterday.

    Each is compared with its own past, so that a longer watch list is no faster group.
    """
    members: dict[str, list[OrganizationCadence]] = defaultdict(list)
    for cadence in cadences:
        for group in groups.get(cadence.key, ()):
            members[group].append(cadence)
    return [_group_row(group, members[group], budgets, now) for group in sorted(members)]


def _group_row(
    group: str, cadences: Sequence[OrganizationCadence], budgets: Budgets, now: datetime
) -> JsonRow:
    yesterday = now.date() - timedelta(days=1)
    found = group_regime(panel(cadences, now), budgets, yesterday)
    since = min((one.watched_since for one in cadences if one.watched_since), default=None)
    is_told = found.level is not None
    dates = creation_dates(yesterday - timedelta(days=HORIZON), since) if is_told else None
    return {
        "group": group,
        "regime": found.regime.value,
        "level": found.level.value if found.level else None,
        "since": _midnight(found.changed_on),
        "between": [_midnight(day) for day in found.changed_between] if found.changed_between else None,
        "release_days": found.released if is_told else None,
        "expected_release_days": round(found.expected, 1) if is_told else None,
        "organizations": len(cadences),
        "judged": found.judged,
        "leaning": found.leaning,
        "moved": list(found.moved),
        "watched_since": _midnight(since),
        "why": f"{found.why}; {dates}" if dates else found.why,
        "dates": dates,
    }


def _interval(rate: Rate | None) -> list[float | None] | None:
    return [_rounded(rate.low), _rounded(rate.high)] if rate else None


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 2)
