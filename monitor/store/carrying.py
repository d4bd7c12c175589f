"""Let one notification carry others to their receiver: a digest.

The oldest one is the carrier: it is claimed, sent, looked up and retried as any other, with the digest for a message.
The others fare like it.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, true
from sqlalchemy.orm import aliased

from monitor.core.digests import BACKLOG, MOST, Entry, Why, digest_message, share
from monitor.core.routing import BRIEF
from monitor.core.telling import AlertKind, NotificationState
from monitor.core.timetable import Timetable
from monitor.core.types import Level
from monitor.store import Transaction
from monitor.store.rows import message_json, message_value
from monitor.store.tables import AlertRow, NotificationRow, ReceiverRow

# What was due for so long was held up by something: in a burst the last one waits for its turn as long as this.
_HELD_UP = timedelta(minutes=1)


def carries(tx: Transaction, row: NotificationRow) -> bool:
    """Tell whether a notification carries others."""
    return tx.scalar(select(exists().where(NotificationRow.carried_by == row.id))) or False


def carry(
    tx: Transaction, head: NotificationRow, receiver: ReceiverRow, timetable: Timetable, now: datetime
) -> None:
    """Make a digest of a notification that is about to be sent, and of those due after it, where they go out so.

    1. What is to go out in digests does, unless it is alone.
    2. Of the rest, more than a person wants to read one by one does too; but the weekly brief, and what is wrong
       with the monitor now, is no line of many.
    What may have arrived already, was refused in a shape, or carries others, goes out as it is.
    """
    is_free = _is_free() if head.in_digest else and_(_is_free(), not_(_stands_alone()))
    waiting = tx.scalar(select(func.count()).where(_due(head, now), is_free)) or 0
    if waiting <= (1 if head.in_digest else BACKLOG):
        return
    # Up to the first that goes out as it is: nothing overtakes it.
    end = tx.scalar(select(func.min(NotificationRow.id)).where(_due(head, now), not_(is_free)))
    rows = tx.execute(
        select(NotificationRow, AlertRow)
        .join(AlertRow, AlertRow.id == NotificationRow.alert_id)
        .where(_due(head, now), is_free, true() if end is None else NotificationRow.id < end)
        .order_by(NotificationRow.id)
        .limit(share(waiting) if head.in_digest else MOST)
        .with_for_update(skip_locked=True, of=NotificationRow)
    ).all()
    carried = [row for row, _ in rows if row.id != head.id]
    if not carried or len(carried) == len(rows):
        return  # alone, or not free itself
    why = _why(head, receiver, timetable, now)
    message = digest_message([_entry(alert) for _, alert in rows], why, waiting - len(rows))
    head.message, head.stale = message_json(message), False
    for row in carried:
        row.state, row.carried_by, row.error = NotificationState.CARRIED.value, head.id, None
    tx.flush()


def let_go(tx: Transaction, head: NotificationRow, now: datetime) -> None:
    """Take a digest apart: what it held goes out one by one, plainly."""
    held = tx.scalars(select(NotificationRow).where(NotificationRow.carried_by == head.id)).all()
    for row in (head, *held):
        row.state, row.carried_by, row.message = NotificationState.WAITING.value, None, None
        row.due_at, row.lease_until, row.doubtful = now, None, False
        row.attempts, row.attempted_at, row.plainness = 0, None, 1
    tx.flush()


def _due(head: NotificationRow, now: datetime) -> ColumnElement[bool]:
    """What waits with a notification for the same receiver, to go out in the same way, and not before it."""
    return and_(
        NotificationRow.receiver == head.receiver,
        NotificationRow.in_digest == head.in_digest,
        NotificationRow.id >= head.id,
        NotificationRow.state == NotificationState.WAITING.value,
        NotificationRow.due_at <= now,
    )


def is_untold() -> ColumnElement[bool]:
    """What waits, surely did not arrive, and carries nothing."""
    is_waiting = NotificationRow.state == NotificationState.WAITING.value
    return and_(is_waiting, not_(NotificationRow.doubtful), not_(_carries_some()))


def _is_free() -> ColumnElement[bool]:
    """What may go out together with others: what surely did not arrive, was not refused, and carries nothing."""
    return and_(not_(NotificationRow.doubtful), NotificationRow.plainness == 0, not_(_carries_some()))


def _carries_some() -> ColumnElement[bool]:
    other = aliased(NotificationRow)
    return exists().where(other.carried_by == NotificationRow.id)


def _stands_alone() -> ColumnElement[bool]:
    """What goes out by itself from any backlog: the brief, and a trouble that is not over by now."""
    alert = aliased(AlertRow)
    is_trouble = and_(
        alert.kind == AlertKind.HEALTH.value,
        alert.organization.is_(None),  # what is of an organisation may be of a hundred at once
        alert.resolved_at.is_(None),
    )
    is_of_these = or_(is_trouble, alert.key.startswith(f"{BRIEF}:"))
    return exists().where(alert.id == NotificationRow.alert_id, is_of_these)


def _why(head: NotificationRow, receiver: ReceiverRow, timetable: Timetable, now: datetime) -> Why:
    """Say why alerts wait for each other: most likely for the last thing that could have kept the oldest."""
    if head.in_digest:
        return Why.DAILY if timetable.digest else Why.HOURLY
    if head.error or (receiver.failed_at and receiver.failed_at >= head.due_at):
        return Why.UNREACHED
    is_late = now - head.due_at > _HELD_UP
    return Why.QUIET if is_late and timetable.quiet_until(head.due_at) else Why.BURST


def _entry(alert: AlertRow) -> Entry:
    return Entry(AlertKind(alert.kind), Level(alert.level), alert.raised_at, message_value(alert.message))
