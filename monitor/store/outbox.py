"""Claim notifications by a committed lease, and note what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from monitor.core.digests import messages
from monitor.core.schedule import IN_ORDER, hold_after, is_away, next_turn
from monitor.core.telling import Notification, NotificationState, ReceiverHealth
from monitor.core.timetable import Timetable
from monitor.store import Transaction
from monitor.store.carrying import carries, carry, let_go
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow, NotificationRow, ReceiverRow
from monitor.store.threads import thread_of

# How long a notification stays with the worker that claimed it; longer than any send may take.
LEASE = timedelta(seconds=30)

# While a receiver seems to be away, so many attempts make no difference: few messages are in doubt afterwards.
_SAME = 2

_OPEN = (NotificationState.WAITING.value, NotificationState.SENDING.value)


def receivers(tx: Transaction) -> tuple[str, ...]:
    """Return every receiver for whom there ever was a notification."""
    return tuple(tx.scalars(select(ReceiverRow.name).order_by(ReceiverRow.name)))


def claim(
    tx: Transaction, receivers: Sequence[str], timetable: Timetable, now: datetime
) -> Notification | None:
    """Lease the oldest due notification for one of these receivers, if it may be sent to; None where there is none.

    While it is leased, so is its receiver: messages to one receiver go out one after another, in order. One whose
    lease ran out was being sent when a worker died: it may have arrived, and is doubtful. What was to go out in a
    digest, or is one of many, takes others along. Nothing is claimed in quiet hours.
    """
    if timetable.quiet_until(now):
        return None
    found = tx.scalar(_oldest(receivers, now))
    if found is None:
        return None
    row = tx.get_one(NotificationRow, found, populate_existing=True)
    receiver, alert = tx.get_one(ReceiverRow, row.receiver), tx.get_one(AlertRow, row.alert_id)
    carry(tx, row, receiver, timetable, now)
    row.doubtful = row.doubtful or row.state == NotificationState.SENDING
    row.state, row.lease_token = NotificationState.SENDING.value, str(uuid4())
    row.lease_until = receiver.ready_at = now + LEASE
    if row.message is None:
        row.message = alert.message
    return value(tx, row)


def _oldest(receivers: Sequence[str], now: datetime) -> Select[int]:
    """Select the oldest due notification; while its receiver seems to be away, every other time one less tried."""
    is_another_s_turn = and_(ReceiverRow.failures > IN_ORDER, ReceiverRow.failures % 2 == 0)
    return (
        select(NotificationRow.id)
        .join(ReceiverRow, ReceiverRow.name == NotificationRow.receiver)
        .where(
            NotificationRow.state.in_(_OPEN),
            NotificationRow.due_at <= now,
            or_(NotificationRow.lease_until.is_(None), NotificationRow.lease_until <= now),
            ReceiverRow.name.in_(receivers),
            ReceiverRow.ready_at <= now,
        )
        .order_by(case((is_another_s_turn, NotificationRow.attempts // _SAME), else_=0), NotificationRow.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=(NotificationRow, ReceiverRow))
    )


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
    return value(tx, row)


def mark_sent(
    tx: Transaction, notification: Notification, reference: str, now: datetime, ready_at: datetime
) -> None:
    """Write that it was delivered, whoever has claimed it meanwhile, and when its receiver may be sent to again."""
    row = tx.scalars(select(NotificationRow).where(NotificationRow.uid == notification.id)).one()
    row.state, row.sent_at, row.reference = NotificationState.SENT.value, now, reference
    row.error, row.lease_until, row.doubtful = None, None, False
    receiver = tx.get_one(ReceiverRow, row.receiver)
    receiver.ready_at, receiver.parked_at, receiver.error, receiver.failures = ready_at, None, None, 0


@dataclass(frozen=True, slots=True)
class Retry:
    """How a notification is tried again: when, how plainly, and whether its receiver waits with it.

    A receiver that waits gets its messages in order; one that does not gets the others meanwhile. `counts` makes
    an attempt of what was none, such as a look that failed. `reached` tells that the receiver did answer: it is not
    away.
    """

    at: datetime
    doubtful: bool
    plainness: int
    holds_receiver: bool = True
    counts: bool = False
    reached: bool = False


def mark_retry(tx: Transaction, notification: Notification, error: str, retry: Retry, now: datetime) -> bool:
    """Write that it is to be tried again; True if that is its first trouble."""
    row = _ours(tx, notification)
    if row is None:
        return False
    is_news = row.error is None
    row.state, row.error, row.lease_until = NotificationState.WAITING.value, error, None
    row.due_at, row.doubtful, row.plainness = retry.at, retry.doubtful, retry.plainness
    row.attempts += retry.counts
    receiver = tx.get_one(ReceiverRow, row.receiver)
    receiver.ready_at = retry.at if retry.holds_receiver else now
    if not retry.reached:
        _note_away(tx, row, receiver, now)
    return is_news


def _note_away(tx: Transaction, row: NotificationRow, receiver: ReceiverRow, now: datetime) -> None:
    """Count a failure in a row; while the receiver seems to be away it is tried rarely, and its messages in order."""
    receiver.failures, receiver.failed_at = receiver.failures + 1, now
    if is_away(receiver.failures):
        to_send = messages(_waiting(tx, receiver.name))
        row.due_at = min(row.due_at, now + next_turn(receiver.failures, to_send))
        receiver.ready_at = now + hold_after(receiver.failures, to_send)


def _waiting(tx: Transaction, receiver: str) -> int:
    is_of_it = (
        NotificationRow.receiver == receiver,
        NotificationRow.state == NotificationState.WAITING.value,
    )
    return tx.scalar(select(func.count()).where(*is_of_it)) or 0


def give_up(
    tx: Transaction, notification: Notification, error: str, now: datetime, *, is_refused: bool
) -> bool:
    """Write that it can never be delivered; what comes after it goes on. True where that is news.

    A digest that is refused is taken apart: one of its alerts may be the cause, and the others then arrive.
    """
    row = _ours(tx, notification)
    if row is None:
        return False
    tx.get_one(ReceiverRow, row.receiver).ready_at = now
    if is_refused and carries(tx, row):
        let_go(tx, row, now)
    else:
        row.state, row.error, row.lease_until = NotificationState.FAILED.value, error, None
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
    receiver.ready_at, receiver.error, receiver.failed_at = probe_at, error, now
    return is_news


def retry_parked(tx: Transaction, now: datetime) -> None:
    """Try the parked receivers again: a person says that the cause was mended."""
    for receiver in tx.scalars(select(ReceiverRow).where(ReceiverRow.parked_at.is_not(None))):
        receiver.ready_at = min(receiver.ready_at, now)


def next_due(tx: Transaction, receivers: Sequence[str]) -> datetime | None:
    """Return when the next notification for one of these receivers can be claimed; None when nothing waits."""
    lease, due = NotificationRow.lease_until, NotificationRow.due_at
    query = (
        select(ReceiverRow.ready_at, func.min(case((lease > due, lease), else_=due)))
        .join(NotificationRow, ReceiverRow.name == NotificationRow.receiver)
        .where(_is_pending(), NotificationRow.receiver.in_(receivers))
        .group_by(ReceiverRow.name, ReceiverRow.ready_at)
    )
    return min((max(row) for row in tx.execute(query)), default=None)


def _is_pending() -> ColumnElement[bool]:
    """What is to be sent, or to be edited."""
    is_stale = and_(NotificationRow.stale, NotificationRow.state == NotificationState.SENT.value)
    return or_(NotificationRow.state.in_(_OPEN), is_stale)


def counts(tx: Transaction) -> dict[str, int]:
    """Return how many notifications wait and how many failed for good."""
    health = receivers_health(tx)
    return {"waiting": sum(one.waiting for one in health), "failed": sum(one.failed for one in health)}


def waiting_receivers(tx: Transaction) -> tuple[str, ...]:
    """Return the receivers for whom something waits."""
    return tuple(one.name for one in receivers_health(tx) if one.waiting)


def parked(tx: Transaction) -> dict[str, str]:
    """Return the receivers that are parked while something waits for them, with the reason."""
    return {one.name: one.error or "unknown" for one in receivers_health(tx) if one.parked_at and one.waiting}


def receivers_health(tx: Transaction) -> tuple[ReceiverHealth, ...]:
    """Return how each receiver fares, by name; what goes out within a digest fares like it."""
    carrier = aliased(NotificationRow)
    state = func.coalesce(carrier.state, NotificationRow.state)
    query = (
        select(
            ReceiverRow,
            func.count(case((state.in_(_OPEN), 1))),
            func.count(case((state == NotificationState.FAILED.value, 1))),
        )
        .outerjoin(NotificationRow, NotificationRow.receiver == ReceiverRow.name)
        .outerjoin(carrier, carrier.id == NotificationRow.carried_by)
        .group_by(ReceiverRow.name)
        .order_by(ReceiverRow.name)
    )
    return tuple(
        ReceiverHealth(row.name, row.parked_at, row.error, waiting, failed)
        for row, waiting, failed in tx.execute(query)
    )


def _ours(tx: Transaction, notification: Notification) -> NotificationRow | None:
    """Return the row if our claim on it still holds; a worker that was paused beyond its lease must not write."""
    query = select(NotificationRow).where(
        NotificationRow.uid == notification.id,
        NotificationRow.state == NotificationState.SENDING.value,
        NotificationRow.lease_token == notification.token,
    )
    return tx.scalars(query).one_or_none()


def value(tx: Transaction, row: NotificationRow) -> Notification:
    """Return a claimed notification, to be sent or edited; a digest is about no single alert."""
    alert = None if carries(tx, row) else tx.get_one(AlertRow, row.alert_id)
    return Notification(
        id=row.uid,
        receiver=row.receiver,
        message=message_value(row.message or {}),
        attempts=row.attempts,
        attempted_at=row.attempted_at,
        plainness=row.plainness,
        doubtful=row.doubtful,
        token=row.lease_token or "",
        alert=alert.id if alert else None,
        organization=alert.organization if alert else None,
        release=alert.release_id if alert else None,
        kind=alert.kind if alert else None,
        thread=thread_of(tx, alert, row.receiver) if alert else None,
        edits=row.reference if row.state == NotificationState.SENT else None,
    )
