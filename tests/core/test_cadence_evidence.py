"""The evidence for a change of rate, against direct integration and in plain cases."""

from datetime import date, timedelta
from math import exp, log

import pytest

from monitor.core.cadence.evidence import DOWN, UP, count, evidence, limits, log_ratios
from monitor.core.cadence.record import Record, Timeline

FIRST = date(2024, 1, 1)
ORIGIN = FIRST.toordinal()


def line(*offsets: int, blind: tuple[tuple[int, int], ...] = ()) -> Timeline:
    days = tuple(FIRST + timedelta(offset) for offset in offsets)
    spans = tuple((FIRST + timedelta(first), FIRST + timedelta(end)) for first, end in blind)
    return Timeline.of(Record(days, spans))


@pytest.mark.parametrize(("budget", "threshold"), [(0.05, 9.36), (0.20, 7.89), (0.39, 7.10)])
def test_a_budget_gives_the_threshold_of_its_mean_run_length(budget: float, threshold: float) -> None:
    assert limits(budget).threshold == pytest.approx(threshold, abs=0.01)


def test_the_budget_is_split_so_that_both_directions_together_use_it_up() -> None:
    p = limits(0.05).probability
    assert 1 - (1 - p) ** 2 == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("every", "burst", "ratio"), [(15, (300, 303, 306), 3), (4, tuple(range(292, 310)), 5), (2, (300,), 0.2)]
)
def test_the_likelihood_ratio_agrees_with_integrating_the_unknown_rate_numerically(
    every: int, burst: tuple[int, ...], ratio: float
) -> None:
    releases = line(*sorted({*range(0, 290, every), *burst}))
    counts = count(releases, ORIGIN, ORIGIN + 310)
    window, _, inside, exposure = next(window for window in counts.windows if window[0] == 20)
    outside = counts.total - inside
    rates = [0.0002 * (i + 0.5) for i in range(7_500)]  # releases a day

    def likelihood(ratio: float) -> float:
        """Each day shows a release or none; the prior is that of one release in fifteen days."""
        return sum(
            exp(
                outside * log(1 - exp(-r))
                - r * (310 - window - outside)
                + inside * log(1 - exp(-ratio * r))
                - ratio * r * (window - inside)
                - 15 * r
            )
            for r in rates
        )

    expected = log(likelihood(ratio) / likelihood(1))
    assert log_ratios(counts, 1.0, inside, exposure, (ratio,)) == [
        pytest.approx(expected, abs=0.05, rel=0.01)
    ]


def test_the_evidence_is_the_mean_likelihood_ratio_summed_over_the_days_of_a_change() -> None:
    counts = count(line(*range(0, 361, 15), 362, 364), ORIGIN, ORIGIN + 365)
    total = sum(
        step * sum(map(exp, log_ratios(counts, 1.3, inside, exposure, UP))) / len(UP)
        for _, step, inside, exposure in counts.windows
    )
    assert evidence(counts, 1.3, UP) == pytest.approx(log(total))


def test_a_burst_speaks_for_faster_and_a_pause_for_slower() -> None:
    even = list(range(0, 361, 15))
    burst = count(line(*even, *range(361, 391, 3)), ORIGIN, ORIGIN + 390)
    pause = count(line(*even), ORIGIN, ORIGIN + 480)
    assert evidence(burst, 1.0, UP) > limits(0.05).threshold > evidence(burst, 1.0, DOWN)
    assert evidence(pause, 1.0, DOWN) > limits(0.20).threshold > evidence(pause, 1.0, UP)


def test_an_even_pace_speaks_for_neither() -> None:
    counts = count(line(*range(0, 361, 15)), ORIGIN, ORIGIN + 365)
    assert max(evidence(counts, 1.0, UP), evidence(counts, 1.0, DOWN)) < limits(0.20).threshold - 1


def test_dispersion_weakens_every_ratio_by_its_factor() -> None:
    counts = count(line(*range(0, 361, 15), 362, 364), ORIGIN, ORIGIN + 365)
    window = counts.windows[5]
    plain, tempered = (log_ratios(counts, phi, window[2], window[3], UP) for phi in (1.0, 2.0))
    assert tempered == pytest.approx([value / 2 for value in plain])


def test_a_release_every_day_for_years_does_not_overflow() -> None:
    counts = count(line(*range(0, 300, 30), *range(300, 620)), ORIGIN, ORIGIN + 620)
    assert limits(0.001).threshold < evidence(counts, 0.6, UP) <= 700


def test_no_window_reaches_into_the_first_thirty_days_of_the_baseline() -> None:
    counts = count(line(0, 10, 20), ORIGIN, ORIGIN + 40)
    assert [window[0] for window in counts.windows] == [1, 2, 3, 4, 5, 6, 7, 8, 10]


def test_blind_days_and_what_is_dated_to_them_are_no_evidence() -> None:
    seen = count(line(0, 20, 40, 60), ORIGIN, ORIGIN + 70)
    blind = count(line(0, 20, 40, 60, 75, blind=((71, 81),)), ORIGIN, ORIGIN + 80)
    assert (blind.total, blind.exposure) == (seen.total, seen.exposure)


def test_what_is_older_than_a_year_and_a_half_is_not_compared() -> None:
    weekly = line(*range(0, 1400, 7))
    assert weekly.horizon(ORIGIN + 1400) == ORIGIN + 1400 - 548


def test_a_slow_organisation_is_compared_with_its_last_thirty_release_days() -> None:
    monthly = line(*range(0, 1500, 30))  # 50 of them
    assert monthly.horizon(ORIGIN + 1500) == ORIGIN + 19 * 30
    assert line(0, 400, 800).horizon(ORIGIN + 900) == ORIGIN


def test_blind_days_are_counted_in_any_stretch_of_days() -> None:
    stretches = ((10, 20), (30, 31), (50, 80))
    seen = line(0, blind=stretches)
    unseen = {day for first, end in stretches for day in range(first, end)}
    for after in range(-1, 90, 7):
        for until in range(after, 95, 3):
            hidden = sum(after < day <= until for day in unseen)
            assert seen.blind_days(ORIGIN + after, ORIGIN + until) == hidden


def test_two_accounts_that_were_out_of_sight_together_hide_a_day_once() -> None:
    first, last = date(2024, 1, 1), date(2024, 3, 1)
    stretch = (date(2024, 1, 10), date(2024, 2, 20))
    overlapping = (date(2024, 2, 1), date(2024, 2, 25))
    line = Timeline.of(Record((first,), (stretch, stretch, overlapping)))
    assert line.blind == ((stretch[0].toordinal(), overlapping[1].toordinal()),)
    assert line.exposure(first.toordinal(), last.toordinal()) > 0
