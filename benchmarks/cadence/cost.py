"""What ten thousand organisations cost a day: the engine itself, on one core."""

import time
from datetime import date, timedelta

import numpy as np

from benchmarks.cadence.streams import counts
from monitor.core.cadence.fleet import learn_fleet
from monitor.core.cadence.record import Record
from monitor.core.cadence.regime import advance
from monitor.core.types import Budgets

ORGANIZATIONS = 10_000
_DIFFERENT, _HISTORY = 200, 550  # organisations; days of history
_FIRST = date(2024, 1, 1)


def seconds() -> float:
    """Return the seconds that a day's decisions about 10,000 organisations take, what the fleet has in common included.

    Two hundred organisations stand for all, on fifty days one after the other.
    """
    days = ORGANIZATIONS // _DIFFERENT
    rates = np.resize([0.5, 1.0, 2.0, 4.0, 8.0], _DIFFERENT)
    seen = counts("poisson", np.random.default_rng(3), rates, np.ones((_DIFFERENT, _HISTORY + days)))
    records = [Record(tuple(_FIRST + timedelta(int(day)) for day in np.flatnonzero(row))) for row in seen]
    fleet = learn_fleet([])
    last = _FIRST + timedelta(_HISTORY - 1)
    states = [advance(None, record, fleet, Budgets(), last)[0] for record in records]
    began = time.perf_counter()
    for day in range(1, days + 1):
        for one, record in enumerate(records):
            states[one] = advance(states[one], record, fleet, Budgets(), last + timedelta(day))[0]
    learn_fleet([state.own for state in states] * days)
    return time.perf_counter() - began
