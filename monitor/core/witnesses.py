"""Attach what GitHub and OpenRouter know to the releases that model hubs made."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.dating import LATEST
from monitor.core.names import read_name, says_product
from monitor.core.types import KnownRepo, Release

# Words that name no product: a repository called by these alone belongs to no release, nor does an "awesome" list.
_GENERIC = frozenset(
    ".github agent agents ai api app apps asset assets benchmark benchmarks blog cli code codes collection"
    " community config cookbook cookbooks course data dataset datasets demo demos doc docs documentation eval"
    " evals evaluation example examples finetune finetuning framework github guide guides hub inference io labs"
    " library llm llms main misc model models notebooks paper papers playground plugin plugins project projects"
    " python recipes release releases repo research resources sample samples scripts sdk server site studio"
    " template templates test tests tool toolkit tools train training tutorial tutorials utils vision web website"
    " workshop".split()
)


def attach(releases: Sequence[Release], witnesses: Sequence[KnownRepo]) -> tuple[Release, ...]:
    """Add each witness to at most one release, after the repositories that made it; those that fit none are left out.

    1. Where the witness names a repository on Hugging Face, the release which has that, or the same model.
    2. Else the release that has a model of the witness's own name.
    3. Else the one of its product line whose date is nearest to the witness's.
    """
    if not releases or not witnesses:
        return tuple(releases)
    index = _Index(releases)
    found: dict[int, list[KnownRepo]] = defaultdict(list)
    for witness in sorted(witnesses, key=lambda known: (witness_since(known) or LATEST, known.key)):
        place = index.find(witness)
        if place is not None:
            found[place].append(witness)
    return tuple(
        _with(release, found[place]) if place in found else release for place, release in enumerate(releases)
    )


def witness_since(witness: KnownRepo) -> datetime | None:
    """Return since when a witness knows of its release: the earliest time that it states."""
    contents = witness.contents.confirms if witness.contents else ()
    times = [witness.repo.created_at, *(c.at for c in (*witness.repo.confirms, *contents))]
    return min((at for at in times if at is not None), default=None)


def _with(release: Release, witnesses: Sequence[KnownRepo]) -> Release:
    mine = (w if w.release_id == release.id else replace(w, release_id=release.id) for w in witnesses)
    return replace(release, repos=(*release.repos, *mine))


class _Index:
    """Where the repositories of some releases are, by full name on Hugging Face, by model and by product line."""

    def __init__(self, releases: Sequence[Release]) -> None:
        self._dates = [release.released_at for release in releases]
        self._full: dict[str, int] = {}
        self._checkpoints: dict[tuple[str, ...], int] = {}
        self._lines: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, release in enumerate(releases):
            for known in release.repos:
                name = read_name(known.repo.short_name)
                if known.hub == "huggingface":
                    self._full.setdefault(known.repo.name.casefold(), place)
                self._checkpoints.setdefault(name.checkpoint, place)
                self._lines[name.line].append(place)

    def find(self, witness: KnownRepo) -> int | None:
        """Return the place of the release that the witness belongs to, if there is one."""
        return next((place for place in self._candidates(witness) if place is not None), None)

    def _candidates(self, witness: KnownRepo) -> Iterator[int | None]:
        same_as = witness.repo.same_as
        if same_as:
            yield self._full.get(same_as.casefold())
            yield self._checkpoints.get(read_name(same_as.rpartition("/")[2]).checkpoint)
        name = read_name(witness.repo.short_name)
        if says_product(name) and not _is_generic(name.line):
            yield self._checkpoints.get(name.checkpoint)
            yield self._nearest(self._lines.get(name.line, []), witness_since(witness))

    def _nearest(self, places: Sequence[int], since: datetime | None) -> int | None:
        """Return the place whose date is nearest; the first of several that are equally near."""
        return min(places, key=lambda place: _distance(self._dates[place], since), default=None)


def _distance(one: datetime | None, other: datetime | None) -> timedelta:
    return timedelta.max if one is None or other is None else abs(one - other)


def _is_generic(tokens: tuple[str, ...]) -> bool:
    return tokens[0] == "awesome" or all(token in _GENERIC for token in tokens)
