"""What a crossing tells: rates before and after, when the change was, and one plain sentence of evidence."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from math import exp

from monitor.core.cadence.budget import CHANGES_A_YEAR
from monitor.core.cadence.estimate import MONTH, current_rate, fit_change
from monitor.core.cadence.evidence import DOWN, UP, count, evidence
from monitor.core.cadence.record import HORIZON, LEAST, Timeline
from monitor.core.cadence.silence import Gap
from monitor.core.cadence.state import CadenceState, Crossing, Rate, regime_start
from monitor.core.types import Direction, Level

# True changes in one direction per organisation and day, half of them up. A prior for display only.
_CHANGES_A_DAY = CHANGES_A_YEAR / 365 / 2
REFRESH = 30  # days after which a change is described anew
_CERTAIN = 1e6  # odds beyond this are not distinguished
# Release days that a new rate must show; without any it would be a silence, which is judged by itself.
_SHOWN = {Direction.FASTER: 3, Direction.SLOWER: 1}
_RATIOS = {Direction.FASTER: UP, Direction.SLOWER: DOWN}
_NONE_SEEN_95 = 3.689  # upper 97.5% limit of a Poisson mean when nothing was seen: -ln 0.025


def changed(
    state: CadenceState, line: Timeline, day: int, level: Level, direction: Direction, nats: float
) -> Crossing | None:
    """Describe a change of the rate; None for one that too few release days show."""
    start = state.start(line, day)
    up = direction is Direction.FASTER
    fit = fit_change(line, start, day, state.phi, faster=up, prior_days=state.prior_days)
    if fit is None or fit.released < _SHOWN[direction]:
        return None
    since = day - fit.window + 1
    odds = min(_CHANGES_A_DAY * exp(nats), _CERTAIN)
    return Crossing(
        level=level,
        direction=direction,
        decided_on=date.fromordinal(day),
        changed_on=date.fromordinal(since),
        changed_between=(
            date.fromordinal(day - fit.longest + 1),
            date.fromordinal(day - fit.shortest + 1),
        ),
        before=fit.before,
        after=fit.after,
        odds=odds,
        release_days=tuple(date.fromordinal(d) for d in line.counted if since <= d <= day),
        evidence=(
            f"{released_since(line, since, day)}; {averaged(fit.after)}, "
            f"after {days_of_release(line.count(start, since - 1))} {_before(state, line, since - 1, day)}, "
            f"{a_month(fit.before)}; "
            f"odds {odds_to_one(odds)} that this is a change"
        ),
    )


def refreshed(state: CadenceState, line: Timeline, day: int) -> Crossing | None:
    """Describe the change that is open as it looks 30 days after it was called; None before that.

    At the moment of an alarm the new rate is known badly, and more often too extreme than not. The date on which the
    change was called stays.
    """
    told = state.change
    if told is None or day < (later := (told.decided_on + timedelta(REFRESH)).toordinal()):
        return None
    now = described_anew(state, line, told, later)
    return replace(now, decided_on=told.decided_on) if now else None


def described_anew(state: CadenceState, line: Timeline, told: Crossing, day: int) -> Crossing | None:
    """Describe a change, called or possible, as it looks at the end of a later day; None where nothing can be added.

    One that was called is compared with the pace before it.
    """
    former = state if told == state.incident else _before_change(state)
    if told.changed_on is None or told.direction not in _RATIOS or former is None:
        return None
    counts = count(line, former.start(line, day), day, former.prior_days)
    nats = evidence(counts, former.phi, _RATIOS[told.direction])
    return changed(former, line, day, told.level, told.direction, nats)


def _before_change(state: CadenceState) -> CadenceState | None:
    """Return the state with the baseline and the dispersion from before the open change."""
    told = state.change
    if told is None or told.changed_on is None or state.anchor is None:
        return None
    begun = regime_start(state.spells, told.changed_on.toordinal() - 2)
    return replace(state, baseline=date.fromordinal(begun), phi=state.anchor) if begun is not None else None


def fell_silent(state: CadenceState, line: Timeline, day: int, level: Level, gap: Gap) -> Crossing:
    """Describe a silence; it began the day after the last release day."""
    last, start = date.fromordinal(gap.last), state.start(line, day)
    before = current_rate(gap.complete, gap.before, state.phi)
    unseen = line.blind_days(gap.last, day)
    ceiling = _NONE_SEEN_95 * MONTH * state.phi / max(gap.days, 1.0)
    return Crossing(
        level=level,
        direction=Direction.SILENT,
        decided_on=date.fromordinal(day),
        changed_on=date.fromordinal(gap.last + 1),
        changed_between=None,
        before=before,
        after=Rate(0.0, 0.0, ceiling),
        odds=None,
        release_days=(last,),
        evidence=(
            f"no release for {day - gap.last} days, the last on {last}; {could_not_be_seen(unseen)}"
            f"{longer_than(line, day, start)}; {a_month(before)} {_before(state, line, gap.last, gap.last)}"
        ),
    )


def resumed(silence: Crossing, line: Timeline, day: int) -> Crossing:
    """Describe the first release after a silence that had been called one."""
    first = next(d for d in line.days if silence.changed_on and d >= silence.changed_on.toordinal())
    on = date.fromordinal(first)
    gap = (on - silence.release_days[-1]).days
    former = f"; {a_month(silence.before)} before the silence" if silence.before else ""
    return Crossing(
        level=Level.ALERT,
        direction=Direction.RESUMED,
        decided_on=date.fromordinal(day),
        changed_on=on,
        changed_between=None,
        before=silence.after,
        after=None,
        odds=None,
        release_days=(on,),
        evidence=f"resumed after {gap} days: a release on {on}{former}",
    )


def pace(state: CadenceState, line: Timeline, day: int) -> Rate | None:
    """Return the rate since the baseline began, at the end of a day; None where no day of it could be seen."""
    start = state.start(line, day)
    exposure = line.exposure(start, day)
    return current_rate(line.count(start, day), exposure, state.phi) if exposure > 0 else None


def released_since(line: Timeline, since: int, day: int) -> str:
    """Count release days as the engine does: "7 release days in the 104 days since 2026-03-01".

    Where some of these days could not be seen, it counts the others, and says what that leaves out.
    """
    before = since - 1
    days, blind, missed = day - before, line.blind_days(before, day), line.missed(before, day)
    span = f"on the {days - blind} days that could be seen" if blind else f"in the {days} days"
    left_out = f"; {missed} more on blind days {'is' if missed == 1 else 'are'} not counted" if missed else ""
    return f"{days_of_release(line.count(before, day))} {span} since {date.fromordinal(since)}{left_out}"


def averaged(rate: Rate) -> str:
    """Say a rate after a change, which is averaged over the days on which the change may have been.

    Release days over days, from the likeliest day on, would be another number, and too extreme a one: that day was
    chosen for it.
    """
    return f"by a cautious estimate, as the start is uncertain, {a_month(rate)}"


def _before(state: CadenceState, line: Timeline, until: int, day: int) -> str:
    """Say how long the past is that a day is compared with, up to the end of another; and why no longer."""
    start, horizon = state.start(line, day), line.horizon(day)
    why = ""
    if state.baseline and horizon > state.baseline.toordinal():
        compared = "18 months" if horizon == day - HORIZON else f"{LEAST} release days"
        why = f" (the last {compared} are compared)"
    return f"in the {stretch(until - start)} before{why}"


def could_not_be_seen(days: int) -> str:
    """Own up to blind days, as a clause that others follow; "" where there are none."""
    return f"{days} of these days could not be seen; " if days else ""


def gap_rank(line: Timeline, day: int, since: int = 0) -> tuple[int, int] | None:
    """Return how many of the earlier gaps the present one is longer than, and how many there were.

    With `since` only gaps count that ended after that day.
    """
    seen = line.days[: line.seen_by(day)]
    gaps = [after - before for before, after in pairwise(seen) if after > since]
    if not gaps:
        return None
    return sum(gap < day - seen[-1] for gap in gaps), len(gaps)


def longer_than(line: Timeline, day: int, since: int = 0) -> str:
    """Say how the present gap compares: "longer than 33 of its 34 gaps".

    A silence is judged by the pace since a day: then so is the gap, where there were others before.
    """
    rank, whole = gap_rank(line, day, since), gap_rank(line, day)
    if rank is None or whole is None:
        return "the first gap"
    shorter, gaps = rank
    span = "" if rank == whole else f" since {date.fromordinal(since + 1)}"
    return f"longer than {'each' if shorter == gaps else shorter} of its {gaps} gaps{span}"


def days_of_release(number: int) -> str:
    """Count release days in words: "1 release day", "4 release days"."""
    return f"{number} release day{'' if number == 1 else 's'}"


def stretch(days: int) -> str:
    """Say how long a time is, as it is said of the past: "15 months", "50 days"."""
    return f"{days / MONTH:.0f} months" if days >= 2 * MONTH else f"{days} day{'' if days == 1 else 's'}"


def a_month(rate: Rate) -> str:
    """Say a rate with its interval: "2.1 a month (1.5 to 2.9)"."""
    return f"{rate.per_month:.1f} a month ({rate.low:.1f} to {rate.high:.1f})"


def odds_to_one(odds: float) -> str:
    """Say odds as people do: "8 to 1"."""
    return "over 1000 to 1" if odds > 1000 else f"{odds:.0f} to 1" if odds >= 1.5 else f"{odds:.1f} to 1"
