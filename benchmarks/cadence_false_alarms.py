"""Measure the false alarms of the cadence engine on simulated organisations that never change, and its speed.

    python -m benchmarks.cadence_false_alarms [--streams 300] [--per-month 2] [--kind poisson]

Each stream has twelve months of history and one monitored year; history is replayed like the rest, as at an
organisation's first look. Seeded, so two runs print the same but for the time.
"""

import argparse
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta

from monitor.core.cadence.backtest import Row, backtest
from monitor.core.types import Budgets, Direction, Level

START = date(2023, 1, 1)
HISTORY, MONITORED = 365, 365  # days
MONTH = 365.25 / 12


def gaps(kind: str, mean: float, random_: random.Random) -> Iterator[float]:
    """Yield days between releases: chance, or clustered (gamma with shape 1/2), or even (shape 3)."""
    shape = {"poisson": 1.0, "clustered": 0.5, "even": 3.0}[kind]
    while True:
        yield random_.gammavariate(shape, mean / shape)


def stream(kind: str, mean: float, random_: random.Random) -> list[date]:
    """Simulate the release days of one organisation."""
    days: list[date] = []
    at = 0.0
    for gap in gaps(kind, mean, random_):
        at += gap
        if at >= HISTORY + MONITORED:
            return days
        days.append(START + timedelta(int(at)))
    return days


def share(rows: list[Row], streams: int, levels: set[Level], directions: set[Direction]) -> str:
    """Return the share of organisations with such a crossing in the monitored year, with its standard error."""
    monitored = START + timedelta(HISTORY)
    alarmed = {
        row.organization
        for row in rows
        if row.crossing.decided_on >= monitored
        and row.crossing.level in levels
        and row.crossing.direction in directions
    }
    part = len(alarmed) / streams
    return f"{part:6.1%} ±{(part * (1 - part) / streams) ** 0.5:5.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--per-month", type=float, default=2.0)
    parser.add_argument("--kind", choices=["poisson", "clustered", "even"], default="poisson")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random_ = random.Random(options.seed)
    mean = MONTH / options.per_month
    events = {f"lab-{i}": stream(options.kind, mean, random_) for i in range(options.streams)}
    ticks = sum(HISTORY + MONITORED - (days[0] - START).days for days in events.values() if days)

    began = time.perf_counter()
    rows = list(backtest(events, START + timedelta(HISTORY + MONITORED - 1), Budgets()))
    took = time.perf_counter() - began

    rates = {Direction.FASTER, Direction.SLOWER}
    either = {Level.ALERT, Level.WATCHING}
    print(
        f"{options.streams} unchanged {options.kind} organisations, {options.per_month:g} releases a month, one year"
    )
    print(f"{'level':10} {'nominal':>8} {'faster or slower':>18} {'silent':>18}")
    for name, budget, levels in (("alert", 0.05, {Level.ALERT}), ("watching", 0.2, either)):
        print(
            f"{name:10} {budget:8.0%} {share(rows, options.streams, levels, rates):>18} "
            f"{share(rows, options.streams, levels, {Direction.SILENT}):>18}"
        )
    print(f"{1000 * took / ticks:.3f} ms an organisation and day ({took:.1f} s in all)")


if __name__ == "__main__":
    main()
