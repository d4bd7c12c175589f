"""What one poll reads and writes: the history of an organisation, and the decision about it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from monitor.core.cadence.state import CadenceState
from monitor.core.decide import Decision
from monitor.core.history import Gathering, History, Rules
from monitor.core.types import (
    Account,
    AlertKind,
    KnownRepo,
    Listing,
    NotificationState,
    Organization,
    Release,
    RepoState,
)
from monitor.errors import HubError
from monitor.store import Transaction
from monitor.store.alerts import amend, raise_alerts, resolve_cadence
from monitor.store.counting import DOWN, unseen_days
from monitor.store.rows import known_repo, repo_columns
from monitor.store.tables import (
    AccountRow,
    AlertRow,
    BlindSpotRow,
    ChangeRow,
    NotificationRow,
    OrganizationRow,
    ReleaseRow,
    RepoRow,
    SetAsideRow,
)
from monitor.store.watchlist import Claim, end_blind_spot, hub_limits

# A poll that is this late was missed because the monitor did not run.
DOWNTIME = timedelta(hours=1)


def lock(tx: Transaction, organization: str) -> None:
    """Take the organisation's row lock: the polls of its accounts decide one after another."""
    tx.execute(select(OrganizationRow.key).where(OrganizationRow.key == organization).with_for_update())


def holds(tx: Transaction, claim: Claim) -> bool:
    """Tell whether the claim is still ours; a worker that was paused beyond its lease must not write."""
    return tx.scalar(select(AccountRow.lease_token).where(AccountRow.id == claim.id)) == claim.token


def renew(tx: Transaction, claim: Claim, until: datetime) -> None:
    """Hold an account longer, for a poll that has more to ask."""
    row = tx.get_one(AccountRow, claim.id)
    if row.lease_token == claim.token:
        row.lease_until = until


def known_repos(tx: Transaction, organization: str) -> tuple[KnownRepo, ...]:
    """Return every repository that was ever seen of an organisation."""
    return tuple(known_repo(row) for row in _repo_rows(tx, organization).values())


def load_history(
    tx: Transaction, organization: Organization, listing: Listing, fleet: float, now: datetime
) -> History:
    """Return what was known of the organisation when this listing of one of its accounts arrived."""
    key = organization.key
    accounts = tx.scalars(select(AccountRow).where(AccountRow.organization == key)).all()
    watched = {Account(key, row.hub, row.name): row for row in accounts}
    row = tx.get_one(OrganizationRow, key)
    return History(
        organization=organization,
        account=listing.account,
        repos=known_repos(tx, key),
        listed_at={account: a.listed_at for account, a in watched.items() if a.listed_at},
        watched=frozenset(account for account, a in watched.items() if a.watched),
        unseen=unseen_days(tx, key, now),
        blind=frozenset(
            account for account, a in watched.items() if a.watched and a.listed_at and a.blind_since
        ),
        elsewhere=_elsewhere(tx, key, listing),
        gathering=_gathering(tx, key, now),
        cadence=CadenceState.from_json(row.cadence) if row.cadence else None,
        fleet=fleet,
    )


def _elsewhere(tx: Transaction, key: str, listing: Listing) -> frozenset[str]:
    """Return the listed ids that belong to another organisation: a repository is logged under one only."""
    ids = [repo.hub_id for repo in listing.repos]
    rows = tx.scalars(
        select(RepoRow.hub_id).where(
            RepoRow.hub == listing.account.hub, RepoRow.hub_id.in_(ids), RepoRow.organization != key
        )
    )
    return frozenset(rows)


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


def record_decision(
    tx: Transaction, claim: Claim, listing: Listing, decision: Decision, rules: Rules, now: datetime
) -> None:
    """Write everything that a poll decided, and the health of its account, in the caller's one transaction."""
    key = claim.account.organization
    _write_repos(tx, key, decision.repos)
    if decision.releases is not None:
        _write_releases(tx, key, decision.releases)
    tx.add_all(
        ChangeRow(
            organization=key,
            hub=change.hub,
            hub_id=change.hub_id,
            repo=change.repo,
            kind=change.kind.value,
            before=change.before,
            after=change.after,
            seen_at=change.seen_at,
        )
        for change in decision.changes
    )
    _write_cadence(tx, key, decision)
    amend(tx, decision.amended)
    raise_alerts(tx, decision.alerts, rules)
    if decision.open_cadence is not None:
        resolve_cadence(tx, key, decision.open_cadence, now)
    _write_seen(tx, claim, listing)


def note_digest(tx: Transaction, claim: Claim, listing_digest: str | None) -> None:
    """Remember a listing that would change nothing if it came again."""
    tx.get_one(AccountRow, claim.id).listing_digest = listing_digest


def is_known(tx: Transaction, claim: Claim, listing_digest: str) -> bool:
    """Tell whether the account's last listing was this one, and left nothing to do."""
    return tx.scalar(select(AccountRow.listing_digest).where(AccountRow.id == claim.id)) == listing_digest


def record_same(tx: Transaction, claim: Claim, listing: Listing) -> None:
    """Write that an account was seen, as it was before."""
    _write_seen(tx, claim, listing)


def _repo_rows(tx: Transaction, key: str) -> dict[tuple[str, str], RepoRow]:
    """Return the rows of an organisation's repositories by what identifies them: hub and hub id."""
    rows = tx.scalars(select(RepoRow).where(RepoRow.organization == key))
    return {(row.hub, row.hub_id): row for row in rows}


def _write_repos(tx: Transaction, key: str, repos: Iterable[KnownRepo]) -> None:
    by_key = {known.key: known for known in repos}
    if not by_key:
        return
    rows = _repo_rows(tx, key)
    for repo_key, known in by_key.items():
        row = rows.get(repo_key)
        if row is None:
            tx.add(RepoRow(organization=key, **repo_columns(known)))
            continue
        for column, value in repo_columns(known).items():
            setattr(row, column, value)
    tx.flush()


def _write_releases(tx: Transaction, key: str, releases: tuple[Release, ...]) -> None:
    rows = {row.id: row for row in tx.scalars(select(ReleaseRow).where(ReleaseRow.organization == key))}
    written = [(release, _release_row(tx, rows, key, release)) for release in releases]
    tx.flush()  # new releases have their ids from here on
    repos = _repo_rows(tx, key)
    release_ids = {known.key: row.id for release, row in written for known in release.repos}
    for repo_key, repo in repos.items():
        repo.release_id = release_ids.get(repo_key)  # None for what the organisation's globs keep out
    tx.flush()
    _merge_away(tx, list(rows))


def _release_row(tx: Transaction, rows: dict[int, ReleaseRow], key: str, release: Release) -> ReleaseRow:
    """Write one release; takes its row out of `rows`, in which those without repositories are left."""
    row = rows.pop(release.id, None) if release.id is not None else None
    if row is None:
        row = ReleaseRow(organization=key)
        tx.add(row)
    row.name, row.kind, row.basis = release.name, release.kind, release.basis.value
    row.released_at, row.first_seen_at = release.released_at, release.first_seen_at
    return row


def _merge_away(tx: Transaction, release_ids: list[int]) -> None:
    """Remove releases whose repositories all joined others; their alerts stay."""
    if not release_ids:
        return
    for row in tx.scalars(select(AlertRow).where(AlertRow.release_id.in_(release_ids))):
        row.release_id = None
    tx.flush()
    tx.execute(delete(ReleaseRow).where(ReleaseRow.id.in_(release_ids)))


def _write_cadence(tx: Transaction, key: str, decision: Decision) -> None:
    if decision.cadence is None:
        return
    row = tx.get_one(OrganizationRow, key)
    row.cadence = decision.cadence.to_json()
    row.dispersion = decision.cadence.own_phi


def _write_seen(tx: Transaction, claim: Claim, listing: Listing) -> None:
    row = tx.get_one(AccountRow, claim.id)
    _end_blindness(tx, row, listing.seen_at)
    row.listed_at, row.repos_listed = listing.seen_at, len(listing.repos)
    row.listed_as = listing.listed_as if listing.listed_as != row.name else None
    row.failures, row.trouble, row.last_error = 0, None, None
    _set_aside(tx, row, listing)


def record_failure(tx: Transaction, claim: Claim, error: HubError, now: datetime) -> None:
    """Write that an account could not be seen: its health and nothing else."""
    row = tx.get_one(AccountRow, claim.id)
    row.failures += 1
    row.trouble, row.last_error = error.trouble.value, str(error)
    row.listing_digest = None
    if row.blind_since is None:
        row.blind_since = row.listed_at or now
        if row.listed_at is not None:  # what was never seen cannot be out of sight
            tx.add(BlindSpotRow(account_id=row.id, began_at=row.blind_since, reason=str(error)))


def record_doubt(tx: Transaction, claim: Claim, repos: Iterable[KnownRepo]) -> None:
    """Remember which repositories a doubted listing lacked: a second one that agrees is believed."""
    _write_repos(tx, claim.account.organization, repos)


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


def _end_blindness(tx: Transaction, row: AccountRow, now: datetime) -> None:
    """Close the account's blind spot; where nothing failed but nobody asked for long, note one: we were down."""
    if row.blind_since is not None:
        end_blind_spot(tx, row, now)
    elif row.listed_at is not None and now - _awaited(tx, row) > DOWNTIME:
        tx.add(BlindSpotRow(account_id=row.id, began_at=row.listed_at, ended_at=now, reason=DOWN))


def _awaited(tx: Transaction, row: AccountRow) -> datetime:
    """Return when the account could be polled next: when it was due, or when its hub's pause was over."""
    paused_until = hub_limits(tx, row.hub).paused_until
    return max(row.next_poll_at, paused_until or row.next_poll_at)


def public_names(tx: Transaction, account: Account) -> dict[str, tuple[str, datetime | None]]:
    """Return name and `missing_since` of the account's public repositories by hub id, the newest first."""
    query = (
        select(RepoRow.hub_id, RepoRow.name, RepoRow.missing_since)
        .where(
            RepoRow.hub == account.hub,
            RepoRow.account == account.name,
            RepoRow.state == RepoState.PUBLIC.value,
        )
        .order_by(RepoRow.created_at.desc())
    )
    return {hub_id: (name, since) for hub_id, name, since in tx.execute(query)}


def dispersions(tx: Transaction) -> list[float]:
    """Return the dispersions of the watched organisations that have one."""
    query = select(OrganizationRow.dispersion).where(
        OrganizationRow.watched, OrganizationRow.dispersion.is_not(None)
    )
    return [value for value in tx.scalars(query) if value is not None]
