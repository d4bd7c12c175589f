"""The benchmarks' kernel says the same as the engine, day by day."""

from datetime import date
from functools import cache

import numpy as np
import pytest

from benchmarks.cadence import kernel, naive, oracle, streams, watching
from benchmarks.cadence.past import NEVER, Past
from monitor.core.cadence.evidence import DOWN, UP, both_limits, count, evidence
from monitor.core.cadence.fleet import learn_fleet
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.regime import begin, tick
from monitor.core.cadence.silence import gap_limit, gap_probability, present_gap
from monitor.core.cadence.state import CadenceState
from monitor.core.types import Budgets, Direction, Level

DAYS = 700
KINDS = [kind for kind in streams.KINDS if kind not in ("weekdays", "holidays")]
FIRST = date(2020, 1, 1).toordinal()
CHANNELS = {Direction.FASTER: 0, Direction.SLOWER: 1, Direction.SILENT: 2}
LEVELS = both_limits(Budgets())

Alarm = tuple[int, int, int]  # day, organisation, channel


def simulated() -> np.ndarray:
    """Streams of six kinds at two rates: one that grows fourfold after 14 months, one that all but stops."""
    random = np.random.default_rng(5)
    factors = np.ones((2, DAYS))
    factors[0, 430:], factors[1, 430:] = 4, 0.1
    found = [streams.counts(kind, random, np.full(2, rate), factors) for kind in KINDS for rate in (1.0, 6.0)]
    return np.concatenate(found) > 0


class Engines:
    """The engine over the same organisations, one by one."""

    def __init__(self, released: np.ndarray) -> None:
        days = [tuple(date.fromordinal(FIRST + int(d)) for d in np.flatnonzero(row)) for row in released]
        self.records = [Record(each) for each in days]
        self.lines = [Timeline.of(record) for record in self.records]
        self.states: dict[int, CadenceState] = {}

    def tick(self, day: int) -> list[Alarm]:
        fleet = learn_fleet(state.own for state in self.states.values())
        told = []
        for i, line in enumerate(self.lines):
            if line.days[0] == day + FIRST:
                self.states[i] = begin(self.records[i], line, date.fromordinal(day + FIRST))
            elif line.days[0] < day + FIRST:
                self.states[i], crossings = tick(self.states[i], line, fleet, LEVELS, day + FIRST)
                told += [
                    (day, i, CHANNELS[one.direction])
                    for one in crossings
                    if one.level is Level.ALERT and one.direction in CHANNELS
                ]
        return told

    def weigh(self, i: int, day: int) -> tuple[float, float, float]:
        """Return the evidence for faster and slower, and the probability of the gap over its limit."""
        state, line, at = self.states[i], self.lines[i], day + FIRST
        counts = count(line, state.start(line, at), at, state.prior_days)
        gap = present_gap(line, state.start(line, line.last_release(at)), at)
        quiet = gap.complete >= 1 and gap.days * gap.complete > gap.before
        over = gap_probability(gap, state.phi) / gap_limit(0.05, gap.complete / gap.before) if quiet else 9.0
        return evidence(counts, state.phi, UP), evidence(counts, state.phi, DOWN), over


@cache
def both() -> tuple[list[Alarm], list[Alarm], float]:
    """Live through all days in both; return the alarms of each, and the largest difference of anything."""
    released = simulated()
    engines, past = Engines(released), Past.of(released)
    watch = kernel.Watch.over(past)
    told, noted, worst = [], [], 0.0
    for day in range(DAYS):
        told += engines.tick(day)
        noted += watching.live(past, watch, range(day, day + 1), LEVELS[0]).every
        worst = max(worst, *(abs(state.phi - watch.phi[i]) for i, state in engines.states.items()), 0.0)
        who = np.flatnonzero(watch.learnt)
        if day % 9 == 0 and len(who):
            ours = (*kernel.evidence(past, watch, who, day), kernel.silence(past, watch, who, day, 0.05))
            engine = np.array([engines.weigh(int(i), day) for i in who]).T
            worst = max(worst, float((np.abs(np.array(ours) - engine) / np.maximum(np.abs(engine), 1)).max()))
    return told, noted, worst


def test_it_raises_the_same_alarms_on_the_same_days() -> None:
    told, noted, _ = both()
    assert sorted(noted) == sorted(told)
    assert {channel for _, _, channel in told} == {0, 1, 2}


def test_dispersion_evidence_and_silence_agree_to_a_billionth() -> None:
    assert both()[2] < 1e-9


@pytest.mark.parametrize("kind", streams.KINDS)
def test_each_kind_of_stream_keeps_the_rate_that_it_is_asked_for(kind: str) -> None:
    seen = streams.counts(kind, np.random.default_rng(7), np.full(300, 4.0), np.ones((300, 2191)))
    assert seen.mean() * streams.MONTH == pytest.approx(4, rel=0.03)


def test_the_oracle_keeps_its_budget_and_sees_a_doubling() -> None:
    random = np.random.default_rng(8)
    limit = oracle.threshold(random, 8.0, 2.0, 0.1)
    unchanged, doubled = (
        random.poisson(8 / streams.MONTH, (4000, 365)),
        random.poisson(16 / streams.MONTH, (4000, 365)),
    )
    alarmed = (oracle.first_alarms(unchanged, 8.0, 2.0, limit) < NEVER).mean()
    assert alarmed == pytest.approx(0.1, abs=0.02)
    assert np.median(oracle.first_alarms(doubled, 8.0, 2.0, limit)) < 60


def test_the_naive_ratio_needs_more_than_twice_the_pace() -> None:
    pace = np.zeros((2, 120), dtype=bool)
    pace[:, :90:9] = True  # ten in ninety days
    pace[0, 90:120:5] = True  # six in thirty: less than twice as many a day
    pace[1, 90:120:4] = True  # eight
    assert naive.ratio(Past.of(pace).sums, range(119, 120)).tolist() == [False, True]
