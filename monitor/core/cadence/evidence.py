"""The evidence that a rate of releases changed, and how much of it makes an alert.

A mixture of Shiryaev-Roberts statistics over the day and the size of a change (Pollak & Siegmund 1991,
Gordon & Pollak 1997: unknown rate before the change). The unknown rate is integrated out under a Gamma
prior; counts are release days; likelihoods are tempered by the dispersion phi (quasi-likelihood).
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p, sqrt
from typing import Self

from monitor.core.cadence.record import DEAD_DAYS, Timeline
from monitor.core.cadence.state import PRIOR_DAYS
from monitor.core.types import Budgets

PRIOR_EVENTS = (
    1.0  # the Gamma prior weighs as much as one release day, in as many days as the fleet needs for one
)
# In days. Not beyond a year: longer windows with longer histories alarm more often than the threshold promises.
# fmt: off
WINDOWS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 24, 28, 34, 40, 48, 57, 68, 80, 95,
           113, 135, 160, 190, 226, 270, 320)
# fmt: on
BEFORE = 30  # days of the baseline that no window reaches into
UP = (1.5, 2.0, 3.0, 5.0, 8.0)
DOWN = (2 / 3, 1 / 2, 1 / 3, 1 / 5, 0.05)

OVERSHOOT = 0.2  # nats, by simulation
_BEYOND_DOUBT = 700.0  # the largest evidence that a float can hold


@dataclass(frozen=True, slots=True)
class Limits:
    """What one budget allows: a false-alarm probability a year, and its threshold in nats."""

    probability: float
    threshold: float


def limits(budget: float) -> Limits:
    """Split a yearly false-alarm budget (0 to 1) over faster and slower, and find the threshold of each.

    A statistic of Shiryaev-Roberts kind that alarms at exp(h) does so every exp(h) days on average, or less often since
    it overshoots (Pollak 1987); waiting times being near exponential, h = ln(365 / -ln(1 - p)), less the overshoot,
    gives probability p a year.
    """
    probability = 1 - sqrt(1 - budget)
    return Limits(probability, log(365 / -log1p(-probability)) - OVERSHOOT)


def both_limits(budgets: Budgets) -> tuple[Limits, Limits]:
    """Return the limits of the alert level and of the watching level."""
    return limits(budgets.alert), limits(budgets.watch)


@dataclass(frozen=True, slots=True)
class Counts:
    """Release days and exposure (days) since the baseline start, and in each window that ends now.

    A window is its length in days, the days that it stands for, its release days and its exposure. The prior counts
    as one release day in `prior_days`.
    """

    total: int
    exposure: float
    windows: tuple[tuple[int, int, int, float], ...]
    prior_days: float = PRIOR_DAYS


def count(
    line: Timeline, start: int, day: int, prior_days: float = PRIOR_DAYS, every: Sequence[int] = WINDOWS
) -> Counts:
    """Count from the end of the start day to the end of a day, in each window that leaves 30 days before it."""
    until = bisect_right(line.counted, day)
    total = until - bisect_right(line.counted, start)
    usable = every[: bisect_right(every, day - start - BEFORE)]
    windows = []
    before = 0
    for window in usable:
        inside = until - bisect_right(line.counted, day - window)
        blind = line.blind_days(day - window, day) if line.blind else 0
        windows.append((window, window - before, inside, window - blind - DEAD_DAYS * inside))
        before = window
    return Counts(total, line.exposure(start, day), tuple(windows), prior_days)


def log_ratios(
    counts: Counts, phi: float, inside: int, exposure: float, ratios: Sequence[float]
) -> list[float]:
    """Return, for each ratio, ln of how much likelier the counts are if the rate changed by it in a window.

    L = [n1 ln rho + (n + a0) ln((b0 + T) / (b0 + T0 + rho T1)) + n0 g(r0) + n1 g(rho r0) - n g(r)] / phi, with n1
    release days in the window's exposure T1, n and T in all, n0 = n - n1, T0 = T - T1, and the prior a0, b0.

    A day shows that something was released, not how much, which has the probability 1 - exp(-r) = r exp(g(r) - r / 2).
    Dead time stands for r / 2; g, of r = (n + a0) / (b0 + T) and r0 = (n + a0) / (b0 + T0 + rho T1), is the rest.
    """
    return _weigh(_Weights.of(counts, phi, ratios), inside, exposure)


def evidence(counts: Counts, phi: float, ratios: Sequence[float]) -> float:
    """Return ln of the evidence (nats) for a change by any of the ratios in any window, up to now."""
    weights = _Weights.of(counts, phi, ratios)
    total = 0.0
    try:
        for _, step, inside, exposure in counts.windows:
            total += step * sum([exp(nats) for nats in _weigh(weights, inside, exposure)])
    except OverflowError:
        return _BEYOND_DOUBT
    return min(log(total / len(ratios)), _BEYOND_DOUBT) if total else -_BEYOND_DOUBT


@dataclass(frozen=True, slots=True)
class _Weights:
    """What all windows of a day share: n, n + a0, r^2, n g(r), and of each ratio ln, what it adds to a day, square."""

    total: int
    events: float
    square: float
    unchanged: float
    phi: float
    terms: tuple[tuple[float, float, float], ...]

    @classmethod
    def of(cls, counts: Counts, phi: float, ratios: Sequence[float]) -> Self:
        """Work out what does not depend on the window: the terms of `log_ratios` that only n, T and rho are in."""
        events, base = counts.total + PRIOR_EVENTS, counts.prior_days + counts.exposure
        square = (events / base) ** 2
        terms = tuple((log(ratio), (ratio - 1) / base, ratio * ratio) for ratio in ratios)
        return cls(counts.total, events, square, counts.total * 5 * square / (120 + square), phi, terms)


def _weigh(weights: _Weights, inside: int, exposure: float) -> list[float]:
    """Weigh one window. Here the time goes: g(r) = 5 r^2 / (120 + r^2), within 1% up to r = 3, is written out."""
    events, square, unchanged, phi = weights.events, weights.square, weights.unchanged, weights.phi
    outside, within = 5 * (weights.total - inside), 5 * inside
    found = []
    for gain, cost, factor in weights.terms:
        less = 1 + cost * exposure
        before = square / (less * less)
        after = factor * before
        grouped = outside * before / (120 + before) + within * after / (120 + after) - unchanged
        found.append((inside * gain - events * log(less) + grouped) / phi)
    return found
