"""Group an organisation's repositories into releases: what was launched as one thing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.core.names import display_name, read_name
from monitor.core.types import CREATION_KNOWN_FROM, Basis, KnownRepo, Release

# Siblings of one series and version are one launch when no more than this lies between them.
TOGETHER = timedelta(days=14)

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def dated(known: KnownRepo) -> tuple[datetime | None, Basis]:
    """Return when a repository was released, and how we know.

    The creation time where it lies inside the bracket in which the repository became public, else the bracket's
    upper end; on the baseline the creation time; before 2022-03-03 the hub does not know it.
    """
    created = known.repo.created_at
    if known.published_between is not None:
        low, high = known.published_between
        inside = created is not None and low <= created <= high
        return (created if inside else high), Basis.OBSERVED
    if created is None or created < CREATION_KNOWN_FROM:
        return None, Basis.UNKNOWN
    return created, Basis.CREATED


def group(repos: Iterable[KnownRepo]) -> list[list[KnownRepo]]:
    """Group repositories into releases; the same set in any order gives the same groups.

    In the order of their dates, each repository
    1. joins the release that holds the same model on another hub or in another format, however much later;
    2. else joins the last release of its product line and version, if that began at most 14 days before;
    3. else is a release of its own.
    """
    groups: list[list[KnownRepo]] = []
    by_checkpoint: dict[tuple[str, ...], int] = {}
    by_line: dict[tuple[str, ...], tuple[int, datetime]] = {}
    for known in sorted(repos, key=_in_order):
        name = read_name(known.repo.short_name)
        at = _when(known)
        last, began = by_line.get(name.line, (None, _EARLIEST))
        index = by_checkpoint.get(name.checkpoint)
        if index is None and last is not None and at - began <= TOGETHER:
            index = last
        if index is None:
            index = len(groups)
            groups.append([])
            by_line[name.line] = (index, at)
        groups[index].append(known)
        by_checkpoint.setdefault(name.checkpoint, index)
    return groups


def regroup(repos: Iterable[KnownRepo]) -> tuple[Release, ...]:
    """Group all repositories of an organisation anew, each release keeping the id that it had.

    A group takes the oldest id among its members (so in a merge the oldest stays); where a release is split, the
    part with its first repository keeps the id. A release without an id is new.
    """
    groups = group(repos)
    taken: set[int] = set()
    releases = []
    for members in groups:
        ids = sorted({m.release_id for m in members if m.release_id is not None} - taken)
        release_id = ids[0] if ids else None
        taken.update(ids[:1])
        releases.append(describe(release_id, members))
    return tuple(releases)


def describe(release_id: int | None, members: Sequence[KnownRepo]) -> Release:
    """Sum a group of repositories up as a release, its first repository first."""
    ordered = sorted(members, key=_in_order)
    released_at, basis = dated(ordered[0])
    return Release(
        id=release_id,
        name=display_name([m.repo.short_name for m in ordered]),
        kind=_kind(ordered),
        released_at=released_at,
        basis=basis,
        first_seen_at=min(m.first_seen_at for m in ordered),
        repos=tuple(replace(m, release_id=release_id) for m in ordered),
    )


def _when(known: KnownRepo) -> datetime:
    return dated(known)[0] or _EARLIEST


def _in_order(known: KnownRepo) -> tuple[datetime, str, tuple[str, str]]:
    return _when(known), known.repo.short_name.casefold(), known.key


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
