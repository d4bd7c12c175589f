"""Bursts of launches: mentioned, never an alert."""

from datetime import date, timedelta

from monitor.core.cadence.burst import Burst, find_burst
from monitor.core.cadence.fleet import even_fleet
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.regime import advance
from monitor.core.cadence.verdict import verdict
from monitor.core.types import Budgets, Regime

FIRST = date(2024, 1, 1)
EVEN = list(range(0, 361, 15))  # a year at two a month


def days(*offsets: int) -> tuple[date, ...]:
    return tuple(FIRST + timedelta(offset) for offset in offsets)


def burst(launches: tuple[date, ...], today: int, blind: tuple[tuple[date, date], ...] = ()) -> Burst | None:
    record = Record(tuple(sorted(set(launches))), blind)
    state, _ = advance(None, record, even_fleet(1.0), Budgets(), FIRST + timedelta(today))
    day = (FIRST + timedelta(today)).toordinal()
    return find_burst(launches, state, Timeline.of(record), Budgets(), day)


def test_six_launches_on_one_day_are_a_burst_though_they_are_one_release_day() -> None:
    found = burst(days(*EVEN, *[365] * 6), 365)
    assert found is not None
    assert (found.launches, found.days) == (6, 1)


def test_the_sentence_says_how_many_in_how_many_days_and_what_is_usual() -> None:
    found = burst(days(*EVEN, 364, 364, 364, 366, 366), 366)
    assert str(found) == "a burst: 5 launches in the last 3 days, where 0.2 are usual"


def test_two_launches_close_together_are_none() -> None:
    assert burst(days(*EVEN, 364, 365), 365) is None


def test_launches_that_always_come_in_clusters_are_none() -> None:
    clusters = sorted([*EVEN, *EVEN, *EVEN, *EVEN])
    assert burst(days(*clusters, 364, 364, 364, 364), 364) is None


def test_nothing_is_said_while_learning_or_blind() -> None:
    assert burst(days(0, 10, 20, 30, *[40] * 9), 40) is None
    unseen = (FIRST + timedelta(365), FIRST + timedelta(380))
    assert burst(days(*EVEN, *[364] * 9), 366, (unseen,)) is None


def test_what_was_found_late_is_no_burst() -> None:
    unseen = (FIRST + timedelta(350), FIRST + timedelta(364))
    assert burst(days(*range(0, 346, 15), *[363] * 9), 365, (unseen,)) is None


def test_a_verdict_mentions_a_burst_and_stays_what_it_was() -> None:
    launches = days(*EVEN, *[365] * 6)
    record = Record(tuple(sorted(set(launches))))
    state, crossings = advance(None, record, even_fleet(1.0), Budgets(), FIRST + timedelta(365))
    said = verdict(state, record, Budgets(), FIRST + timedelta(365), launches=launches)
    assert (said.regime, said.level, crossings) == (Regime.STEADY, None, ())
    assert said.why.endswith("; a burst: 6 launches on one day, where 0.1 are usual")
