"""Read what a notification tells of: for receivers that are programs, and want more than a text."""

from sqlalchemy import or_, select

from monitor.core.text import clean, named
from monitor.store import Transaction
from monitor.store.reading import JsonRow, alert_value
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow, NotificationRow


def alerts_told(tx: Transaction, notification: str) -> list[JsonRow]:
    """Return the alerts that a notification, by its uid, brings: one, or all those of a digest, the oldest first."""
    head = select(NotificationRow.id).where(NotificationRow.uid == notification).scalar_subquery()
    query = (
        select(AlertRow)
        .join(NotificationRow, NotificationRow.alert_id == AlertRow.id)
        .where(or_(NotificationRow.id == head, NotificationRow.carried_by == head))
        .order_by(AlertRow.id)
    )
    return [{**alert_value(row), **_more(row)} for row in tx.scalars(query)]


def _more(row: AlertRow) -> JsonRow:
    """Return what the text holds, in parts, and which release it is about."""
    message = message_value(row.message)
    links = [{"text": named(link.text), "url": link.url} for link in message.links]
    return {
        "release": row.release_id,
        "title": named(message.title),
        "url": clean(message.url) if message.url else None,
        "links": links,
    }
