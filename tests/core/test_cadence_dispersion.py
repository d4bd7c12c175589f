"""How irregular an organisation is, and how little it is believed about itself."""

from datetime import date, timedelta

import pytest

from monitor.core.cadence.dispersion import dispersion, fleet_dispersion, own_dispersion
from monitor.core.cadence.record import Record, Timeline

FIRST = date(2024, 1, 1)
ORIGIN = FIRST.toordinal()
EVEN = list(range(0, 400, 10))
BURSTS = [start + step for start in range(0, 400, 50) for step in range(5)]


def line(offsets: list[int]) -> Timeline:
    return Timeline.of(Record(tuple(FIRST + timedelta(offset) for offset in offsets)))


def test_fewer_than_ten_organisations_are_no_fleet() -> None:
    assert fleet_dispersion([3.0] * 9 + [None] * 5) == 1.2


def test_the_fleet_is_as_irregular_as_its_middle_organisation() -> None:
    assert fleet_dispersion([0.8] * 5 + [1.5] + [4.0] * 5) == 1.5


def test_regular_releases_have_the_smallest_dispersion_and_bursts_a_large_one() -> None:
    assert dispersion(line(EVEN), ORIGIN, ORIGIN + 400, 1.0) == 0.6
    assert dispersion(line(BURSTS), ORIGIN, ORIGIN + 400, 1.0) > 1.5


def test_an_organisation_without_a_past_is_like_the_fleet() -> None:
    assert dispersion(line([0, 30]), ORIGIN, ORIGIN + 100, 1.3) == pytest.approx(1.3)
    assert own_dispersion(line([0, 30]), ORIGIN, ORIGIN + 100) is None


def test_a_short_past_is_believed_less_than_a_long_one() -> None:
    short, long = (dispersion(line(BURSTS), ORIGIN, ORIGIN + days, 1.0) for days in (200, 390))
    assert 1.0 < short < long


def test_a_burst_of_the_last_ninety_days_does_not_hide_itself() -> None:
    calm, burst = line(EVEN), line([*EVEN, *range(401, 450)])
    assert dispersion(burst, ORIGIN, ORIGIN + 450, 1.0) == dispersion(calm, ORIGIN, ORIGIN + 450, 1.0)


def test_a_slow_change_in_the_last_year_does_not_hide_itself_after_a_long_past() -> None:
    past = list(range(0, 700, 10))
    changed = [*past, *range(701, 1000, 3)]
    assert own_dispersion(line(changed), ORIGIN, ORIGIN + 1000) == own_dispersion(
        line(past), ORIGIN, ORIGIN + 1000
    )
