"""Count what was logged and told, for who watches the monitor itself."""

from sqlalchemy import func, select

from monitor.store import Transaction
from monitor.store.tables import AlertRow, ReleaseRow


def release_total(tx: Transaction) -> int:
    """Return how many releases the log has."""
    return tx.scalar(select(func.count()).select_from(ReleaseRow)) or 0


def alert_totals(tx: Transaction) -> dict[tuple[str, str], int]:
    """Return how many alerts were ever raised, by kind and level."""
    query = select(AlertRow.kind, AlertRow.level, func.count()).group_by(AlertRow.kind, AlertRow.level)
    return {(kind, level): number for kind, level, number in tx.execute(query)}
