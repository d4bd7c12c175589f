"""How irregular an organisation is, and how little it is believed about itself."""

import random
from datetime import date, timedelta
from math import exp, log
from statistics import median, pvariance

import pytest

from monitor.core.cadence.dispersion import dispersion, is_telling, own_dispersion
from monitor.core.cadence.fleet import COLD_START, Estimate, Fleet, Own, Spread, even_fleet, learn_fleet
from monitor.core.cadence.record import Record, Timeline

FIRST = date(2024, 1, 1)
ORIGIN = FIRST.toordinal()
EVEN = list(range(0, 400, 10))
BURSTS = [start + step for start in range(0, 400, 50) for step in range(5)]


def line(offsets: list[int]) -> Timeline:
    return Timeline.of(Record(tuple(FIRST + timedelta(offset) for offset in offsets)))


def estimate(phi: float, size: int = 20) -> Estimate:
    return Estimate(log(phi), 4 / size, size)


def own(phi: float, rate: float = 0.1, size: int = 20) -> Own:
    """What an organisation says of itself that has so many gaps and blocks."""
    return Own(estimate(phi, size), estimate(phi, size), estimate(phi, size), rate)


def spreads(fleet: Fleet) -> list[Spread]:
    return [spread for spread in fleet.spreads if spread]


def test_fewer_than_ten_organisations_are_no_fleet() -> None:
    assert learn_fleet([*[own(3.0)] * 9, *[None] * 5]) == COLD_START
    assert learn_fleet([*[own(3.0)] * 9, *[own(3.0, size=3)] * 5]) == COLD_START


def test_the_fleet_is_as_irregular_and_as_fast_as_its_middle_organisation() -> None:
    fleet = learn_fleet([*[own(0.8, 0.01)] * 5, own(1.5, 0.1), *[own(4.0, 0.4)] * 5])
    assert [exp(spread.centre) for spread in spreads(fleet)] == pytest.approx([1.5] * 3)
    assert fleet.rate == 0.1


def test_days_that_could_not_be_seen_make_nobody_irregular() -> None:
    blind = FIRST + timedelta(145), FIRST + timedelta(195)
    seen = [offset for offset in EVEN if not 145 <= offset < 195]
    partly = Timeline.of(Record(tuple(FIRST + timedelta(offset) for offset in seen), (blind,)))
    whole, told = (own_dispersion(one, ORIGIN, ORIGIN + 400) for one in (line(EVEN), partly))
    assert told.phi == pytest.approx(whole.phi, rel=0.5)
    assert told.rate == pytest.approx(whole.rate, rel=0.1)
    assert 0 < told.blocks.size < whole.blocks.size


def test_organisations_that_differ_by_chance_alone_are_taken_to_be_alike() -> None:
    alike = learn_fleet([own(phi) for phi in (0.8, 0.9, 0.95, 1.0, 1.0, 1.0, 1.0, 1.05, 1.1, 1.2)])
    assert [spread.variance for spread in spreads(alike)] == [0, 0, 0]
    assert dispersion(own(3.0), alike) == pytest.approx(1.0, abs=0.02)


def test_an_organisation_is_believed_the_more_the_more_the_fleet_differs() -> None:
    differing = learn_fleet([own(phi) for phi in (0.3, 0.4, 0.5, 0.8, 1.0, 1.0, 1.3, 2.0, 3.0, 4.0)])
    assert all(0.3 < spread.variance < 1.0 for spread in spreads(differing))
    phis = [dispersion(own(3.0), Fleet((Spread(0.0, one), None, None), 0.1, 0.0)) for one in (0.01, 0.1, 1.0)]
    assert phis == sorted(phis)
    assert 1.0 < phis[0] < phis[2] < 3.0


def test_not_to_know_how_irregular_an_organisation_is_speaks_against_an_alarm() -> None:
    differing = learn_fleet([own(phi) for phi in (0.3, 0.4, 0.5, 0.8, 1.0, 1.0, 1.3, 2.0, 3.0, 4.0)])
    short, long = (dispersion(own(1.0, size=size), differing) for size in (5, 80))
    assert 1.0 < long < short < 2.0


def test_what_was_known_before_a_change_of_pace_counts_after_it() -> None:
    assert dispersion(own(1.0, size=5), COLD_START, anchor=3.0) > dispersion(own(1.0, size=5), COLD_START)


def test_one_odd_organisation_hardly_widens_the_fleet() -> None:
    odd = learn_fleet([*[own(1.0)] * 19, own(60.0)])
    assert all(spread.variance < 0.12 for spread in spreads(odd))


def measured(offsets: list[int], days: int, phi: float = 1.0) -> float:
    return dispersion(own_dispersion(line(offsets), ORIGIN, ORIGIN + days), even_fleet(phi))


def test_regular_releases_have_the_smallest_dispersion_and_bursts_a_large_one() -> None:
    assert measured(EVEN, 400) == 0.6
    assert measured(BURSTS, 400) > 1.5


def test_an_organisation_without_a_past_is_like_the_fleet() -> None:
    assert measured([0, 30], 100, 1.3) == pytest.approx(1.3)
    assert not is_telling(own_dispersion(line([0, 30]), ORIGIN, ORIGIN + 100))


def test_chance_alone_reads_as_one_in_the_middle_of_many() -> None:
    chance = random.Random(1)
    found = [
        own_dispersion(line(sorted({int(400 * chance.random()) for _ in range(40)})), ORIGIN, ORIGIN + 400)
        for _ in range(300)
    ]
    for estimates in zip(*(one.estimates for one in found), strict=True):
        assert exp(median(one.log for one in estimates)) == pytest.approx(1.0, abs=0.12)
        scale = pvariance([one.log for one in estimates]) / estimates[0].variance
        assert 0.5 < scale < 1.6


def test_a_short_past_is_believed_less_than_a_long_one() -> None:
    short, long = (dispersion(own(3.0, size=size), even_fleet(1.0)) for size in (5, 50))
    assert 1 < short < 2 < long < 3


def test_a_burst_of_the_last_ninety_days_does_not_hide_itself() -> None:
    assert measured([*EVEN, *range(401, 450)], 450) == measured(EVEN, 450)


def test_a_slow_change_in_the_last_year_does_not_hide_itself_after_a_long_past() -> None:
    past = list(range(0, 700, 10))
    changed = [*past, *range(701, 1000, 3)]
    before, after = (own_dispersion(line(days), ORIGIN, ORIGIN + 1000) for days in (past, changed))
    assert before == after
