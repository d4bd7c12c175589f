"""Read each organisation's cadence: its verdict today, its regimes so far, its launches by month."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from monitor.core.cadence.dispersion import fleet_dispersion
from monitor.core.cadence.record import Record
from monitor.core.cadence.regime import advance
from monitor.core.cadence.state import CadenceState
from monitor.core.cadence.verdict import Verdict, verdict
from monitor.core.types import WITNESSES, Budgets, Regime, Weights
from monitor.store import Transaction
from monitor.store.blindness import is_expected
from monitor.store.counting import blind_stretches, half_open
from monitor.store.judging import dispersions
from monitor.store.tables import AccountRow, OrganizationRow, ReleaseRow

JsonRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrganizationCadence:
    """What is known of one organisation's rhythm. `last_error` is set where no account was ever seen."""

    key: str
    state: CadenceState | None
    released_at: tuple[datetime, ...]  # of every dated release, in order
    hubs: int
    is_seen: bool
    blind_since: datetime | None
    unseen: tuple[tuple[date, date], ...]  # stretches of whole days, [from, to), on which polls failed
    last_error: str | None

    def verdict(self, budgets: Budgets, now: datetime) -> Verdict:
        """Say what the cadence is now."""
        today = now.date()
        blind = self.unseen
        if self.blind_since is not None:
            blind = (*blind, (min(self.blind_since.date(), today), today + timedelta(days=1)))
        days = tuple(sorted({at.date() for at in self.released_at}))
        return verdict(self.state, Record(days, blind), budgets, today, hubs=max(1, self.hubs))


def organization_cadences(
    tx: Transaction, keys: Sequence[str], budgets: Budgets, now: datetime
) -> list[OrganizationCadence]:
    """Return the cadence of these organisations, of all that are watched where none is named.

    One that was not judged yet, because its baseline is younger than a day, is lived through here.
    """
    query = select(OrganizationRow).order_by(OrganizationRow.key)
    query = query.where(OrganizationRow.key.in_(keys)) if keys else query.where(OrganizationRow.watched)
    expected = set(tx.scalars(select(AccountRow.id).where(is_expected(now))))
    accounts: dict[str, list[AccountRow]] = defaultdict(list)
    for row in tx.scalars(select(AccountRow).where(AccountRow.watched, AccountRow.hub.not_in(WITNESSES))):
        accounts[row.organization].append(row)
    released: dict[str, list[datetime]] = defaultdict(list)
    dates = select(ReleaseRow.organization, ReleaseRow.released_at).where(
        ReleaseRow.released_at.is_not(None), ReleaseRow.weights != Weights.PENDING.value
    )
    for key, at in tx.execute(dates.order_by(ReleaseRow.released_at)):
        if at is not None:
            released[key].append(at)
    rows = tx.scalars(query).all()
    fleet = fleet_dispersion(dispersions(tx))
    stretches = blind_stretches(tx, now)
    return [
        _lived_through(
            _cadence(
                row,
                # Those that are given up say nothing any more, unless there are no others.
                [one for one in accounts[row.key] if one.id in expected] or accounts[row.key],
                released[row.key],
                half_open(stretches[row.key]),
            ),
            row.judged_until or now.date(),
            fleet,
            budgets,
        )
        for row in rows
    ]


def _lived_through(
    cadence: OrganizationCadence, until: date, fleet: float, budgets: Budgets
) -> OrganizationCadence:
    days = tuple(sorted({at.date() for at in cadence.released_at}))
    if cadence.state is not None or not days:
        return cadence
    state, _ = advance(None, Record(days, cadence.unseen), fleet, budgets, until)
    return replace(cadence, state=state)


def _cadence(
    row: OrganizationRow,
    accounts: Sequence[AccountRow],
    released: Sequence[datetime],
    unseen: tuple[tuple[date, date], ...],
) -> OrganizationCadence:
    seen = [account for account in accounts if account.listed_at is not None]
    return OrganizationCadence(
        key=row.key,
        state=CadenceState.from_json(row.cadence) if row.cadence else None,
        released_at=tuple(released),
        hubs=len({account.hub for account in seen}),
        is_seen=bool(seen),
        unseen=unseen,
        blind_since=min((a.blind_since for a in seen if a.blind_since), default=None),
        last_error=next((account.last_error for account in accounts if account.last_error), None),
    )


def verdict_row(cadence: OrganizationCadence, budgets: Budgets, now: datetime) -> JsonRow:
    """Return the row of `cadence --format json`."""
    found = cadence.verdict(budgets, now)
    regime, why, blind = found.regime, found.why, found.blind
    if not cadence.is_seen:
        regime, blind = Regime.UNKNOWN, True
        why = f"not seen yet: {cadence.last_error}" if cadence.last_error else "not looked at yet"
    return {
        "organization": cadence.key,
        "regime": regime.value,
        "level": found.level.value if found.level else None,
        "rate_per_month": _rounded(found.rate_per_month),
        "interval": [_rounded(end) for end in found.interval] if found.interval else None,
        "interval_level": 0.95,
        "since": _midnight(found.since),
        "previous_rate_per_month": _rounded(found.previous_rate_per_month),
        "releases": len(cadence.released_at),
        "release_days": found.release_days,
        "last_released_at": cadence.released_at[-1] if cadence.released_at else None,
        "days_since_last": found.days_since_last,
        "gap_rank": found.gap_rank,
        "blind": blind,
        "why": why,
    }


def history_rows(cadence: OrganizationCadence) -> list[JsonRow]:
    """Return the rows of `cadence --history`: every regime that the organisation went through, in order."""
    return [
        {
            "organization": cadence.key,
            "regime": spell.regime.value,
            "since": _midnight(spell.since),
            "until": _midnight(spell.until),
            "rate_per_month": _rounded(spell.rate.per_month) if spell.rate else None,
            "interval": [_rounded(spell.rate.low), _rounded(spell.rate.high)] if spell.rate else None,
        }
        for spell in (cadence.state.spells if cadence.state else ())
    ]


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 2)
