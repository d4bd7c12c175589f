"""Remember what the hubs told about their limits, and how much their accounts weigh that share them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from monitor.core.schedule import ACTIVE, ACTIVE_WEIGHT, LONGEST_PAUSE
from monitor.core.types import Quota
from monitor.store import Transaction
from monitor.store.engine import Alone, alone
from monitor.store.tables import AccountRow, HubRow


@dataclass(frozen=True, slots=True)
class HubLimits:
    """What a hub told about its limits; what its watched accounts weigh together."""

    paused_until: datetime | None
    quota: Quota | None
    weight: float


def hub_limits(tx: Transaction, hub: str, now: datetime) -> HubLimits:
    """Return what is remembered of a hub. Accounts that published lately weigh more than others."""
    row = tx.get(HubRow, hub)
    is_active = AccountRow.published_at > now - ACTIVE
    weights = case((is_active, ACTIVE_WEIGHT), else_=1.0)
    weight = tx.scalar(select(func.sum(weights)).where(AccountRow.watched, AccountRow.hub == hub))
    quota = None
    if row and row.quota and row.window_seconds:
        quota = Quota(row.quota, timedelta(seconds=row.window_seconds))
    return HubLimits(pause_of(row, now) if row else None, quota, float(weight or 0))


def pause_of(row: HubRow, now: datetime) -> datetime | None:
    """Return until when a hub asked not to be asked; one that a wrong clock put far off does not count."""
    is_possible = row.paused_until is not None and row.paused_until <= now + LONGEST_PAUSE
    return row.paused_until if is_possible else None


def enter_access(tx: Transaction, access: Mapping[str, str]) -> None:
    """Forget what a hub told about its limits where it was told to somebody else: another token, another endpoint.

    `access` has, for each hub, a text that differs wherever they do.
    """
    alone(tx.connection(), Alone.NOTING_LIMITS)
    for name, text in access.items():
        row = _hub_row(tx, name)
        if row.access != text:
            row.access, row.paused_until, row.quota, row.window_seconds = text, None, None, None


def active_accounts(tx: Transaction, hub: str, now: datetime) -> frozenset[int]:
    """Return the ids of the watched accounts that published lately."""
    query = select(AccountRow.id).where(
        AccountRow.watched, AccountRow.hub == hub, AccountRow.published_at > now - ACTIVE
    )
    return frozenset(tx.scalars(query))


def note_hub(
    tx: Transaction, hub: str, paused_until: datetime | None, quota: Quota | None, now: datetime
) -> None:
    """Remember what a hub told about its limits, so that a pause outlives a restart.

    The latest pause that any worker was asked for holds.
    """
    alone(tx.connection(), Alone.NOTING_LIMITS)
    row = _hub_row(tx, hub)
    row.paused_until = max(filter(None, (paused_until, pause_of(row, now))), default=None)
    if quota is not None:
        row.quota, row.window_seconds = quota.requests, int(quota.window.total_seconds())


def claim_newest(tx: Transaction, hub: str, now: datetime, every: timedelta) -> datetime | None:
    """Take this turn to ask a hub what is newest, unless it is not due or somebody else's.

    Return the creation time up to which that was seen before; at first, now.
    """
    alone(tx.connection(), Alone.NOTING_LIMITS)
    row = _hub_row(tx, hub)
    # A time that only a wrong clock can have put so far off does not count.
    if row.newest_due_at is not None and now < row.newest_due_at <= now + LONGEST_PAUSE:
        return None
    row.newest_due_at = now + every
    return min(row.newest_until or now, now)


def note_newest(tx: Transaction, hub: str, until: datetime) -> None:
    """Remember up to which creation time the newest repositories of a hub were seen."""
    row = _hub_row(tx, hub)
    row.newest_until = until


def put_off_newest(tx: Transaction, hub: str, until: datetime) -> None:
    """Ask a hub later what is newest on it."""
    _hub_row(tx, hub).newest_due_at = until


def _hub_row(tx: Transaction, hub: str) -> HubRow:
    row = tx.get(HubRow, hub)
    if row is None:
        row = HubRow(name=hub)
        tx.add(row)
    return row
