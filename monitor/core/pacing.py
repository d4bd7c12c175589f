"""Say where a launch stands among those before it: why a reader might care."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.core.appearances import duration
from monitor.core.text import counted
from monitor.core.types import Release, Weights

_MONTH = timedelta(days=30)
_SAME_TIME = timedelta(hours=1)


def pacing_text(release: Release, releases: Iterable[Release]) -> str:
    """Say which launch in 30 days it is, or for how long there was none, and what came before it; "" without a date.

    `releases` are all of the organisation's, this one among them, in the order of their first repositories.
    """
    at = release.released_at
    if at is None:
        return ""
    before = _before(release, at, releases)
    if not before:
        return "No launch before it is in the log."
    last_at, last = before[-1]
    if at - last_at > _MONTH:
        days = counted((at.date() - last_at.date()).days, "day", "days")
        return f"The first launch for {days}: the last was {last.name}, {last_at:%Y-%m-%d}."
    number = 1 + sum(at - one < _MONTH for one, _ in before)
    gap = at - last_at
    came = "came within the same hour" if gap < _SAME_TIME else f"came {duration(gap)} earlier"
    return f"The {_ordinal(number)} launch in 30 days; the one before, {last.name}, {came}."


def _before(release: Release, at: datetime, releases: Iterable[Release]) -> list[tuple[datetime, Release]]:
    """Return the dated launches before this one, in order; of those at the same moment the first ones listed."""
    before: list[tuple[datetime, Release]] = []
    is_behind = False
    for one in releases:
        is_behind |= one is release
        if one is release or one.released_at is None or one.weights is Weights.PENDING:
            continue
        if one.released_at < at or (one.released_at == at and not is_behind):
            before.append((one.released_at, one))
    return sorted(before, key=lambda pair: pair[0])


def _ordinal(number: int) -> str:
    """Write a rank as people do.

    >>> [_ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '112th']
    """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"
