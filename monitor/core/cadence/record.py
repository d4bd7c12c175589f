"""What is known of when one organisation released and when it could not be seen."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

# A day holds at most one release day: after each, no other can follow for half a day on average.
DEAD_DAYS = 0.5


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

    @classmethod
    def of(cls, record: Record) -> Self:
        """Number the days of a record."""
        days = tuple(day.toordinal() for day in record.release_days)
        blind = _merged((first.toordinal(), end.toordinal()) for first, end in record.blind)
        counted = tuple(day for day in days if not _within(day, blind)) if blind else days
        return cls(days, counted, blind)

    def seen_by(self, day: int) -> int:
        """How many release days there were up to the end of a day, blind ones included."""
        return bisect_right(self.days, day)

    def last_release(self, day: int) -> int:
        """The last release day up to the end of a day; there must be one."""
        return self.days[self.seen_by(day) - 1]

    def count(self, after: int, until: int) -> int:
        """Release days from the end of one day to the end of another."""
        return bisect_right(self.counted, until) - bisect_right(self.counted, after)

    def blind_days(self, after: int, until: int) -> int:
        """Days from the end of one day to the end of another on which the organisation could not be seen."""
        return sum(max(0, min(end, until + 1) - max(first, after + 1)) for first, end in self.blind)

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
