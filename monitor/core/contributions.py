"""Compare a group's launches with the period before: by its median laboratory, and by what each contributed.

The panel is fixed: only organisations that were watched over both periods count, so that a longer watch list is no
growth. What was released before anything was watched is known by creation dates; there the panel are those who have
been watched as long as any.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from monitor.core.counts import NO_COUNTRY, By, Counted, days_within, first_days

# The first looks of one installation at all of its accounts are taken to be over within such a time.
_FIRST_LOOKS = timedelta(days=7)
# An organisation that could not be seen on more than such a part of either period is no part of the panel.
_UNSEEN = 1 / 4
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Watched:
    """The stretch in which an organisation was watched; `until` is None while it is."""

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Contributions:
    """A period of a group against the one before it, in launches, over a fixed panel.

    `by_organization` holds what each of the panel contributed to the change, the largest first, without zeros;
    `left_out` names who is no part of the panel, and why. Of a panel of nobody the figures are None.
    """

    period: str
    group: str
    panel: int
    median: float | None
    previous_median: float | None
    change: int | None
    by_organization: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        if self.change is None:
            return "compared with nothing: nobody could be seen over both periods"
        if not self.change:
            return "no change"
        if self.panel == 1:
            return f"{self.by_organization[0][0]} {self.change:+} (was {self.previous_median:g})"
        named = [name for name in self.by_organization if name[1] * self.change > 0]
        half = abs(self.change) / 2
        enough = (n for n in range(1, _NAMED) if abs(sum(by for _, by in named[:n])) >= half)
        shown = named[: next(enough, _NAMED)]
        return f"{self.change:+}, of which " + ", ".join(f"{name} {by:+}" for name, by in shown)


def contributions(
    releases: Iterable[Counted],
    blind: Mapping[str, Sequence[tuple[date, date]]],
    groups: Mapping[str, Sequence[str]],
    watched: Mapping[str, Watched],
    by: By,
    today: date,
) -> dict[tuple[str, str], Contributions]:
    """Compare each whole period of each group with the one before, by period and group.

    `blind` and `groups` are as in `counts.count`. A group's first period and the running one are compared with
    nothing, nor are those whose country is not known a group to compare.
    """
    releases = [*releases]
    launches = Counter((by.period(release.day), release.organization) for release in releases)
    first = first_days(releases, groups, {key: one.since for key, one in watched.items()})
    first.pop(NO_COUNTRY, None)
    unseen = {organization: days_within(stretches) for organization, stretches in blind.items()}
    members: dict[str, list[str]] = defaultdict(list)
    for organization in sorted(groups):
        for group in groups[organization]:
            members[group].append(organization)
    found = {}
    for group, begin in first.items():
        begins = [*by.begins(begin, today)]
        for before, start, end in zip(begins, begins[1:], begins[2:], strict=False):
            panel = _panel(members[group], watched, unseen, (before, start, end))
            compared = _compare(by.period(start), group, panel, launches, by.period(before))
            found[compared.period, group] = compared
    return found


@dataclass(frozen=True, slots=True)
class _Panel:
    members: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def _panel(
    members: Sequence[str],
    watched: Mapping[str, Watched],
    unseen: Mapping[str, set[date]],
    periods: tuple[date, date, date],
) -> _Panel:
    """Part those who were watched over both periods, given by their first days and the day after, from the others."""
    began = min((watched[one].since for one in members if one in watched), default=date.max - _FIRST_LOOKS)
    latest = max(periods[0], began + _FIRST_LOOKS)
    why = {one: _reason(watched.get(one), latest, unseen.get(one, set()), periods) for one in members}
    return _Panel(
        tuple(one for one, reason in why.items() if reason is None),
        tuple((one, reason) for one, reason in why.items() if reason is not None),
    )


def _reason(
    watched: Watched | None, latest: date, unseen: set[date], periods: tuple[date, date, date]
) -> str | None:
    """Say why an organisation cannot be compared; None where it can."""
    if watched is None:
        return "nothing seen yet"
    if watched.since > latest:
        return f"watched only since {watched.since}"
    if watched.until is not None and watched.until < periods[-1]:
        return f"watched only until {watched.until}"
    for begin, end in pairwise(periods):
        days, hidden = (end - begin).days, sum(begin <= day < end for day in unseen)
        if hidden > _UNSEEN * days:
            return f"not seen on {hidden} of {days} days"
    return None


def _compare(
    period: str, group: str, panel: _Panel, launches: Mapping[tuple[str, str], int], previous: str
) -> Contributions:
    now = [launches[period, one] for one in panel.members]
    then = [launches[previous, one] for one in panel.members]
    changes = ((one, new - old) for one, new, old in zip(panel.members, now, then, strict=True) if new != old)
    return Contributions(
        period=period,
        group=group,
        panel=len(panel.members),
        median=median(now) if now else None,
        previous_median=median(then) if then else None,
        change=sum(now) - sum(then) if now else None,
        by_organization=tuple(sorted(changes, key=lambda change: (-abs(change[1]), change[0]))),
        left_out=panel.left_out,
    )
