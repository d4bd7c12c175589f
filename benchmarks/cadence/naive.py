"""The rules that dashboards use, to see what they cost."""

import numpy as np

from benchmarks.cadence.past import Bools, Ints
from benchmarks.cadence.streams import MONTH


def ratio(sums: Ints, days: range, times: float = 2.0) -> Bools:
    """Tell which had, on one of the days, more than `times` the pace of the 90 days before in the last 30."""
    ends = np.arange(days.start, days.stop) + 1
    recent = sums[ends] - sums[ends - 30]
    earlier = sums[ends - 30] - sums[ends - 120]
    found: Bools = np.any(recent / 30 > times * earlier / 90, axis=0)
    return found


def monthly_z(sums: Ints, days: range, limit: float) -> Bools:
    """Tell which had a month further than `limit` standard deviations from the mean of the (up to) twelve before."""
    edges = (days.start + np.arange(-int(days.start / MONTH), int(len(days) / MONTH) + 1) * MONTH).astype(
        np.int64
    )
    months = np.diff(sums[edges], axis=0)
    found = np.zeros(sums.shape[1], dtype=bool)
    for month in range(int(days.start / MONTH), len(months)):
        before = months[max(month - 12, 0) : month]
        spread = before.std(axis=0, ddof=1)
        found |= np.abs(months[month] - before.mean(axis=0)) > limit * np.where(spread > 0, spread, np.inf)
    return found
