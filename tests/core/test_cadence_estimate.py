"""Rates and dates that an alert states."""

from datetime import date, timedelta

import pytest

from monitor.core.cadence.estimate import MONTH, current_rate, fit_change
from monitor.core.cadence.record import Record, Timeline

FIRST = date(2024, 1, 1)
ORIGIN = FIRST.toordinal()


def line(*offsets: int) -> Timeline:
    return Timeline.of(Record(tuple(FIRST + timedelta(offset) for offset in offsets)))


@pytest.mark.parametrize(("events", "low", "high"), [(0, 0, 3.689), (1, 0.025, 5.572), (10, 4.795, 18.39)])
def test_the_interval_of_a_rate_is_that_of_tables_of_the_poisson_distribution(
    events: int, low: float, high: float
) -> None:
    days = 1e6  # so long that dead time does not matter
    rate = current_rate(events, days, phi=1)
    counts = [value * days / MONTH for value in (rate.per_month, rate.low, rate.high)]
    assert counts == pytest.approx([events, low, high], rel=0.01, abs=0.02)


def test_dispersion_widens_the_interval_and_not_the_rate() -> None:
    narrow, wide = current_rate(24, 350, 1), current_rate(24, 350, 2)
    assert wide.per_month == narrow.per_month
    assert wide.low < narrow.low < narrow.high < wide.high


def test_a_release_every_other_day_is_stated_as_fifteen_a_month() -> None:
    assert current_rate(100, 200 - 50, 1).per_month == pytest.approx(MONTH / 2)


def test_a_threefold_rate_is_found_with_its_date_and_both_rates() -> None:
    releases = line(*range(0, 361, 15), *range(365, 455, 5))  # 2 a month, then 6
    change = fit_change(releases, ORIGIN, ORIGIN + 455, 1.0, faster=True)
    assert change.shortest <= 455 - 365 + 1 <= change.longest
    assert abs(change.window - 91) <= 8
    assert change.before.low < 2.0 < change.before.high
    assert change.after.low < 6.0 < change.after.high
    assert change.released in (18, 19)  # the release before belongs to either pace


def test_a_slower_rate_is_found_too() -> None:
    releases = line(*range(0, 361, 5), 390, 420, 450, 480)  # 6 a month, then 1
    change = fit_change(releases, ORIGIN, ORIGIN + 500, 1.0, faster=False)
    assert change.before.low < 6.0 < change.before.high
    assert change.after.low < 1.0 < change.after.high
    assert change.released == 4
