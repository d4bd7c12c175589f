"""Read and write what is wrong with the monitor itself for as long as it lasts."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from monitor.core import config_health, delivery_health, slack_health
from monitor.core.delivery_health import Lost, spared_by
from monitor.core.history import Rules
from monitor.core.standing import Standing
from monitor.core.telling import Alert
from monitor.store import Transaction
from monitor.store.alerts import raise_alerts
from monitor.store.engine import Alone, alone
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow

# Begin the keys of what lasts until it is told to be over.
_LASTING = ("health:", config_health.KEY, delivery_health.KEY, slack_health.KEY)


def standing(tx: Transaction, prefixes: Iterable[str] = _LASTING) -> tuple[Standing, ...]:
    """Return what was told and is not over, the oldest first; of one kind where its keys' beginning is given."""
    reply = aliased(AlertRow)
    query = (
        select(AlertRow, func.max(reply.raised_at))
        .outerjoin(reply, reply.answers == AlertRow.id)
        .where(AlertRow.resolved_at.is_(None), AlertRow.answers.is_(None))
        .where(or_(*(AlertRow.key.startswith(prefix, autoescape=True) for prefix in prefixes)))
        .group_by(AlertRow.id)
        .order_by(AlertRow.id)
    )
    return tuple(
        Standing(
            row.key, message_value(row.message), row.raised_at, told_at or row.raised_at, spared_by(row.key)
        )
        for row, told_at in tx.execute(query)
    )


def begin(tx: Transaction, alert: Alert, prefix: str, rules: Rules) -> None:
    """Tell that something is wrong, unless something with such a key was told already and is not over."""
    alone(tx.connection(), Alone.RAISING_ALERTS)
    if not standing(tx, (prefix,)):
        raise_alerts(tx, [alert], rules)


def end(tx: Transaction, keys: Iterable[str], now: datetime) -> None:
    """Note that alerts, by their keys, are over."""
    for row in tx.scalars(select(AlertRow).where(AlertRow.key.in_(tuple(keys)))):
        row.resolved_at = now


def lost(tx: Transaction) -> dict[str, Lost]:
    """Return of each receiver what was told last of messages to it that failed for good."""
    query = select(AlertRow.key, AlertRow.raised_at).where(
        AlertRow.key.startswith(delivery_health.LOST, autoescape=True)
    )
    found: dict[str, Lost] = {}
    for key, told_at in tx.execute(query.order_by(AlertRow.id)):
        receiver, _, failed = key.removeprefix(delivery_health.LOST).rpartition("@")
        found[receiver] = Lost(int(failed), told_at)
    return found
