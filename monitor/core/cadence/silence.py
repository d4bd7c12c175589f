"""The evidence that an organisation fell silent: how unlikely its present gap is after its earlier ones."""

from dataclasses import dataclass
from math import exp, expm1, lgamma, log, log1p

from monitor.core.cadence.record import DEAD_DAYS, Timeline

_TINY = 1e-300
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap since the last release day, beside the complete gaps before it.

    `days` is the exposure (days) of the present gap, `before` that of the `complete` ones together;
    `last` is the last release day (`date.toordinal`).
    """

    last: int
    days: float
    complete: int
    before: float


def present_gap(line: Timeline, start: int, day: int) -> Gap:
    """Measure the gap that is open at the end of a day, against those since the baseline start."""
    last = line.last_release(day)
    complete = line.count(start, last)
    before = line.exposure(start, last) if last > start else 0.0
    return Gap(last, line.exposure(last, day) - DEAD_DAYS, complete, before)


def is_silent(gap: Gap, phi: float, probability: float) -> bool:
    """Whether the gap is one that comes with at most this probability in a year of unchanged releases."""
    if gap.complete < 1 or gap.days * gap.complete <= gap.before:  # shorter than the mean: no need to compute
        return False
    return gap_probability(gap, phi) < gap_limit(probability, gap.complete / gap.before)


def gap_probability(gap: Gap, phi: float) -> float:
    """Return the probability of a longer gap, when gaps are gamma distributed with shape 1/phi and unknown scale.

    With m complete gaps of T0 days in all, T0 / (T0 + gap) is Beta(m / phi, 1 / phi).
    """
    return regularised_beta(gap.before / (gap.before + gap.days), gap.complete / phi, 1 / phi)


def gap_limit(probability: float, rate: float) -> float:
    """Spread a yearly probability over the gaps of a year at a rate (releases a day)."""
    return -expm1(log1p(-probability) / (365 * rate))


def regularised_beta(x: float, a: float, b: float) -> float:
    """Return I_x(a, b) by its continued fraction (NIST DLMF 8.17.22), evaluated by Lentz's method."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # there the fraction of the mirror image converges faster
        return 1 - regularised_beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """Evaluate 1 + d1 / (1 + d2 / (1 + ...)) with the coefficients of DLMF 8.17.23."""
    value, c, d = 1.0, 1.0, 0.0
    for step in range(1, _STEPS):
        m = step // 2
        if step % 2:
            coefficient = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            coefficient = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + coefficient * d or _TINY)
        c = 1 + coefficient / c or _TINY
        value *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return value
