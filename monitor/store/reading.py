"""Read the changes, the alerts and the health of accounts, in the shape of the JSON interface."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from monitor.core.telling import NotificationState
from monitor.core.text import message_text
from monitor.errors import Trouble
from monitor.store import Transaction
from monitor.store.rows import message_value
from monitor.store.tables import (
    AccountRow,
    AlertRow,
    BlindSpotRow,
    ChangeRow,
    NotificationRow,
    OrganizationRow,
)

JsonRow = dict[str, Any]
AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; None means everything. `since` and `until` are moments, both inclusive."""

    organizations: tuple[str, ...] = ()
    hub: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    limit: int | None = None


def organization_keys(tx: Transaction) -> tuple[str, ...]:
    """Return every organisation that was ever watched."""
    return tuple(tx.scalars(select(OrganizationRow.key).order_by(OrganizationRow.key)))


def watched_organizations(tx: Transaction) -> int:
    """Return how many organisations are watched."""
    return tx.scalar(select(func.count()).where(OrganizationRow.watched)) or 0


def changes(tx: Transaction, filters: Filters) -> list[JsonRow]:
    """Return changes, the newest first."""
    query = of_organizations(select(ChangeRow), ChangeRow.organization, filters)
    conditions: list[ColumnElement[bool]] = []
    if filters.hub:
        conditions.append(ChangeRow.hub == filters.hub)
    if filters.since:
        conditions.append(ChangeRow.seen_at >= filters.since)
    if filters.until:
        conditions.append(ChangeRow.seen_at <= filters.until)
    rows = tx.scalars(query.where(*conditions).order_by(ChangeRow.seen_at.desc(), ChangeRow.id.desc()))
    found = [row for row in rows if contains(filters.search, [row.repo, row.before or "", row.after or ""])]
    return [change_value(row) for row in found[: filters.limit]]


def change_value(row: ChangeRow) -> JsonRow:
    """Return a change as the JSON interface shows it."""
    return {
        "organization": row.organization,
        "hub": row.hub,
        "repo": row.repo,
        "kind": row.kind,
        "before": row.before,
        "after": row.after,
        "detail": row.detail,
        "seen_at": row.seen_at,
    }


def alerts(tx: Transaction, filters: Filters) -> list[JsonRow]:
    """Return alerts with the state of their delivery, the newest first."""
    notifications: dict[int, list[JsonRow]] = defaultdict(list)
    sent = {row.id: row for row in tx.scalars(select(NotificationRow).order_by(NotificationRow.id))}
    for row in sent.values():
        # What goes out within a digest fares like it.
        notifications[row.alert_id].append(notification_value(sent.get(row.carried_by or row.id, row)))
    query = of_organizations(select(AlertRow), AlertRow.organization, filters)
    rows = tx.scalars(query.order_by(AlertRow.raised_at.desc(), AlertRow.id.desc()))
    found = [
        {**alert_value(row), "notifications": notifications[row.id]}
        for row in rows
        if is_within(row.raised_at, filters)
    ]
    return [alert for alert in found if contains(filters.search, [alert["text"]])][: filters.limit]


def accounts(tx: Transaction) -> list[JsonRow]:
    """Return the health of every watched account."""
    query = select(AccountRow).where(AccountRow.watched).order_by(AccountRow.organization, AccountRow.id)
    return [
        {
            "organization": row.organization,
            "hub": row.hub,
            "account": row.name,
            "state": _account_state(row),
            "last_seen_at": row.listed_at,
            "last_error": row.last_error,
            "blind_since": row.blind_since,
            "repos": row.repos_listed,
            "rows_set_aside": row.rows_set_aside,
            "listed_as": row.listed_as or row.name,
            "next_poll_at": row.next_poll_at,
        }
        for row in tx.scalars(query)
    ]


def blind_spots(tx: Transaction, since: datetime) -> list[JsonRow]:
    """Return the stretches in which a watched account was not seen, but for those that ended before `since`.

    One that was over within an hour is not kept.
    """
    query = (
        select(AccountRow, BlindSpotRow)
        .join(BlindSpotRow, BlindSpotRow.account_id == AccountRow.id)
        .where(AccountRow.watched, or_(BlindSpotRow.ended_at.is_(None), BlindSpotRow.ended_at >= since))
        .order_by(BlindSpotRow.began_at.desc(), BlindSpotRow.id.desc())
    )
    return [
        {
            "organization": account.organization,
            "hub": account.hub,
            "account": account.name,
            "began_at": spot.began_at,
            "ended_at": spot.ended_at,
            "reason": spot.reason,
        }
        for account, spot in tx.execute(query)
    ]


def _account_state(row: AccountRow) -> str:
    """Say how an account fares: unknown to the hub, failing, still to be asked for the first time, or fine."""
    if row.trouble == Trouble.NOT_FOUND:
        return "unknown"
    if row.failures:
        return "failing"
    return "ok" if row.listed_at else "learning"


def of_organizations(query: AnySelect, column: Any, filters: Filters) -> AnySelect:
    """Narrow a query to the organisations that are asked for."""
    return query.where(column.in_(filters.organizations)) if filters.organizations else query


def is_within(moment: datetime | None, filters: Filters) -> bool:
    """Tell whether a moment lies in the time that is asked for."""
    if moment is None:
        return False
    return (filters.since is None or moment >= filters.since) and (
        filters.until is None or moment <= filters.until
    )


def contains(search: str | None, texts: Iterable[str]) -> bool:
    """Tell whether one of the texts has what is searched for, in capitals or not."""
    return search is None or any(search.casefold() in text.casefold() for text in texts)


def alert_value(row: AlertRow) -> JsonRow:
    """Return an alert, its notifications apart, as the JSON interface shows it."""
    return {
        "id": row.id,
        "organization": row.organization,
        "kind": row.kind,
        "level": row.level,
        "direction": row.direction,
        "raised_at": row.raised_at,
        "resolved_at": row.resolved_at,
        "changed_at": row.changed_at,
        "text": message_text(message_value(row.message)),
    }


def notification_value(row: NotificationRow) -> JsonRow:
    """Return what became of a delivery, as the JSON interface shows it."""
    return {
        "receiver": row.receiver,
        "state": NotificationState.WAITING if row.state == NotificationState.SENDING else row.state,
        "attempts": row.attempts,
        "sent_at": row.sent_at,
        "error": row.error,
    }
