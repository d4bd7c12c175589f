"""Whether what an alarm says of a change is true: the rates, within 95% intervals, and the day, within an 80% set."""

from dataclasses import dataclass

import numpy as np

from benchmarks.cadence.delays import Delay
from benchmarks.cadence.past import NEVER
from benchmarks.cadence.streams import MONTH
from benchmarks.cadence.watching import FASTER
from monitor.core.cadence.estimate import fit_change
from monitor.core.cadence.record import Timeline

CASES = [(rate, factor) for rate in (1.0, 2.0, 4.0, 8.0) for factor in (2.0, 3.0, 5.0, 1 / 3)]
_FEWEST = 30  # alarms that make a cell


@dataclass(frozen=True)
class Coverage:
    """The parts of the alarms whose intervals hold what is true, and the median error of the day of change."""

    per_month: float
    factor: float
    alarms: int
    before: float
    after: float
    day: float
    error: float


def measure(delay: Delay, most: int) -> Coverage | None:
    """Ask the engine about the first alarms of a cell, at most so many of them; None where too few were raised."""
    found = delay.found
    alarm = found.alarms.day[0, found.channel]
    who = np.flatnonzero((alarm < NEVER) & (alarm >= found.change))[:most]
    if len(who) < _FEWEST:
        return None
    held = np.array([_asked(delay, int(one)) for one in who])
    before, after, day = held[:, :3].mean(axis=0).tolist()
    return Coverage(delay.per_month, delay.factor, len(who), before, after, day, float(np.median(held[:, 3])))


def _asked(delay: Delay, one: int) -> tuple[bool, bool, bool, int]:
    """Return whether the rates before and after and the day are covered, and by how many days the day is wrong."""
    found, place = delay.found, (0, delay.found.channel, one)
    day, change = int(found.alarms.day[place]), int(found.change[one])
    days = tuple(d for d in found.past.days[one].tolist() if d < NEVER)
    fit = fit_change(
        Timeline(days, days, ()),
        max(int(found.alarms.start[place]), int(found.past.horizon(np.array([one]), np.array([day]))[0])),
        day,
        float(found.alarms.phi[place]),
        faster=found.channel == FASTER,
        prior_days=float(found.alarms.prior_days[place]),
    )
    assert fit is not None
    before, after = (_release_days(delay.per_month * factor) for factor in (1.0, delay.factor))
    return (
        fit.before.low <= before <= fit.before.high,
        fit.after.low <= after <= fit.after.high,
        day - fit.longest + 1 <= change <= day - fit.shortest + 1,
        abs(day - fit.window + 1 - change),
    )


def _release_days(per_month: float) -> float:
    """Return on how many days a month something is released, at so many releases a month."""
    return float(MONTH * -np.expm1(-per_month / MONTH))
