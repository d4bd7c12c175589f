"""Group an organisation's repositories into releases: what was launched as one thing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from monitor.core.copies import latecomers, strays
from monitor.core.dating import EARLIEST, dated, undated_place
from monitor.core.names import Name, display_name, read_name
from monitor.core.types import Basis, KnownRepo, Release, Weights
from monitor.core.witnesses import attach

# Siblings of one series and version are one launch when no more than this lies between them.
TOGETHER = timedelta(days=14)


class _Placed(NamedTuple):
    """A repository with what is read off it once; the first three fields give it its place among others."""

    at: datetime
    folded: str
    key: tuple[str, str]
    known: KnownRepo
    name: Name
    released_at: datetime | None
    basis: Basis


def regroup(repos: Iterable[KnownRepo]) -> tuple[Release, ...]:
    """Group all repositories of an organisation anew, each release keeping the id that it had.

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
    for members in _groups(models):
        ids = {m.known.release_id for m in members if m.known.release_id is not None} - taken
        release_id = min(ids, default=None)
        if release_id is not None:
            taken.add(release_id)
        releases.append(_describe(release_id, members))
    return attach(releases, witnesses)


def _groups(models: Sequence[KnownRepo]) -> list[list[_Placed]]:
    """Group repositories into releases; the same set in any order gives the same groups.

    In the order of their dates, each repository
    1. joins the release that holds the same model on another hub or in another format, however much later;
    2. else joins the last release of its product line and version, if that began at most 14 days before;
    3. else is a release of its own.
    """
    groups: list[list[_Placed]] = []
    by_checkpoint: dict[tuple[str, ...], int] = {}
    by_line: dict[tuple[str, ...], tuple[int, datetime]] = {}
    undated = strays(models) | latecomers(models)
    for placed in sorted([_placed(known, undated) for known in models], key=_in_order):
        name, at = placed.name, placed.at
        last, began = by_line.get(name.line, (None, EARLIEST))
        index = by_checkpoint.get(name.checkpoint)
        if index is None and last is not None and at - began <= TOGETHER:
            index = last
        if index is None:
            index = len(groups)
            groups.append([])
            by_line[name.line] = (index, at)
        groups[index].append(placed)
        by_checkpoint.setdefault(name.checkpoint, index)
    return groups


def _placed(known: KnownRepo, undated: frozenset[tuple[str, str]]) -> _Placed:
    released_at, basis = dated(known)
    key = known.key
    if key in undated:
        released_at, basis = None, Basis.UNKNOWN
    short_name = known.repo.short_name
    at = undated_place(known) if released_at is None else released_at
    return _Placed(at, short_name.casefold(), key, known, read_name(short_name), released_at, basis)


_in_order = itemgetter(0, 1, 2)


def _describe(release_id: int | None, members: Sequence[_Placed]) -> Release:
    """Sum a group of repositories, in the order of their dates, up as a release.

    It is dated by the first that holds weights: one that is still empty is no release yet.
    """
    repos = [m.known for m in members]
    first = next((m for m in members if m.known.weights is not Weights.PENDING), members[0])
    return Release(
        id=release_id,
        name=display_name([known.repo.short_name for known in repos]),
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
