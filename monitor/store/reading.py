"""Read the release log, the changes, the alerts and the health, in the shape of the JSON interface."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select

from monitor.core.names import size_in_name
from monitor.core.text import message_text
from monitor.core.types import NotificationState
from monitor.errors import Trouble
from monitor.store import Transaction
from monitor.store.rows import message_value
from monitor.store.tables import (
    AccountRow,
    AlertRow,
    ChangeRow,
    NotificationRow,
    OrganizationRow,
    ReleaseRow,
    RepoRow,
)

JsonRow = dict[str, Any]
AnyRow = Row[*tuple[Any, ...]]
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


def release_log(tx: Transaction, filters: Filters) -> list[JsonRow]:
    """Return releases with their repositories, the newest first; those without a date come last."""
    repos = _repos_by_release(tx, filters.organizations)
    countries = {
        row.key: row.country for row in tx.execute(select(OrganizationRow.key, OrganizationRow.country))
    }
    query = select(
        ReleaseRow.id,
        ReleaseRow.organization,
        ReleaseRow.name,
        ReleaseRow.kind,
        ReleaseRow.released_at,
        ReleaseRow.basis,
        ReleaseRow.first_seen_at,
    )
    found = [
        row
        for row in tx.execute(_of(query, ReleaseRow.organization, filters))
        if _is_wanted(row, repos[row.id], filters)
    ]
    found.sort(
        key=lambda row: (row.released_at is not None, row.released_at or row.first_seen_at, row.id),
        reverse=True,
    )
    return [_release(row, repos[row.id], countries[row.organization]) for row in found[: filters.limit]]


def changes(tx: Transaction, filters: Filters) -> list[JsonRow]:
    """Return changes, the newest first."""
    query = _of(select(ChangeRow), ChangeRow.organization, filters)
    conditions: list[ColumnElement[bool]] = []
    if filters.hub:
        conditions.append(ChangeRow.hub == filters.hub)
    if filters.since:
        conditions.append(ChangeRow.seen_at >= filters.since)
    if filters.until:
        conditions.append(ChangeRow.seen_at <= filters.until)
    rows = tx.scalars(query.where(*conditions).order_by(ChangeRow.seen_at.desc(), ChangeRow.id.desc()))
    found = [row for row in rows if _contains(filters.search, [row.repo, row.before or "", row.after or ""])]
    return [
        {
            "organization": row.organization,
            "hub": row.hub,
            "repo": row.repo,
            "kind": row.kind,
            "before": row.before,
            "after": row.after,
            "seen_at": row.seen_at,
        }
        for row in found[: filters.limit]
    ]


def alerts(tx: Transaction, filters: Filters) -> list[JsonRow]:
    """Return alerts with the state of their delivery, the newest first."""
    notifications: dict[int, list[JsonRow]] = defaultdict(list)
    for row in tx.scalars(select(NotificationRow).order_by(NotificationRow.id)):
        notifications[row.alert_id].append(_notification(row))
    query = _of(select(AlertRow), AlertRow.organization, filters)
    rows = tx.scalars(query.order_by(AlertRow.raised_at.desc(), AlertRow.id.desc()))
    found = [_alert(row, notifications[row.id]) for row in rows if _within(row.raised_at, filters)]
    return [alert for alert in found if _contains(filters.search, [alert["text"]])][: filters.limit]


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


def _account_state(row: AccountRow) -> str:
    """Say how an account fares: unknown to the hub, failing, still to be asked for the first time, or fine."""
    if row.trouble == Trouble.NOT_FOUND:
        return "unknown"
    if row.failures:
        return "failing"
    return "ok" if row.listed_at else "learning"


def _repos_by_release(tx: Transaction, organizations: Iterable[str]) -> Mapping[int, list[AnyRow]]:
    query = select(
        RepoRow.release_id,
        RepoRow.hub,
        RepoRow.hub_id,
        RepoRow.name,
        RepoRow.url,
        RepoRow.created_at,
        RepoRow.first_seen_at,
        RepoRow.published_after,
        RepoRow.published_before,
        RepoRow.state,
        RepoRow.licence,
        RepoRow.gated,
        RepoRow.parameters,
    ).order_by(RepoRow.first_seen_at, RepoRow.created_at, RepoRow.id)
    keys = list(organizations)
    if keys:
        query = query.where(RepoRow.organization.in_(keys))
    by_release: dict[int, list[AnyRow]] = defaultdict(list)
    for row in tx.execute(query):
        by_release[row.release_id].append(row)
    return by_release


def _of(query: AnySelect, column: Any, filters: Filters) -> AnySelect:
    return query.where(column.in_(filters.organizations)) if filters.organizations else query


def _is_wanted(release: AnyRow, repos: list[AnyRow], filters: Filters) -> bool:
    return (
        _within(
            release.released_at or (None if filters.since or filters.until else release.first_seen_at),
            filters,
        )
        and (filters.hub is None or any(repo.hub == filters.hub for repo in repos))
        and _contains(filters.search, [release.name, *(repo.name for repo in repos)])
    )


def _within(moment: datetime | None, filters: Filters) -> bool:
    if moment is None:
        return False
    return (filters.since is None or moment >= filters.since) and (
        filters.until is None or moment <= filters.until
    )


def _contains(search: str | None, texts: Iterable[str]) -> bool:
    return search is None or any(search.casefold() in text.casefold() for text in texts)


def _release(row: AnyRow, repos: list[AnyRow], country: str | None) -> JsonRow:
    return {
        "id": row.id,
        "organization": row.organization,
        "country": country,
        "name": row.name,
        "kind": row.kind,
        "released_at": row.released_at,
        "basis": row.basis,
        "first_seen_at": row.first_seen_at,
        "hubs": list(dict.fromkeys(repo.hub for repo in repos)),
        "weights": "yes",  # a repository counts as it stands; whether weights are there is not looked at yet
        "parameters": max((_parameters(repo) for repo in repos), default=0) or None,
        "licence": ", ".join(dict.fromkeys(repo.licence for repo in repos if repo.licence)) or None,
        "gated": next((repo.gated for repo in repos if repo.gated), None),
        "url": repos[0].url if repos else None,
        "repos": [_repo(repo) for repo in repos],
    }


def _parameters(repo: AnyRow) -> int:
    """Return how many parameters the weights' header states, else the name; 0 where neither does."""
    return int(repo.parameters or 0) or size_in_name(repo.name.rpartition("/")[2]) or 0


def _repo(row: AnyRow) -> JsonRow:
    return {
        "hub": row.hub,
        "id": row.name,
        "hub_id": row.hub_id,
        "url": row.url,
        "created_at": row.created_at,
        "first_seen_at": row.first_seen_at,
        "published_between": [row.published_after, row.published_before] if row.published_after else None,
        "state": row.state,
    }


def _alert(row: AlertRow, notifications: list[JsonRow]) -> JsonRow:
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
        "notifications": notifications,
    }


def _notification(row: NotificationRow) -> JsonRow:
    return {
        "receiver": row.receiver,
        "state": NotificationState.WAITING if row.state == NotificationState.SENDING else row.state,
        "attempts": row.attempts,
        "sent_at": row.sent_at,
        "error": row.error,
    }
