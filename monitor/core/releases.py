"""Group an organisation's repositories into releases: what was launched as one thing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from monitor.core.copies import latecomers, strays
from monitor.core.corrections import Correction, correct
from monitor.core.dating import dated, undated_place
from monitor.core.lineage import Seen, group
from monitor.core.names import Name, display_name, read_name
from monitor.core.types import Basis, KnownRepo, Release, Weights
from monitor.core.witnesses import attach


class _Placed(NamedTuple):
    """A repository with what is read off it once; the first three fields give it its place among others."""

    at: datetime
    folded: str
    key: tuple[str, str]
    known: KnownRepo
    name: Name
    released_at: datetime | None
    basis: Basis


def regroup(repos: Iterable[KnownRepo], corrections: Iterable[Correction] = ()) -> tuple[Release, ...]:
    """Group all repositories of an organisation anew, each release keeping the id that it had.

    What people corrected is applied to what was grouped, each time anew.
    A group takes the oldest id among its members (so in a merge the oldest stays); where a release is split, the
    part with its first repository keeps the id. A release without an id is new. Witnesses make no release: each
    joins at most one, and one that fits none is in none.
    """
    models: list[KnownRepo] = []
    witnesses: list[KnownRepo] = []
    for known in repos:
        (witnesses if known.is_witness else models).append(known)
    taken: set[int] = set()
    releases = []
    for members, name in _corrected(_groups(models), tuple(corrections)):
        ids = {m.known.release_id for m in members if m.known.release_id is not None} - taken
        release_id = min(ids, default=None)
        if release_id is not None:
            taken.add(release_id)
        releases.append(_describe(release_id, members, name))
    return attach(releases, witnesses)


def _groups(models: Sequence[KnownRepo]) -> list[list[_Placed]]:
    """Group repositories by their ties (core.lineage), in the order of their dates.

    The same set gives the same groups, whatever order it came in and however many polls it took.
    """
    undated = strays(models) | latecomers(models)
    placed = sorted([_placed(known, undated) for known in models], key=_in_order)
    groups: list[list[_Placed]] = []
    for one, number in zip(placed, group([_seen(one) for one in placed]), strict=True):
        if number == len(groups):
            groups.append([])
        groups[number].append(one)
    return groups


def _seen(placed: _Placed) -> Seen:
    return placed.known.repo.short_name, placed.at, placed.released_at is not None


def _corrected(
    groups: list[list[_Placed]], corrections: Sequence[Correction]
) -> list[tuple[list[_Placed], str | None]]:
    """Return the groups as people corrected them, in the order of their first repositories, with the names given."""
    if not corrections:
        return [(members, None) for members in groups]
    placed = {one.key: one for members in groups for one in members}
    corrected = correct(
        [[one.key for one in members] for members in groups],
        {key: one.name.checkpoint for key, one in placed.items()},
        corrections,
    )
    found = [
        (sorted([placed[key] for key in one.keys], key=_in_order), one.named and one.named[1])
        for one in corrected
    ]
    return sorted(found, key=lambda one: _in_order(one[0][0]))


def _placed(known: KnownRepo, undated: frozenset[tuple[str, str]]) -> _Placed:
    released_at, basis = dated(known)
    key = known.key
    if key in undated:
        released_at, basis = None, Basis.UNKNOWN
    short_name = known.repo.short_name
    at = undated_place(known) if released_at is None else released_at
    return _Placed(at, short_name.casefold(), key, known, read_name(short_name), released_at, basis)


_in_order = itemgetter(0, 1, 2)


def _describe(release_id: int | None, members: Sequence[_Placed], name: str | None) -> Release:
    """Sum a group of repositories, in the order of their dates, up as a release.

    It is dated by the first that holds weights: one that is still empty is no release yet.
    """
    repos = [m.known for m in members]
    first = next((m for m in members if m.known.weights is not Weights.PENDING), members[0])
    return Release(
        id=release_id,
        name=name or display_name([known.repo.short_name for known in repos]),
        kind=_kind(repos),
        released_at=first.released_at,
        basis=first.basis,
        first_seen_at=min([known.first_seen_at for known in repos]),
        repos=tuple([k if k.release_id == release_id else replace(k, release_id=release_id) for k in repos]),
        weights=_weights(repos),
    )


def _weights(repos: Sequence[KnownRepo]) -> Weights:
    held = [known.weights for known in repos]
    if Weights.YES in held:
        return Weights.YES
    return Weights.PENDING if Weights.PENDING in held else Weights.NONE


# What a hub's task names mean to a reader of the log.
_KINDS = {
    "text-generation": "language",
    "image-text-to-text": "vision-language",
    "visual-question-answering": "vision-language",
    "any-to-any": "omni",
    "text-to-image": "image",
    "image-to-image": "image",
    "text-to-video": "video",
    "image-to-video": "video",
    "text-to-speech": "speech",
    "automatic-speech-recognition": "speech",
    "text-to-audio": "audio",
    "audio-text-to-text": "audio",
    "feature-extraction": "embedding",
    "sentence-similarity": "embedding",
    "text-ranking": "embedding",
}


def _kind(members: Sequence[KnownRepo]) -> str:
    """Return the kind that most of the repositories are of; "other" where the hub names no task."""
    kinds = [_KINDS.get(m.repo.pipeline_tag, "other") for m in members if m.repo.pipeline_tag]
    return max(kinds, key=kinds.count) if kinds else "other"
