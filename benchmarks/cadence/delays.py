"""How long a change goes unnoticed, beside an oracle that knows both rates and has the same budget."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.cadence import oracle
from benchmarks.cadence.kernel import Watch
from benchmarks.cadence.past import NEVER, Ints, Past
from benchmarks.cadence.streams import counts
from benchmarks.cadence.watching import FASTER, SILENT, SLOWER, Alarms, live, look
from monitor.core.cadence.evidence import Limits, both_limits
from monitor.core.types import Budgets

RATES = (0.5, 1.0, 2.0, 4.0, 8.0)  # releases a month
FACTORS = (2.0, 3.0, 5.0, 1 / 2, 1 / 3, 1 / 5, 0.0)
HISTORY, CHANGES, YEAR = 365, 120, 365  # days; the change is on one of the first 120 monitored ones
QUICK = 120  # days: the bars are about cells in which the oracle's median is no longer
_SEED = 2
_BUDGETS = (0.05, 0.20)


@dataclass(frozen=True)
class Wait:
    """Median and mean days from the change to the alarm, at most a year; streams alarmed before it are left out."""

    median: float
    mean: float
    streams: int

    @classmethod
    def of(cls, alarm: Ints, change: Ints) -> "Wait":
        """Make it of the days of first alarms and of changes."""
        kept = alarm >= change
        late = np.minimum(alarm - change, YEAR)[kept]
        return cls(float(np.median(late)), float(late.mean()), int(kept.sum()))


@dataclass(frozen=True)
class Delay:
    """One rate and factor, by budget: what the engine waits, the oracle, and the channel "silent" by itself."""

    per_month: float
    factor: float
    engine: tuple[Wait, ...]
    oracle: tuple[Wait, ...]
    silent: tuple[Wait, ...]
    found: "Found"

    def __str__(self) -> str:
        return f"changed: {self.per_month:g} a month, times {self.factor:.2g}"

    def ratio(self, level: int = 0) -> float:
        """Return mean delay over mean delay."""
        return self.engine[level].mean / self.oracle[level].mean

    def silence(self, level: int = 0) -> float:
        """Return the mean delay of the channel "silent" by itself over the oracle's."""
        return self.silent[level].mean / self.oracle[level].mean

    def quick(self, level: int = 0) -> bool:
        """Whether the oracle itself is quick enough for the comparison to mean something."""
        return self.oracle[level].median <= QUICK


@dataclass(frozen=True)
class Found:
    """The streams of a cell with their changes (day) and first alarms, for whoever asks what was said of them."""

    past: Past
    change: Ints
    alarms: Alarms
    channel: int


def measure(per_month: float, streams: int) -> Iterator[Delay]:
    """Measure each factor; the twelve months before are the same for all."""
    random = np.random.default_rng([_SEED, int(10 * per_month)])
    rates = np.full(streams, per_month)
    history = counts("poisson", random, rates, np.ones((streams, HISTORY)))
    past = Past.of(history > 0)
    watch = Watch.over(past)
    levels = both_limits(Budgets(*_BUDGETS))
    live(past, watch, range(HISTORY), levels[0])
    for factor in FACTORS:
        change = random.integers(0, CHANGES, streams)
        factors = np.where(np.arange(CHANGES + YEAR) < change[:, None], 1.0, factor)
        after = counts("poisson", random, rates, factors)
        yield _compare(per_month, factor, (history, after), change, copy.deepcopy(watch), levels)


def _compare(
    per_month: float,
    factor: float,
    seen: tuple[Ints, Ints],
    change: Ints,
    watch: Watch,
    levels: tuple[Limits, ...],
) -> Delay:
    past = Past.of(np.concatenate(seen, axis=1) > 0)
    watch.start = np.where(
        watch.start == NEVER, past.days[:, 0], watch.start
    )  # their first release is to come
    channel = SILENT if factor == 0 else FASTER if factor > 1 else SLOWER
    alarms = look(past, watch, range(HISTORY, past.length), levels, (channel,))
    told = alarms.day[:, channel]
    engine = np.minimum(told, alarms.day[:, SLOWER]) if factor == 0 else told
    limit = [
        oracle.threshold(_again(per_month, factor), per_month, factor, level.probability) for level in levels
    ]
    best = [oracle.first_alarms(seen[1], per_month, factor, each) for each in limit]
    return Delay(
        per_month,
        factor,
        engine=tuple(Wait.of(days - HISTORY, change) for days in engine),
        oracle=tuple(Wait.of(days, change) for days in best),
        silent=tuple(Wait.of(days - HISTORY, change) for days in alarms.day[:, SILENT]),
        found=Found(past, HISTORY + change, alarms, channel),
    )


def _again(per_month: float, factor: float) -> np.random.Generator:
    return np.random.default_rng([_SEED, int(10 * per_month), int(100 * factor)])
