"""Write alerts with their notifications, once each."""

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, or_, select, tuple_

from monitor.core.health import Incident
from monitor.core.history import Rules
from monitor.core.telling import Alert, AlertKind, NotificationState
from monitor.store import Transaction
from monitor.store.engine import Alone, alone
from monitor.store.rows import message_json
from monitor.store.tables import AlertRow, NotificationRow, ReceiverRow, RepoRow


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
        for receiver in rules.receivers_of(alert.kind, alert.level):
            _notify(tx, row, receiver)


def amend(tx: Transaction, amended: Iterable[Alert]) -> None:
    """Let alerts that are still being gathered say what joined them."""
    for alert in amended:
        row = tx.scalars(select(AlertRow).where(AlertRow.key == alert.key)).one()
        row.message, row.subjects = message_json(alert.message), _lists(alert.subjects)


def open_cadence(tx: Transaction, organization: str) -> frozenset[str]:
    """Return the keys of the cadence alerts of an organisation that are not over."""
    query = select(AlertRow.key).where(*_cadence_of(organization), AlertRow.resolved_at.is_(None))
    return frozenset(tx.scalars(query))


def resolve_cadence(tx: Transaction, organization: str, still_open: frozenset[str], now: datetime) -> None:
    """End the cadence alerts of an organisation that are over: all but those with the keys named.

    One of these that had ended, because a silence took its place, is open again.
    """
    is_open = AlertRow.resolved_at.is_(None)
    query = select(AlertRow).where(*_cadence_of(organization), or_(is_open, AlertRow.key.in_(still_open)))
    for row in tx.scalars(query):
        row.resolved_at = None if row.key in still_open else now


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
    """Close health incidents. Their recovery is an alert of its own, which `judge_health` raised."""
    keys = [incident.key for incident in ended]
    for row in tx.scalars(
        select(AlertRow).where(AlertRow.key.in_([*keys, *(f"{key}:ended" for key in keys)]))
    ):
        row.resolved_at = now


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


def _notify(tx: Transaction, alert: AlertRow, receiver: str) -> None:
    if tx.get(ReceiverRow, receiver) is None:
        tx.add(ReceiverRow(name=receiver, ready_at=alert.raised_at))
        tx.flush()
    tx.add(
        NotificationRow(
            uid=str(uuid4()),
            alert_id=alert.id,
            receiver=receiver,
            state=NotificationState.WAITING.value,
            due_at=alert.due_at,
            attempts=0,
            doubtful=False,
            plainness=0,
        )
    )
