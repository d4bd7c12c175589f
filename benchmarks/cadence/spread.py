"""How irregular many organisations are, at once: monitor.core.cadence.dispersion and fleet in NumPy."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.cadence.past import Past
from monitor.core.cadence.dispersion import (
    _FLOOR,
    _LARGEST,
    _SMALLEST,
    BLOCK,
    ENOUGH_DAYS,
    LONG_BLOCK,
    RECENT,
    YEAR,
)
from monitor.core.cadence.fleet import (
    _ALIKE,
    _FASTEST,
    _OUTLIER,
    _SLOWEST,
    _UNKNOWN,
    CAUTION,
    COLD_START,
    ENOUGH,
    FLEET,
    Fleet,
    Spread,
)
from monitor.core.cadence.record import DEAD_DAYS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_KINDS = 3  # gaps, blocks, long blocks


@dataclass
class Owns:
    """What the pasts of organisations say by themselves; the first axis is gaps, blocks, long blocks."""

    log: Floats
    variance: Floats
    size: Ints
    rate: Floats

    @classmethod
    def none(cls, organizations: int) -> Self:
        """Know nothing of any."""
        shape = (_KINDS, organizations)
        return cls(np.zeros(shape), np.ones(shape), np.zeros(shape, np.int64), np.zeros(organizations))

    @classmethod
    def of(cls, past: Past, who: Ints, start: Ints, day: int) -> Self:
        """Estimate from the baselines of some, as far as they are not recent."""
        until = np.maximum(day - YEAR, np.minimum(day - RECENT, start + ENOUGH_DAYS))
        estimates = (
            _of_gaps(past, who, start, until),
            _of_blocks(past, who, start, until, BLOCK),
            _of_blocks(past, who, start, until, LONG_BLOCK),
        )
        log, variance, size = (np.array(part) for part in zip(*estimates, strict=True))
        days = until - start
        events = past.sums[np.maximum(until, start) + 1, who] - past.sums[start + 1, who]
        return cls(log, variance, size, np.where(days > 0, events / np.maximum(days, 1), 0.0))

    def keep(self, who: Ints, new: "Owns") -> None:
        """Take over what is enough for the fleet to learn from."""
        telling = (new.size[:2] >= ENOUGH).any(axis=0)
        kept = who[telling]
        self.log[:, kept] = new.log[:, telling]
        self.variance[:, kept] = new.variance[:, telling]
        self.size[:, kept] = new.size[:, telling]
        self.rate[kept] = new.rate[telling]

    def fleet(self) -> Fleet:
        """Learn what the organisations have in common."""
        gaps, blocks, long_blocks = (self._spread(kind) for kind in range(_KINDS))
        if not gaps or not blocks:
            return COLD_START
        rate = float(np.median(self.rate[self.size[1] >= ENOUGH]))
        return Fleet((gaps, blocks, long_blocks), min(max(rate, _SLOWEST), _FASTEST), CAUTION)

    def _spread(self, kind: int) -> Spread | None:
        known = self.size[kind] >= ENOUGH
        if known.sum() < FLEET:
            return None
        log, variance = self.log[kind, known], self.variance[kind, known]
        centre = float(np.median(log))
        squares = np.minimum(np.abs(log - centre), _OUTLIER) ** 2 - variance
        return Spread(centre, max(float(squares.mean()), 0.0))


def dispersion(own: Owns, fleet: Fleet, anchor: Floats) -> Floats:
    """Return phi of each; an anchor that is NaN is none."""
    logs = [
        _shrunk(
            own.log[kind], np.where(own.size[kind] > 0, 1 / own.variance[kind], 0.0), spread, fleet, anchor
        )
        for kind, spread in enumerate(fleet.spreads)
        if spread
    ]
    phi: Floats = np.clip(np.exp(np.max(logs, axis=0)), _SMALLEST, _LARGEST)
    return phi


def _shrunk(log: Floats, precision: Floats, spread: Spread, fleet: Fleet, anchor: Floats) -> Floats:
    anchored = ~np.isnan(anchor)
    centre = np.where(anchored, np.log(np.where(anchored, anchor, 1.0)), spread.centre)
    variance = np.where(anchored, min(spread.variance, _UNKNOWN), spread.variance)
    prior = 1 / np.maximum(variance, _ALIKE)
    weight = prior + precision
    found: Floats = (prior * centre + precision * log) / weight + fleet.caution / np.sqrt(weight)
    return found


def _of_gaps(past: Past, who: Ints, start: Ints, until: Ints) -> tuple[Floats, Floats, Ints]:
    """Return, of the squared coefficient of variation of the gaps, ln, its variance, and the number of gaps."""
    first, end = past.sums[start, who], past.sums[np.maximum(until + 1, 0), who]
    size = end - first - 1
    enough = size >= 2
    ends, size = np.where(enough, end - 1, first), np.where(enough, size, 2)
    mean = np.where(enough, (past.days[who, ends] - past.days[who, first]) / size - DEAD_DAYS, 1.0)
    variance = (past.squares[who, ends] - past.squares[who, first] - size * mean**2) / (size - 1)
    log = np.log(np.maximum(variance / mean**2, _FLOOR)) + 3.3 / (size + 3)
    return _known(enough, log, 4 / (size + 6) + 20 / size**3, size)


def _of_blocks(past: Past, who: Ints, start: Ints, until: Ints, length: int) -> tuple[Floats, Floats, Ints]:
    """Return, of the variance over the mean of the counts of blocks, ln, its variance, and the free blocks."""
    whole = (until - start) // length
    most = max(int(whole.max()), 0)
    at = np.minimum(start + 1 + length * np.arange(most + 1)[:, None], len(past.sums) - 1)
    inside = np.diff(past.sums[at, who], axis=0) * (np.arange(most)[:, None] < whole)
    enough = (whole >= 2) & (inside.sum(axis=0) > 0)
    size = np.where(enough, whole, 2)
    free = size - 1
    mean = np.where(enough, inside.sum(axis=0) / size, 1.0)
    variance = ((inside**2).sum(axis=0) - size * mean**2) / free
    value = variance / mean / (1 - DEAD_DAYS * mean / length) ** 2
    log = np.log(np.maximum(value, _FLOOR)) - 3 * np.log(1 - 2 / (9 * free))
    return _known(enough, log, 2 / free + 2 / free**2, free)


def _known(
    enough: NDArray[np.bool_], log: Floats, variance: Floats, size: Ints
) -> tuple[Floats, Floats, Ints]:
    return np.where(enough, log, 0.0), np.where(enough, variance, 1.0), np.where(enough, size, 0)
