"""How often an organisation that never changes is said to have changed, in its first monitored year."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.cadence import naive
from benchmarks.cadence.kernel import Watch
from benchmarks.cadence.past import NEVER, Bools, Past
from benchmarks.cadence.streams import KINDS, counts
from benchmarks.cadence.watching import FASTER, SILENT, SLOWER, live, look
from monitor.core.cadence.evidence import both_limits
from monitor.core.types import Budgets

YEAR = 365
HISTORIES = {6: 183, 12: 365, 24: 730}  # months: days
BUDGETS = (0.05, 0.20)
_SEED = 1


@dataclass(frozen=True)
class Cell:
    """Unchanged organisations of one kind, with a mean rate and so many months of history."""

    kind: str
    per_month: float
    months: int

    def __str__(self) -> str:
        return f"unchanged: {self.kind}, {self.per_month:g} a month, {self.months} months of history"

    @property
    def bar(self) -> float | None:
        """What share may have a false "faster" or "slower" at a nominal 5%."""
        if self.kind == "poisson":
            return 0.06
        if self.months < 12 or self.kind == "gamma 3":
            return None
        return 0.08 if self.kind == "frailty" else 0.07

    @property
    def silent_bar(self) -> float:
        """What share may have a false "silent" at a nominal 2.5%."""
        return 0.03 if self.kind == "poisson" else 0.05


@dataclass(frozen=True)
class Shares:
    """Which part had an alarm, by budget: faster or slower, silent; and by naive rule."""

    cell: Cell
    streams: int
    changed: tuple[float, ...]
    faster: tuple[float, ...]
    silent: tuple[float, ...]
    naive: tuple[float, ...]


def cells(rates: Sequence[float]) -> Iterator[Cell]:
    """Yield what is looked at: chance at every rate and history, the other kinds at some."""
    for months in HISTORIES:
        yield from (Cell("poisson", rate, months) for rate in (0.5, 1, 2, 4, 8))
    for kind in KINDS[1:]:
        yield from (Cell(kind, rate, months) for months in (12, 24) for rate in rates)


def measure(fleet: Sequence[Cell], streams: int) -> list[Shares]:
    """Watch the cells, which must have the same history, as one fleet."""
    history = HISTORIES[fleet[0].months]
    past = Past.of(np.concatenate([_released(cell, streams, history + YEAR) for cell in fleet]))
    watch = Watch.over(past)
    levels = both_limits(Budgets(*BUDGETS))
    live(past, watch, range(history), levels[0])
    year = range(history, history + YEAR)
    found = look(past, watch, year, levels).day < NEVER
    rules = (naive.ratio(past.sums, year), *(naive.monthly_z(past.sums, year, limit) for limit in (2.0, 3.0)))
    parts = [slice(first, first + streams) for first in range(0, streams * len(fleet), streams)]
    return [
        _shares(cell, found[..., part], [rule[part] for rule in rules])
        for cell, part in zip(fleet, parts, strict=True)
    ]


def _released(cell: Cell, streams: int, days: int) -> Bools:
    random = np.random.default_rng([_SEED, KINDS.index(cell.kind), int(10 * cell.per_month), cell.months])
    found: Bools = counts(cell.kind, random, np.full(streams, cell.per_month), np.ones((streams, days))) > 0
    return found


def _shares(cell: Cell, found: Bools, rules: Sequence[Bools]) -> Shares:
    return Shares(
        cell,
        found.shape[-1],
        changed=tuple((found[:, FASTER] | found[:, SLOWER]).mean(axis=1).tolist()),
        faster=tuple(found[:, FASTER].mean(axis=1).tolist()),
        silent=tuple(found[:, SILENT].mean(axis=1).tolist()),
        naive=tuple(float(rule.mean()) for rule in rules),
    )
