"""What nobody can beat: Page's CUSUM that is told both rates, at the same false-alarm budget (Moustakides 1986)."""

import numpy as np

from benchmarks.cadence.past import NEVER, Floats, Ints
from benchmarks.cadence.streams import MONTH

_CALIBRATION = 20_000  # unchanged streams
_YEAR = 365


def threshold(random: np.random.Generator, per_month: float, factor: float, probability: float) -> float:
    """Return what the CUSUM exceeds within a year with this probability while nothing changes."""
    rate = per_month / MONTH
    highest = np.zeros(_CALIBRATION)
    cusum = np.zeros(_CALIBRATION)
    for _ in range(_YEAR):
        cusum = _step(cusum, random.poisson(rate, _CALIBRATION), rate, factor)
        np.maximum(highest, cusum, out=highest)
    return float(np.quantile(highest, 1 - probability))


def first_alarms(counts: Ints, per_month: float, factor: float, limit: float) -> Ints:
    """Return the day (column) on which the CUSUM of each stream (row) first exceeds the limit; NEVER if it does not."""
    rate = per_month / MONTH
    days = np.full(len(counts), NEVER)
    cusum = np.zeros(len(counts))
    for day in range(counts.shape[1]):
        cusum = _step(cusum, counts[:, day], rate, factor)
        days[(cusum > limit) & (days == NEVER)] = day
    return days


def _step(cusum: Floats, seen: Ints, rate: float, factor: float) -> Floats:
    """Add a day's log likelihood ratio of the rate times the factor against the rate, but stay above zero."""
    if factor == 0:  # a release rules the change out
        return np.where(seen > 0, 0.0, cusum + rate)
    raised: Floats = np.maximum(cusum + seen * np.log(factor) - (factor - 1) * rate, 0.0)
    return raised
