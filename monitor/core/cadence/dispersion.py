"""How much more, or less, irregular than chance an organisation releases: its dispersion phi.

1 is a Poisson stream, more is bursts, less is regularity. Every log likelihood ratio is divided by it.
"""

from bisect import bisect_left, bisect_right
from itertools import pairwise
from math import log
from statistics import fmean, variance

from monitor.core.cadence.fleet import ENOUGH, Estimate, Fleet, Own
from monitor.core.cadence.record import DEAD_DAYS, Timeline

BLOCK = 28  # days
LONG_BLOCK = 56  # days: what drifts from month to month hardly shows in shorter ones
RECENT = 90  # days that are never used, since a change that is going on would hide itself ...
YEAR = 365  # ... nor is the last year, once ...
ENOUGH_DAYS = 300  # ... there are so many days before it: slow changes take that long to show

_SMALLEST, _LARGEST = 0.6, 6.0
_FLOOR = 0.05  # of an estimate from few, by chance equal, values
_NOTHING = Estimate(0.0, 1.0, 0)


def own_dispersion(line: Timeline, start: int, day: int) -> Own:
    """Return what an organisation's own past says, as far as it is the baseline's and not recent.

    Days on which it could not be seen are no irregularity of its own: they lengthen no gap, and spoil their blocks.
    """
    until = max(day - YEAR, min(day - RECENT, start + ENOUGH_DAYS))
    seen = until - start - line.blind_days(start, until) if until > start else 0
    return Own(
        gaps=_of_gaps(line, start, until),
        blocks=_of_blocks(line, start, until, BLOCK),
        long_blocks=_of_blocks(line, start, until, LONG_BLOCK),
        rate=line.count(start, until) / seen if seen else 0.0,
    )


def is_telling(own: Own) -> bool:
    """Whether there is enough of a past for the fleet to learn from it."""
    return own.gaps.size >= ENOUGH or own.blocks.size >= ENOUGH


def dispersion(own: Own, fleet: Fleet, anchor: float | None = None) -> float:
    """Return phi: the organisation's own dispersion shrunk towards the fleet's, within 0.6 to 6."""
    return min(max(fleet.dispersion(own, anchor), _SMALLEST), _LARGEST)


def _of_gaps(line: Timeline, start: int, until: int) -> Estimate:
    """Estimate from the squared coefficient of variation of the gaps.

    Of n gaps of a Poisson stream its logarithm has a median of about -3.3 / (n + 3), which is undone, and a variance of
    about 4 / (n + 6) + 20 / n^3, both by simulation.
    """
    first, end = bisect_left(line.counted, start), bisect_right(line.counted, until)
    days = line.counted[first:end]
    gaps = [after - before - line.blind_days(before, after) - DEAD_DAYS for before, after in pairwise(days)]
    size = len(gaps)
    if size < 2:
        return _NOTHING
    value = variance(gaps) / fmean(gaps) ** 2
    return Estimate(log(max(value, _FLOOR)) + 3.3 / (size + 3), 4 / (size + 6) + 20 / size**3, size)


def _of_blocks(line: Timeline, start: int, until: int, length: int) -> Estimate:
    """Estimate from the variance over the mean of the counts of whole blocks of so many days.

    With n free blocks it is about chi-squared / n: its logarithm has a median of 3 ln(1 - 2 / 9n) (Wilson & Hilferty
    1931), which is undone, and a variance of about 2 / n + 2 / n^2.
    """
    blocks = pairwise(range(start, until + 1, length))
    counts = [line.count(after, end) for after, end in blocks if not line.blind_days(after, end)]
    if len(counts) < 2 or not any(counts):
        return _NOTHING
    mean, free = fmean(counts), len(counts) - 1
    # The dead time alone makes counts more even than chance; this undoes it.
    value = variance(counts) / mean / (1 - DEAD_DAYS * mean / length) ** 2
    bias = 3 * log(1 - 2 / (9 * free))
    return Estimate(log(max(value, _FLOOR)) - bias, 2 / free + 2 / free**2, free)
