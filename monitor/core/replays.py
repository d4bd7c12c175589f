"""Compare replays of one past: what would be told under other rules, and how much sooner or later."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from monitor.core.cadence.backtest import Row
from monitor.core.copies import latecomers, strays
from monitor.core.dating import dated
from monitor.core.types import KnownRepo, Level, Weights

# Two replays tell of the same thing where no more than this lies between.
_SAME_NEWS = timedelta(days=180)


class Against(StrEnum):
    """How a row of a replay compares with the replay under the present rules."""

    SAME = "same"
    SOONER = "sooner"
    LATER = "later"
    NEW = "new"
    GONE = "gone"  # a row of the present rules, which the others lack
    ALERT = "became an alert"  # something possible, of which the others had told as an alert by then


@dataclass(frozen=True, slots=True)
class Compared:
    """A row, how it compares, and by how many days it is sooner or later."""

    row: Row
    against: Against
    days: int = 0


def compare(present: Iterable[Row], proposed: Iterable[Row]) -> list[Compared]:
    """Compare what is told under proposed rules with what is told under the present ones, in order of time.

    Each row meets the nearest one of the same organisation, level and direction that no other met, at most 180 days
    away.
    """
    left, others = list(present), list(proposed)
    found = []
    for row in others:
        near = [one for one in left if _is_alike(one, row)]
        if not near:
            found.append(Compared(row, Against.NEW))
            continue
        nearest = min(near, key=lambda one: abs(one.raised_at - row.raised_at))
        left.remove(nearest)
        days = (row.raised_at - nearest.raised_at).days
        found.append(Compared(row, _order(days), abs(days)))
    found += [Compared(row, Against.ALERT if _is_overtaken(row, others) else Against.GONE) for row in left]
    return sorted(found, key=lambda one: (one.row.raised_at, one.row.organization, one.against))


def repository_days(repos: Iterable[KnownRepo]) -> frozenset[date]:
    """Return the days on which a repository with weights became public: as if each were a launch of its own.

    `repos` are all of an organisation's; those that its globs keep out, being in no release, do not count.
    """
    models = [known for known in repos if not known.is_witness and known.release_id is not None]
    undated = strays(models) | latecomers(models)
    dates = (
        dated(known)[0]
        for known in models
        if known.weights is not Weights.PENDING and known.key not in undated
    )
    return frozenset(at.date() for at in dates if at is not None)


def _is_alike(one: Row, other: Row) -> bool:
    return _what(one) == _what(other) and abs(one.raised_at - other.raised_at) <= _SAME_NEWS


def _is_overtaken(possible: Row, others: Iterable[Row]) -> bool:
    """Tell whether what was only possible had become an alert by then."""
    alert = replace(possible, crossing=replace(possible.crossing, level=Level.ALERT))
    is_possible = possible.crossing.level is Level.WATCHING
    return is_possible and any(_is_alike(one, alert) and one.raised_at <= alert.raised_at for one in others)


def _what(row: Row) -> tuple[str, str, str]:
    return row.organization, row.crossing.level, row.crossing.direction


def _order(days: int) -> Against:
    return Against.SAME if not days else Against.SOONER if days < 0 else Against.LATER
