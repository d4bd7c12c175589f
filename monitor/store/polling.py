"""What one poll reads and writes: the history of an organisation, and the decision about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, delete, select, update

from monitor.core.decide import Decision
from monitor.core.history import Gathering, History, Rules
from monitor.core.telling import AlertKind, NotificationState
from monitor.core.types import WITNESSES, Account, KnownRepo, Listing, Organization
from monitor.store import Transaction
from monitor.store.alerts import amend, raise_alerts
from monitor.store.blindness import end_blindness, unseen_since
from monitor.store.repos import known_repos, write_repos
from monitor.store.tables import (
    AccountRow,
    AlertRow,
    ChangeRow,
    NotificationRow,
    OrganizationRow,
    RepoRow,
    SetAsideRow,
)
from monitor.store.watchlist import Claim

_ORGANIZATION = OrganizationRow.__table__
_ACCOUNT = AccountRow.__table__
_REPO = RepoRow.__table__

# What every poll that brings something new asks: building a statement takes longer than answering it.
_LOCK = select(_ORGANIZATION.c.key).where(_ORGANIZATION.c.key == bindparam("key")).with_for_update()
_ACCOUNTS = select(_ACCOUNT.c.id, _ACCOUNT.c.hub, _ACCOUNT.c.name, _ACCOUNT.c.listed_at).where(
    _ACCOUNT.c.organization == bindparam("key")
)
_STORED = select(_REPO.c.hub_id).where(
    _REPO.c.hub == bindparam("hub"), _REPO.c.hub_id.in_(bindparam("hub_ids", expanding=True))
)
_IS_OF = OrganizationRow.key == bindparam("of")
_NOTE_LAUNCH = update(OrganizationRow).where(_IS_OF).values(unjudged=True)
_BEGIN_WATCHING = (
    update(OrganizationRow)
    .where(_IS_OF)
    .values(cadence=None, judged_until=bindparam("yesterday"), unjudged=True)
)


_SAME = (
    update(AccountRow)
    .where(AccountRow.id == bindparam("row"), AccountRow.lease_token == bindparam("token"))
    .values(
        listed_at=bindparam("seen_at"),
        next_poll_at=bindparam("next_at"),
        hinted_at=case((AccountRow.hinted_at == bindparam("hint"), None), else_=AccountRow.hinted_at),
        lease_until=None,
        lease_token=None,
    )
)


def lock(tx: Transaction, organization: str) -> None:
    """Take the organisation's row lock: the polls of its accounts decide one after another."""
    tx.execute(_LOCK, {"key": organization}).one()


def holds(tx: Transaction, claim: Claim) -> bool:
    """Tell whether the claim is still ours, and is until this is written.

    A worker that was paused beyond its lease must not write.
    """
    row = tx.get_one(AccountRow, claim.id, with_for_update=True)
    tx.info[AccountRow] = row  # a session forgets what nobody refers to, and would read it again
    return row.lease_token == claim.token


def renew(tx: Transaction, claim: Claim, until: datetime) -> None:
    """Hold an account longer, for a poll that has more to ask."""
    row = tx.get_one(AccountRow, claim.id)
    if row.lease_token == claim.token:
        row.lease_until = until


def load_history(tx: Transaction, organization: Organization, listing: Listing, now: datetime) -> History:
    """Return what was known of the organisation when this listing of one of its accounts arrived."""
    key = organization.key
    rows = {Account(key, row.hub, row.name): row for row in tx.execute(_ACCOUNTS, {"key": key})}
    repos = known_repos(tx, key)
    row = tx.get_one(AccountRow, rows[listing.account].id)
    return History(
        organization=organization,
        account=listing.account,
        repos=repos,
        listed_at={account: row.listed_at for account, row in rows.items() if row.listed_at},
        asked_since=None if row.listed_at else row.blind_since,
        unseen_since=unseen_since(tx, row, listing.seen_at),
        elsewhere=_elsewhere(tx, repos, listing),
        gathering=_gathering(tx, key, now) if repos else {},
        announced=_announced(tx, key) if repos else {},
    )


def _elsewhere(tx: Transaction, repos: Iterable[KnownRepo], listing: Listing) -> frozenset[str]:
    """Return the listed ids that belong to another organisation: a repository is logged under one only."""
    hub = listing.account.hub
    ours = {known.repo.hub_id for known in repos if known.hub == hub}
    ids = [repo.hub_id for repo in listing.repos if repo.hub_id not in ours]
    if not ids:
        return frozenset()
    return frozenset(tx.scalars(_STORED, {"hub": hub, "hub_ids": ids}))


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
        row.release_id: Gathering(row.key, tuple((hub, hub_id) for hub, hub_id in row.subjects))
        for row in rows
        if row.release_id is not None and row.id not in being_sent
    }


def _announced(tx: Transaction, key: str) -> dict[int, Gathering]:
    """Return the first alert of each release that was told."""
    query = (
        select(AlertRow.release_id, AlertRow.key, AlertRow.subjects)
        .where(AlertRow.organization == key, AlertRow.kind == AlertKind.RELEASE.value)
        .order_by(AlertRow.id.desc())
    )
    return {
        release_id: Gathering(alert_key, tuple((hub, hub_id) for hub, hub_id in subjects))
        for release_id, alert_key, subjects in tx.execute(query)
        if release_id is not None
    }


def record_decision(
    tx: Transaction,
    claim: Claim,
    listing: Listing,
    decision: Decision,
    rules: Rules,
    *,
    validator: str | None,
    known: Iterable[KnownRepo],
) -> None:
    """Write everything that a poll decided, and the health of its account, in the caller's one transaction.

    `validator` is kept where the same listing again would change nothing. `known` are the repositories as stored.
    A listing that is doubted does not count as one: the account was not seen.
    """
    key = claim.account.organization
    if decision.repos or decision.releases is not None:
        write_repos(tx, key, known, decision.repos, decision.releases)
    tx.add_all(
        ChangeRow(
            organization=key,
            hub=change.hub,
            hub_id=change.hub_id,
            repo=change.repo,
            kind=change.kind.value,
            before=change.before,
            after=change.after,
            detail=change.detail,
            seen_at=change.seen_at,
        )
        for change in decision.changes
    )
    amend(tx, decision.amended)
    raise_alerts(tx, decision.alerts, rules)
    row = tx.get_one(AccountRow, claim.id)
    row.validator = validator if decision.is_settled else None
    if decision.launched:
        tx.connection().execute(_NOTE_LAUNCH, {"of": key})
    if not decision.doubt:
        _take_hint(row, claim)
        _write_seen(tx, row, listing, decision)


@dataclass(frozen=True, slots=True)
class Same:
    """An account that was seen as it was before, and when it is due again."""

    claim: Claim
    seen_at: datetime
    next_poll_at: datetime


def record_same(tx: Transaction, seen: Sequence[Same]) -> None:
    """Write that these accounts were seen as before, all at once, and end their leases; but for those we lost.

    Accounts that failed before, or were not asked for long, are not among them: their blind spots end one by one.
    """
    # In the order of ids, as everybody who writes several accounts: else two would wait for each other.
    rows = [
        {
            "row": one.claim.id,
            "token": one.claim.token,
            "seen_at": one.seen_at,
            "next_at": one.next_poll_at,
            "hint": one.claim.hinted_at,
        }
        for one in sorted(seen, key=lambda one: one.claim.id)
    ]
    if rows:
        tx.connection().execute(_SAME, rows)


def record_seen_again(tx: Transaction, claim: Claim, seen_at: datetime) -> None:
    """Write that an account which could not be seen, or was not asked for long, is as it was before."""
    row = tx.get_one(AccountRow, claim.id)
    end_blindness(tx, row, seen_at)
    row.listed_at = seen_at
    _take_hint(row, claim)


def _take_hint(row: AccountRow, claim: Claim) -> None:
    """Let a hint be done with, unless it came since the claim: it speaks of what this listing may lack."""
    if row.hinted_at == claim.hinted_at:
        row.hinted_at = None


def _write_seen(tx: Transaction, row: AccountRow, listing: Listing, decision: Decision) -> None:
    end_blindness(tx, row, listing.seen_at)
    if decision.is_baseline:
        _begin_watching(tx, row, listing)
    row.listed_at, row.repos_listed = listing.seen_at, len(listing.repos)
    row.listed_as = listing.listed_as if listing.listed_as != row.name else None
    row.published_at = _newest(row, listing, decision)
    _set_aside(tx, row, listing)


def _begin_watching(tx: Transaction, row: AccountRow, listing: Listing) -> None:
    """Let the cadence be lived through anew, silently up to yesterday: a baseline rewrites the past."""
    if row.hub in WITNESSES:
        return
    yesterday = listing.seen_at.date() - timedelta(days=1)
    tx.connection().execute(_BEGIN_WATCHING, {"of": row.organization, "yesterday": yesterday})


def _newest(row: AccountRow, listing: Listing, decision: Decision) -> datetime | None:
    """Return when the account last published something, as far as sweeping it more often depends on it."""
    if decision.launched:
        return listing.seen_at
    if not decision.is_baseline:
        return row.published_at
    return max((repo.created_at for repo in listing.repos if repo.created_at), default=None)


def give_back(tx: Transaction, claim: Claim, next_poll_at: datetime) -> None:
    """End the lease of an account and say when it is due again."""
    row = tx.get_one(AccountRow, claim.id)
    row.lease_until, row.lease_token = None, None
    row.next_poll_at = next_poll_at


def _set_aside(tx: Transaction, row: AccountRow, listing: Listing) -> None:
    if row.rows_set_aside or listing.set_aside:
        tx.execute(delete(SetAsideRow).where(SetAsideRow.account_id == row.id))
    row.rows_set_aside = len(listing.set_aside)
    tx.add_all(
        SetAsideRow(account_id=row.id, seen_at=listing.seen_at, reason=bad.reason, raw=bad.raw)
        for bad in listing.set_aside
    )
