"""Note when an account could not be seen, and when it could again: its blind spots."""

from datetime import datetime, timedelta

from sqlalchemy import select

from monitor.errors import HubError
from monitor.store import Transaction
from monitor.store.tables import AccountRow, BlindSpotRow, HubRow

# A poll that is this late, and later than it was to wait for, was missed because the monitor did not run.
DOWNTIME = timedelta(hours=1)

# The reason of a blind spot in which nothing failed and nobody asked.
DOWN = "the monitor was down"


def record_trouble(tx: Transaction, row: AccountRow, error: HubError, now: datetime) -> None:
    """Write that an account could not be seen: its health and nothing else."""
    row.failures += 1
    row.trouble, row.last_error = error.trouble.value, str(error)
    row.hinted_at = None  # it would have the account asked again at once
    if row.blind_since is None:
        row.blind_since = row.listed_at or now
        if row.listed_at is not None:  # what was never seen cannot be out of sight
            tx.add(BlindSpotRow(account_id=row.id, began_at=row.blind_since, reason=str(error)))


def was_missed(listed_at: datetime, awaited: datetime, now: datetime) -> bool:
    """Tell whether a poll that could have come at `awaited` comes so late that nobody was there to make it."""
    return now - awaited > max(DOWNTIME, awaited - listed_at)


def unseen_since(tx: Transaction, row: AccountRow, seen_at: datetime) -> datetime | None:
    """Return since when an account was out of sight before this listing; None where it was not."""
    if row.listed_at is None:
        return None
    if row.blind_since is not None:
        return row.blind_since
    hub = tx.get(HubRow, row.hub)
    # When it could be polled next: when it was due, or when its hub's pause was over.
    awaited = max(filter(None, (row.next_poll_at, hub.paused_until if hub else None)))
    return row.listed_at if was_missed(row.listed_at, awaited, seen_at) else None


def end_blindness(tx: Transaction, row: AccountRow, seen_at: datetime) -> None:
    """Close the account's blind spot; where nothing failed but nobody asked for long, note one: we were down."""
    if row.blind_since is not None:
        end_blind_spot(tx, row, seen_at)
    elif unseen_since(tx, row, seen_at) is not None:
        tx.add(BlindSpotRow(account_id=row.id, began_at=row.listed_at, ended_at=seen_at, reason=DOWN))
    row.failures, row.trouble, row.last_error = 0, None, None


def end_blind_spot(tx: Transaction, row: AccountRow, now: datetime) -> None:
    """Note that an account is out of sight no longer: it was seen, or nobody looks for it any more."""
    row.blind_since = None
    spots = select(BlindSpotRow).where(BlindSpotRow.account_id == row.id, BlindSpotRow.ended_at.is_(None))
    for spot in tx.scalars(spots):
        spot.ended_at = now
