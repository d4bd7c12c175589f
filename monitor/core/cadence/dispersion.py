"""How much more, or less, irregular than chance an organisation releases: its dispersion phi.

1 is a Poisson stream, more is bursts, less is regularity. Every log likelihood ratio is divided by it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise
from math import exp, log
from statistics import fmean, median, variance

from monitor.core.cadence.record import DEAD_DAYS, Timeline

BLOCK = 28  # days
RECENT = 90  # days that are never used, since a change that is going on would hide itself ...
YEAR = 365  # ... nor is the last year, once ...
ENOUGH = 300  # ... there are so many days before it: slow changes take that long to show
COLD_START = 1.2  # the fleet's dispersion while there is no fleet
FLEET = 10  # organisations make one

_GAP_WEIGHT = 20  # the fleet counts as much as so many gaps ...
_BLOCK_WEIGHT = 16  # ... and as so many blocks
_SMALLEST, _LARGEST = 0.6, 6.0
_FLOOR = 0.05  # of an estimate from few, by chance equal, values


def fleet_dispersion(own: Iterable[float | None]) -> float:
    """Return the median of what is known of organisations; 1.2 while fewer than ten are known."""
    known = [value for value in own if value is not None]
    return _clip(median(known)) if len(known) >= FLEET else COLD_START


def own_dispersion(line: Timeline, start: int, day: int) -> float | None:
    """Return an organisation's dispersion by itself, None while it has too little of a past for one."""
    gaps, blocks = _gap_dispersion(line, start, day), _block_dispersion(line, start, day)
    if gaps[1] < 4 and blocks[1] < 4:
        return None
    return max(gaps[0], blocks[0])


def dispersion(line: Timeline, start: int, day: int, fleet: float) -> float:
    """Return phi from the past of the baseline, not its recent days, shrunk towards the fleet's.

    The larger of the squared variation of gaps and the variance over the mean of 28-day counts, each
    shrunk on a log scale, within 0.6 to 6.
    """
    gaps = _shrink(*_gap_dispersion(line, start, day), fleet, _GAP_WEIGHT)
    blocks = _shrink(*_block_dispersion(line, start, day), fleet, _BLOCK_WEIGHT)
    return _clip(max(gaps, blocks))


def _usable(start: int, day: int) -> int:
    """Return the last day of the baseline that the dispersion may be learnt from."""
    return max(day - YEAR, min(day - RECENT, start + ENOUGH))


def _shrink(value: float, size: int, fleet: float, weight: int) -> float:
    return exp((size * log(max(value, _FLOOR)) + weight * log(fleet)) / (size + weight))


def _clip(value: float) -> float:
    return min(max(value, _SMALLEST), _LARGEST)


def _gap_dispersion(line: Timeline, start: int, day: int) -> tuple[float, int]:
    """Return the squared coefficient of variation of the gaps, and how many gaps there are."""
    first, end = bisect_left(line.counted, start), bisect_right(line.counted, _usable(start, day))
    days = line.counted[first:end]
    gaps = [after - before - DEAD_DAYS for before, after in pairwise(days)]
    if len(gaps) < 2:
        return 1.0, 0
    return variance(gaps) / fmean(gaps) ** 2, len(gaps)


def _block_dispersion(line: Timeline, start: int, day: int) -> tuple[float, int]:
    """Return variance over mean of the counts of whole 28-day blocks, and how many free blocks there are."""
    whole = (_usable(start, day) - start) // BLOCK
    counts = [line.count(start + BLOCK * i, start + BLOCK * (i + 1)) for i in range(whole)]
    if whole < 2 or not any(counts):
        return 1.0, 0
    mean = fmean(counts)
    # The dead time alone makes counts more even than chance; this undoes it.
    return variance(counts) / mean / (1 - DEAD_DAYS * mean / BLOCK) ** 2, whole - 1
