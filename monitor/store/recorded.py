"""Read what was recorded of the watched organisations, for living through it again."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from monitor.core.replays import repository_days
from monitor.core.types import Weights
from monitor.store import Transaction
from monitor.store.counting import blind_stretches, half_open
from monitor.store.repos import known_repos
from monitor.store.tables import OrganizationRow, ReleaseRow


@dataclass(frozen=True, slots=True)
class Recorded:
    """The release days of each organisation, and the stretches, [from, to), in which it could not be seen."""

    days: dict[str, frozenset[date]]
    blind: dict[str, tuple[tuple[date, date], ...]]


def recorded(tx: Transaction, named: tuple[str, ...], now: datetime, *, each_repo: bool = False) -> Recorded:
    """Return what was recorded of every watched organisation, and of those that are named.

    `each_repo` takes every repository for a launch of its own.
    """
    watched = tx.scalars(select(OrganizationRow.key).where(OrganizationRow.watched)).all()
    keys = sorted({*watched, *named})
    stretches = blind_stretches(tx, now)
    return Recorded(
        days={key: _days(tx, key, each_repo=each_repo) for key in keys},
        blind={key: half_open(stretches[key]) for key in keys},
    )


def _days(tx: Transaction, key: str, *, each_repo: bool) -> frozenset[date]:
    if each_repo:
        return repository_days(known_repos(tx, key))
    dates = select(ReleaseRow.released_at).where(
        ReleaseRow.organization == key,
        ReleaseRow.released_at.is_not(None),
        ReleaseRow.weights != Weights.PENDING.value,
    )
    return frozenset(at.date() for at in tx.scalars(dates) if at is not None)
