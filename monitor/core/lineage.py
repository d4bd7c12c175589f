"""Tell which repositories were launched as one thing, by their names and dates, and why.

Four ties bind a repository to an earlier one of its organisation; the first that holds decides:

    model    the same weights in another format or on another hub                however much later
    line     the same product line and version; size, role and tier may differ   at most 14 whole days after the first
    variant  the same family, version and field; words of its own differ         within 3 days, or 1 without a version
    series   the same family and version, one sees and the other does not        within 1 day

What a hub says of base models binds nothing: conversions name their base too often in name only (a sibling, or
what an adapter was trained upon), and those that name it truly carry its name.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from monitor.core.dating import dated, place
from monitor.core.names import read_name
from monitor.core.types import KnownRepo, Release

# How long after the first repository of a tie the others come; the days of the line are whole ones.
TOGETHER = timedelta(days=14)
_LINE = TOGETHER + timedelta(days=1)
_VERSION = timedelta(days=3)
_DAY = timedelta(days=1)

_NAMED = 3  # repositories of one tie are named in an explanation


class Tie(StrEnum):
    """What binds a repository to a release."""

    MODEL = "model"
    LINE = "line"
    VARIANT = "variant"
    SERIES = "series"


Seen = tuple[str, datetime, bool]  # a repository's name without its owner, its date, whether that is known


class _Bond(NamedTuple):
    """What may bind a repository to others: their keys are equal, and no more than `window` lies between them."""

    tie: Tie
    key: str
    window: timedelta


class _Step(NamedTuple):
    """Which group a repository is in, by which tie, and to which one before it; None for the first of a group."""

    number: int
    tie: Tie | None
    other: int | None


class _Opened(NamedTuple):
    """Since when a group can be joined by some tie, and by which of its repositories."""

    number: int
    at: datetime
    by: int


def group(repos: Iterable[Seen]) -> list[int]:
    """Return for each repository, in the order of their dates, the number of its group; numbers count up from 0.

    The first repository of a tie opens it, for as long as the tie lasts. What joined as the same model opens
    nothing: a late conversion does not begin another launch. Where no date is known only model and line bind.
    """
    return [step.number for step in _steps(repos)]


def _steps(repos: Iterable[Seen]) -> Iterator[_Step]:
    models: dict[tuple[str, ...], tuple[int, int]] = {}
    opened: dict[str, _Opened] = {}
    groups = 0
    for index, (short_name, at, is_dated) in enumerate(repos):
        checkpoint = read_name(short_name).checkpoint
        same = models.get(checkpoint)
        if same is not None:
            yield _Step(same[0], Tie.MODEL, same[1])
            continue
        bonds = _bonds(short_name, is_dated)
        step = _join(opened, bonds, at) or _Step(groups, None, None)
        groups = max(groups, step.number + 1)
        for bond in bonds:
            opened.setdefault(bond.key, _Opened(step.number, at, index))
        models[checkpoint] = step.number, index
        yield step


def _join(opened: dict[str, _Opened], bonds: Sequence[_Bond], at: datetime) -> _Step | None:
    """Return where the strongest bond leads to; close what is over."""
    step = None
    for tie, key, window in bonds:
        door = opened.get(key)
        if door is None:
            continue
        if at - door.at >= window:
            del opened[key]
        elif step is None:
            step = _Step(door.number, tie, door.by)
    return step


@lru_cache(maxsize=65536)
def _bonds(short_name: str, is_dated: bool) -> tuple[_Bond, ...]:
    """Return what may bind a repository to others besides being the same model, the strongest first."""
    name = read_name(short_name)
    bonds = [_bond(Tie.LINE, name.line, _LINE)]
    if is_dated:
        bonds.append(_bond(Tie.VARIANT, name.variant, _VERSION if name.series else _DAY))
    if is_dated and name.series:
        bonds.append(_bond(Tie.SERIES, name.series, _DAY))
    return tuple(bonds)


def _bond(tie: Tie, words: Sequence[str], window: timedelta) -> _Bond:
    return _Bond(tie, f"{tie}: {' '.join(words)}", window)


def why_one(release: Release) -> tuple[str, ...]:
    """Say in short sentences why the repositories of a release are one; nothing where there is only one.

    "Foo-2-8B-FP8 holds the same model as Foo-2-8B": the first repository needs no reason, the others have one each.
    """
    models = [known for known in release.repos if not known.is_witness]
    reasons: dict[tuple[Tie | None, int | None, bool], list[KnownRepo]] = defaultdict(list)
    seen = [(known.repo.short_name, place(known), dated(known)[0] is not None) for known in models]
    for known, (_, _, is_dated), step in list(zip(models, seen, _steps(seen), strict=True))[1:]:
        reasons[step.tie, step.other, is_dated].append(known)
    said = [
        _sentence(tie, None if other is None else models[other], members, is_dated)
        for (tie, other, is_dated), members in reasons.items()
    ]
    confirming = [f"{known.repo.name} ({known.hub})" for known in release.repos if known.is_witness]
    return (*said, f"confirmed by {_listed(confirming)}") if confirming else tuple(said)


def _sentence(tie: Tie | None, other: KnownRepo | None, members: Sequence[KnownRepo], is_dated: bool) -> str:
    verb = "are" if len(members) > 1 else "is"
    if tie is None or other is None:
        return f"{_listed([known.repo.short_name for known in members])} {verb} joined by hand"
    names = _listed([_named(known, other) for known in members])
    model = other.repo.short_name
    if tie is Tie.MODEL:
        return f"{names} {'hold' if len(members) > 1 else 'holds'} the same model as {model}"
    name = read_name(model)
    what, window = {
        Tie.LINE: (f"of the line “{' '.join(name.line)}”", f"{TOGETHER.days} days"),
        Tie.VARIANT: (f"of the kind “{' '.join(name.variant)}”", "3 days" if name.series else "a day"),
        Tie.SERIES: (f"of the series “{' '.join(name.series)}”", "a day"),
    }[tie]
    return f"{names} {verb} {what}" + (f", within {window} of {model}" if is_dated else f", like {model}")


def _named(known: KnownRepo, other: KnownRepo) -> str:
    """Name a repository, and its hub where that is another one."""
    return known.repo.short_name if known.hub == other.hub else f"{known.repo.short_name} ({known.hub})"


def _listed(names: Sequence[str]) -> str:
    """Write names as one does in a sentence, of many the first ones and their number."""
    if len(names) > _NAMED + 1:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
