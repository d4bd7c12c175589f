"""What the watched organisations have in common: how irregular they are, how unlike in that, and how fast.

Empirical Bayes: an organisation's own past is believed the less, the more alike the organisations of the fleet are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import fmean, median

FLEET = 10  # organisations make one
ENOUGH = 4  # gaps, or blocks, that an organisation's own estimate needs to count in the fleet
CAUTION = 1.0  # standard deviations: not to know how irregular an organisation is speaks against an alarm
_OUTLIER = 1.5  # further from the centre than this (in ln) an organisation says no more about the spread
_SLOWEST, _FASTEST = 1 / 120, 1 / 2  # release days a day, within which a fleet's rate is believed
_UNKNOWN = (
    0.2  # variance of ln of the dispersion among organisations, or in time, as far as nothing is known of it
)
_ALIKE = 1e-4  # the least that a variance is taken to be
_COLD_RATE = 1 / 15  # two release days a month


@dataclass(frozen=True, slots=True)
class Estimate:
    """ln of a dispersion, the variance of that by chance alone, and from how many gaps or blocks it comes."""

    log: float
    variance: float
    size: int


@dataclass(frozen=True, slots=True)
class Own:
    """What an organisation's own past says: dispersions of its gaps, blocks and long blocks; release days a day."""

    gaps: Estimate
    blocks: Estimate
    long_blocks: Estimate
    rate: float

    @property
    def estimates(self) -> tuple[Estimate, Estimate, Estimate]:
        """The three dispersions, in the order of `Fleet.spreads`."""
        return (self.gaps, self.blocks, self.long_blocks)

    @property
    def phi(self) -> float:
        """The largest of the dispersions."""
        return exp(max(one.log for one in self.estimates))


@dataclass(frozen=True, slots=True)
class Spread:
    """How ln of a dispersion is distributed over the organisations: normally, with this centre and variance."""

    centre: float
    variance: float


@dataclass(frozen=True, slots=True)
class Fleet:
    """How each of the three dispersions is distributed (None: unknown, it is not used), and the middle rate.

    The rate is in release days a day. `caution` is how many standard deviations above its mean a dispersion is taken.
    """

    spreads: tuple[Spread | None, Spread | None, Spread | None]
    rate: float
    caution: float

    def dispersion(self, own: Own, anchor: float | None) -> float:
        """Return the dispersion of an organisation, from its own past and those of all, weighted by their precision.

        Where the organisation has an `anchor`, its dispersion before its pace changed, that stands for those of all:
        an organisation strays no further in time than organisations differ.
        """
        pairs = zip(self.spreads, own.estimates, strict=True)
        return exp(max((self._log(spread, one, anchor) for spread, one in pairs if spread), default=0.0))

    def _log(self, spread: Spread, own: Estimate, anchor: float | None) -> float:
        prior = Spread(log(anchor), min(spread.variance, _UNKNOWN)) if anchor else spread
        weight = 1 / max(prior.variance, _ALIKE)
        total = weight * prior.centre
        if own.size:
            weight += 1 / own.variance
            total += own.log / own.variance
        return total / weight + self.caution / sqrt(weight)


def even_fleet(phi: float, rate: float = _COLD_RATE) -> Fleet:
    """Return a fleet of which nothing but the middle dispersion and rate is known."""
    spread = Spread(log(phi), _UNKNOWN)
    return Fleet((spread, spread, None), rate, caution=0.0)


# While there is no fleet.
COLD_START = even_fleet(1.2)


def learn_fleet(owns: Iterable[Own | None]) -> Fleet:
    """Learn from what is known of organisations; fewer than ten make no fleet."""
    known = [own for own in owns if own is not None]
    gaps, blocks, long_blocks = (_spread([own.estimates[i] for own in known]) for i in range(3))
    if not gaps or not blocks:
        return COLD_START
    rate = median(own.rate for own in known if own.blocks.size >= ENOUGH)
    return Fleet((gaps, blocks, long_blocks), min(max(rate, _SLOWEST), _FASTEST), CAUTION)


def _spread(estimates: Sequence[Estimate]) -> Spread | None:
    """Return the median, and the variance beyond that of chance (method of moments, outliers cut)."""
    known = [one for one in estimates if one.size >= ENOUGH]
    if len(known) < FLEET:
        return None
    centre = median(one.log for one in known)
    squares = (min(abs(one.log - centre), _OUTLIER) ** 2 - one.variance for one in known)
    return Spread(centre, max(fmean(squares), 0.0))
