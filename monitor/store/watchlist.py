"""Keep the organisations and accounts of the configuration, and lease the accounts that are due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, func, or_, select

from monitor.core.types import Account, Organization, Quota
from monitor.store import Transaction
from monitor.store.engine import Alone, alone
from monitor.store.handover import hand_over
from monitor.store.tables import AccountRow, BlindSpotRow, HubRow, OrganizationRow

# How long an account stays with the worker that claimed it.
LEASE = timedelta(seconds=60)

# An account that is not watched for longer begins anew.
MOMENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """An account that is ours to poll until the lease runs out."""

    id: int
    account: Account
    listed_as: str
    token: str
    failures: int


def watch(tx: Transaction, organizations: Sequence[Organization], now: datetime) -> None:
    """Make the store watch just these organisations and accounts; what is no longer watched keeps its history."""
    alone(tx.connection(), Alone.WATCHING)
    wanted = {organization.key: organization for organization in organizations}
    rows = {row.key: row for row in tx.scalars(select(OrganizationRow))}
    for row in rows.values():
        row.watched = row.key in wanted
    for organization in organizations:
        row = rows.get(organization.key) or _add_organization(tx, organization)
        row.name = organization.name
        row.country = organization.country
        row.groups = list(organization.groups)
    tx.flush()
    _watch_accounts(tx, [account for o in organizations for account in o.accounts], now)


def _add_organization(tx: Transaction, organization: Organization) -> OrganizationRow:
    row = OrganizationRow(key=organization.key, name=organization.name, groups=[], watched=True)
    tx.add(row)
    return row


def _watch_accounts(tx: Transaction, accounts: Sequence[Account], now: datetime) -> None:
    rows = {(row.hub, row.name): row for row in tx.scalars(select(AccountRow))}
    for account in accounts:
        row = rows.pop((account.hub, account.name), None) or _add_account(tx, account, now)
        if row.organization != account.organization:
            hand_over(tx, row, account.organization)
        if not row.watched:
            _watch_again(row, now)
    for row in rows.values():
        if row.watched:
            row.watched, row.unwatched_at = False, now
            row.failures, row.trouble, row.last_error = 0, None, None
            end_blind_spot(tx, row, now)


def _watch_again(row: AccountRow, now: datetime) -> None:
    """Take an account up again: with a baseline, unless it was gone for a moment, as when a file is edited."""
    if row.unwatched_at is None or now - row.unwatched_at > MOMENT:
        row.listed_at = None
    row.watched, row.unwatched_at, row.listing_digest, row.next_poll_at = True, None, None, now


def end_blind_spot(tx: Transaction, row: AccountRow, now: datetime) -> None:
    """Note that an account is out of sight no longer: it was seen, or nobody looks for it any more."""
    row.blind_since = None
    spots = select(BlindSpotRow).where(BlindSpotRow.account_id == row.id, BlindSpotRow.ended_at.is_(None))
    for spot in tx.scalars(spots):
        spot.ended_at = now


def _add_account(tx: Transaction, account: Account, now: datetime) -> AccountRow:
    row = AccountRow(
        organization=account.organization,
        hub=account.hub,
        name=account.name,
        watched=True,
        next_poll_at=now,
        rows_set_aside=0,
        failures=0,
    )
    tx.add(row)
    return row


def claim_due(tx: Transaction, organizations: Iterable[str], now: datetime, most: int) -> tuple[Claim, ...]:
    """Lease the accounts of these organisations that are due, on hubs that asked for no pause; at most `most`.

    A worker with another configuration may watch others: those are its to poll.
    """
    ours = AccountRow.organization.in_(list(organizations))
    return _claim(tx, [AccountRow.next_poll_at <= now, ours], now, most)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which accounts a person asked for: of these organisations, on this hub; empty and None mean all."""

    organizations: tuple[str, ...] = ()
    hub: str | None = None


def claim_selected(
    tx: Transaction, selection: Selection, done: Iterable[int], now: datetime, most: int
) -> tuple[Claim, ...]:
    """Lease accounts of a selection, due or not, but for those that are done, on hubs that asked for no pause."""
    return _claim(tx, [*_conditions(selection), AccountRow.id.not_in(list(done))], now, most)


def selected(tx: Transaction, selection: Selection) -> dict[int, Account]:
    """Return the watched accounts of a selection by their ids."""
    rows = tx.scalars(select(AccountRow).where(AccountRow.watched, *_conditions(selection)))
    return {row.id: Account(row.organization, row.hub, row.name) for row in rows}


def _conditions(selection: Selection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if selection.organizations:
        conditions.append(AccountRow.organization.in_(selection.organizations))
    if selection.hub:
        conditions.append(AccountRow.hub == selection.hub)
    return conditions


def _claim(
    tx: Transaction, conditions: list[ColumnElement[bool]], now: datetime, most: int
) -> tuple[Claim, ...]:
    paused = select(HubRow.name).where(HubRow.paused_until > now)
    query = (
        select(AccountRow)
        .where(
            AccountRow.watched,
            AccountRow.hub.not_in(paused),
            or_(AccountRow.lease_until.is_(None), AccountRow.lease_until <= now),
            *conditions,
        )
        .order_by(AccountRow.next_poll_at, AccountRow.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return tuple(_lease(row, now) for row in tx.scalars(query).all())


def _lease(row: AccountRow, now: datetime) -> Claim:
    row.lease_until = now + LEASE
    row.lease_token = str(uuid4())
    account = Account(row.organization, row.hub, row.name)
    return Claim(row.id, account, row.listed_as or row.name, row.lease_token, row.failures)


@dataclass(frozen=True, slots=True)
class HubLimits:
    """What a hub told about its limits, and how many of its accounts are watched."""

    paused_until: datetime | None
    quota: Quota | None
    accounts: int


def hub_limits(tx: Transaction, hub: str) -> HubLimits:
    """Return what is remembered of a hub."""
    row = tx.get(HubRow, hub)
    accounts = tx.scalar(
        select(func.count()).select_from(AccountRow).where(AccountRow.watched, AccountRow.hub == hub)
    )
    quota = None
    if row and row.quota and row.window_seconds:
        quota = Quota(row.quota, timedelta(seconds=row.window_seconds))
    return HubLimits(row.paused_until if row else None, quota, accounts or 0)


def note_hub(tx: Transaction, hub: str, paused_until: datetime | None, quota: Quota | None) -> None:
    """Remember what a hub told about its limits, so that a pause outlives a restart.

    The latest pause that any worker was asked for holds.
    """
    alone(tx.connection(), Alone.NOTING_LIMITS)
    row = tx.get(HubRow, hub)
    if row is None:
        row = HubRow(name=hub)
        tx.add(row)
    row.paused_until = max(filter(None, (paused_until, row.paused_until)), default=None)
    if quota is not None:
        row.quota, row.window_seconds = quota.requests, int(quota.window.total_seconds())
