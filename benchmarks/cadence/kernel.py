"""The engine of monitor.core.cadence for thousands of organisations at once, in NumPy.

The constants are the engine's own, and a test holds the two together day by day. Blind days are left out: no simulated
organisation has any. Days are counted from 0, organisations are columns.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import betainc

from benchmarks.cadence.past import NEVER, Bools, Floats, Ints, Past
from benchmarks.cadence.spread import Owns, dispersion
from monitor.core.cadence.dispersion import BLOCK
from monitor.core.cadence.evidence import BEFORE, DOWN, PRIOR_EVENTS, UP, WINDOWS
from monitor.core.cadence.record import DEAD_DAYS
from monitor.core.cadence.regime import COOL_DOWN, LEARNING, NEEDED, RELEARNING
from monitor.core.cadence.state import PRIOR_DAYS

_NOT_YET = 9.0  # the probability over its limit of a gap that is not even as long as the mean
_FIT_DAYS = 365
_LARGEST = 690.0  # the largest power of e that is taken


@dataclass
class Watch:
    """What is remembered of each organisation, as in the engine's state.

    `silent` is the last release before a silence that was called, NEVER without one; an `anchor` of NaN is none.
    """

    start: Ints
    phi: Floats
    own: Owns
    anchor: Floats
    prior_days: Floats
    learnt: Bools
    quiet: Ints
    silent: Ints

    @classmethod
    def over(cls, past: Past) -> Self:
        """Begin with the first release day of each."""
        size = len(past.days)
        return cls(
            start=past.days[:, 0].copy(),
            phi=np.ones(size),
            own=Owns.none(size),
            anchor=np.full(size, np.nan),
            prior_days=np.full(size, PRIOR_DAYS),
            learnt=np.zeros(size, dtype=bool),
            quiet=np.zeros(size, dtype=np.int64),
            silent=np.full(size, NEVER),
        )

    def rebase(self, one: int, day: int, start: int) -> None:
        """Begin a new baseline after a change that was called on a day."""
        self.start[one], self.anchor[one], self.learnt[one] = start, self.phi[one], False
        self.quiet[one] = day + COOL_DOWN


def prepare(past: Past, watch: Watch, day: int) -> Ints:
    """Learn, end silences, and return the organisations about which something may be said at the end of the day."""
    _measure(past, watch, day)
    _learn(past, watch, day)
    held = np.flatnonzero(watch.silent < NEVER)
    ended = held[past.last(held, day) > watch.silent[held]]
    watch.silent[ended] = NEVER
    watch.quiet[ended] = day + COOL_DOWN
    return np.flatnonzero(watch.learnt & (day >= watch.quiet) & (watch.silent == NEVER))


def _measure(past: Past, watch: Watch, day: int) -> None:
    """Refresh the dispersion, and what the fleet says, of those of whom 28 more days are complete."""
    due = np.flatnonzero((watch.start < day) & ((day - watch.start) % BLOCK == 0))
    if len(due):
        fleet = watch.own.fleet()
        own = Owns.of(past, due, watch.start[due], day)
        watch.phi[due] = dispersion(own, fleet, watch.anchor[due])
        watch.prior_days[due] = 1 / fleet.rate
        watch.own.keep(due, own)


def _learn(past: Past, watch: Watch, day: int) -> None:
    waiting = np.flatnonzero(~watch.learnt & (watch.start < day))
    start = watch.start[waiting]
    long = day - start >= np.where(np.isnan(watch.anchor[waiting]), LEARNING, RELEARNING)
    seen = past.sums[day + 1, waiting] - past.sums[start, waiting]
    watch.learnt[waiting[long & (seen >= NEEDED)]] = True


def silence(past: Past, watch: Watch, who: Ints, day: int, probability: float) -> Floats:
    """Return how probable a longer gap is, over the limit of that probability a year: below 1 it is a silence."""
    last = past.last(who, day)
    start = np.maximum(watch.start[who], past.horizon(who, last))
    complete = past.sums[last + 1, who] - past.sums[start + 1, who]
    before = last - start - DEAD_DAYS * complete
    gap = day - last - DEAD_DAYS
    found = np.full(len(who), _NOT_YET)
    long = np.flatnonzero((complete >= 1) & (gap * complete > before))
    complete, before, gap, phi = complete[long], before[long], gap[long], watch.phi[who[long]]
    limit = -np.expm1(np.log1p(-probability) / (365 * complete / before))
    found[long] = betainc(complete / phi, 1 / phi, before / (before + gap)) / limit
    return found


def evidence(past: Past, watch: Watch, who: Ints, day: int) -> tuple[Floats, Floats]:
    """Return ln of the evidence for a faster and for a slower pace."""
    start = _start(past, watch, who, day)
    length = day - start
    windows = np.array(WINDOWS)[:, None]
    windows = windows[windows[:, 0] <= length.max() - BEFORE]
    steps = np.diff(windows, axis=0, prepend=0) * (windows <= length - BEFORE)
    until = past.sums[day + 1, who]
    inside = (until - past.sums[day + 1 - windows[:, 0]][:, who]).astype(float)
    total = (until - past.sums[start + 1, who]).astype(float)
    exposure = np.where(steps > 0, windows - DEAD_DAYS * inside, 0)
    base = watch.prior_days[who] + length - DEAD_DAYS * total
    share, phi = exposure / base, watch.phi[who]
    up, down = (
        _mixed((_weigh(inside, total, share, base, ratio) / phi for ratio in ratios), steps)
        - np.log(len(ratios))
        for ratios in (UP, DOWN)
    )
    return up, down


def _start(past: Past, watch: Watch, who: Ints, day: int) -> Ints:
    """Return where that begins which a day is compared with."""
    found: Ints = np.maximum(watch.start[who], past.horizon(who, np.full(len(who), day)))
    return found


def _weigh(
    inside: Floats, total: Floats | float, share: Floats, base: Floats | float, ratio: float
) -> Floats:
    """Return the log likelihood ratios of windows before they are tempered."""
    less = 1 + (ratio - 1) * share
    square = ((total + PRIOR_EVENTS) / base) ** 2
    before = square / (less * less)
    found: Floats = np.log(less, out=less)
    found *= -(total + PRIOR_EVENTS)
    grouped = _grouping(before)
    found += inside * (np.log(ratio) + _grouping(ratio**2 * before) - grouped)
    found += total * (grouped - _grouping(square))
    return found


def _grouping(square: Floats | float) -> Floats | float:
    """Return what a day's release says less than a moment's, of the square of the rate."""
    return 5 * square / (120 + square)


def _mixed(nats: Iterable[Floats], steps: Ints) -> Floats:
    """Return ln of the sum of what the windows say of all ratios, each window for the days that it stands for."""
    total = sum(np.exp(np.minimum(each, _LARGEST)) for each in nats)
    found: Floats = np.log(np.maximum((steps * total).sum(axis=0), 1e-304))
    return found


def best_window(past: Past, watch: Watch, one: int, day: int, ratios: tuple[float, ...]) -> tuple[int, int]:
    """Return the likeliest length of the new pace in days, and its release days, as the engine's fit_change does."""
    start, phi = int(_start(past, watch, np.array([one]), day)[0]), watch.phi[one]
    windows = np.arange(1, min(_FIT_DAYS, day - start - BEFORE) + 1)
    sums = past.sums[:, one]
    inside = (sums[day + 1] - sums[day + 1 - windows]).astype(float)
    total = float(sums[day + 1] - sums[start + 1])
    base = watch.prior_days[one] + day - start - DEAD_DAYS * total
    share, phi = (windows - DEAD_DAYS * inside) / base, watch.phi[one]
    powers = np.array([_weigh(inside, total, share, base, ratio) / phi for ratio in ratios])
    best = int(np.exp(powers - powers.max()).sum(axis=0).argmax())
    return int(windows[best]), int(inside[best])
