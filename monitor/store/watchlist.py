"""Keep the organisations and accounts of the configuration, and lease the accounts that are due."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from monitor.core.types import Account, Newcomer, Organization
from monitor.store import Transaction
from monitor.store.blindness import end_blind_spot, was_missed
from monitor.store.engine import Alone, alone
from monitor.store.handover import hand_over
from monitor.store.limits import pause_of
from monitor.store.tables import AccountRow, HubRow, OrganizationRow, RepoRow

_ACCOUNT = AccountRow.__table__

# How long an account stays with the worker that claimed it.
LEASE = timedelta(seconds=60)

# Leases are renewed long before.
_LONGEST_LEASE = timedelta(hours=1)

# An account that is not watched for longer begins anew.
MOMENT = timedelta(days=1)

# How many accounts are claimed at once because something was seen elsewhere, whether their turn has come or not.
HINTED = 8


@dataclass(frozen=True, slots=True)
class Claim:
    """An account that is ours to poll until the lease runs out.

    `validator` is that of its last listing, where the same one again would change nothing. `hinted_at` is when
    something that it lacked was seen elsewhere. `is_in_sight` means that it was seen when it was last due, `is_new`
    that it was never listed, `is_first` that nothing is known of its whole organisation, `is_by_hand` that a person
    or cron asked for it.
    """

    id: int
    account: Account
    listed_as: str
    token: str
    failures: int
    validator: str | None = None
    hinted_at: datetime | None = None
    is_in_sight: bool = False
    is_new: bool = False
    is_first: bool = False
    is_by_hand: bool = False


def watch(tx: Transaction, organizations: Sequence[Organization], now: datetime) -> None:
    """Make the store watch just these organisations and accounts; what is no longer watched keeps its history."""
    alone(tx.connection(), Alone.WATCHING)
    # First all organisations, then all accounts: a poll locks its own in this order too, so that nobody waits for us
    # while we wait for him. Meanwhile nothing is polled, and an account that changes hands is nobody's.
    stored = select(OrganizationRow).order_by(OrganizationRow.key).with_for_update()
    wanted = {organization.key: organization for organization in organizations}
    rows = {row.key: row for row in tx.scalars(stored)}
    for row in rows.values():
        row.watched = row.key in wanted
    for organization in organizations:
        row = rows.get(organization.key) or _add_organization(tx, organization)
        if (row.name, row.country) != (organization.name, organization.country):
            row.name, row.country, row.cards = organization.name, organization.country, 0
        row.groups = list(organization.groups)
    tx.flush()
    _watch_accounts(tx, [account for o in organizations for account in o.accounts], now)


def _add_organization(tx: Transaction, organization: Organization) -> OrganizationRow:
    row = OrganizationRow(key=organization.key, name=organization.name, groups=[], watched=True)
    tx.add(row)
    return row


def _watch_accounts(tx: Transaction, accounts: Sequence[Account], now: datetime) -> None:
    stored = select(AccountRow).order_by(AccountRow.id).with_for_update()
    rows = {(row.hub, row.name): row for row in tx.scalars(stored)}
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
    row.watched, row.unwatched_at, row.validator, row.next_poll_at = True, None, None, now


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


def claim_due(
    tx: Transaction, organizations: Iterable[str], now: datetime, most: Mapping[str, int]
) -> tuple[Claim, ...]:
    """Lease the accounts of these organisations that are due, at most so many on each hub; hinted ones first.

    Hubs that asked for a pause are left alone. A worker with another configuration may watch other organisations:
    those are its to poll.
    """
    ours = frozenset(organizations)
    is_hinted = AccountRow.hinted_at.is_not(None)
    # What was seen in the future was seen by a wrong clock, and is due.
    is_due = or_(AccountRow.next_poll_at <= now, AccountRow.listed_at > now)
    # Most of the time nothing is due.
    query = select(AccountRow.hub).where(AccountRow.watched, or_(is_hinted, is_due)).distinct()
    waiting = set(tx.scalars(query))
    claims: list[Claim] = []
    for hub, number in most.items():
        if hub not in waiting:
            continue
        on_hub = AccountRow.hub == hub
        claims += _claim(tx, [on_hub, is_hinted], now, HINTED, ours=ours)
        if number > 0:
            claims += _claim(tx, [on_hub, is_due], now, number, ours=ours)
    return tuple(claims)


def hint(tx: Transaction, hub: str, newcomers: Sequence[Newcomer], now: datetime) -> tuple[str, ...]:
    """Have the watched accounts listed at once that made something which we do not know; return its ids.

    An account whose baseline is not there yet is left to it.
    """
    owners = {one.name.partition("/")[0] for one in newcomers}
    shown_as = func.coalesce(AccountRow.listed_as, AccountRow.name)
    query = select(AccountRow).where(
        AccountRow.watched, AccountRow.hub == hub, AccountRow.listed_at.is_not(None), shown_as.in_(owners)
    )
    watched = {row.listed_as or row.name: row for row in tx.scalars(query)}
    ours = {one.hub_id: one for one in newcomers if one.name.partition("/")[0] in watched}
    known = tx.scalars(select(RepoRow.hub_id).where(RepoRow.hub == hub, RepoRow.hub_id.in_(list(ours))))
    unknown = ours.keys() - set(known)
    for hub_id in unknown:
        watched[ours[hub_id].name.partition("/")[0]].hinted_at = now
    return tuple(unknown)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which accounts a person asked for: of these organisations, on this hub; empty and None mean all."""

    organizations: tuple[str, ...] = ()
    hub: str | None = None


def claim_selected(
    tx: Transaction, selection: Selection, after: int, now: datetime, most: int
) -> tuple[Claim, ...]:
    """Lease accounts of a selection, due or not, in the order of their ids from `after` on, on hubs without a pause."""
    claims = _claim(tx, [*_conditions(selection), AccountRow.id > after], now, most, AccountRow.id)
    return tuple(replace(claim, is_by_hand=True) for claim in claims)


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
    tx: Transaction,
    conditions: list[ColumnElement[bool]],
    now: datetime,
    most: int,
    order: ColumnElement[Any] | InstrumentedAttribute[Any] = AccountRow.next_poll_at,
    *,
    ours: frozenset[str] | None = None,
) -> tuple[Claim, ...]:
    pauses = {row.name: until for row in tx.scalars(select(HubRow)) if (until := pause_of(row, now))}
    paused = [hub for hub, until in pauses.items() if until > now]
    query = _free(now).where(_ACCOUNT.c.hub.not_in(paused), *conditions)
    query = query.order_by(order, _ACCOUNT.c.id).limit(most)
    rows = tx.execute(query).all()
    if ours is not None and any(row.organization not in ours for row in rows):
        # Thousands of keys make a slow question: it is asked where it makes a difference.
        rows = tx.execute(query.where(_ACCOUNT.c.organization.in_(ours))).all()
    known = _known(tx, {row.organization for row in rows if row.listed_at is None})
    claims = tuple(_taken(row, pauses.get(row.hub), now, known) for row in rows)
    if claims:
        lease = (
            update(AccountRow)
            .where(AccountRow.id == bindparam("row"))
            .values(lease_until=now + LEASE, lease_token=bindparam("token"))
        )
        tx.connection().execute(lease, [{"row": claim.id, "token": claim.token} for claim in claims])
    return claims


def _free(now: datetime) -> Select[Any]:
    """Return the question after the accounts that nobody has leased, which locks those that it finds."""
    until = _ACCOUNT.c.lease_until
    by_a_wrong_clock = until > now + _LONGEST_LEASE
    is_free = or_(until.is_(None), until <= now, by_a_wrong_clock)
    return select(_ACCOUNT).where(_ACCOUNT.c.watched, is_free).with_for_update(skip_locked=True)


def _known(tx: Transaction, organizations: Collection[str]) -> frozenset[str]:
    """Return those of some organisations of which a repository was ever seen."""
    if not organizations:
        return frozenset()
    has_repos = select(RepoRow.id).where(RepoRow.organization == OrganizationRow.key).exists()
    keys = select(OrganizationRow.key).where(OrganizationRow.key.in_(organizations), has_repos)
    return frozenset(tx.scalars(keys))


def _taken(row: Row[Any], paused_until: datetime | None, now: datetime, known: frozenset[str]) -> Claim:
    return Claim(
        id=row.id,
        account=Account(row.organization, row.hub, row.name),
        listed_as=row.listed_as or row.name,
        token=str(uuid4()),
        failures=row.failures,
        validator=row.validator,
        hinted_at=row.hinted_at,
        is_in_sight=row.blind_since is None
        and row.listed_at is not None
        and not was_missed(row.listed_at, row.next_poll_at, paused_until, now),
        is_new=row.listed_at is None,
        is_first=row.listed_at is None and row.organization not in known,
    )
