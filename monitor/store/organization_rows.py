"""Read whom we watch, or watched, in the shape of the JSON interface."""

from sqlalchemy import select

from monitor.store import Transaction
from monitor.store.reading import JsonRow, accounts
from monitor.store.tables import OrganizationRow


def organization_rows(tx: Transaction, *, key: str | None = None) -> list[JsonRow]:
    """Return every organisation that is or was watched, or the one of a key, with the accounts that are watched."""
    query = select(OrganizationRow).order_by(OrganizationRow.key)
    if key is not None:
        query = query.where(OrganizationRow.key == key)
    held: dict[str, list[JsonRow]] = {}
    for account in accounts(tx):
        held.setdefault(account["organization"], []).append(account)
    return [
        {
            "key": row.key,
            "name": row.name,
            "country": row.country,
            "groups": row.groups,
            "watched": row.watched,
            "accounts": held.get(row.key, []),
        }
        for row in tx.scalars(query)
    ]
