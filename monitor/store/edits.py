"""Correct what was sent: claim a message that says something else by now, and note what became of its edit."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import or_, select

from monitor.core.telling import Notification, NotificationState
from monitor.core.timetable import Timetable
from monitor.store import Transaction
from monitor.store.carrying import carries
from monitor.store.outbox import LEASE, value
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow, NotificationRow, ReceiverRow


def make_stale(tx: Transaction, alert: AlertRow, now: datetime) -> None:
    """Have every message edited that was made of an alert as it was before, and stands on its own."""
    made = select(NotificationRow).where(
        NotificationRow.alert_id == alert.id,
        NotificationRow.state.not_in([NotificationState.CARRIED.value, NotificationState.FAILED.value]),
    )
    told = message_value(alert.message)
    for row in tx.scalars(made).all():
        if row.message is not None and message_value(row.message) != told and not carries(tx, row):
            row.stale = True
            if row.state == NotificationState.SENT:
                row.due_at = now


def claim_edit(
    tx: Transaction, receivers: Sequence[str], timetable: Timetable, now: datetime
) -> Notification | None:
    """Lease the oldest message that is to be edited, at one of these receivers; None where there is none.

    The receiver is leased with it. A crash leaves it to be edited again, which does no harm.
    """
    if timetable.quiet_until(now):
        return None
    query = (
        select(NotificationRow)
        .join(ReceiverRow, ReceiverRow.name == NotificationRow.receiver)
        .where(
            NotificationRow.stale,
            NotificationRow.state == NotificationState.SENT.value,
            NotificationRow.due_at <= now,
            or_(NotificationRow.lease_until.is_(None), NotificationRow.lease_until <= now),
            ReceiverRow.name.in_(receivers),
            ReceiverRow.ready_at <= now,
        )
        .order_by(NotificationRow.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=(NotificationRow, ReceiverRow))
    )
    row = tx.scalar(query)
    if row is None:
        return None
    row.lease_token = str(uuid4())
    row.lease_until = tx.get_one(ReceiverRow, row.receiver).ready_at = now + LEASE
    row.message = tx.get_one(AlertRow, row.alert_id).message
    return value(tx, row)


def mark_edited(tx: Transaction, notification: Notification, ready_at: datetime) -> None:
    """Write that it says what it is to say, unless that changed meanwhile, or that nothing can be done about it."""
    row = _ours(tx, notification)
    if row is not None:
        row.stale = message_value(tx.get_one(AlertRow, row.alert_id).message) != notification.message
        row.lease_until = None
        tx.get_one(ReceiverRow, row.receiver).ready_at = ready_at


def retry_edit(
    tx: Transaction, notification: Notification, at: datetime, ready_at: datetime, plainness: int
) -> None:
    """Write when it is to be edited again, how plainly, and when its receiver may be sent to again."""
    row = _ours(tx, notification)
    if row is not None:
        row.attempts += 1
        row.due_at, row.lease_until, row.plainness = at, None, plainness
        tx.get_one(ReceiverRow, row.receiver).ready_at = ready_at


def _ours(tx: Transaction, notification: Notification) -> NotificationRow | None:
    query = select(NotificationRow).where(
        NotificationRow.uid == notification.id,
        NotificationRow.state == NotificationState.SENT.value,
        NotificationRow.lease_token == notification.token,
    )
    return tx.scalars(query).one_or_none()
