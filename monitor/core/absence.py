"""What a listing lacks: when it is doubted, whom to look at directly, and when a repository counts as withdrawn."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from monitor.core.history import History
from monitor.core.types import ChangeKind, KnownRepo, Listing, Look, RepoState, Sight

# How many repositories one poll looks at directly before it believes that they are gone.
MOST_LOOKS = 200

# A listing that lacks several repositories, and more than this share, is doubted until a second one agrees:
# hubs do show half a listing and call it whole.
DOUBTED_SHARE = 0.1

# What became of a repository that was deleted, and another one made under its name; its id follows.
MADE_AGAIN = "made again as"

# A repository as it is to be kept, with what changed about it: kind, before and after.
Followed = tuple[KnownRepo, tuple[ChangeKind, str | None, str | None] | None]


def suspects(missing_since: Mapping[str, datetime | None], listing: Listing) -> tuple[str, ...]:
    """Return the ids to look at directly: missing from this complete listing and from one before.

    `missing_since` has, for each public repository of the account, the first listing that lacked it, if one did.
    """
    if listing.set_aside:
        return ()
    listed = {repo.hub_id for repo in listing.repos}
    missing = (
        hub_id for hub_id, since in missing_since.items() if since is not None and hub_id not in listed
    )
    return tuple(missing)[:MOST_LOOKS]


def missing(history: History, listing: Listing) -> tuple[KnownRepo, ...]:
    """Return the account's public repositories that a listing lacks; none where rows of it are unreadable."""
    if listing.set_aside:
        return ()
    listed = {repo.hub_id for repo in listing.repos}
    hub, account = listing.account.hub, listing.account.name
    return tuple(
        known
        for known in history.repos
        if known.hub == hub
        and known.account == account
        and known.state is RepoState.PUBLIC
        and known.repo.hub_id not in listed
    )


def doubt(
    history: History, absent: tuple[KnownRepo, ...], looks: Mapping[str, Look]
) -> tuple[str | None, bool]:
    """Say why a listing that lacks these is not believed, if it is not, and whether nothing of it is for now.

    A hub that hides what direct looks show may do so for ever: what it lists is seen all the same.
    """
    if not absent:
        return None, False
    here = {(known.hub, known.account) for known in absent}
    public = sum((k.hub, k.account) in here and k.state is RepoState.PUBLIC for k in history.repos)
    bearable = max(1, DOUBTED_SHARE * public)
    there = sum(_is_there(known, looks) for known in absent)
    if there > bearable:
        return f"the listing lacks {there} of {public} repositories that a direct look shows", False
    fresh = sum(known.missing_since is None for known in absent)
    if fresh > bearable:
        text = f"{fresh} of {public} repositories are missing at once; believed when a second listing agrees"
        return text, True
    return None, False


def follow_missing(
    absent: tuple[KnownRepo, ...], seen_at: datetime, looks: Mapping[str, Look]
) -> Iterator[Followed]:
    """Yield what becomes of each repository that is missing: it waits, it moved, or it is withdrawn."""
    for known in absent:
        look = looks.get(known.repo.hub_id)
        if known.missing_since is None:
            yield replace(known, missing_since=seen_at), None
        elif look is None or look.sight is Sight.UNSURE or _is_there(known, looks):
            yield known, None
        elif look.sight is Sight.PUBLIC and look.hub_id == known.repo.hub_id and look.name:
            yield _moved(known, look.name), (ChangeKind.RENAMED, known.repo.name, look.name)
        else:
            now = replace(known, state=RepoState.WITHDRAWN, missing_since=None)
            yield now, (ChangeKind.WITHDRAWN, "public", _state_now(look))


def _is_there(known: KnownRepo, looks: Mapping[str, Look]) -> bool:
    """Tell whether a direct look shows the repository where it was; a hub without ids shows its name for one."""
    look = looks.get(known.repo.hub_id, Look(Sight.UNSURE))
    return (
        look.sight is Sight.PUBLIC
        and look.name == known.repo.name
        and look.hub_id in (known.repo.hub_id, known.repo.name)
    )


def _state_now(look: Look) -> str:
    """Say what became of a repository; under its name may stand another one, with another id."""
    return f"{MADE_AGAIN} {look.hub_id}" if look.sight is Sight.PUBLIC else "withdrawn"


def _moved(known: KnownRepo, name: str) -> KnownRepo:
    """Return a repository that went to another account, which is from now on the one to list it."""
    url = known.repo.url.removesuffix(known.repo.name) + name
    repo = replace(known.repo, name=name, url=url)
    return replace(known, account=name.partition("/")[0], repo=repo, missing_since=None)
