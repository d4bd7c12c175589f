"""Remember what Slack sent us to act on: it may come twice, and to another worker, and acts once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store import Transaction
from monitor.store.tables import EnvelopeRow

# Slack sends nothing again after some minutes.
KEPT = timedelta(days=1)

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def take(tx: Transaction, envelope: str, now: datetime) -> bool:
    """Note an envelope in the transaction of what it brings about; False where it was noted before.

    Where another worker notes the same one just now, wait until that worker's transaction holds, or does not.
    """
    insert = _INSERT[tx.connection().dialect.name](EnvelopeRow.__table__).values(id=envelope, seen_at=now)
    return tx.scalar(insert.on_conflict_do_nothing().returning(EnvelopeRow.id)) is not None


def forget(tx: Transaction, now: datetime) -> None:
    """Delete what was noted so long ago that it cannot come again."""
    tx.execute(delete(EnvelopeRow).where(EnvelopeRow.seen_at < now - KEPT))
