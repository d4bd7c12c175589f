"""Which repositories to look into, besides the listing that shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.globs import is_watched
from monitor.core.types import WITNESSES, KnownRepo, Listing, Organization, Repo


@dataclass(frozen=True, slots=True)
class Wanted:
    """A repository to look into: what it held before, or else at which revision to ask what it held."""

    repo: Repo
    known: KnownRepo | None


def to_inspect(
    known: Mapping[str, KnownRepo], listing: Listing, organization: Organization
) -> tuple[Wanted, ...]:
    """Return the listed repositories to look into, new ones first; `known` are those of the hub, by id.

    1. A new one that the globs let in: has it weights?
    2. One with a new revision: are its weights and its licence texts the same?
    3. Of a witness only what confirms a release, whenever it was pushed to.
    """
    if listing.account.hub in WITNESSES:
        return tuple(
            Wanted(repo, one)
            for repo in listing.repos
            if (one := known.get(repo.hub_id)) and one.release_id is not None and _is_stale(one, repo)
        )
    fresh = [
        Wanted(repo, None)
        for repo in listing.repos
        if repo.hub_id not in known and repo.has_weights is None and is_watched(organization, repo.name)
    ]
    moved = [
        Wanted(repo, one)
        for repo in listing.repos
        if (one := known.get(repo.hub_id)) and one.repo.sha and repo.sha and one.repo.sha != repo.sha
    ]
    return (*fresh, *moved)


def _is_stale(known: KnownRepo, repo: Repo) -> bool:
    return known.contents is None or known.contents.revision != (repo.sha or "")
