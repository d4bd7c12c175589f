"""Write alerts with their notifications, once each."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, or_, select, tuple_

from monitor.core.endings import Told, ended_message, open_again, over
from monitor.core.health import Incident
from monitor.core.history import Rules, Turn
from monitor.core.routing import Topic
from monitor.core.standing import ENDED
from monitor.core.telling import Alert, AlertKind, Message, NotificationState
from monitor.core.types import Direction, Level
from monitor.store import Transaction
from monitor.store.edits import make_stale
from monitor.store.engine import Alone, alone
from monitor.store.muting import is_muted
from monitor.store.rows import message_json, message_value
from monitor.store.tables import AlertRow, NotificationRow, OrganizationRow, ReceiverRow, RepoRow


def raise_alerts(tx: Transaction, alerts: Iterable[Alert], rules: Rules) -> None:
    """Write each alert that was not raised before, and a notification for each receiver, in one transaction."""
    alerts = tuple(alerts)
    if alerts:
        alone(tx.connection(), Alone.RAISING_ALERTS)
    for alert in alerts:
        if tx.scalar(select(AlertRow.id).where(AlertRow.key == alert.key)) is not None:
            continue
        row = _alert_row(tx, alert)
        tx.add(row)
        tx.flush()
        _notify_all(tx, alert, row, rules)


def _notify_all(tx: Transaction, alert: Alert, row: AlertRow, rules: Rules) -> None:
    """Make the notifications of an alert: none where its kind is off or its organisation is muted."""
    topic = about(
        tx,
        Topic(alert.topic or alert.kind.value, alert.level, change=alert.change, names=alert.names),
        alert.organization,
    )
    turn = rules.turn(topic, alert.raised_at, alert.due_at)
    if turn is None or is_muted(tx, alert):
        return
    for receiver in rules.routing.told(topic, alert.spared):
        notify(tx, row, receiver, turn)


def about(tx: Transaction, topic: Topic, organization: str | None) -> Topic:
    """Return a topic with what the store knows of the organisation that it is about."""
    row = tx.get(OrganizationRow, organization) if organization else None
    if row is None:
        return topic
    return replace(topic, organization=row.key, country=row.country, groups=tuple(row.groups))


def amend(tx: Transaction, amended: Iterable[Alert], now: datetime) -> None:
    """Let alerts say what joined them; messages that were sent and say something else by now are edited."""
    for alert in amended:
        row = tx.scalars(select(AlertRow).where(AlertRow.key == alert.key)).one()
        row.subjects = _lists(alert.subjects)
        rewrite(tx, row, alert.message, now)


def rewrite(tx: Transaction, row: AlertRow, message: Message, now: datetime) -> None:
    """Have an alert say something else; messages that were sent are edited."""
    row.message = message_json(message)
    make_stale(tx, row, now)


def open_cadence(tx: Transaction, organization: str) -> frozenset[str]:
    """Return the keys of the cadence alerts of an organisation that are not over."""
    query = select(AlertRow.key).where(*_cadence_of(organization), AlertRow.resolved_at.is_(None))
    return frozenset(tx.scalars(query))


def resolve_cadence(tx: Transaction, organization: str, still_open: frozenset[str], now: datetime) -> None:
    """End the cadence alerts of an organisation that are over: all but those with the keys named.

    One of these that had ended, because a silence took its place, is open again. What has ended says so, by an edit.
    """
    is_open = AlertRow.resolved_at.is_(None)
    query = select(AlertRow).where(*_cadence_of(organization), or_(is_open, AlertRow.key.in_(still_open)))
    for row in tx.scalars(query).all():
        if row.key not in still_open:
            _end(tx, row, now)
        elif row.resolved_at is not None:
            row.resolved_at = None
            rewrite(tx, row, open_again(message_value(row.message)), now)


def _end(tx: Transaction, row: AlertRow, now: datetime) -> None:
    row.resolved_at = now
    answer = tx.scalar(select(AlertRow).where(AlertRow.answers == row.id).order_by(AlertRow.id))
    direction = Direction(row.direction) if row.direction else None
    told = Told(message_value(row.message), Level(row.level), direction)
    by = Direction(answer.direction) if answer and answer.direction else None
    on = (answer.changed_at if answer else None) or now
    if ended := ended_message(told, by, on.date()):
        rewrite(tx, row, ended, now)


def _cadence_of(organization: str) -> tuple[ColumnElement[bool], ...]:
    return AlertRow.organization == organization, AlertRow.kind == AlertKind.CADENCE.value


def open_incidents(tx: Transaction) -> tuple[Incident, ...]:
    """Return the health incidents that are not over."""
    query = select(AlertRow).where(
        AlertRow.kind == AlertKind.HEALTH.value, AlertRow.resolved_at.is_(None), AlertRow.key.like("health:%")
    )
    return tuple(
        Incident(row.key, row.subjects[0][0], frozenset(name for _, name in row.subjects))
        for row in tx.scalars(query)
        if row.subjects
    )


def end_incidents(tx: Transaction, ended: Iterable[Incident], now: datetime) -> None:
    """Close health incidents, and say so in their messages. Their recovery is an alert of its own.

    What another worker closed meanwhile stays as it is.
    """
    keys = [incident.key for incident in ended]
    recoveries = [f"{key}{ENDED}" for key in keys]
    query = select(AlertRow).where(AlertRow.key.in_([*keys, *recoveries]), AlertRow.resolved_at.is_(None))
    for row in tx.scalars(query).all():
        row.resolved_at = now
        if row.key in keys:
            rewrite(tx, row, over(message_value(row.message), f"{now:%Y-%m-%d %H:%M} UTC"), now)


def _alert_row(tx: Transaction, alert: Alert) -> AlertRow:
    return AlertRow(
        key=alert.key,
        organization=alert.organization,
        release_id=_release_of(tx, alert),
        kind=alert.kind.value,
        level=alert.level.value,
        direction=alert.direction.value if alert.direction else None,
        raised_at=alert.raised_at,
        due_at=alert.due_at,
        changed_at=alert.changed_at,
        subjects=_lists(alert.subjects),
        message=message_json(alert.message),
        answers=tx.scalar(select(AlertRow.id).where(AlertRow.key == alert.answers))
        if alert.answers
        else None,
    )


def _lists(keys: Iterable[tuple[str, str]]) -> list[list[str]]:
    return [list(key) for key in keys]


def _release_of(tx: Transaction, alert: Alert) -> int | None:
    """Return the one release that an alert tells of; None for one that tells of several, or of something else."""
    if alert.kind is not AlertKind.RELEASE:
        return None
    told = tuple_(RepoRow.hub, RepoRow.hub_id).in_(alert.subjects)
    ids = tx.scalars(select(RepoRow.release_id).where(told).distinct()).all()
    return ids[0] if len(ids) == 1 else None


def notify(tx: Transaction, alert: AlertRow, receiver: str, turn: Turn) -> None:
    """Write that a receiver is to be told of an alert."""
    if tx.get(ReceiverRow, receiver) is None:
        tx.add(ReceiverRow(name=receiver, ready_at=alert.raised_at))
        tx.flush()
    tx.add(
        NotificationRow(
            uid=str(uuid4()),
            alert_id=alert.id,
            receiver=receiver,
            state=NotificationState.WAITING.value,
            due_at=turn.at,
            in_digest=turn.in_digest,
            attempts=0,
            doubtful=False,
            plainness=0,
        )
    )
