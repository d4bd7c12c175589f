"""Note that Slack's commands and buttons do not work, and that they do again; all workers share one outage."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from monitor.core.history import Rules
from monitor.core.slack_health import KEY, reachable, unreachable
from monitor.core.standing import ENDED
from monitor.store import Transaction
from monitor.store.alerts import raise_alerts
from monitor.store.engine import Alone, alone
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage that is not over: since when, and what was told of it."""

    since: datetime
    reason: str


def outage(tx: Transaction) -> Outage | None:
    """Return the outage that is not over, if there is one."""
    row = _open(tx)
    if row is None:
        return None
    since = datetime.fromisoformat(row.key.removeprefix(KEY))
    return Outage(since, message_value(row.message).lead.removesuffix("."))


def begin_outage(tx: Transaction, reason: str, since: datetime, rules: Rules, now: datetime) -> None:
    """Tell that commands and buttons do not work, unless that is told already."""
    alone(tx.connection(), Alone.RAISING_ALERTS)
    if _open(tx) is None:
        raise_alerts(tx, [unreachable(reason, since, now)], rules)


def end_outage(tx: Transaction, rules: Rules, now: datetime) -> None:
    """Tell that they work again, where it was told that they do not."""
    alone(tx.connection(), Alone.RAISING_ALERTS)
    row = _open(tx)
    if row is None:
        return
    row.resolved_at = now
    ended = reachable(row.key, now)
    raise_alerts(tx, [ended], rules)
    for over in tx.scalars(select(AlertRow).where(AlertRow.key == ended.key)):
        over.resolved_at = now


def _open(tx: Transaction) -> AlertRow | None:
    query = select(AlertRow).where(
        AlertRow.key.like(f"{KEY}%"), AlertRow.key.not_like(f"%{ENDED}"), AlertRow.resolved_at.is_(None)
    )
    return tx.scalar(query.order_by(AlertRow.id).limit(1))
