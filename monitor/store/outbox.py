"""Claim notifications by a committed lease, and note what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, or_, select

from monitor.core.telling import Notification, NotificationState
from monitor.store import Transaction
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow, NotificationRow, ReceiverRow

# How long a notification stays with the worker that claimed it; longer than any send may take.
LEASE = timedelta(seconds=30)

_OPEN = (NotificationState.WAITING.value, NotificationState.SENDING.value)


def receivers(tx: Transaction) -> tuple[str, ...]:
    """Return every receiver for whom there ever was a notification."""
    return tuple(tx.scalars(select(ReceiverRow.name).order_by(ReceiverRow.name)))


def claim(tx: Transaction, receivers: Sequence[str], now: datetime) -> Notification | None:
    """Lease the oldest due notification for one of these receivers, if it may be sent to; None where there is none.

    While it is leased, so is its receiver: messages to one receiver go out one after another, in order. One whose
    lease ran out was being sent when a worker died: it may have arrived, and is doubtful.
    """
    query = (
        select(NotificationRow, ReceiverRow, AlertRow)
        .join(ReceiverRow, ReceiverRow.name == NotificationRow.receiver)
        .join(AlertRow, AlertRow.id == NotificationRow.alert_id)
        .where(
            NotificationRow.state.in_(_OPEN),
            NotificationRow.due_at <= now,
            or_(NotificationRow.lease_until.is_(None), NotificationRow.lease_until <= now),
            ReceiverRow.name.in_(receivers),
            ReceiverRow.ready_at <= now,
        )
        .order_by(NotificationRow.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=(NotificationRow, ReceiverRow))
    )
    found = tx.execute(query).first()
    if found is None:
        return None
    row, receiver, alert = found
    row.doubtful = row.doubtful or row.state == NotificationState.SENDING
    row.state, row.lease_token = NotificationState.SENDING.value, str(uuid4())
    row.lease_until = receiver.ready_at = now + LEASE
    if row.message is None:
        row.message = alert.message
    return _value(row)


def stamp_attempt(tx: Transaction, notification: Notification, now: datetime) -> Notification | None:
    """Write that the notification is being sent now, before it is: a look-up after a crash starts from there.

    None where it went to another worker meanwhile: then it is not ours to send.
    """
    row = _ours(tx, notification)
    if row is None:
        return None
    row.attempts += 1
    row.attempted_at, row.doubtful = now, False
    row.lease_until = tx.get_one(ReceiverRow, row.receiver).ready_at = now + LEASE
    return _value(row)


def mark_sent(
    tx: Transaction, notification: Notification, reference: str, now: datetime, ready_at: datetime
) -> None:
    """Write that it was delivered, whoever has claimed it meanwhile, and when its receiver may be sent to again."""
    row = tx.scalars(select(NotificationRow).where(NotificationRow.uid == notification.id)).one()
    row.state, row.sent_at, row.reference = NotificationState.SENT.value, now, reference
    row.error, row.lease_until, row.doubtful = None, None, False
    receiver = tx.get_one(ReceiverRow, row.receiver)
    receiver.ready_at, receiver.parked_at, receiver.error = ready_at, None, None


@dataclass(frozen=True, slots=True)
class Retry:
    """How a notification is tried again: when, how plainly, and whether its receiver waits with it.

    A receiver that waits gets its messages in order; one that does not gets the others meanwhile. `counts` makes
    an attempt of what was none, such as a look that failed.
    """

    at: datetime
    doubtful: bool
    plainness: int
    holds_receiver: bool = True
    counts: bool = False


def mark_retry(tx: Transaction, notification: Notification, error: str, retry: Retry, now: datetime) -> bool:
    """Write that it is to be tried again; True if that is its first trouble."""
    row = _ours(tx, notification)
    if row is None:
        return False
    is_news = row.error is None
    row.state, row.error, row.lease_until = NotificationState.WAITING.value, error, None
    row.due_at, row.doubtful, row.plainness = retry.at, retry.doubtful, retry.plainness
    row.attempts += retry.counts
    tx.get_one(ReceiverRow, row.receiver).ready_at = retry.at if retry.holds_receiver else now
    return is_news


def mark_failed(tx: Transaction, notification: Notification, error: str, now: datetime) -> bool:
    """Write that it can never be delivered; what comes after it goes on."""
    row = _ours(tx, notification)
    if row is None:
        return False
    row.state, row.error, row.lease_until = NotificationState.FAILED.value, error, None
    tx.get_one(ReceiverRow, row.receiver).ready_at = now
    return True


def park(tx: Transaction, notification: Notification, error: str, now: datetime, probe_at: datetime) -> bool:
    """Hold everything for a receiver that cannot be reached until a person acts; True if that is news.

    A notification that may have arrived before stays doubtful.
    """
    row = _ours(tx, notification)
    if row is None:
        return False
    row.state, row.error, row.lease_until = NotificationState.WAITING.value, error, None
    receiver = tx.get_one(ReceiverRow, row.receiver)
    is_news = receiver.parked_at is None
    receiver.parked_at = receiver.parked_at or now
    receiver.ready_at, receiver.error = probe_at, error
    return is_news


def retry_parked(tx: Transaction, now: datetime) -> None:
    """Try the parked receivers again: a person says that the cause was mended."""
    for receiver in tx.scalars(select(ReceiverRow).where(ReceiverRow.parked_at.is_not(None))):
        receiver.ready_at = min(receiver.ready_at, now)


def next_due(tx: Transaction, receivers: Sequence[str]) -> datetime | None:
    """Return when the next notification for one of these receivers can be claimed; None when nothing waits."""
    query = (
        select(NotificationRow.due_at, NotificationRow.lease_until, ReceiverRow.ready_at)
        .join(ReceiverRow, ReceiverRow.name == NotificationRow.receiver)
        .where(NotificationRow.state.in_(_OPEN), NotificationRow.receiver.in_(receivers))
    )
    times = [max(at for at in row if at is not None) for row in tx.execute(query)]
    return min(times, default=None)


def counts(tx: Transaction) -> dict[str, int]:
    """Return how many notifications wait and how many failed for good."""
    query = select(NotificationRow.state, func.count()).group_by(NotificationRow.state)
    by_state: dict[str, int] = {row[0]: row[1] for row in tx.execute(query)}
    waiting = sum(by_state.get(state, 0) for state in _OPEN)
    return {"waiting": waiting, "failed": by_state.get(NotificationState.FAILED.value, 0)}


def waiting_receivers(tx: Transaction) -> tuple[str, ...]:
    """Return the receivers for whom something waits."""
    query = select(NotificationRow.receiver).where(NotificationRow.state.in_(_OPEN)).distinct()
    return tuple(sorted(tx.scalars(query)))


def parked(tx: Transaction) -> dict[str, str]:
    """Return the receivers that are parked, with the reason."""
    query = select(ReceiverRow).where(ReceiverRow.parked_at.is_not(None)).order_by(ReceiverRow.name)
    return {row.name: row.error or "unknown" for row in tx.scalars(query)}


def _ours(tx: Transaction, notification: Notification) -> NotificationRow | None:
    """Return the row if our claim on it still holds; a worker that was paused beyond its lease must not write."""
    query = select(NotificationRow).where(
        NotificationRow.uid == notification.id,
        NotificationRow.state == NotificationState.SENDING.value,
        NotificationRow.lease_token == notification.token,
    )
    return tx.scalars(query).one_or_none()


def _value(row: NotificationRow) -> Notification:
    return Notification(
        id=row.uid,
        receiver=row.receiver,
        message=message_value(row.message or {}),
        attempts=row.attempts,
        attempted_at=row.attempted_at,
        plainness=row.plainness,
        doubtful=row.doubtful,
        token=row.lease_token or "",
    )
