"""Read what changed about some repositories."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, false, or_, select

from monitor.store import Transaction
from monitor.store.reading import JsonRow, change_value
from monitor.store.tables import ChangeRow


def is_about(keys: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """Return the condition that a change is one of these repositories, by hub and hub's id.

    SQLite has no index for pairs among pairs: it takes one for each hub.
    """
    ids: dict[str, list[str]] = defaultdict(list)
    for hub, hub_id in keys:
        ids[hub].append(hub_id)
    of_hubs = (and_(ChangeRow.hub == hub, ChangeRow.hub_id.in_(of_hub)) for hub, of_hub in ids.items())
    return or_(false(), *of_hubs)


def changes_of(tx: Transaction, keys: Iterable[tuple[str, str]]) -> list[JsonRow]:
    """Return the changes of repositories, by hub and hub's id, the newest first; being published is none of them."""
    query = select(ChangeRow).where(is_about(keys), ChangeRow.kind != "published")
    return [
        change_value(row) for row in tx.scalars(query.order_by(ChangeRow.seen_at.desc(), ChangeRow.id.desc()))
    ]
