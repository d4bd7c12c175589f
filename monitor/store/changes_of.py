"""Read what changed about some repositories."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_

from monitor.store import Transaction
from monitor.store.reading import JsonRow, change_value
from monitor.store.tables import ChangeRow


def changes_of(tx: Transaction, keys: Sequence[tuple[str, str]]) -> list[JsonRow]:
    """Return the changes of repositories, by hub and hub's id, the newest first; being published is none of them."""
    is_of = tuple_(ChangeRow.hub, ChangeRow.hub_id).in_(keys)
    query = select(ChangeRow).where(is_of, ChangeRow.kind != "published")
    return [
        change_value(row) for row in tx.scalars(query.order_by(ChangeRow.seen_at.desc(), ChangeRow.id.desc()))
    ]
