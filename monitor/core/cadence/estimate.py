"""What can be said of rates: of one now, and of those before and after a change, averaged over all that fit.

The rates of the one best window would be biased, because it was selected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import erf, exp, log, sqrt

from monitor.core.cadence.evidence import Counts, count, log_ratios
from monitor.core.cadence.record import DEAD_DAYS, Timeline
from monitor.core.cadence.state import PRIOR_DAYS, Rate

MONTH = 365.25 / 12  # days
_NORMAL_95 = 1.959964
_YEAR = tuple(range(1, 366))
_UP = tuple(1.25 * 8 ** (i / 13) for i in range(14))  # 1.25 to 10
_DOWN = (*(1 / ratio for ratio in _UP), 0.03)
_BIN = 0.02  # width of a bin of log rates: 2%, far below any interval
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """When a rate changed (days ago: the most likely, the 80% set from and to) and the rates on either side.

    `released` is how many release days there have been since.
    """

    window: int
    longest: int
    shortest: int
    released: int
    before: Rate
    after: Rate


def current_rate(events: int, exposure: float, phi: float) -> Rate:
    """Return the rate of `events` release days in so much exposure (days) with Byar's 95% limits.

    Byar's approximation: Breslow & Day, Statistical Methods in Cancer Research II (1987), page 69; here of
    the effective count events / phi.
    """
    size = events / phi
    low = size * (1 - 1 / (9 * size) - _NORMAL_95 / (3 * sqrt(size))) ** 3 if size else 0.0
    high = (size + 1) * (1 - 1 / (9 * (size + 1)) + _NORMAL_95 / (3 * sqrt(size + 1))) ** 3
    return Rate(*(_monthly(value / exposure) for value in (events, max(low, 0.0) * phi, high * phi)))


def fit_change(
    line: Timeline, start: int, day: int, phi: float, *, faster: bool, prior_days: float = PRIOR_DAYS
) -> Change | None:
    """Average over every day and size of a change in one direction, weighted by their evidence; None without a past.

    In each case the rate before is lognormal around n / (T0 + rho T1) with variance phi / n, and the rate after is
    rho times that.
    """
    ratios = _UP if faster else _DOWN
    counts = count(line, start, day, prior_days, _YEAR)
    if not counts.total or not counts.windows:
        return None
    cells = [log_ratios(counts, phi, inside, exposure, ratios) for _, _, inside, exposure in counts.windows]
    top = max(map(max, cells))
    weights = [[exp(value - top) for value in row] for row in cells]
    by_window = [sum(row) for row in weights]
    chosen, width = likeliest(by_window), sqrt(phi / counts.total)
    before, after = _log_rates(counts, weights, ratios)
    best = by_window.index(max(by_window))
    return Change(
        window=counts.windows[best][0],
        longest=counts.windows[chosen[-1]][0],
        shortest=counts.windows[chosen[0]][0],
        released=counts.windows[best][2],
        before=_mixture_rate(before, width),
        after=_mixture_rate(after, width),
    )


def likeliest(weights: Sequence[float], probability: float = 0.8) -> list[int]:
    """Return the fewest places, in order, that hold the probability together."""
    order = sorted(range(len(weights)), key=lambda place: -weights[place])
    sums = accumulate(weights[place] for place in order)
    needed = probability * sum(weights)
    size = next((i for i, reached in enumerate(sums, 1) if reached >= needed), len(order))
    return sorted(order[:size])


def _log_rates(
    counts: Counts, weights: Sequence[Sequence[float]], ratios: Sequence[float]
) -> tuple[dict[int, float], dict[int, float]]:
    """Bin the weights by the log of the rate before, and by that of the rate after."""
    before: dict[int, float] = {}
    after: dict[int, float] = {}
    for (_, _, _, exposure), row in zip(counts.windows, weights, strict=True):
        for weight, ratio in zip(row, ratios, strict=True):
            if weight > _NEGLIGIBLE:
                centre = log(counts.total / (counts.exposure + (ratio - 1) * exposure))
                for bins, place in ((before, centre), (after, centre + log(ratio))):
                    key = round(place / _BIN)
                    bins[key] = bins.get(key, 0.0) + weight
    return before, after


def _mixture_rate(bins: dict[int, float], width: float) -> Rate:
    """Return median and 95% interval of a mixture of lognormals of one width."""
    low, middle, high = (_monthly(exp(_quantile(bins, width, p))) for p in (0.025, 0.5, 0.975))
    return Rate(middle, low, high)


def _quantile(bins: dict[int, float], width: float, probability: float) -> float:
    low, high = min(bins) * _BIN - 5 * width, max(bins) * _BIN + 5 * width
    target = probability * sum(bins.values())
    while high - low > 1e-4:
        middle = (low + high) / 2
        reached = sum(
            weight * (1 + erf((middle - key * _BIN) / width / sqrt(2))) / 2 for key, weight in bins.items()
        )
        low, high = (middle, high) if reached < target else (low, middle)
    return (low + high) / 2


def _monthly(rate: float) -> float:
    """Turn a rate per day of exposure into release days a month as a calendar shows them."""
    return MONTH * rate / (1 + DEAD_DAYS * rate)
