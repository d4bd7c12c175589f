"""A release on one line of a list: what is shown of it, narrows a list down to it, and gives it its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from monitor.core.appearances import first_on
from monitor.core.dating import LATEST
from monitor.core.names import size_in_name
from monitor.core.types import Basis, KnownRepo, Release, RepoState, Weights

# A place is seconds (33 bits: to the year 2242) and then the id (30 bits), so that no two releases share one.
_ID_BITS = 30
_SECONDS = 1 << 33
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.date()

# What a database keeps as a number has 64 bits.
_MOST = 2**63 - 1


class Openness(StrEnum):
    """Whether anybody can have the weights now."""

    OPEN = "open"
    GATED = "gated"  # who wants them has to ask, or to accept terms
    PENDING = "pending"  # not there yet
    GONE = "gone"  # taken away, the repository is still there
    WITHDRAWN = "withdrawn"  # with all repositories


@dataclass(frozen=True, slots=True)
class Card:
    """One release in a list.

    `parameters` is 0 where nobody knows; `repos` is how many are on model hubs; `hubs` are in the order of first
    appearance. `day` counts from 1970-01-01, and is None for what is no dated launch.
    """

    place: int
    release_id: int
    organization: str
    country: str | None
    name: str
    folded: str  # the name, for sorting
    kind: str
    released_at: datetime | None
    basis: Basis
    first_seen_at: datetime
    found_late: bool
    weights: Weights
    openness: Openness
    licence: str | None
    parameters: int
    repos: int
    hubs: tuple[str, ...]
    url: str | None
    day: int | None


def make_card(release: Release, organization: str, country: str | None) -> Card:
    """Return the card of a release that has an id."""
    if release.id is None:
        raise ValueError(f"{release.name} has no id yet")
    ordered = replace(release, repos=tuple(sorted(release.repos, key=in_order)))
    models = [known for known in ordered.repos if not known.is_witness]
    return Card(
        place=place_of(release.released_at, release.first_seen_at, release.id),
        release_id=release.id,
        organization=organization,
        country=country,
        name=release.name,
        folded=release.name.casefold(),
        kind=release.kind,
        released_at=release.released_at,
        basis=release.basis,
        first_seen_at=release.first_seen_at,
        found_late=bool(models) and models[0].found_late,
        weights=release.weights,
        openness=openness_of(models),
        licence=licence_of(models),
        parameters=min(parameters_of(models), _MOST),
        repos=len(models),
        hubs=tuple(first_on(ordered)),
        url=models[0].repo.url if models else None,
        day=_launch_day(release),
    )


def in_order(known: KnownRepo) -> tuple[bool, datetime, datetime, str, str]:
    """Return what sorts the repositories of a release: models before witnesses, then as they were seen and made."""
    created_at = known.repo.created_at or LATEST
    return known.is_witness, known.first_seen_at, created_at, known.hub, known.repo.name


def place_of(released_at: datetime | None, first_seen_at: datetime, release_id: int) -> int:
    """Return the place of a release among all, as 64 bits with a sign: the later it came, the higher.

    Releases without a date come before all others (so last where the newest are first), as they were seen.
    """
    at = first_seen_at if released_at is None else released_at
    seconds = min(max(_seconds(at), 0), _SECONDS - 1)
    return ((seconds - _SECONDS if released_at is None else seconds) << _ID_BITS) | (
        release_id & ((1 << _ID_BITS) - 1)
    )


def places_within(since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """Return the places, [low, high), of what was released from one second to another, both inclusive.

    Raises ValueError where either has no zone.
    """
    low = 0 if since is None else min(max(_seconds(since), 0), _SECONDS)
    high = _SECONDS if until is None else min(max(_seconds(until) + 1, 0), _SECONDS)
    return min(low << _ID_BITS, _MOST), min(high << _ID_BITS, _MOST)


def day_number(day: date) -> int:
    """Return the days from 1970-01-01 to a day."""
    return (day - _FIRST_DAY).days


def day_of(number: int) -> date:
    """Return the day that `day_number` was given."""
    return _FIRST_DAY + timedelta(days=number)


def openness_of(models: Sequence[KnownRepo]) -> Openness:
    """Tell whether anybody can have the weights of some repositories; one way to have them is enough."""
    public = [known for known in models if known.state is RepoState.PUBLIC]
    holding = [known for known in public if known.weights is Weights.YES]
    if holding:
        is_open = any(known.repo.gated in (None, "no") for known in holding)
        return Openness.OPEN if is_open else Openness.GATED
    if not public:
        return Openness.WITHDRAWN
    is_pending = any(known.weights is Weights.PENDING for known in public)
    return Openness.PENDING if is_pending else Openness.GONE


def licence_of(models: Sequence[KnownRepo]) -> str | None:
    """Return the licences of some repositories, each once, in their order; None where none states one."""
    return ", ".join(dict.fromkeys(known.repo.licence for known in models if known.repo.licence)) or None


def parameters_of(models: Sequence[KnownRepo]) -> int:
    """Return how many parameters the largest has, by the weights' header, else by the name; 0 where neither says."""
    return max((k.repo.parameters or size_in_name(k.repo.short_name) or 0 for k in models), default=0)


def _launch_day(release: Release) -> int | None:
    if release.released_at is None or release.weights is Weights.PENDING:
        return None
    return day_number(release.released_at.astimezone(UTC).date())


def _seconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone has no place: {at}")
    return (at - _EPOCH) // timedelta(seconds=1)
