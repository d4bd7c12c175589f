"""What people correct about the grouping: these repositories are one release, those are apart, or none; its name."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from monitor.core.names import read_name
from monitor.core.types import KnownRepo

Key = tuple[str, str]  # a repository's hub, and the hub's own id: what identifies it for ever
Checkpoint = tuple[str, ...]  # see core.names: the same for all formats of the same weights

LONGEST_NAME = 100  # characters


class CorrectionKind(StrEnum):
    """What a person says of a release."""

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction. It is about repositories, not about names or releases: those may change with every poll.

    merge: what holds any of `repos` or of `rest` is one release.
    split: `repos` are one release, apart from `rest`.
    rename: what holds the most of `repos` is called `name`, unless it holds as many of `rest`: what people had parted
    from them by then.
    discard: `repos` are no release, nor is what came later of the same models.
    """

    number: int
    kind: CorrectionKind
    repos: frozenset[Key]
    rest: frozenset[Key] = frozenset()
    name: str | None = None

    @property
    def about(self) -> frozenset[Key]:
        """The repositories whose release it changes."""
        return self.repos if self.kind is CorrectionKind.RENAME else self.repos | self.rest


@dataclass(frozen=True, slots=True)
class Group:
    """Repositories that are one release; `named` is the number of the latest rename, and the name."""

    keys: frozenset[Key]
    named: tuple[int, str] | None = None


def correct(
    groups: Iterable[Iterable[Key]], checkpoints: Mapping[Key, Checkpoint], corrections: Iterable[Correction]
) -> list[Group]:
    """Apply corrections to groups of repositories, one after the other in the order of their numbers.

    The result depends on nothing but which groups and corrections there are. `checkpoints` has every repository of
    the groups. What a correction names and is in no group is passed over: it may come back.
    """
    corrected = [Group(frozenset(keys)) for keys in groups]
    for correction in sorted(corrections, key=lambda one: one.number):
        corrected = _APPLY[correction.kind](corrected, correction, checkpoints)
    return corrected


def _merge(groups: list[Group], correction: Correction, _: Mapping[Key, Checkpoint]) -> list[Group]:
    named = correction.repos | correction.rest
    ones = [group for group in groups if not group.keys.isdisjoint(named)]
    return [group for group in groups if group.keys.isdisjoint(named)] + _joined(ones)


def _split(groups: list[Group], correction: Correction, checkpoints: Mapping[Key, Checkpoint]) -> list[Group]:
    """Part the repositories from the rest; what came later goes with its checkpoint, if only that side has it."""
    theirs = _of(correction.repos, checkpoints) - _of(correction.rest, checkpoints)
    stay: list[Group] = []
    leave: list[Group] = []
    for group in groups:
        if not group.keys.isdisjoint(correction.rest):
            keys = group.keys - correction.rest
            going = frozenset(key for key in keys if key in correction.repos or checkpoints[key] in theirs)
            stay.append(replace(group, keys=group.keys - going))
            leave += [Group(going)] if going else []
        else:
            (stay if group.keys.isdisjoint(correction.repos) else leave).append(group)
    return stay + _joined(leave)


def _rename(groups: list[Group], correction: Correction, _: Mapping[Key, Checkpoint]) -> list[Group]:
    held = [(group.keys & correction.repos, place) for place, group in enumerate(groups)]
    most = min(((-len(keys), min(keys), place) for keys, place in held if keys), default=None)
    if most is None or correction.name is None:
        return groups
    place = most[-1]
    if len(groups[place].keys & correction.rest) >= -most[0]:
        return groups  # they are parted no more, and a part does not name the whole
    renamed = replace(groups[place], named=(correction.number, correction.name))
    return [*groups[:place], renamed, *groups[place + 1 :]]


def _discard(
    groups: list[Group], correction: Correction, checkpoints: Mapping[Key, Checkpoint]
) -> list[Group]:
    """Take the repositories out; what came later goes with its checkpoint."""
    theirs = _of(correction.repos, checkpoints)
    kept: list[Group] = []
    for group in groups:
        keys = group.keys
        if not keys.isdisjoint(correction.repos):
            keys = frozenset(key for key in keys - correction.repos if checkpoints[key] not in theirs)
        kept += [replace(group, keys=keys)] if keys else []
    return kept


def _joined(groups: list[Group]) -> list[Group]:
    """Make one group of several, with the latest of their names."""
    if len(groups) < 2:
        return groups
    named = max((group.named for group in groups if group.named), default=None)
    return [Group(frozenset[Key]().union(*(group.keys for group in groups)), named)]


def parted_from(repos: frozenset[Key], corrections: Iterable[Correction]) -> frozenset[Key]:
    """Return what corrections part from the repositories of a release."""
    sides = [one for one in corrections if one.kind is CorrectionKind.SPLIT]
    parted = frozenset[Key]()
    for these, those in [(one.repos, one.rest) for one in sides] + [(one.rest, one.repos) for one in sides]:
        if not repos.isdisjoint(these):
            parted |= those
    return parted - repos


def with_their_formats(chosen: Collection[Key], members: Iterable[KnownRepo]) -> frozenset[Key]:
    """Return some repositories of a release, and its other formats and copies of the same models.

    A model goes where its plainest name goes, which is the shortest: a quantisation alone takes nothing along.
    """
    models: dict[Checkpoint, list[KnownRepo]] = defaultdict(list)
    for known in members:
        models[read_name(known.repo.short_name).checkpoint].append(known)
    going = set(chosen)
    for formats in models.values():
        shortest = min(len(known.repo.short_name) for known in formats)
        if any(known.key in chosen and len(known.repo.short_name) == shortest for known in formats):
            going |= {known.key for known in formats}
    return frozenset(going)


def discarded_with(repos: frozenset[Key], known: Iterable[KnownRepo]) -> frozenset[Key]:
    """Return what is in no release because repositories were discarded: these, and what came later of their models."""
    known = tuple(known)
    theirs = {read_name(one.repo.short_name).checkpoint for one in known if one.key in repos}
    out = (one for one in known if one.release_id is None and not one.is_witness)
    return frozenset(one.key for one in out if read_name(one.repo.short_name).checkpoint in theirs)


def _of(keys: Iterable[Key], checkpoints: Mapping[Key, Checkpoint]) -> set[Checkpoint]:
    return {checkpoints[key] for key in keys if key in checkpoints}


_Apply = Callable[[list[Group], Correction, Mapping[Key, Checkpoint]], list[Group]]
_APPLY: Mapping[CorrectionKind, _Apply] = {
    CorrectionKind.MERGE: _merge,
    CorrectionKind.SPLIT: _split,
    CorrectionKind.RENAME: _rename,
    CorrectionKind.DISCARD: _discard,
}
