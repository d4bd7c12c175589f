"""Turn the rows of a Hugging Face listing into repositories.

Source of the keys: `ModelInfo` of huggingface_hub and rows that the hub answered.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from monitor.core.types import Repo, SetAside
from monitor.hubs.reading import RepeatedKeys, clean, parse_time, set_aside, text_or_none

T = TypeVar("T")

OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
# "owner/name", or a name alone, as the oldest repositories have.
_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,95}"
NAME = re.compile(rf"(?:{_PART}/)?{_PART}", re.ASCII)
_RELATION = re.compile(r"base_model:(?:finetune:|quantized:|adapter:|merge:)?(?P<parent>.+)")
_GATED = {False: "no", "false": "no", True: "manual", "true": "manual", "auto": "auto", "manual": "manual"}
_PARENTS = 50  # no merge has more; a row may claim any number
_YES_NO = {False: False, "false": False, True: True, "true": True, None: False}


def read_rows(rows: Iterable[object], endpoint: str) -> tuple[tuple[Repo, ...], tuple[SetAside, ...]]:
    """Return the public repositories, and the rows that could not be read.

    Private ones, which a token may show, are left out: nobody else can see them.
    """
    repos: list[Repo] = []
    aside: list[SetAside] = []
    for row in rows:
        try:
            repo = read_row(row, endpoint)
        except ValueError as error:
            aside.append(set_aside(str(error), row))
        else:
            if repo is not None:
                repos.append(repo)
    return tuple(repos), tuple(aside)


def read_row(row: object, endpoint: str) -> Repo | None:
    """Return the repository, None for a private one. Raises ValueError naming what cannot be read.

    What decides something (identity, name, creation, visibility, gating, tags) must be readable; what merely
    informs is None where it is not. An absent key is None, never "no".
    """
    if not isinstance(row, dict):
        raise ValueError("a row that is no object")
    if isinstance(row, RepeatedKeys):
        raise ValueError("a key stands twice")
    hub_id, name = _matching(row, "_id", OBJECT_ID), _matching(row, "id", NAME)
    if _known(row, "private", _YES_NO):
        return None
    tags = _tags(row)
    return Repo(
        hub_id=hub_id,
        name=name,
        url=f"{endpoint}/{name}",
        created_at=_created_at(row),
        last_modified=_time_or_none(row, "lastModified"),
        sha=text_or_none(row, "sha"),
        gated=_known(row, "gated", _GATED) if row.get("gated") is not None else None,
        licence=_licence(tags),
        pipeline_tag=text_or_none(row, "pipeline_tag"),
        library=text_or_none(row, "library_name"),
        base_models=_base_models(tags),
        parameters=_parameters(row.get("safetensors")),
    )


def is_private(row: Mapping[str, object]) -> bool:
    """Whether only its owner, whose token we may hold, sees it. Raises ValueError where that is unreadable."""
    return _known(row, "private", _YES_NO)


def _matching(row: Mapping[str, object], key: str, grammar: re.Pattern[str]) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not grammar.fullmatch(value) or ".." in value:
        raise ValueError(f"{key} is missing or ill-formed")
    return value


def _known(row: Mapping[str, object], key: str, values: Mapping[object, T]) -> T:
    value = row.get(key)
    if not isinstance(value, bool | str | None) or value not in values:
        raise ValueError(f"{key} is none of the known values")
    return values[value]


def _created_at(row: Mapping[str, object]) -> datetime | None:
    if row.get("createdAt") is None:
        return None
    try:
        return parse_time(row["createdAt"])
    except ValueError as error:
        raise ValueError(f"createdAt: {error}") from error


def _time_or_none(row: Mapping[str, object], key: str) -> datetime | None:
    try:
        return parse_time(row.get(key))
    except ValueError:
        return None


def _tags(row: Mapping[str, object]) -> tuple[str, ...]:
    tags = row.get("tags")
    if tags is None:
        return ()
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError("tags are no list of texts")
    return tuple(tags)


def _licence(tags: Iterable[str]) -> str | None:
    found = (clean(tag.removeprefix("license:")) for tag in tags if tag.startswith("license:"))
    return next((licence for licence in found if licence), None)


def _base_models(tags: Iterable[str]) -> tuple[str, ...]:
    """Return each parent once: the hub names it with and without the kind of relation."""
    found = (_RELATION.fullmatch(tag) for tag in tags)
    parents = (clean(match["parent"]) for match in found if match)
    return tuple(dict.fromkeys(parent for parent in parents if parent))[:_PARENTS]


def _parameters(safetensors: object) -> int | None:
    total = safetensors.get("total") if isinstance(safetensors, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else None
