"""The regime of an organisation's cadence: learning, steady, faster, slower, silent; day by day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitor.core.cadence.dispersion import BLOCK, dispersion, is_telling, own_dispersion
from monitor.core.cadence.evidence import DOWN, UP, Limits, both_limits, count, evidence
from monitor.core.cadence.fleet import Fleet
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.report import changed, fell_silent, pace, resumed
from monitor.core.cadence.silence import Gap, is_silent, present_gap
from monitor.core.cadence.state import CadenceState, Crossing, enter
from monitor.core.types import Budgets, Direction, Level, Regime

NEEDED = 4  # release days before anything is said
LEARNING = 90  # days from the first one
RELEARNING = 60  # days from the start of a new baseline
COOL_DOWN = 14  # days without crossings after an alert-level change, and after a silence
NEWS = 180  # days for which a change is what is said of an organisation
FADED = 2.3  # nats: something possible is over once its evidence is ten times below its level


def advance(
    state: CadenceState | None, record: Record, fleet: Fleet, budgets: Budgets, until: date
) -> tuple[CadenceState, tuple[Crossing, ...]]:
    """Decide about each day after the last decided one, up to `until`, at the end of that day.

    From None, everything since the first release day is replayed. Stepping day by day and replaying at once give
    the same, as long as `fleet` is the same. A record with more or fewer release days in the past is replayed
    too; then only what is new to readers is returned. After other corrections of the past, start from None.
    """
    line = Timeline.of(record)
    known = state.last_tick if state else date.min
    begun = state
    if begun is None or begun.baseline is None or line.seen_by(known.toordinal()) != begun.seen:
        again = begun.hindsight if begun else None
        begun = resume_from(begun, line, again) if begun and again else begin(record, line, max(until, known))
    levels = both_limits(budgets)
    crossings: list[Crossing] = []
    now = begun
    for day in range(begun.last_tick.toordinal() + 1, max(until, known).toordinal() + 1):
        now, new = tick(now, line, fleet, levels, day)
        crossings += new
    if state is None or begun is state:
        return now, tuple(crossings)
    return now, tuple(told for told in crossings if told.decided_on > known or _is_news(told, state, now))


def _is_news(crossing: Crossing, before: CadenceState, now: CadenceState) -> bool:
    """Whether a crossing that a replay found in the past matters now and was not told before the replay."""
    if crossing.direction is Direction.RESUMED:
        silence = before.incident
        return silence is not None and _is_alert(silence) and crossing.decided_on > silence.decided_on
    told = {(one.direction, one.level) for one in (before.incident, before.change) if one}
    known = {(crossing.direction, crossing.level), (crossing.direction, Level.ALERT)}
    return crossing in (now.incident, now.change) and not known & told


def begin(record: Record, line: Timeline, until: date) -> CadenceState:
    """Return the state at the end of the first release day; with no baseline if there is none so far."""
    if not line.seen_by(until.toordinal()):
        return CadenceState(until, 0)
    first = date.fromordinal(line.days[0])
    start = min(first, record.start or first)
    return CadenceState(first, 1, start, spells=enter((), Regime.LEARNING, start))


def resume_from(state: CadenceState, line: Timeline, change: Crossing) -> CadenceState:
    """Return the state at the end of the day before a change that only looking back shows; it is news as any is."""
    since = change.changed_on or change.decided_on
    before = since - timedelta(1)
    spells = enter(
        state.spells,
        Regime(change.direction),
        since,
        change.before,
        change.after,
        change.changed_between,
    )
    seen = line.seen_by(before.toordinal())
    return CadenceState(before, seen, before, change=change, hindsight=change, spells=spells)


def tick(
    state: CadenceState, line: Timeline, fleet: Fleet, levels: tuple[Limits, Limits], day: int
) -> tuple[CadenceState, tuple[Crossing, ...]]:
    """Decide about one day (`date.toordinal`), the one after the last decided, at its end.

    1. Say nothing of a day on which the organisation could not be seen.
    2. Learn: the dispersion, and whether the baseline is long enough.
    3. End a silence with the first release after it.
    4. Look for a new silence, and for a change of the rate, unless an alert is too fresh.
    """
    today = date.fromordinal(day)
    state = replace(state, last_tick=today, seen=line.seen_by(day))
    if line.is_blind(day):
        return state, ()
    state = _learn(_measure(state, line, fleet, day), line, day)
    state, ended = _resume(state, line, day)
    if ended or not state.learnt or (state.quiet_until and today < state.quiet_until):
        return state, ended
    if _is_alert(state.incident):
        return state, ()
    return _judge(state, line, levels, day)


def _begun(state: CadenceState) -> int:
    return state.baseline.toordinal() if state.baseline else 0


def _measure(state: CadenceState, line: Timeline, fleet: Fleet, day: int) -> CadenceState:
    """Refresh the dispersion, and what the fleet says, whenever 28 more days are complete."""
    start = _begun(state)
    if (day - start) % BLOCK:
        return state
    own = own_dispersion(line, start, day)
    phi = dispersion(own, fleet, state.anchor)
    return replace(state, phi=phi, own=own if is_telling(own) else state.own, prior_days=1 / fleet.rate)


def _learn(state: CadenceState, line: Timeline, day: int) -> CadenceState:
    """Note that the baseline is long enough, and then that a change is no news any more."""
    start, today = _begun(state), date.fromordinal(day)
    if not state.learnt:
        days = LEARNING if state.anchor is None else RELEARNING
        if day - start < days or line.seen_by(day) - line.seen_by(start - 1) < NEEDED:
            return state
        state = replace(state, learnt=True)
        if state.spells[-1].regime is Regime.LEARNING:
            state = replace(state, spells=enter(state.spells, Regime.STEADY, today))
    if state.change and day - state.change.decided_on.toordinal() >= NEWS:
        silent = _is_alert(state.incident)
        spells = state.spells if silent else enter(state.spells, Regime.STEADY, today, pace(state, line, day))
        state = replace(state, change=None, spells=spells)
    return state


def _is_alert(incident: Crossing | None) -> bool:
    return incident is not None and incident.level is Level.ALERT


def _resume(state: CadenceState, line: Timeline, day: int) -> tuple[CadenceState, tuple[Crossing, ...]]:
    """End a silence, called or possible, with the first release after it; only a called one is told."""
    silence = state.incident
    if silence is None or silence.direction is not Direction.SILENT or silence.changed_on is None:
        return state, ()
    if line.last_release(day) < silence.changed_on.toordinal():
        return state, ()
    if silence.level is not Level.ALERT:
        return replace(state, incident=None), ()
    told = resumed(silence, line, day)
    regime = Regime(state.change.direction) if state.change else Regime.STEADY
    rate = state.change.after if state.change else None
    spells = enter(state.spells, regime, told.changed_on or told.decided_on, rate=rate)
    quiet = told.decided_on + timedelta(COOL_DOWN)
    return replace(state, incident=None, quiet_until=quiet, spells=spells), (told,)


def _judge(
    state: CadenceState, line: Timeline, levels: tuple[Limits, Limits], day: int
) -> tuple[CadenceState, tuple[Crossing, ...]]:
    """Compare the evidence of each direction with both levels; one incident is open at a time.

    An alert supersedes what was possible. Something possible is told once; it stays open until its evidence is
    ten times below the watching level (a silence: until a release), and only then can another be told.
    """
    alert, watch = levels
    weighed = _weigh(state, line, day)
    for case in weighed:
        if case.reaches(alert) and (crossing := case.report(state, line, day, Level.ALERT)):
            return _accept(state, crossing), (crossing,)
    held = state.incident
    if held and any(case.direction is held.direction and case.holds(watch) for case in weighed):
        return state, ()
    for case in weighed:
        if case.reaches(watch) and (crossing := case.report(state, line, day, Level.WATCHING)):
            return replace(state, incident=crossing), (crossing,)
    return replace(state, incident=None) if held else state, ()


def _weigh(state: CadenceState, line: Timeline, day: int) -> tuple["_Silence | _Shift", ...]:
    """Gather what speaks for each direction at the end of a day; a silence explains more than "slower"."""
    counts = count(line, state.start(line, day), day, state.prior_days)
    gap = present_gap(line, state.start(line, line.last_release(day)), day)
    return (
        _Silence(gap, state.phi),
        _Shift(Direction.SLOWER, evidence(counts, state.phi, DOWN)),
        _Shift(Direction.FASTER, evidence(counts, state.phi, UP)),
    )


@dataclass(frozen=True, slots=True)
class _Silence:
    """The case for "silent"."""

    gap: Gap
    phi: float
    direction = Direction.SILENT

    def reaches(self, limits: Limits) -> bool:
        return is_silent(self.gap, self.phi, limits.probability)

    def holds(self, watch: Limits) -> bool:
        return True  # a release has ended it, or nothing has

    def report(self, state: CadenceState, line: Timeline, day: int, level: Level) -> Crossing:
        return fell_silent(state, line, day, level, self.gap)


@dataclass(frozen=True, slots=True)
class _Shift:
    """The case for "faster" or "slower"."""

    direction: Direction
    nats: float

    def reaches(self, limits: Limits) -> bool:
        return self.nats > limits.threshold

    def holds(self, watch: Limits) -> bool:
        return self.nats > watch.threshold - FADED

    def report(self, state: CadenceState, line: Timeline, day: int, level: Level) -> Crossing | None:
        return changed(state, line, day, level, self.direction, self.nats)


def _accept(state: CadenceState, crossing: Crossing) -> CadenceState:
    """Note an alert; a change of the rate, unlike a silence, starts a new baseline the day before it."""
    since = crossing.changed_on or crossing.decided_on
    regime, between = Regime(crossing.direction), crossing.changed_between
    spells = enter(state.spells, regime, since, crossing.before, crossing.after, between)
    if crossing.direction is Direction.SILENT:
        return replace(state, incident=crossing, spells=spells)
    return replace(
        state,
        baseline=since - timedelta(1),
        learnt=False,
        anchor=state.phi,
        quiet_until=crossing.decided_on + timedelta(COOL_DOWN),
        change=crossing,
        incident=None,
        spells=spells,
    )
