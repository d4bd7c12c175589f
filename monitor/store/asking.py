"""Answer what people ask in passing: which organisation they mean, and what was released last."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from monitor.core.types import WITNESSES, RepoState, Weights
from monitor.store import Transaction
from monitor.store.reading import contains
from monitor.store.tables import OrganizationRow, ReleaseRow, RepoRow

AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A release of the log in a line.

    `models` are the names of its repositories, each once; `url` leads to the first one.
    """

    id: int
    organization: str  # its name for people
    name: str
    released_at: datetime | None
    state: str  # "public", "withdrawn" or "weights pending"
    models: tuple[str, ...]
    url: str | None


def organization_named(tx: Transaction, text: str) -> tuple[str, str] | None:
    """Return the key and the name of the organisation that somebody means by its key or name, in capitals or not."""
    wanted = text.casefold()
    rows = tx.execute(select(OrganizationRow.key, OrganizationRow.name).order_by(OrganizationRow.key)).all()
    named = [(key, name) for key, name in rows if wanted in (key, name.casefold())]
    return next((pair for pair in named if pair[0] == wanted), next(iter(named), None))


def organization_names(tx: Transaction) -> dict[str, str]:
    """Return the name of every organisation that was ever watched, by its key."""
    rows = tx.execute(select(OrganizationRow.key, OrganizationRow.name)).all()
    return {row.key: row.name for row in rows}


def latest_releases(
    tx: Transaction, organization: str | None = None, search: str | None = None, limit: int = 10
) -> tuple[tuple[Entry, ...], int]:
    """Return the newest releases, of one organisation or with a text in a name, and how many there are of them.

    Those without a date come last.
    """
    query = select(ReleaseRow.id, ReleaseRow.name)
    if organization is not None:
        query = query.where(ReleaseRow.organization == organization)
    query = query.order_by(
        ReleaseRow.released_at.is_(None), ReleaseRow.released_at.desc(), ReleaseRow.id.desc()
    )
    rows = tx.execute(query).all()
    names = _repo_names(tx) if search else {}
    found = [id_ for id_, name in rows if contains(search, [name, *names.get(id_, ())])]
    return _entries(tx, found[:limit]), len(found)


def _repo_names(tx: Transaction) -> dict[int, list[str]]:
    names: dict[int, list[str]] = defaultdict(list)
    query = select(RepoRow.release_id, RepoRow.name).where(RepoRow.release_id.is_not(None))
    for release_id, name in tx.execute(query):
        names[release_id or 0].append(name)
    return names


def _entries(tx: Transaction, ids: Sequence[int]) -> tuple[Entry, ...]:
    repos: dict[int, list[AnyRow]] = defaultdict(list)
    holding = select(RepoRow.__table__).where(RepoRow.release_id.in_(ids), RepoRow.hub.not_in(WITNESSES))
    for row in tx.execute(holding.order_by(RepoRow.first_seen_at, RepoRow.created_at, RepoRow.id)):
        repos[row.release_id].append(row)
    joined = select(ReleaseRow, OrganizationRow.name).join(
        OrganizationRow, OrganizationRow.key == ReleaseRow.organization
    )
    found = {row.id: (row, name) for row, name in tx.execute(joined.where(ReleaseRow.id.in_(ids)))}
    return tuple(_entry(*found[one], repos[one]) for one in ids)


def _entry(release: ReleaseRow, organization: str, repos: Iterable[AnyRow]) -> Entry:
    repos = tuple(repos)
    state = "public"
    if all(repo.state == RepoState.WITHDRAWN.value for repo in repos):
        state = "withdrawn"
    elif release.weights != Weights.YES.value:
        state = "weights pending" if release.weights == Weights.PENDING.value else "weights gone"
    return Entry(
        id=release.id,
        organization=organization,
        name=release.name,
        released_at=release.released_at,
        state=state,
        models=tuple(dict.fromkeys(repo.name for repo in repos)),
        url=repos[0].url if repos else None,
    )
