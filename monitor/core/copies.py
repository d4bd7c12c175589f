"""Recognise the days on which somebody copied an account's models from another hub, all at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from monitor.core.dating import LATEST, dated
from monitor.core.names import read_name
from monitor.core.types import CREATION_KNOWN_FROM, KnownRepo, Weights

# A model that was on another hub for longer than this is a copy there, not one half of a launch on both.
LAG = timedelta(days=3)

# So many repositories of one account on one day, at least half of them copies, are a bulk copy.
BULK = 5

# A hub, an account on it, and a UTC day.
_SyncDay = tuple[str, str, date]

# For each model the hubs that have it, and since when.
_Presence = Mapping[tuple[str, ...], Mapping[str, datetime]]


def strays(repos: Iterable[KnownRepo]) -> frozenset[tuple[str, str]]:
    """Return the keys of the repositories whose creation time is no date of a release, in bulk copies.

    They came with a bulk copy before we watched, and no other hub has them: their models may be of any age.
    """
    models = [known for known in repos if not known.is_witness]
    present = _presence(models)
    days = _sync_days(models, present)
    return frozenset(
        known.key
        for known in models
        if days
        and known.published_between is None
        and _made_on(known) in days
        and len(present[_checkpoint(known)]) == 1
    )


def latecomers(repos: Iterable[KnownRepo]) -> frozenset[tuple[str, str]]:
    """Return the keys of the repositories whose creation time must not date a release that was seen to happen.

    They were there when their account was taken up, after the same model had become public before our eyes.
    """
    models = [known for known in repos if not known.is_witness]
    seen: dict[tuple[str, ...], datetime] = {}
    for known in models:
        if known.published_between is not None and known.weights is not Weights.PENDING:
            name = _checkpoint(known)
            seen[name] = min(known.first_seen_at, seen.get(name, LATEST))
    return frozenset(
        known.key
        for known in models
        if seen
        and known.published_between is None
        and known.first_seen_at > seen.get(_checkpoint(known), LATEST)
    )


def _sync_days(models: Sequence[KnownRepo], present: _Presence) -> frozenset[_SyncDay]:
    """Return the days on which an organisation's models were copied in bulk from one hub to another.

    By the hub's creation times at least five repositories were made in one account on that day, at least half of
    which hold models that were on another hub more than three days before.
    """
    if not present:
        return frozenset()
    copied: dict[_SyncDay, list[bool]] = defaultdict(list)
    for known in models:
        day = _made_on(known)
        if day is not None:
            copied[day].append(_is_copy(known, present))
    return frozenset(
        day for day, copies in copied.items() if len(copies) >= BULK and 2 * sum(copies) >= len(copies)
    )


def _presence(models: Sequence[KnownRepo]) -> _Presence:
    """Return since when each hub has each model; nothing for an organisation on a single hub: all is its own."""
    present: dict[tuple[str, ...], dict[str, datetime]] = {}
    if len({known.hub for known in models}) < 2:
        return present
    for known in models:
        hubs = present.setdefault(_checkpoint(known), {})
        at = (
            LATEST if known.weights is Weights.PENDING else dated(known)[0] or known.repo.created_at or LATEST
        )
        hubs[known.hub] = min(at, hubs.get(known.hub, LATEST))
    return present


def _is_copy(known: KnownRepo, present: _Presence) -> bool:
    created = known.repo.created_at
    others = (at for hub, at in present[_checkpoint(known)].items() if hub != known.hub)
    return created is not None and any(created - at > LAG for at in others)


def _made_on(known: KnownRepo) -> _SyncDay | None:
    created = known.repo.created_at
    if created is None or created < CREATION_KNOWN_FROM:
        return None
    return known.hub, known.account, created.date()


def _checkpoint(known: KnownRepo) -> tuple[str, ...]:
    return read_name(known.repo.short_name).checkpoint
