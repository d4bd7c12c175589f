"""What is said of an organisation's cadence today: its regime, never without the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from monitor.core.cadence.budget import delay_days
from monitor.core.cadence.burst import find_burst
from monitor.core.cadence.estimate import MONTH
from monitor.core.cadence.evidence import BEFORE, WINDOWS
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.regime import LEARNING, NEEDED
from monitor.core.cadence.report import (
    averaged,
    could_not_be_seen,
    days_of_release,
    described_anew,
    gap_rank,
    longer_than,
    pace,
    released_since,
)
from monitor.core.cadence.state import CadenceState, Crossing, Rate
from monitor.core.types import Budgets, Direction, Level, Regime

_FACTORS = (1.5, 2, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The regime today, with the plain figures beside it. Rates are release days a month; `interval` is 95%.

    `gap_rank` is "33 of 34": the present gap is longer than 33 of the 34 before it; None without one before.
    `since` is the first day of the regime, `previous` the rate before it.
    """

    regime: Regime
    level: Level | None
    rate_per_month: float | None
    interval: tuple[float, float] | None
    since: date | None
    previous_rate_per_month: float | None
    release_days: int
    days_since_last: int | None
    gap_rank: str | None
    blind: bool
    why: str


@dataclass(frozen=True, slots=True)
class _Opinion:
    regime: Regime
    level: Level | None
    since: date | None
    rate: Rate | None
    previous: Rate | None
    why: str


def verdict(
    state: CadenceState | None,
    record: Record,
    budgets: Budgets,
    today: date,
    *,
    hubs: Sequence[str] = (),
    launches: Sequence[date] = (),
    blind_since: date | None = None,
) -> Verdict:
    """Say what the cadence is, from the state of the last decided day and the record up to today.

    `hubs` are the names of those on which the organisation is watched; `launches` has the day of each launch, in order,
    and may be left out: then no burst is mentioned. While the organisation cannot be seen, the regime is unknown;
    `blind_since` is the day on which that began, where that day is no blind one as a whole.
    """
    line, day = Timeline.of(record), today.toordinal()
    opinion = _opinion(state, line, budgets, day, hubs)
    if state and (burst := find_burst(launches, state, line, budgets, day)):
        opinion = replace(opinion, why=f"{opinion.why}; {burst}")
    blind = line.is_blind(day)
    if blind:
        opinion = _unknown(opinion, line, day, blind_since)
    seen = line.seen_by(day)
    rank = gap_rank(line, day)
    rate = opinion.rate
    return Verdict(
        regime=opinion.regime,
        level=opinion.level,
        rate_per_month=rate.per_month if rate else None,
        interval=(rate.low, rate.high) if rate else None,
        since=opinion.since,
        previous_rate_per_month=opinion.previous.per_month if opinion.previous else None,
        release_days=seen,
        days_since_last=day - line.last_release(day) if seen else None,
        gap_rank=f"{rank[0]} of {rank[1]}" if rank else None,
        blind=blind,
        why=opinion.why,
    )


def regime_rate(state: CadenceState, line: Timeline) -> Rate | None:
    """Return the rate of the present regime, whatever else may be possible; None while too little is known.

    A pace that is not learnt yet is averaged over the days on which its change may have been, as when it was told; a
    silence has none, up to the rate that it leaves possible.
    """
    decided = state.last_tick.toordinal()
    if state.incident and state.incident.level is Level.ALERT:
        return state.incident.after
    if state.learnt or (state.change is None and line.seen_by(decided) > 1):
        return pace(state, line, decided)
    return _rate_by_now(state, state.change, line) if state.change else None


def _rate_by_now(state: CadenceState, told: Crossing, line: Timeline) -> Rate | None:
    """Return the rate since a change that was called, or is possible, by all that is decided about."""
    return (described_anew(state, line, told, state.last_tick.toordinal()) or told).after


def _opinion(
    state: CadenceState | None, line: Timeline, budgets: Budgets, day: int, hubs: Sequence[str]
) -> _Opinion:
    """Choose what to say: a silence, else a change, else what is possible, else how far learning has come."""
    if state is None or state.baseline is None:
        return _Opinion(Regime.LEARNING, None, None, None, None, f"{days_of_release(0)}; {NEEDED} are needed")
    rate, incident = regime_rate(state, line), state.incident
    if incident and (incident.level is Level.ALERT or state.change is None):
        after = _rate_by_now(state, incident, line)
        return _of(incident, after, _why(incident, after, line, day, hubs))
    if state.change:
        why = _why(state.change, None if state.learnt else rate, line, day, hubs)
        if state.change == state.hindsight:
            why = f"{why}; {state.change.evidence}"
        if incident:
            why = f"{why}; possibly {incident.direction}: {_why(incident, None, line, day, hubs)}"
        return _of(state.change, rate, why)
    since = state.spells[-1].since
    if state.learnt:
        why = f"no change shown; {_blur(state, line, budgets, state.last_tick.toordinal())}"
        return _Opinion(Regime.STEADY, None, since, rate, None, why)
    return _Opinion(Regime.LEARNING, None, since, rate, None, _needed(state.baseline, line, day))


def _needed(baseline: date, line: Timeline, day: int) -> str:
    """Say what is still to be learnt."""
    seen = line.seen_by(day)
    if seen < NEEDED:
        return f"{days_of_release(seen)}; {NEEDED} are needed"
    return f"{days_of_release(seen)} in {day - baseline.toordinal()} days; {LEARNING} days are needed"


def _of(crossing: Crossing, rate: Rate | None, why: str) -> _Opinion:
    regime = Regime(crossing.direction)
    return _Opinion(regime, crossing.level, crossing.changed_on, rate, crossing.before, why)


def _why(crossing: Crossing, after: Rate | None, line: Timeline, day: int, hubs: Sequence[str]) -> str:
    """Say what shows a silence or a change, as of today; a rate that counting does not give is said with it."""
    if crossing.direction is Direction.SILENT or crossing.changed_on is None:
        return _silence(line, day, hubs)
    parts = (
        released_since(line, crossing.changed_on.toordinal(), day),
        averaged(after) if after else "",
        f"{crossing.before.per_month:.1f} a month before" if crossing.before else "",
    )
    return "; ".join(filter(None, parts))


def _silence(line: Timeline, day: int, hubs: Sequence[str]) -> str:
    last = line.last_release(day)
    where = f" on {hubs[0] if len(hubs) == 1 else f'{len(hubs)} hubs'}" if hubs else ""
    unseen = could_not_be_seen(line.blind_days(last, day))
    return f"no open-weight release seen{where} for {day - last} days; {unseen}{longer_than(line, day)}"


def _unknown(opinion: _Opinion, line: Timeline, day: int, blind_since: date | None) -> _Opinion:
    """Say since when nothing can be seen, and what was known before."""
    whole = date.fromordinal(next(start for start, end in line.blind if start <= day < end))
    first = min(whole, blind_since or whole)
    was = f"possibly {opinion.regime}" if opinion.level is Level.WATCHING else opinion.regime
    why = f"not seen since {first}; {was} before that: {opinion.why}"
    return _Opinion(Regime.UNKNOWN, None, first, opinion.rate, opinion.previous, why)


def _blur(state: CadenceState, line: Timeline, budgets: Budgets, day: int) -> str:
    """Say the smallest change of the rate that would have been seen by now, see `delay_days`."""
    start = state.start(line, day)
    a_month = MONTH * max(line.count(start, day), 1) / max(line.exposure(start, day), 1.0)
    days = min(day - start - BEFORE, WINDOWS[-1])
    for factor in _FACTORS:
        if delay_days(budgets.alert, factor, a_month, state.phi) <= days:
            return f"less than x{factor:g} cannot be told yet"
    return f"not even x{_FACTORS[-1]:g} could be told yet"
