"""Claim notifications by a committed lease, and note what became of them."""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from monitor.core.types import Notification
from monitor.store import Transaction
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow, NotificationRow, ReceiverRow

# How long a notification stays with the worker that claimed it; longer than any send may take.
LEASE = timedelta(seconds=30)


def claim(tx: Transaction, now: datetime) -> Notification | None:
    """Lease the oldest notification that is due and whose receiver may be sent to; None where there is none.

    While it is leased, so is its receiver: messages to one receiver go out one after another, in order. One whose
    lease ran out was being sent when a worker died: it may have arrived, and is doubtful.
    """
    query = (
        select(NotificationRow, ReceiverRow)
        .join(ReceiverRow, ReceiverRow.name == NotificationRow.receiver)
        .where(
            NotificationRow.state.in_(("waiting", "sending")),
            NotificationRow.due_at <= now,
            or_(NotificationRow.lease_until.is_(None), NotificationRow.lease_until <= now),
            ReceiverRow.ready_at <= now,
        )
        .order_by(NotificationRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = tx.execute(query).first()
    if found is None:
        return None
    row, receiver = found
    row.doubtful = row.doubtful or row.state == "sending"
    row.state, row.lease_until = "sending", now + LEASE
    receiver.ready_at = now + LEASE
    if row.message is None:
        row.message = tx.get_one(AlertRow, row.alert_id).message
    return _value(row)


def stamp_attempt(tx: Transaction, notification: Notification, now: datetime) -> Notification:
    """Write that the notification is being sent now, before it is: a look-up after a crash starts from there."""
    row = _row(tx, notification)
    row.attempts += 1
    row.attempted_at = now
    row.lease_until = now + LEASE
    return _value(row)


def mark_sent(
    tx: Transaction, notification: Notification, reference: str, now: datetime, ready_at: datetime
) -> None:
    """Write that it was delivered, and when its receiver may be sent to again."""
    row = _row(tx, notification)
    row.state, row.sent_at, row.reference = "sent", now, reference
    row.error, row.lease_until, row.doubtful = None, None, False
    receiver = tx.get_one(ReceiverRow, row.receiver)
    receiver.ready_at, receiver.parked_at, receiver.error = ready_at, None, None


def mark_retry(
    tx: Transaction,
    notification: Notification,
    error: str,
    retry_at: datetime,
    *,
    doubtful: bool,
    plainness: int,
) -> None:
    """Write that it is to be tried again; its receiver waits with it, so that the order is kept."""
    row = _row(tx, notification)
    row.state, row.error, row.lease_until = "waiting", error, None
    row.due_at, row.doubtful, row.plainness = retry_at, doubtful, plainness
    tx.get_one(ReceiverRow, row.receiver).ready_at = retry_at


def mark_failed(tx: Transaction, notification: Notification, error: str, now: datetime) -> None:
    """Write that it can never be delivered; what comes after it goes on."""
    row = _row(tx, notification)
    row.state, row.error, row.lease_until = "failed", error, None
    tx.get_one(ReceiverRow, row.receiver).ready_at = now


def park(tx: Transaction, notification: Notification, error: str, now: datetime, probe_at: datetime) -> bool:
    """Hold everything for a receiver that cannot be reached until a person acts; True if that is news."""
    row = _row(tx, notification)
    row.state, row.error, row.lease_until, row.doubtful = "waiting", error, None, False
    receiver = tx.get_one(ReceiverRow, row.receiver)
    is_news = receiver.parked_at is None
    receiver.parked_at = receiver.parked_at or now
    receiver.ready_at, receiver.error = probe_at, error
    return is_news


def retry_parked(tx: Transaction, now: datetime) -> None:
    """Try the parked receivers again: a person says that the cause was mended."""
    for receiver in tx.scalars(select(ReceiverRow).where(ReceiverRow.parked_at.is_not(None))):
        receiver.ready_at = min(receiver.ready_at, now)


def next_due(tx: Transaction) -> datetime | None:
    """Return when the next notification can be claimed; None when nothing waits."""
    query = (
        select(NotificationRow.due_at, NotificationRow.lease_until, ReceiverRow.ready_at)
        .join(ReceiverRow, ReceiverRow.name == NotificationRow.receiver)
        .where(NotificationRow.state.in_(("waiting", "sending")))
    )
    times = [max(at for at in row if at is not None) for row in tx.execute(query)]
    return min(times, default=None)


def counts(tx: Transaction) -> dict[str, int]:
    """Return how many notifications wait and how many failed for good."""
    query = select(NotificationRow.state, func.count()).group_by(NotificationRow.state)
    by_state: dict[str, int] = {row[0]: row[1] for row in tx.execute(query)}
    waiting = by_state.get("waiting", 0) + by_state.get("sending", 0)
    return {"waiting": waiting, "failed": by_state.get("failed", 0)}


def parked(tx: Transaction) -> dict[str, str]:
    """Return the receivers that are parked, with the reason."""
    query = select(ReceiverRow).where(ReceiverRow.parked_at.is_not(None)).order_by(ReceiverRow.name)
    return {row.name: row.error or "unknown" for row in tx.scalars(query)}


def _row(tx: Transaction, notification: Notification) -> NotificationRow:
    return tx.scalars(select(NotificationRow).where(NotificationRow.uid == notification.id)).one()


def _value(row: NotificationRow) -> Notification:
    return Notification(
        id=row.uid,
        receiver=row.receiver,
        message=message_value(row.message or {}),
        attempts=row.attempts,
        attempted_at=row.attempted_at,
        plainness=row.plainness,
        doubtful=row.doubtful,
    )
