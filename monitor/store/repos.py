"""Read and write the repositories and releases of an organisation, many rows at a time."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, delete, select, tuple_, update

from monitor.core.citations import Citation
from monitor.core.telling import AlertKind
from monitor.core.types import KnownRepo, Release
from monitor.store import Transaction
from monitor.store.bulk import as_texts, insert_rows, is_among
from monitor.store.cards import Shown, postpone, write_cards
from monitor.store.rows import REPO_COLUMNS, known_repo, repo_values
from monitor.store.tables import AccountRow, AlertRow, ReleaseRow, RepoRow

Key = tuple[str, str]  # hub and hub id

_REPO = RepoRow.__table__
_RELEASE = ReleaseRow.__table__
_ACCOUNT = AccountRow.__table__

# Every poll that brings something new asks these: building a statement takes longer than answering it.
_OF_ORGANIZATIONS = select(_REPO).where(is_among(_REPO.c.organization, "keys"))
_NEW_RELEASES = (
    select(_RELEASE.c.id, _RELEASE.c.organization)
    .where(is_among(_RELEASE.c.organization, "keys"), _RELEASE.c.id > bindparam("after"))
    .order_by(_RELEASE.c.id)
)
_BY_ID = select(_REPO).where(_REPO.c.hub == bindparam("hub"), is_among(_REPO.c.hub_id, "hub_ids"))
_OWNER = select(_ACCOUNT.c.organization).where(
    _ACCOUNT.c.hub == bindparam("hub"), _ACCOUNT.c.name == bindparam("account")
)
# Found by the organisation, which has an index; by the account alone all of a hub would be read.
_OF_ACCOUNT = select(_REPO).where(
    _REPO.c.organization == _OWNER.scalar_subquery(), _REPO.c.account == bindparam("account")
)


def known_repos(tx: Transaction, organization: str) -> tuple[KnownRepo, ...]:
    """Return every repository that was ever seen of an organisation."""
    return known_repos_of(tx, (organization,))[organization]


def known_repos_of(tx: Transaction, organizations: Collection[str]) -> dict[str, tuple[KnownRepo, ...]]:
    """Return every repository that was ever seen of some organisations."""
    known: dict[str, list[KnownRepo]] = {key: [] for key in organizations}
    for row in tx.execute(_OF_ORGANIZATIONS, {"keys": as_texts(organizations)}):
        known[row.organization].append(known_repo(row))
    return {key: tuple(repos) for key, repos in known.items()}


def account_repos(tx: Transaction, hub: str, account: str) -> dict[str, KnownRepo]:
    """Return every repository that was ever seen of an account, by hub id."""
    rows = tx.execute(_OF_ACCOUNT, {"hub": hub, "account": account})
    return {row.hub_id: known_repo(row) for row in rows if row.hub == hub}


def hub_repos(tx: Transaction, hub: str, hub_ids: Iterable[str]) -> dict[str, KnownRepo]:
    """Return those of some repositories of a hub that were ever seen, in whatever account, by hub id."""
    rows = tx.execute(_BY_ID, {"hub": hub, "hub_ids": as_texts(hub_ids)})
    return {row.hub_id: known_repo(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What changes about one organisation: repositories that are new or differ, and its releases if grouped anew.

    `known` are all of its repositories that are stored, as they are stored. `answers` are the ids of those that new
    ones cite.
    """

    organization: str
    known: Sequence[KnownRepo]
    repos: Sequence[KnownRepo]
    releases: Sequence[Release] | None
    answers: Mapping[Citation, int] = field(default_factory=dict)


def write_repos(tx: Transaction, rewrites: Sequence[Rewrite]) -> None:
    """Write what changes about some organisations, whose rows are locked, all at once."""
    stored = {one.key: one.release_id for rewrite in rewrites for one in rewrite.known}
    regrouped = [rewrite for rewrite in rewrites if rewrite.releases is not None]
    in_release, rewritten, emptied = _write_releases(tx, regrouped)
    for rewrite in rewrites:
        if rewrite.releases is None:
            in_release |= {one.key: one.release_id for one in rewrite.known}
    changed = {one.key: one for rewrite in rewrites for one in rewrite.repos}
    _insert(tx, rewrites, stored, in_release)
    _update(tx, changed, stored, in_release)
    _have_read(tx, regrouped, in_release)
    _merge_away(tx, emptied)
    postpone(tx, [rewrite.organization for rewrite in regrouped if not rewrite.known])
    write_cards(tx, [_shown(rewrite, in_release, rewritten) for rewrite in regrouped if rewrite.known])


def _shown(rewrite: Rewrite, in_release: Mapping[Key, int | None], rewritten: Collection[int]) -> Shown:
    """Return the releases of an organisation by their ids, and those of which anything changed."""
    releases = {in_release[one.repos[0].key]: one for one in rewrite.releases or ()}
    touched = {in_release.get(one.key) for one in rewrite.repos} | (releases.keys() & rewritten)
    for one in rewrite.known:
        now = in_release.get(one.key)
        if now != one.release_id:
            touched |= {now, one.release_id}
    return Shown(
        rewrite.organization,
        {number: release for number, release in releases.items() if number is not None},
        frozenset(number for number in touched if number is not None),
    )


def _insert(
    tx: Transaction,
    rewrites: Iterable[Rewrite],
    stored: Collection[Key],
    in_release: Mapping[Key, int | None],
) -> None:
    rows = [
        (rewrite.organization, in_release.get(known.key), _first_answers(rewrite, known), *repo_values(known))
        for rewrite in rewrites
        for known in {one.key: one for one in rewrite.repos}.values()
        if known.key not in stored
    ]
    insert_rows(tx, RepoRow, ("organization", "release_id", "first_answers", *REPO_COLUMNS), rows)


def _first_answers(rewrite: Rewrite, known: KnownRepo) -> tuple[int, ...] | None:
    return tuple(rewrite.answers[one] for one in known.cites if one in rewrite.answers) or None


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
            whole.append({**dict(zip(REPO_COLUMNS, repo_values(known), strict=True)), **place})
        elif now != release_id:
            moved.append(place)
    for rows in (whole, moved):
        if rows:
            names = rows[0].keys() - {"on_hub", "with_id"}
            columns: dict[str, Any] = {name: bindparam(name) for name in names}
            is_it = (RepoRow.hub == bindparam("on_hub")) & (RepoRow.hub_id == bindparam("with_id"))
            tx.connection().execute(update(RepoRow).where(is_it).values(columns), rows)


def _have_read(tx: Transaction, rewrites: Iterable[Rewrite], in_release: Mapping[Key, int | None]) -> None:
    """Have witnesses that joined a release looked into: their accounts are read anew, whether they changed or not."""
    joined = {
        (rewrite.organization, known.hub)
        for rewrite in rewrites
        for known in rewrite.known
        if known.is_witness and known.release_id is None and in_release.get(known.key)
    }
    if joined:
        is_read = tuple_(AccountRow.organization, AccountRow.hub).in_(joined)
        # In the order of ids, as everybody who writes several accounts: else two would wait for each other.
        accounts = select(AccountRow.id).where(is_read).order_by(AccountRow.id).with_for_update()
        ids = tx.scalars(accounts).all()
        tx.execute(update(AccountRow).where(AccountRow.id.in_(ids)).values(validator=None))


def _write_releases(
    tx: Transaction, rewrites: Sequence[Rewrite]
) -> tuple[dict[Key, int | None], set[int], list[int]]:
    """Write releases; return in which one each repository is, and the ids of those that differ, and that are empty."""
    with_past = [rewrite.organization for rewrite in rewrites if rewrite.known]
    query = select(_RELEASE).where(_RELEASE.c.organization.in_(with_past))
    rows = {row.id: row for row in tx.execute(query)} if with_past else {}
    all_releases = [(rewrite.organization, one) for rewrite in rewrites for one in rewrite.releases or ()]
    new = [(key, release) for key, release in all_releases if release.id not in rows]
    ids = _insert_releases(tx, new, after=max(rows, default=0))
    in_release: dict[Key, int | None] = {}
    updates = []
    for key, release in all_releases:
        row = rows.pop(release.id, None) if release.id is not None else None
        release_id = next(ids[key]) if row is None else row.id
        if row is not None:
            now = dict(zip(_RELEASE_COLUMNS, _release_values(release), strict=True))
            if any(row._mapping[name] != value for name, value in now.items()):
                updates.append({**now, "row": row.id})
        for known in release.repos:
            in_release[known.key] = release_id
    if updates:
        values: dict[str, Any] = {name: bindparam(name) for name in _RELEASE_COLUMNS}
        statement = update(ReleaseRow).where(ReleaseRow.id == bindparam("row")).values(values)
        tx.connection().execute(statement, updates)
    return in_release, {one["row"] for one in updates}, list(rows)


def _insert_releases(
    tx: Transaction, new: Sequence[tuple[str, Release]], after: int
) -> dict[str, Iterator[int]]:
    """Insert releases of organisations and return the ids that each got, in their order.

    Ids grow, and nobody else adds to these organisations now: all above `after`, the last that was there, are new.
    """
    if not new:
        return {}
    rows = [(key, *_release_values(release)) for key, release in new]
    insert_rows(tx, ReleaseRow, ("organization", *_RELEASE_COLUMNS), rows)
    ids: dict[str, list[int]] = {key: [] for key, _ in new}
    for release_id, key in tx.execute(_NEW_RELEASES, {"keys": as_texts(ids), "after": after}):
        ids[key].append(release_id)
    return {key: iter(given) for key, given in ids.items()}


_RELEASE_COLUMNS = ("name", "kind", "basis", "released_at", "first_seen_at", "weights")


def _release_values(release: Release) -> tuple[Any, ...]:
    return (
        release.name,
        release.kind,
        release.basis.value,
        release.released_at,
        release.first_seen_at,
        release.weights.value,
    )


def revive(tx: Transaction, organization: str, releases: Sequence[Release]) -> None:
    """Bring releases back, under the ids that they had, that were merged away, and the alerts that told of them."""
    rows = [(release.id, organization, *_release_values(release)) for release in releases]
    insert_rows(tx, ReleaseRow, ("id", "organization", *_RELEASE_COLUMNS), rows)
    orphaned = select(AlertRow).where(
        AlertRow.organization == organization,
        AlertRow.kind == AlertKind.RELEASE.value,
        AlertRow.release_id.is_(None),
    )
    for alert in tx.scalars(orphaned).all() if releases else ():
        told = {(hub, hub_id) for hub, hub_id in alert.subjects}
        holds = (one.id for one in releases if told <= {known.key for known in one.repos})
        alert.release_id = next(holds, None)


def _merge_away(tx: Transaction, release_ids: list[int]) -> None:
    """Remove releases whose repositories all joined others; their alerts stay."""
    if release_ids:
        tx.execute(update(AlertRow).where(AlertRow.release_id.in_(release_ids)).values(release_id=None))
        tx.execute(delete(ReleaseRow).where(ReleaseRow.id.in_(release_ids)))
