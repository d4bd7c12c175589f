"""What a budget of false alarms means: how rare they are, how many alerts are real, and what it costs in delay.

A budget is a probability a year of at least one false "faster" or "slower" of an organisation that does not change.
"""

from collections.abc import Sequence
from math import exp, log, log1p
from statistics import fmean

from monitor.core.cadence.estimate import MONTH
from monitor.core.cadence.evidence import limits
from monitor.core.types import Budgets

# A supposition, for words only: an organisation truly changes its pace so often a year, by one of these factors.
CHANGES_A_YEAR = 0.4
FACTORS = (2.0, 3.0, 5.0, 1 / 2, 1 / 3, 1 / 5)
TYPICAL_PER_MONTH = 2.0  # release days of the organisation that the words speak of
_NEW_BASELINE = 90  # days after a change before the next can show: 60 to learn, 30 without a window
_CHANNELS = 3  # faster, slower, silent: each has the same p
_PARTS = (2, 3, 4, 5, 10)  # people say "four in five", not "seven in eight"
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def expected_false_alerts_per_month(organizations: int, budget: float) -> float:
    """Return how many false alerts a month so many unchanged organisations raise: faster, slower and silent.

    Each of the three has a probability p = 1 - sqrt(1 - budget) a year (0 to 1), so the rate -ln(1 - p).
    """
    return organizations * _CHANNELS * -log1p(-limits(budget).probability) / 12


def years_between_false_alerts(budget: float) -> float:
    """Return the mean number of years between two false "faster" or "slower" of one unchanged organisation."""
    return 1 / -log1p(-budget)


def information(factor: float) -> float:
    """Return how much one release of the former pace tells (nats) of a change of the rate by a factor.

    K(rho) = rho ln rho - rho + 1, the Kullback-Leibler distance of Poisson processes.
    """
    return factor * log(factor) - factor + 1 if factor > 0 else 1.0


def delay_days(budget: float, factor: float, per_month: float, phi: float = 1.0) -> float:
    """Return about how many days a change by a factor takes to be called one, at so many release days a month.

    phi (h - 2) / (rate K(rho)): Lorden 1971, first order, with threshold h; the 2 was found by simulation.
    """
    return MONTH * phi * (limits(budget).threshold - 2) / (per_month * information(factor))


def share_real(budget: float, per_month: float = TYPICAL_PER_MONTH) -> float:
    """Return which part of the alerts "faster" and "slower" is about true changes, where each changes 0.4 times a year.

    A change is found if no other comes within the time that it takes to show, nor came while the baseline was new;
    changes are taken to be x2, x3, x5 and their inverses, equally often, at exponential intervals.
    """
    times = [_NEW_BASELINE + delay_days(budget, factor, per_month) for factor in FACTORS]
    found = CHANGES_A_YEAR * fmean(exp(-days * CHANGES_A_YEAR / 365) for days in times)
    return found / (found - log1p(-budget))


def budget_in_words(budgets: Budgets, per_month: float = TYPICAL_PER_MONTH) -> tuple[str, ...]:
    """Say what each budget means and costs, a sentence each for alerts, notices of what is possible, and silences."""
    return (
        f"alert: {_words(budgets.alert, per_month, 'alert')}",
        f"watching: {_words(budgets.watch, per_month, 'notice')}",
        f'"silent" by itself: one false alert per organisation in {years_in_words(limits(budgets.alert).probability)}',
    )


def _words(budget: float, per_month: float, noun: str) -> str:
    rare, real = years_in_words(budget), part_in_words(share_real(budget, per_month))
    cost = _cost(budget, per_month, (3.0, 5.0, 1 / 3))
    return f"one false {noun} per organisation in {rare}; about {real} such {noun}s are real; {cost}"


def _cost(budget: float, per_month: float, factors: Sequence[float]) -> str:
    delays = [f"{_factor(one)} about {delay_days(budget, one, per_month):.0f} days" for one in factors]
    return f"at {per_month:g} release days a month {', '.join(delays)} until it is told"


def _factor(factor: float) -> str:
    return f"x{factor:g}" if factor >= 1 else f"/{1 / factor:g}"


def years_in_words(budget: float) -> str:
    """Say how far apart false alarms are at a probability a year, rounded as people do: "20 years", not 19.5."""
    years = years_between_false_alerts(budget)
    if years < 3:
        return f"{12 * years:.0f} months"
    return f"{round(2 * years) / 2:g} years" if years < 10 else f"{5 * round(years / 5)} years"


def part_in_words(part: float) -> str:
    """Say a part of a whole (0 to 1) as people do, never "none" and never "all": 0.81 is "four in five"."""
    fractions = ((some, whole) for whole in _PARTS for some in range(1, whole))
    some, whole = min(fractions, key=lambda one: abs(one[0] / one[1] - part))
    return f"{_NUMBERS[some]} in {_NUMBERS[whole]}"
