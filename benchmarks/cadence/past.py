"""Who released when, in the forms that are asked for: days are counted from 0, organisations are columns."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from monitor.core.cadence.record import DEAD_DAYS, HORIZON, LEAST

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = 1 << 30  # a day that does not come


@dataclass(frozen=True)
class Past:
    """The release days of organisations; what is to come is in it too, and must not be asked for.

    `sums[d]` counts those before day d; `days` lists them in order, one row an organisation; `squares` sums the squares
    of the gaps between them, each less the dead time after a release.
    """

    sums: Ints
    days: Ints
    squares: Floats

    @classmethod
    def of(cls, released: Bools) -> Self:
        """Make it of a table of organisations by days."""
        streams, length = released.shape
        sums = np.zeros((length + 1, streams), dtype=np.int64)
        np.cumsum(released.T, axis=0, out=sums[1:])
        rows, days = np.nonzero(released)
        listed = np.full((streams, max(int(sums[-1].max()), 1)), NEVER)
        listed[rows, sums[days, rows]] = days
        squares = np.zeros(listed.shape)
        np.cumsum((np.diff(listed, axis=1) - DEAD_DAYS) ** 2, axis=1, out=squares[:, 1:])
        return cls(sums, listed, squares)

    @property
    def length(self) -> int:
        """The number of days."""
        return len(self.sums) - 1

    def last(self, who: Ints, day: int) -> Ints:
        """Return the last release day of some up to the end of a day; -1 before the first."""
        seen = self.sums[day + 1, who]
        return np.where(seen > 0, self.days[who, np.maximum(seen - 1, 0)], -1)

    def horizon(self, who: Ints, day: Ints) -> Ints:
        """Return where that begins which a day can be compared with: 18 months, and at least 30 release days."""
        seen = self.sums[day + 1, who]
        return np.minimum(day - HORIZON, self.days[who, np.maximum(seen - LEAST - 1, 0)])
