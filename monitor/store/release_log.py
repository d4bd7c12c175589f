"""Read the release log, in the shape of the JSON interface."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from monitor.core.appearances import first_on
from monitor.core.card import in_order, licence_of, parameters_of, place_of
from monitor.core.types import Basis, KnownRepo, Release, Weights
from monitor.store import Transaction
from monitor.store.card_tables import CardRow
from monitor.store.reading import Filters, JsonRow, contains, is_within, of_organizations
from monitor.store.rows import known_repo
from monitor.store.tables import OrganizationRow, ReleaseRow, RepoRow

AnyRow = Row[*tuple[Any, ...]]


def release_log(tx: Transaction, filters: Filters) -> list[JsonRow]:
    """Return releases with their repositories, the newest first; those without a date come last."""
    repos = _repos_by_release(tx, filters.organizations)
    countries = {
        row.key: row.country for row in tx.execute(select(OrganizationRow.key, OrganizationRow.country))
    }
    query = of_organizations(select(ReleaseRow.__table__), ReleaseRow.organization, filters)
    found = [row for row in tx.execute(query) if _is_wanted(row, repos[row.id], filters)]
    found.sort(key=lambda row: place_of(row.released_at, row.first_seen_at, row.id), reverse=True)
    return [
        _release(row.organization, countries[row.organization], release_value(row, repos[row.id]))
        for row in found[: filters.limit]
    ]


def find_release(tx: Transaction, release_id: int) -> tuple[JsonRow, Release] | None:
    """Return one release as a row of the log and as the core knows it; None where there is none of this id."""
    return next(iter(_found(tx, [release_id])), None)


def find_releases(tx: Transaction, release_ids: Sequence[int]) -> list[JsonRow]:
    """Return some releases, as of a page of a list, as rows of the log in this order, without those not there."""
    return [row for row, _ in found_releases(tx, release_ids)]


def found_releases(tx: Transaction, release_ids: Sequence[int]) -> list[tuple[JsonRow, Release]]:
    """Return the same, each also as the core knows it."""
    found = {row["id"]: (row, release) for row, release in _found(tx, release_ids)}
    return [found[number] for number in release_ids if number in found]


def neighbours(
    tx: Transaction, release_id: int, organization: str
) -> tuple[tuple[int, str] | None, tuple[int, str] | None]:
    """Return id and name of the organisation's releases just before and just after one."""
    query = select(CardRow.release_id, CardRow.name).where(CardRow.organization == organization)
    here = select(CardRow.place).where(CardRow.release_id == release_id).scalar_subquery()
    before = tx.execute(query.where(CardRow.place < here).order_by(CardRow.place.desc()).limit(1)).first()
    after = tx.execute(query.where(CardRow.place > here).order_by(CardRow.place).limit(1)).first()
    return before and (before[0], before[1]), after and (after[0], after[1])


def _found(tx: Transaction, release_ids: Sequence[int]) -> list[tuple[JsonRow, Release]]:
    repos = defaultdict[int, list[AnyRow]](list)
    for row in tx.execute(select(RepoRow.__table__).where(RepoRow.release_id.in_(release_ids))):
        repos[row.release_id].append(row)
    columns = *ReleaseRow.__table__.columns, OrganizationRow.country
    query = select(*columns).join(OrganizationRow, OrganizationRow.key == ReleaseRow.organization)
    found = []
    for row in tx.execute(query.where(ReleaseRow.id.in_(release_ids))):
        release = release_value(row, repos[row.id])
        found.append((_release(row.organization, row.country, release), release))
    return found


def _repos_by_release(tx: Transaction, organizations: Iterable[str]) -> Mapping[int, list[AnyRow]]:
    query = select(RepoRow.__table__).where(RepoRow.release_id.is_not(None))
    query = query.order_by(RepoRow.first_seen_at, RepoRow.created_at, RepoRow.id)
    keys = list(organizations)
    if keys:
        query = query.where(RepoRow.organization.in_(keys))
    by_release: dict[int, list[AnyRow]] = defaultdict(list)
    for row in tx.execute(query):
        by_release[row.release_id].append(row)
    return by_release


def _is_wanted(release: AnyRow, repos: Sequence[AnyRow], filters: Filters) -> bool:
    return (
        is_within(
            release.released_at or (None if filters.since or filters.until else release.first_seen_at),
            filters,
        )
        and (filters.hub is None or any(repo.hub == filters.hub for repo in repos))
        and contains(filters.search, [release.name, *(repo.name for repo in repos)])
    )


def release_value(row: AnyRow, repos: Iterable[AnyRow]) -> Release:
    """Return a release as the core knows it, from its row and those of its repositories."""
    return Release(
        id=row.id,
        name=row.name,
        kind=row.kind,
        released_at=row.released_at,
        basis=Basis(row.basis),
        first_seen_at=row.first_seen_at,
        repos=tuple(sorted(map(known_repo, repos), key=in_order)),
        weights=Weights(row.weights),
    )


def _release(organization: str, country: str | None, release: Release) -> JsonRow:
    models = [known for known in release.repos if not known.is_witness]
    appeared = first_on(release)
    return {
        "id": release.id,
        "organization": organization,
        "country": country,
        "name": release.name,
        "kind": release.kind,
        "released_at": release.released_at,
        "basis": release.basis.value,
        "first_seen_at": release.first_seen_at,
        "found_late": bool(models) and models[0].found_late,
        "hubs": list(appeared),
        "first_on": appeared,
        "weights": release.weights.value,
        "parameters": parameters_of(models) or None,
        "licence": licence_of(models),
        "gated": next((known.repo.gated for known in models if known.repo.gated), None),
        "url": models[0].repo.url if models else None,
        "links": [link for known in release.repos if known.is_witness for link in _links(known)],
        "repos": [_repo(known) for known in release.repos],
    }


def _links(witness: KnownRepo) -> Iterable[JsonRow]:
    """Yield what a witness knows of the release: where its code is, where it is served, since when."""
    confirms = witness.contents.confirms if witness.contents else witness.repo.confirms
    for one in confirms:
        yield {"hub": witness.hub, "kind": one.kind.value, "text": one.text, "url": one.url, "at": one.at}


def _repo(known: KnownRepo) -> JsonRow:
    repo = known.repo
    return {
        "hub": known.hub,
        "id": repo.name,
        "hub_id": repo.hub_id,
        "url": repo.url,
        "created_at": repo.created_at,
        "first_seen_at": known.first_seen_at,
        "published_between": list(known.published_between) if known.published_between else None,
        "state": known.state.value,
        "weights": None if known.is_witness else known.weights.value,
    }
