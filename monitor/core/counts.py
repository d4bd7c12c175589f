"""Count launches, release days and repositories by period: the analyst's table."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

# The group of those whose country is not given: no group that could be compared.
NO_COUNTRY = "no country"


class By(StrEnum):
    """The length of a period."""

    MONTH = "month"
    QUARTER = "quarter"
    WEEK = "week"  # ISO 8601, Monday to Sunday

    def period(self, day: date) -> str:
        """Name the period of a day.

        >>> By.QUARTER.period(date(2026, 5, 1)), By.WEEK.period(date(2026, 1, 1))
        ('2026-Q2', '2026-W01')
        """
        if self is By.WEEK:
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        return f"{day:%Y-%m}" if self is By.MONTH else f"{day.year}-Q{(day.month + 2) // 3}"

    def begin(self, day: date) -> date:
        """Return the first day of the period of a day.

        >>> str(By.QUARTER.begin(date(2026, 5, 9))), str(By.WEEK.begin(date(2026, 1, 1)))
        ('2026-04-01', '2025-12-29')
        """
        if self is By.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(month=day.month if self is By.MONTH else (day.month - 1) // 3 * 3 + 1, day=1)

    def begins(self, first: date, last: date) -> Iterator[date]:
        """Return the first day of each period from that of one day to that of another."""
        longest = {By.WEEK: 7, By.MONTH: 31, By.QUARTER: 92}[self]
        begin = self.begin(first)
        while begin <= max(first, last):
            yield begin
            begin = self.begin(begin + timedelta(days=longest))


@dataclass(frozen=True, slots=True)
class Counted:
    """One release as the table needs it: whose, when, on which basis, how many repositories."""

    organization: str
    day: date
    basis: str
    repos: int


@dataclass(slots=True)
class _Cell:
    launches: int = 0
    repos: int = 0
    days: set[tuple[str, date]] = field(default_factory=set)
    bases: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Count:
    """One row: release days are those of each organisation, added up; so are blind days.

    `basis` is how the launches are dated: "observed", "created", "mixed", or "none" where there are none.
    `is_running` tells that the period is not over.
    """

    period: str
    group: str
    launches: int
    release_days: int
    repos: int
    blind_days: int
    basis: str
    is_running: bool


def count(
    releases: Iterable[Counted],
    blind: Mapping[str, Sequence[tuple[date, date]]],
    groups: Mapping[str, Sequence[str]],
    since: Mapping[str, date],
    by: By,
    today: date,
) -> list[Count]:
    """Count by period and group, from each group's first day to today (see `first_days`), quiet periods included.

    `blind` has each organisation's blind stretches as first and last day; `groups` the groups of each organisation;
    `since` the day on which watching each began.
    """
    releases = [*releases]
    cells: dict[tuple[str, str], _Cell] = defaultdict(_Cell)
    for release in releases:
        for group in groups.get(release.organization, ()):
            cell = cells[by.period(release.day), group]
            cell.launches += 1
            cell.repos += release.repos
            cell.days.add((release.organization, release.day))
            cell.bases.add(release.basis)
    blind_days = _blind_days(blind, groups, by)
    first = first_days(releases, groups, since)
    keys = [(by.period(begin), group) for group in first for begin in by.begins(first[group], today)]
    return [
        Count(
            period=period,
            group=group,
            launches=cells[period, group].launches,
            release_days=len(cells[period, group].days),
            repos=cells[period, group].repos,
            blind_days=blind_days.get((period, group), 0),
            basis=_basis(cells[period, group].bases),
            is_running=period == by.period(today),
        )
        for period, group in sorted(keys)
    ]


def first_days(
    releases: Iterable[Counted], groups: Mapping[str, Sequence[str]], since: Mapping[str, date]
) -> dict[str, date]:
    """Return the day of each group's first release, or that on which watching it began, whichever is earlier."""
    first: dict[str, date] = {}
    for organization, day in [*((one.organization, one.day) for one in releases), *since.items()]:
        for group in groups.get(organization, ()):
            first[group] = min(first.get(group, day), day)
    return first


def _basis(bases: set[str]) -> str:
    return "none" if not bases else "mixed" if len(bases) > 1 else next(iter(bases))


def days_within(stretches: Iterable[tuple[date, date]]) -> set[date]:
    """Return the days of stretches that are named by their first and last day, each once."""
    return {first + timedelta(days=n) for first, last in stretches for n in range((last - first).days + 1)}


def _blind_days(
    blind: Mapping[str, Sequence[tuple[date, date]]], groups: Mapping[str, Sequence[str]], by: By
) -> dict[tuple[str, str], int]:
    total: dict[tuple[str, str], int] = defaultdict(int)
    for organization, stretches in blind.items():
        for day in days_within(stretches):
            for group in groups.get(organization, ()):
                total[by.period(day), group] += 1
    return total
