"""Read the release log, in the shape of the JSON interface."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from monitor.core.appearances import first_on
from monitor.core.names import size_in_name
from monitor.core.types import Basis, KnownRepo, Release, Weights
from monitor.store import Transaction
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
    found.sort(
        key=lambda row: (row.released_at is not None, row.released_at or row.first_seen_at, row.id),
        reverse=True,
    )
    return [
        _release(row.organization, countries[row.organization], _value(row, repos[row.id]))
        for row in found[: filters.limit]
    ]


def find_release(tx: Transaction, release_id: int) -> tuple[JsonRow, Release] | None:
    """Return one release as a row of the log and as the core knows it; None where there is none of this id."""
    row = tx.execute(select(ReleaseRow.__table__).where(ReleaseRow.id == release_id)).one_or_none()
    if row is None:
        return None
    repos = select(RepoRow.__table__).where(RepoRow.release_id == release_id)
    repos = repos.order_by(RepoRow.first_seen_at, RepoRow.created_at, RepoRow.id)
    release = _value(row, tx.execute(repos).all())
    country = tx.get_one(OrganizationRow, row.organization).country
    return _release(row.organization, country, release), release


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


def _value(row: AnyRow, repos: Iterable[AnyRow]) -> Release:
    return Release(
        id=row.id,
        name=row.name,
        kind=row.kind,
        released_at=row.released_at,
        basis=Basis(row.basis),
        first_seen_at=row.first_seen_at,
        repos=tuple(sorted(map(known_repo, repos), key=lambda known: known.is_witness)),
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
        "parameters": max((_parameters(known) for known in models), default=0) or None,
        "licence": ", ".join(dict.fromkeys(k.repo.licence for k in models if k.repo.licence)) or None,
        "gated": next((known.repo.gated for known in models if known.repo.gated), None),
        "url": models[0].repo.url if models else None,
        "links": [link for known in release.repos if known.is_witness for link in _links(known)],
        "repos": [_repo(known) for known in release.repos],
    }


def _parameters(known: KnownRepo) -> int:
    """Return how many parameters the weights' header states, else the name; 0 where neither does."""
    return known.repo.parameters or size_in_name(known.repo.short_name) or 0


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
