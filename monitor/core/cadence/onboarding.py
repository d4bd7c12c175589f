"""Learn an organisation's past at the first look: its baseline begins after the last change that can be seen by now."""

from datetime import date, timedelta

from monitor.core.cadence.evidence import BEFORE
from monitor.core.cadence.fleet import Fleet
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.regime import COOL_DOWN, advance, resume_from
from monitor.core.cadence.state import CadenceState, Crossing
from monitor.core.types import Budgets, Direction, Level

_A_DAY = timedelta(1)


def onboard(record: Record, fleet: Fleet, budgets: Budgets, until: date) -> CadenceState:
    """Live through the past without telling anybody, then look back over it once.

    Looking forward finds what would have been called a change at the time. Looking back, the same statistic runs from
    today into the past, at the level at which a change is possible: a baseline that holds one hides the next.
    """
    lived, _ = advance(None, record, fleet, budgets, until)
    if lived.baseline is None or not (seen := _last_change(record, fleet, budgets, until)):
        return lived
    change = _forwards(seen, until)
    origin = (change.changed_on or until) - _A_DAY
    if (origin - lived.baseline).days <= COOL_DOWN or (until - origin).days < BEFORE:
        return lived
    begun = resume_from(lived, Timeline.of(record), change)
    return advance(begun, record, fleet, budgets, until)[0]


def _forwards(seen: Crossing, until: date) -> Crossing:
    """Turn a change that was seen in mirrored time round: its rate after is the one before, its first day the last.

    It is dated to the day on which it began: nobody was told of it, and what it is called for is the past.
    """
    changed_on = _mirrored(seen.changed_on or until, until) + _A_DAY
    low, high = seen.changed_between or (seen.decided_on, seen.decided_on)
    return Crossing(
        level=Level.WATCHING,
        direction=_REVERSED[seen.direction],
        decided_on=changed_on,
        changed_on=changed_on,
        changed_between=(_mirrored(high, until) + _A_DAY, _mirrored(low, until) + _A_DAY),
        before=seen.after,
        after=seen.before,
        odds=None,
        release_days=(),
        evidence=f"as looking back on {until} shows",
    )


def _last_change(record: Record, fleet: Fleet, budgets: Budgets, until: date) -> Crossing | None:
    """Return the first change of pace that is seen on the way back from the last release, in mirrored time.

    The gap that is open now is left to the watch for silence.
    """
    days = tuple(sorted(_mirrored(day, until) for day in record.release_days if day <= until))
    blind = tuple(
        (_mirrored(end - _A_DAY, until), _mirrored(first - _A_DAY, until))
        for first, end in record.blind
        if first <= until
    )
    back = Budgets(alert=budgets.watch, watch=budgets.watch)
    _, crossings = advance(None, Record(days, blind), fleet, back, days[-1])
    changes = (one for one in crossings if one.level is Level.ALERT and one.direction in _REVERSED)
    return next(changes, None)


_REVERSED = {Direction.FASTER: Direction.SLOWER, Direction.SLOWER: Direction.FASTER}


def _mirrored(day: date, until: date) -> date:
    """Return the day that lies as far after `until` as this one lies before it."""
    return date.fromordinal(2 * until.toordinal() - day.toordinal())
