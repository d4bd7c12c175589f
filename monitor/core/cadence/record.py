"""What is known of when one organisation released and when it could not be seen."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Self

# A day holds at most one release day: after each, no other can follow for half a day on average.
DEAD_DAYS = 0.5

# Rates drift: what is older than a year and a half (days) is no measure for today's, unless there would be too few
# release days left to tell a drift anyway.
HORIZON = 548
LEAST = 30


@dataclass(frozen=True, slots=True)
class Record:
    """The distinct release days of an organisation, sorted, and its blind stretches, each [from, to).

    A blind stretch that goes on ends the day after the last one that is asked about. Days in a blind
    stretch, and releases dated to them, are no evidence for or against anything. `start` is the day from
    which every release is known; None stands for the first release day.
    """

    release_days: tuple[date, ...]
    blind: tuple[tuple[date, date], ...] = ()
    start: date | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A record as day numbers (`date.toordinal`), made once for many questions."""

    days: tuple[int, ...]  # every release day
    counted: tuple[int, ...]  # those on which the organisation could be seen
    blind: tuple[tuple[int, int], ...]
    hidden: tuple[int, ...] = (0,)  # days in the first 0, 1, 2, ... blind stretches together

    @classmethod
    def of(cls, record: Record) -> Self:
        """Number the days of a record."""
        days = tuple(day.toordinal() for day in record.release_days)
        blind = _merged((first.toordinal(), end.toordinal()) for first, end in record.blind)
        counted = tuple(day for day in days if not _within(day, blind)) if blind else days
        return cls(days, counted, blind, tuple(accumulate((end - first for first, end in blind), initial=0)))

    def seen_by(self, day: int) -> int:
        """How many release days there were up to the end of a day, blind ones included."""
        return bisect_right(self.days, day)

    def last_release(self, day: int) -> int:
        """The last release day up to the end of a day; there must be one."""
        return self.days[self.seen_by(day) - 1]

    def count(self, after: int, until: int) -> int:
        """Release days from the end of one day to the end of another."""
        return bisect_right(self.counted, until) - bisect_right(self.counted, after)

    def missed(self, after: int, until: int) -> int:
        """Release days from the end of one day to the end of another on which the organisation could not be seen."""
        return self.seen_by(until) - self.seen_by(after) - self.count(after, until)

    def horizon(self, day: int) -> int:
        """The day at whose end begins what can be compared with a day: 18 months, and at least 30 release days."""
        seen = bisect_right(self.counted, day)
        return min(day - HORIZON, self.counted[max(seen - LEAST - 1, 0)] if seen else day)

    def blind_days(self, after: int, until: int) -> int:
        """Days from the end of one day to the end of another on which the organisation could not be seen."""
        return self._blind_by(until) - self._blind_by(after) if self.blind else 0

    def _blind_by(self, day: int) -> int:
        """Blind days up to the end of a day."""
        place = bisect_left(self.blind, (day + 1, 0))
        if not place:
            return 0
        first, end = self.blind[place - 1]
        return self.hidden[place - 1] + min(end, day + 1) - first

    def exposure(self, after: int, until: int) -> float:
        """Days from the end of one day to the end of another in which a release day could have begun."""
        return until - after - self.blind_days(after, until) - DEAD_DAYS * self.count(after, until)

    def is_blind(self, day: int) -> bool:
        """Whether the organisation could not be seen on a day."""
        return _within(day, self.blind)


def _merged(stretches: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join stretches that overlap or touch: two accounts that were out of sight together hide a day once."""
    joined: list[tuple[int, int]] = []
    for first, end in sorted(stretches):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((first, end))
    return tuple(joined)


def _within(day: int, stretches: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= day < end for first, end in stretches)
