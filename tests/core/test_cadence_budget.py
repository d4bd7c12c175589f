"""What a budget of false alarms is said to mean."""

import pytest

from monitor.core.cadence.budget import (
    budget_in_words,
    delay_days,
    expected_false_alerts_per_month,
    part_in_words,
    share_real,
    years_in_words,
)
from monitor.core.types import Budgets


def test_fifty_organisations_raise_a_false_alert_in_three_months_over_three_channels() -> None:
    # "Faster" and "slower" alone: 50 x -ln(0.95) / 12; "silent" adds half as much again.
    assert expected_false_alerts_per_month(50, 0.05) == pytest.approx(1.5 * 0.2137, rel=1e-3)
    assert expected_false_alerts_per_month(0, 0.05) == 0


@pytest.mark.parametrize(("budget", "simulated"), [(0.05, 0.81), (0.20, 0.56), (0.39, 0.36)])
def test_the_share_of_real_alerts_agrees_with_a_simulated_fleet(budget: float, simulated: float) -> None:
    # 50 organisations, 0.4 true changes a year each, 20 fleets of two years.
    assert share_real(budget) == pytest.approx(simulated, abs=0.04)


@pytest.mark.parametrize(
    ("per_month", "factor", "measured"), [(2, 3, 99), (2, 5, 33), (4, 3, 47), (1, 3, 173), (4, 1 / 3, 178)]
)
def test_the_delay_is_roughly_the_median_that_simulations_measure(
    per_month: float, factor: float, measured: float
) -> None:
    assert delay_days(0.05, factor, per_month) == pytest.approx(measured, rel=0.25)


def test_a_looser_budget_costs_less_delay_and_more_false_alerts() -> None:
    assert delay_days(0.20, 3, 2) < delay_days(0.05, 3, 2)
    assert share_real(0.20) < share_real(0.05)


def test_a_budget_is_said_in_words_with_its_cost() -> None:
    alert, watching, silent = budget_in_words(Budgets(0.05, 0.20))
    assert alert.startswith(
        "alert: one false alert per organisation in 20 years; about four in five such alerts are real; "
        "at 2 release days a month x3 about "
    )
    assert "per organisation in 4.5 years; about three in five such notices are real" in watching
    assert silent == '"silent" by itself: one false alert per organisation in 40 years'


@pytest.mark.parametrize(
    ("part", "words"),
    [(0.0, "one in ten"), (0.5, "one in two"), (0.81, "four in five"), (1.0, "nine in ten")],
)
def test_a_part_is_said_as_people_do_and_never_as_none_or_all(part: float, words: str) -> None:
    assert part_in_words(part) == words


def test_times_are_rounded_as_people_do() -> None:
    assert [years_in_words(p) for p in (0.01, 0.05, 0.2, 0.39)] == [
        "100 years",
        "20 years",
        "4.5 years",
        "24 months",
    ]
