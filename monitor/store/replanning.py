"""Have what waits follow a configuration that was changed: when it goes out, and to whom."""

from dataclasses import replace

from sqlalchemy import select, tuple_

from monitor.core.delivery_health import spared_by
from monitor.core.history import Rules, Turn
from monitor.core.routing import BRIEF, Topic
from monitor.core.telling import AlertKind, NotificationState
from monitor.core.types import Level
from monitor.store import Transaction
from monitor.store.alerts import about, notify
from monitor.store.carrying import is_untold
from monitor.store.engine import Alone, alone
from monitor.store.tables import AlertRow, NotificationRow, ReceiverRow, RepoRow


def replan(tx: Transaction, rules: Rules) -> None:
    """Plan by these rules what waits and was not tried yet.

    1. What is for a channel that needs a person, and to which nothing leads any more, goes to who is told now: that
       person has chosen another one.
    2. What is of a kind that is off by now is withheld.
    3. What goes out in digests does so at the first one after it was raised, which may be past; the rest when it was
       due at first.
    Every process does so when it takes up a configuration: the same rules make the same plan, however often.
    """
    alone(tx.connection(), Alone.RAISING_ALERTS)
    for receiver in tx.scalars(select(ReceiverRow).where(ReceiverRow.parked_at.is_not(None))).all():
        if _is_given_up(receiver.name, rules):
            _lead_elsewhere(tx, receiver.name, rules)
    waiting = (
        select(NotificationRow, AlertRow)
        .join(AlertRow, AlertRow.id == NotificationRow.alert_id)
        .where(is_untold(), NotificationRow.attempts == 0, NotificationRow.plainness == 0)
        .order_by(NotificationRow.id)
        .with_for_update(of=NotificationRow, skip_locked=True)  # what is just being claimed goes out
    )
    for notification, alert in tx.execute(waiting).all():
        turn = _turn(alert, rules)
        if turn is None:
            tx.delete(notification)
        else:
            notification.due_at, notification.in_digest = turn.at, turn.in_digest
    tx.flush()


def _turn(alert: AlertRow, rules: Rules) -> Turn | None:
    return rules.turn(_topic(alert), alert.raised_at, alert.due_at)


def _topic(alert: AlertRow) -> Topic:
    """Return what an alert is about, as far as the alert itself remembers."""
    prefix, _, rest = alert.key.partition(":")
    return Topic(
        kind=BRIEF if prefix == BRIEF else alert.kind,
        level=Level(alert.level),
        change=rest.partition(":")[0] if alert.kind == AlertKind.CHANGE else None,
    )


def _is_given_up(receiver: str, rules: Rules) -> bool:
    """Tell whether nothing leads to a receiver any more, though others of its kind are told.

    Where none of its kind is, it may be that only this process was not told the token.
    """
    used = rules.routing.in_use
    kinds = {name.partition(":")[0] for name in used}
    return receiver not in used and receiver.partition(":")[0] in kinds


def _lead_elsewhere(tx: Transaction, receiver: str, rules: Rules) -> None:
    """Send what waits for a receiver, alone or in a digest that waits, to who would be told now, unless they were."""
    states = (NotificationState.WAITING.value, NotificationState.CARRIED.value)
    is_of_it = (NotificationRow.receiver == receiver, NotificationRow.state.in_(states))
    held = tx.execute(
        select(NotificationRow, AlertRow)
        .join(AlertRow, AlertRow.id == NotificationRow.alert_id)
        .where(*is_of_it)
        .order_by(NotificationRow.id)
        .with_for_update(of=NotificationRow)
    ).all()
    to_go = {row.id for row, _ in held if row.state == NotificationState.WAITING and not row.doubtful}
    moved = [(row, alert) for row, alert in held if {row.id, row.carried_by} & to_go]
    for row, _ in moved:
        row.carried_by = None
    tx.flush()
    for row, alert in moved:
        tx.delete(row)
        if turn := _turn(alert, rules):
            for other in _told(tx, alert, rules):
                notify(tx, alert, other, turn)
    tx.flush()


def _told(tx: Transaction, alert: AlertRow, rules: Rules) -> list[str]:
    """Return who is to be told of an alert, and for whom there is no notification yet."""
    subjects = [(hub, hub_id) for hub, hub_id in alert.subjects]
    repos = tx.scalars(select(RepoRow.name).where(tuple_(RepoRow.hub, RepoRow.hub_id).in_(subjects)))
    names = tuple(name.rpartition("/")[2] for name in repos)
    topic = about(tx, replace(_topic(alert), names=names), alert.organization)
    known = tx.scalars(select(NotificationRow.receiver).where(NotificationRow.alert_id == alert.id)).all()
    return [name for name in rules.routing.told(topic, spared_by(alert.key)) if name not in known]
