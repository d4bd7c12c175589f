"""Read and write the repositories and releases of an organisation, many rows at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from monitor.core.types import WITNESSES, KnownRepo, Release
from monitor.store import Transaction
from monitor.store.rows import known_repo, repo_columns
from monitor.store.tables import AccountRow, AlertRow, ReleaseRow, RepoRow

Key = tuple[str, str]  # hub and hub id

_AT_ONCE = 5000  # ids in one query

_REPO = RepoRow.__table__
_RELEASE = ReleaseRow.__table__
_ACCOUNT = AccountRow.__table__

# Every poll that brings something new asks these: building a statement takes longer than answering it.
_OF_ORGANIZATION = select(_REPO).where(_REPO.c.organization == bindparam("key"))
_NEW_RELEASES = (
    select(_RELEASE.c.id)
    .where(_RELEASE.c.organization == bindparam("key"), _RELEASE.c.id > bindparam("after"))
    .order_by(_RELEASE.c.id)
)
_BY_ID = select(_REPO).where(
    _REPO.c.hub == bindparam("hub"), _REPO.c.hub_id.in_(bindparam("hub_ids", expanding=True))
)
_OWNER = select(_ACCOUNT.c.organization).where(
    _ACCOUNT.c.hub == bindparam("hub"), _ACCOUNT.c.name == bindparam("account")
)
# Found by the organisation, which has an index; by the account alone all of a hub would be read.
_OF_ACCOUNT = select(_REPO).where(
    _REPO.c.organization == _OWNER.scalar_subquery(), _REPO.c.account == bindparam("account")
)
_INSERT_REPO, _INSERT_RELEASE = insert(RepoRow), insert(ReleaseRow)


def known_repos(tx: Transaction, organization: str) -> tuple[KnownRepo, ...]:
    """Return every repository that was ever seen of an organisation."""
    return tuple(known_repo(row) for row in tx.execute(_OF_ORGANIZATION, {"key": organization}))


def account_repos(tx: Transaction, hub: str, account: str) -> dict[str, KnownRepo]:
    """Return every repository that was ever seen of an account, by hub id."""
    rows = tx.execute(_OF_ACCOUNT, {"hub": hub, "account": account})
    return {row.hub_id: known_repo(row) for row in rows if row.hub == hub}


def hub_repos(tx: Transaction, hub: str, hub_ids: Sequence[str]) -> dict[str, KnownRepo]:
    """Return those of some repositories of a hub that were ever seen, in whatever account, by hub id."""
    found: dict[str, KnownRepo] = {}
    for begin in range(0, len(hub_ids), _AT_ONCE):
        ids = hub_ids[begin : begin + _AT_ONCE]
        rows = tx.execute(_BY_ID, {"hub": hub, "hub_ids": ids})
        found |= {row.hub_id: known_repo(row) for row in rows}
    return found


def write_repos(
    tx: Transaction,
    key: str,
    known: Iterable[KnownRepo],
    repos: Iterable[KnownRepo],
    releases: Sequence[Release] | None,
) -> None:
    """Write repositories that are new or changed, and the releases anew where they were grouped anew.

    `known` are all of the organisation's that are stored, as they are stored.
    """
    stored = {one.key: one.release_id for one in known}
    in_release, emptied = (stored, []) if releases is None else _write_releases(tx, key, releases, stored)
    changed = {one.key: one for one in repos}
    _insert(tx, key, [one for one in changed.values() if one.key not in stored], in_release)
    _update(tx, changed, stored, in_release)
    _have_read(tx, key, [k for k, release_id in stored.items() if release_id is None and in_release.get(k)])
    _merge_away(tx, emptied)


def _insert(
    tx: Transaction, key: str, repos: Sequence[KnownRepo], in_release: Mapping[Key, int | None]
) -> None:
    if not repos:
        return
    rows = [repo_columns(known) for known in repos]
    for known, row in zip(repos, rows, strict=True):
        row["organization"], row["release_id"] = key, in_release.get(known.key)
    # What no row says need not be sent for each.
    unsaid = [name for name in rows[0] if all(row[name] is None for row in rows)]
    for row in rows:
        for name in unsaid:
            del row[name]
    tx.connection().execute(_INSERT_REPO, rows)


def _update(
    tx: Transaction,
    changed: Mapping[Key, KnownRepo],
    stored: Mapping[Key, int | None],
    in_release: Mapping[Key, int | None],
) -> None:
    """Write what changed about stored repositories; of the others only in which release they are now."""
    whole, moved = [], []
    for repo_key, release_id in stored.items():
        # None for what the organisation's globs keep out, and for a witness of nothing.
        now = in_release.get(repo_key)
        place = {"on_hub": repo_key[0], "with_id": repo_key[1], "release_id": now}
        if known := changed.get(repo_key):
            whole.append({**repo_columns(known), **place})
        elif now != release_id:
            moved.append(place)
    for rows in (whole, moved):
        if rows:
            names = rows[0].keys() - {"on_hub", "with_id"}
            columns: dict[str, Any] = {name: bindparam(name) for name in names}
            is_it = (RepoRow.hub == bindparam("on_hub")) & (RepoRow.hub_id == bindparam("with_id"))
            tx.connection().execute(update(RepoRow).where(is_it).values(columns), rows)


def _have_read(tx: Transaction, key: str, joined: Iterable[Key]) -> None:
    """Have witnesses that joined a release looked into: their accounts are read anew, whether they changed or not."""
    hubs = {hub for hub, _ in joined} & WITNESSES
    if hubs:
        accounts = update(AccountRow).where(AccountRow.organization == key, AccountRow.hub.in_(hubs))
        tx.execute(accounts.values(validator=None))


def _write_releases(
    tx: Transaction, key: str, releases: Sequence[Release], stored: Mapping[Key, int | None]
) -> tuple[dict[Key, int | None], list[int]]:
    """Write releases; return in which one each repository is, and the ids of those that are left without any."""
    query = select(_RELEASE).where(_RELEASE.c.organization == key)
    rows = {row.id: row for row in tx.execute(query)} if stored else {}
    new = [release for release in releases if release.id not in rows]
    ids = iter(_insert_releases(tx, key, new, after=max(rows, default=0)))
    in_release: dict[Key, int | None] = {}
    updates = []
    for release in releases:
        row = rows.pop(release.id, None) if release.id is not None else None
        release_id = next(ids) if row is None else row.id
        columns = _release_columns(release)
        if row is not None and any(row._mapping[name] != value for name, value in columns.items()):
            updates.append({**columns, "row": row.id})
        for known in release.repos:
            in_release[known.key] = release_id
    if updates:
        values: dict[str, Any] = {name: bindparam(name) for name in updates[0] if name != "row"}
        statement = update(ReleaseRow).where(ReleaseRow.id == bindparam("row")).values(values)
        tx.connection().execute(statement, updates)
    return in_release, list(rows)


def _insert_releases(tx: Transaction, key: str, releases: Sequence[Release], after: int) -> list[int]:
    """Insert releases and return their ids, which grow in this order: nobody else adds to this organisation now."""
    if not releases:
        return []
    rows = [{**_release_columns(release), "organization": key} for release in releases]
    tx.connection().execute(_INSERT_RELEASE, rows)
    return list(tx.scalars(_NEW_RELEASES, {"key": key, "after": after}))


def _release_columns(release: Release) -> dict[str, Any]:
    return {
        "name": release.name,
        "kind": release.kind,
        "basis": release.basis.value,
        "released_at": release.released_at,
        "first_seen_at": release.first_seen_at,
        "weights": release.weights.value,
    }


def _merge_away(tx: Transaction, release_ids: list[int]) -> None:
    """Remove releases whose repositories all joined others; their alerts stay."""
    if release_ids:
        tx.execute(update(AlertRow).where(AlertRow.release_id.in_(release_ids)).values(release_id=None))
        tx.execute(delete(ReleaseRow).where(ReleaseRow.id.in_(release_ids)))
