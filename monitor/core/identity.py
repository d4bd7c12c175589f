"""Know a repository again on a hub that gives it no id of its own: there it has only its name."""

from collections.abc import Mapping
from dataclasses import replace

from monitor.core.types import KnownRepo, Listing, Repo, RepoState


def recognised(known: Mapping[str, KnownRepo], listing: Listing) -> Listing:
    """Return the listing with each repository under the id by which we know it; `known` are the hub's, by id.

    Where a hub has ids they stand already. Where it has none, the id is the first name that we saw: a repository is
    known by its present name, else, as renamed, by a creation time and a size that just one missing one shares.
    """
    if not listing.repos or any(repo.hub_id != repo.name for repo in listing.repos):
        return listing
    # A name, owner included, is one repository's on the whole hub; of two that had it the public one has it now.
    by_name = {one.repo.name: one for one in sorted(known.values(), key=_is_public)}
    listed = {repo.name for repo in listing.repos}
    here = listing.account.name
    missing = [
        one for name, one in by_name.items() if one.account == here and name not in listed and _is_public(one)
    ]
    if all(repo.hub_id in known and known[repo.hub_id].repo.name == repo.name for repo in listing.repos):
        return listing
    repos = tuple(_recognise(repo, by_name, missing, known) for repo in listing.repos)
    return replace(listing, repos=repos)


def _recognise(
    repo: Repo, by_name: Mapping[str, KnownRepo], missing: list[KnownRepo], known: Mapping[str, KnownRepo]
) -> Repo:
    if repo.name in by_name:
        return replace(repo, hub_id=by_name[repo.name].repo.hub_id)
    alike = [one for one in missing if _is_alike(one.repo, repo)]
    if len(alike) == 1:
        missing.remove(alike[0])  # two cannot both be it
        return replace(repo, hub_id=alike[0].repo.hub_id)
    if repo.hub_id in known and repo.created_at:  # its first holder has another name, or another account, now
        return replace(repo, hub_id=f"{repo.name}@{repo.created_at:%Y%m%dT%H%M%S}")
    return repo


def _is_public(known: KnownRepo) -> bool:
    return known.state is RepoState.PUBLIC


def _is_alike(old: Repo, new: Repo) -> bool:
    # A time may be a mere day; only with the size beside it, it tells one from another.
    is_as_large = old.parameters is not None and old.parameters == new.parameters
    return old.created_at is not None and old.created_at == new.created_at and is_as_large
