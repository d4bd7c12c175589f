"""Print the study: python -m benchmarks.cadence [--streams 1000] [--quick]. About ten minutes, or one."""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmarks.cadence import cost, delays, false_alarms, intervals, tables
from benchmarks.cadence.delays import Delay
from benchmarks.cadence.false_alarms import Cell
from benchmarks.cadence.streams import KINDS

COST_BAR = 5.0  # seconds
Item = TypeVar("Item")


@dataclass(frozen=True)
class Study:
    """How much is simulated: organisations a cell, rates (a month), months of history, alarms asked about a cell."""

    streams: int
    months: tuple[int, ...]
    rates: tuple[float, ...]
    mixed_rates: tuple[float, ...]
    changed_rates: tuple[float, ...]
    alarms: int


FULL = Study(1000, (6, 12, 24), (1.0, 4.0, 8.0), (1.0, 2.0, 4.0, 8.0), delays.RATES, 200)
QUICK = Study(100, (6, 12), (4.0,), (4.0,), (1.0, 2.0, 4.0, 8.0), 40)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=FULL.streams, help="simulated organisations a cell")
    parser.add_argument(
        "--quick", action="store_true", help="fewer streams, cells and rates: a look, no measurement"
    )
    options = parser.parse_args()
    study = QUICK if options.quick else replace(FULL, streams=options.streams)
    clock = Progress()
    if options.quick:
        print("A quick look: each figure comes from too few organisations for its bar to mean much.")

    cells = [cell for cell in false_alarms.cells(study.rates) if cell.months in study.months]
    alike = [false_alarms.measure([cell], study.streams)[0] for cell in clock.each(cells)]
    tables.false_alarms("fleets of one kind", alike)
    for months in study.months[1:]:
        fleet = [Cell(kind, rate, months) for kind in KINDS for rate in study.mixed_rates]
        clock.say(f"a mixed fleet with {months} months of history")
        tables.false_alarms("one mixed fleet of all these", false_alarms.measure(fleet, study.streams // 4))

    measured = list(clock.each(_delays(study.changed_rates, 3 * study.streams // 5)))
    for level, budget in enumerate(false_alarms.BUDGETS):
        tables.delays(measured, level, f"nominal {budget:.0%}")
    asked = [one for one in measured if (one.per_month, one.factor) in intervals.CASES]
    covered = [intervals.measure(one, study.alarms) for one in clock.each(asked)]
    tables.intervals([one for one in covered if one])

    took = cost.seconds()
    print(
        f"\n{cost.ORGANIZATIONS:,} organisations decided about: {took:.1f} s on one core "
        f"(bar {COST_BAR:g} s: {tables.verdict(took <= COST_BAR)})"
    )


def _delays(rates: Sequence[float], streams: int) -> Iterator[Delay]:
    for rate in rates:
        yield from delays.measure(rate, streams)


class Progress:
    """Says on stderr what is being measured, and for how long the whole has been going."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, what: object) -> None:
        """Say it."""
        print(f"{time.monotonic() - self._began:5.0f} s  {what}", file=sys.stderr, flush=True)

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items, saying each as it comes."""
        for item in items:
            self.say(item)
            yield item


if __name__ == "__main__":
    main()
