"""Find the message in whose thread an alert is told."""

from sqlalchemy import select

from monitor.core.telling import NotificationState
from monitor.store import Transaction
from monitor.store.carrying import carries
from monitor.store.tables import AlertRow, NotificationRow

# A launch grows, a silence ends: nothing answers an answer more often than this.
_LONGEST = 20


def thread_of(tx: Transaction, alert: AlertRow, receiver: str) -> str | None:
    """Return the receiver's reference to the message that began what this alert continues; None where it begins it.

    A thread hangs on its first message, so an answer to an answer hangs there too. A digest begins no thread.
    """
    root = None
    for _ in range(_LONGEST):
        if alert.answers is None:
            break
        alert = tx.get_one(AlertRow, alert.answers)
        root = _reference(tx, alert, receiver) or root
    return root


def _reference(tx: Transaction, alert: AlertRow, receiver: str) -> str | None:
    row = tx.scalar(
        select(NotificationRow).where(
            NotificationRow.alert_id == alert.id,
            NotificationRow.receiver == receiver,
            NotificationRow.state == NotificationState.SENT.value,
        )
    )
    return None if row is None or carries(tx, row) else row.reference or None
