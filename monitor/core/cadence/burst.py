"""A burst: more launches in a few days than chance brings; worth a word, never an alert or a new baseline."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.core.cadence.evidence import PRIOR_EVENTS, limits
from monitor.core.cadence.record import Timeline
from monitor.core.cadence.silence import regularised_beta
from monitor.core.cadence.state import CadenceState
from monitor.core.types import Budgets

_WINDOWS = (1, 2, 3, 7)  # days
_LEAST = 3  # launches: fewer are no burst, however quiet it was before
_ALMOST_CHANCE = 1.01  # the negative binomial needs a variance above its mean


@dataclass(frozen=True, slots=True)
class Burst:
    """So many launches in the last days, where `usual` (a mean) were to be expected."""

    launches: int
    days: int
    usual: float

    def __str__(self) -> str:
        span = "on one day" if self.days == 1 else f"in the last {self.days} days"
        return f"a burst: {self.launches} launches {span}, where {self.usual:.1f} are usual"


def find_burst(
    launches: Sequence[date], state: CadenceState, line: Timeline, budgets: Budgets, day: int
) -> Burst | None:
    """Return the most surprising burst that ends with a day (`date.toordinal`); None while learning.

    `launches` has one day for each launch, in order: unlike for the cadence, two on one day are two. Each window is
    held against its negative binomial predictive distribution, at the share of one day and window in the yearly
    probability of the watching level.
    """
    if not state.learnt or line.is_blind(day):
        return None
    seen = set(line.counted)
    known = [at for at in (one.toordinal() for one in launches) if at in seen]
    probability = limits(budgets.watch).probability / (len(_WINDOWS) * 365)
    start = state.start(line, day)
    found = [_window(known, line, (start, day), state, days) for days in _WINDOWS]
    chance, burst = min(found, key=lambda one: one[0])
    return burst if chance < probability and burst.launches >= _LEAST else None


def _window(
    known: Sequence[int], line: Timeline, baseline: tuple[int, int], state: CadenceState, days: int
) -> tuple[float, Burst]:
    """Return the chance of so many launches or more in the last days, and what was seen.

    The variance is phi times the mean, and more as launches come in clusters (compound Poisson: E m^2 / E m of the
    launches m on a release day), and as the rate is uncertain.
    """
    start, day = baseline
    first, last, end = (bisect_right(known, one) for one in (start, day - days, day))
    exposure = state.prior_days + day - days - start - line.blind_days(start, day - days)
    usual = days * (last - first + PRIOR_EVENTS) / exposure
    clusters = Counter(known[first:last]).values()
    spread = sum(size * size for size in clusters) / max(sum(clusters), 1) if clusters else 1.0
    variance = max(state.phi * spread, _ALMOST_CHANCE) * (1 + days / exposure)
    number = end - last
    # P(N >= n) of a negative binomial with size r and success probability 1/v is I_(1-1/v)(n, r).
    chance = regularised_beta(1 - 1 / variance, number, usual / (variance - 1)) if number else 1.0
    return chance, Burst(number, days, usual)
