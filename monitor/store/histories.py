"""Read what was known of organisations when listings of their accounts arrived."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, select

from monitor.core.history import Gathering, History
from monitor.core.telling import AlertKind, NotificationState
from monitor.core.types import Account, KnownRepo, Listing, Organization
from monitor.store import Transaction
from monitor.store.blindness import unseen_since
from monitor.store.bulk import as_texts, is_among
from monitor.store.corrections import corrections_of
from monitor.store.repos import known_repos_of
from monitor.store.tables import AccountRow, AlertRow, NotificationRow, RepoRow

_ACCOUNT = AccountRow.__table__
_REPO = RepoRow.__table__

# What every poll that brings something new asks: building a statement takes longer than answering it.
_ACCOUNTS = select(
    _ACCOUNT.c.id, _ACCOUNT.c.organization, _ACCOUNT.c.hub, _ACCOUNT.c.name, _ACCOUNT.c.listed_at
).where(is_among(_ACCOUNT.c.organization, "keys"))
_STORED = select(_REPO.c.hub_id).where(_REPO.c.hub == bindparam("hub"), is_among(_REPO.c.hub_id, "hub_ids"))


def load_histories(
    tx: Transaction, polled: Sequence[tuple[Organization, Listing]], now: datetime
) -> list[History]:
    """Return what was known of each organisation when a listing of one of its accounts arrived."""
    keys = [organization.key for organization, _ in polled]
    known = known_repos_of(tx, keys)
    accounts: dict[str, dict[Account, RowMapping]] = {key: {} for key in keys}
    for row in tx.execute(_ACCOUNTS, {"keys": as_texts(keys)}).mappings():
        account = Account(row["organization"], row["hub"], row["name"])
        accounts[account.organization][account] = row
    elsewhere = _elsewhere(tx, known, polled)
    return [
        _history(
            tx,
            organization,
            listing,
            known[organization.key],
            accounts=accounts[organization.key],
            elsewhere=elsewhere,
            now=now,
        )
        for organization, listing in polled
    ]


def _history(
    tx: Transaction,
    organization: Organization,
    listing: Listing,
    repos: tuple[KnownRepo, ...],
    *,
    accounts: Mapping[Account, RowMapping],
    elsewhere: frozenset[tuple[str, str]],
    now: datetime,
) -> History:
    row = tx.get_one(AccountRow, accounts[listing.account]["id"])
    hub = listing.account.hub
    return History(
        organization=organization,
        account=listing.account,
        repos=repos,
        corrections=corrections_of(tx, organization.key) if repos else (),
        listed_at={account: row["listed_at"] for account, row in accounts.items() if row["listed_at"]},
        asked_since=None if row.listed_at else row.blind_since,
        unseen_since=unseen_since(tx, row, listing.seen_at),
        elsewhere=frozenset(r.hub_id for r in listing.repos if elsewhere and (hub, r.hub_id) in elsewhere),
        gathering=_gathering(tx, organization.key, now) if repos else {},
        announced=_announced(tx, organization.key) if repos else {},
    )


def _elsewhere(
    tx: Transaction,
    known: Mapping[str, tuple[KnownRepo, ...]],
    polled: Sequence[tuple[Organization, Listing]],
) -> frozenset[tuple[str, str]]:
    """Return the listed repositories that belong to other organisations: each is logged under one only."""
    asked: dict[str, list[str]] = defaultdict(list)
    for organization, listing in polled:
        ours = {one.repo.hub_id for one in known[organization.key] if one.hub == listing.account.hub}
        asked[listing.account.hub] += [repo.hub_id for repo in listing.repos if repo.hub_id not in ours]
    return frozenset(
        (hub, hub_id)
        for hub, ids in asked.items()
        if ids
        for hub_id in tx.scalars(_STORED, {"hub": hub, "hub_ids": as_texts(ids)})
    )


def _gathering(tx: Transaction, key: str, now: datetime) -> dict[int, Gathering]:
    """Return the launches that are not being announced yet, and hold their notifications: nobody claims them now."""
    query = select(AlertRow).where(
        AlertRow.organization == key, AlertRow.kind == AlertKind.RELEASE.value, AlertRow.due_at > now
    )
    rows = [row for row in tx.scalars(query) if row.release_id is not None]
    notifications = select(NotificationRow).where(NotificationRow.alert_id.in_([row.id for row in rows]))
    held = tx.scalars(notifications.with_for_update())
    being_sent = {n.alert_id for n in held if n.state != NotificationState.WAITING}
    return {
        row.release_id: Gathering(
            row.key, tuple((hub, hub_id) for hub, hub_id in row.subjects), row.raised_at
        )
        for row in rows
        if row.release_id is not None and row.id not in being_sent
    }


def _announced(tx: Transaction, key: str) -> dict[int, Gathering]:
    """Return the first alert of each release that was told."""
    query = (
        select(AlertRow.release_id, AlertRow.key, AlertRow.subjects, AlertRow.raised_at)
        .where(AlertRow.organization == key, AlertRow.kind == AlertKind.RELEASE.value)
        .order_by(AlertRow.id.desc())
    )
    return {
        release_id: Gathering(alert_key, tuple((hub, hub_id) for hub, hub_id in subjects), raised_at)
        for release_id, alert_key, subjects, raised_at in tx.execute(query)
        if release_id is not None
    }
