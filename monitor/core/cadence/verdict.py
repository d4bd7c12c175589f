"""What is said of an organisation's cadence today: its regime, never without the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from monitor.core.cadence.budget import delay_days
from monitor.core.cadence.burst import find_burst
from monitor.core.cadence.estimate import MONTH, current_rate
from monitor.core.cadence.evidence import BEFORE, WINDOWS
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.regime import LEARNING, NEEDED
from monitor.core.cadence.report import days_of_release, gap_rank, longer_than
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
    hubs: int = 1,
    launches: Sequence[date] = (),
) -> Verdict:
    """Say what the cadence is, from the state of the last decided day and the record up to today.

    `hubs` is on how many hubs the organisation is watched; `launches` has the day of each launch, in order, and may be
    left out: then no burst is mentioned. While the organisation cannot be seen, the regime is unknown.
    """
    line, day = Timeline.of(record), today.toordinal()
    opinion = _opinion(state, line, budgets, day, hubs)
    if state and (burst := find_burst(launches, state, line, budgets, day)):
        opinion = replace(opinion, why=f"{opinion.why}; {burst}")
    blind = line.is_blind(day)
    if blind:
        opinion = _unknown(opinion, line, day)
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


def _opinion(state: CadenceState | None, line: Timeline, budgets: Budgets, day: int, hubs: int) -> _Opinion:
    """Choose what to say: a silence, else a change, else what is possible, else how far learning has come."""
    if state is None or state.baseline is None:
        return _Opinion(Regime.LEARNING, None, None, None, None, f"{days_of_release(0)}; {NEEDED} are needed")
    decided = state.last_tick.toordinal()
    start = state.start(line, decided)
    exposure = line.exposure(start, decided)
    rate = current_rate(line.count(start, decided), exposure, state.phi) if exposure > 0 else None
    incident = state.incident
    if incident and (incident.level is Level.ALERT or state.change is None):
        return _of(incident, incident.after, _why(incident, line, day, hubs))
    if state.change:
        now = rate if state.learnt else state.change.after
        also = f"; possibly {incident.direction}: {_why(incident, line, day, hubs)}" if incident else ""
        return _of(state.change, now, _why(state.change, line, day, hubs) + also)
    since = state.spells[-1].since
    if state.learnt:
        why = f"no change shown; {_blur(state, line, budgets, decided)}"
        return _Opinion(Regime.STEADY, None, since, rate, None, why)
    seen = line.seen_by(day)
    why = f"{days_of_release(seen)}; {NEEDED} are needed"
    if seen >= NEEDED:
        why = (
            f"{days_of_release(seen)} in {day - state.baseline.toordinal()} days; {LEARNING} days are needed"
        )
    return _Opinion(Regime.LEARNING, None, since, rate if seen > 1 else None, None, why)


def _of(crossing: Crossing, rate: Rate | None, why: str) -> _Opinion:
    regime = Regime(crossing.direction)
    return _Opinion(regime, crossing.level, crossing.changed_on, rate, crossing.before, why)


def _why(crossing: Crossing, line: Timeline, day: int, hubs: int) -> str:
    """Say what shows a silence or a change, as of today."""
    if crossing.direction is Direction.SILENT or crossing.changed_on is None:
        return _silence(line, day, hubs)
    before = crossing.changed_on.toordinal() - 1
    return (
        f"{days_of_release(line.count(before, day))} in the {day - before} days since {crossing.changed_on}"
        + (f"; {crossing.before.per_month:.1f} a month before" if crossing.before else "")
    )


def _silence(line: Timeline, day: int, hubs: int) -> str:
    last = line.last_release(day)
    unseen = line.blind_days(last, day)
    return (
        f"no open-weight release seen on {hubs} hub{'' if hubs == 1 else 's'} for {day - last} days; "
        f"{longer_than(line, day)}" + (f"; {unseen} of these days could not be seen" if unseen else "")
    )


def _unknown(opinion: _Opinion, line: Timeline, day: int) -> _Opinion:
    """Say since when nothing can be seen, and what was known before."""
    first = date.fromordinal(next(start for start, end in line.blind if start <= day < end))
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
