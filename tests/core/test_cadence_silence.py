"""The evidence for a silence: the incomplete beta function against closed forms, and plain gaps."""

from math import asin, comb, pi, sqrt

import pytest
from scipy.special import betainc

from monitor.core.cadence.silence import Gap, gap_limit, gap_probability, is_silent, regularised_beta

XS = (0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999)


@pytest.mark.parametrize("x", XS)
@pytest.mark.parametrize("a", [0.3, 1.0, 4.5, 60.0])
def test_the_beta_function_with_one_unit_parameter_is_a_power(x: float, a: float) -> None:
    assert regularised_beta(x, a, 1) == pytest.approx(x**a, rel=1e-11, abs=1e-300)
    assert regularised_beta(x, 1, a) == pytest.approx(1 - (1 - x) ** a, rel=1e-11)


@pytest.mark.parametrize("x", XS)
def test_the_beta_function_with_halves_is_the_arcsine_law(x: float) -> None:
    assert regularised_beta(x, 0.5, 0.5) == pytest.approx(2 / pi * asin(sqrt(x)), rel=1e-11)


@pytest.mark.parametrize("x", XS)
@pytest.mark.parametrize(("a", "b"), [(3, 5), (12, 2), (40, 70)])
def test_the_beta_function_with_whole_parameters_is_a_binomial_tail(x: float, a: int, b: int) -> None:
    n = a + b - 1
    tail = sum(comb(n, j) * x**j * (1 - x) ** (n - j) for j in range(a, n + 1))
    assert regularised_beta(x, a, b) == pytest.approx(tail, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("a", [1 / 6, 0.5, 1, 1.67, 4.5, 60, 900, 50_000])
@pytest.mark.parametrize("b", [1 / 6, 0.5, 1, 1.67, 7, 100, 3_500])
def test_the_beta_function_agrees_with_scipy_far_into_both_tails(a: float, b: float) -> None:
    places = [1e-12, 1e-6, 0.001, 0.0099, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 1 - 1e-9]
    assert [regularised_beta(x, a, b) for x in places] == pytest.approx(
        [float(betainc(a, b, x)) for x in places], rel=1e-9, abs=1e-280
    )


def test_the_beta_function_is_certain_at_its_ends() -> None:
    assert (regularised_beta(0, 2, 3), regularised_beta(1, 2, 3)) == (0, 1)


def test_after_chance_gaps_the_probability_of_a_longer_one_is_a_power() -> None:
    assert gap_probability(Gap(0, 60, 24, 360), phi=1) == pytest.approx((360 / 420) ** 24)


def test_the_limit_spends_the_yearly_probability_on_the_gaps_of_a_year() -> None:
    assert 1 - (1 - gap_limit(0.025, 2 / 30)) ** (365 * 2 / 30) == pytest.approx(0.025)


@pytest.mark.parametrize(("days", "silent"), [(10, False), (60, False), (200, True)])
def test_only_a_gap_far_beyond_the_usual_ones_is_a_silence(days: float, silent: bool) -> None:
    assert is_silent(Gap(0, days, 24, 360), phi=1, probability=0.0253) is silent


def test_a_regular_releaser_is_silent_sooner_than_a_bursty_one() -> None:
    gap = Gap(0, 110, 24, 360)
    assert is_silent(gap, 0.6, 0.0253)
    assert not is_silent(gap, 2.0, 0.0253)


def test_without_one_complete_gap_nothing_is_a_silence() -> None:
    assert not is_silent(Gap(0, 1000, 0, 0), 1, 0.2)
