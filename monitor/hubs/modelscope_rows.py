"""Turn the rows of a ModelScope listing into repositories.

Source of the keys: modelscope.cn/.well-known/openapi.json.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from monitor.core.types import Repo
from monitor.hubs.reading import YES_NO, clean, known_value, matching, parse_time, text_or_none, whole_object

_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}"
# The name is the id, which the database keeps in at most 200 characters, with what `recognised` may add.
NAME = re.compile(rf"(?=.{{3,180}}\Z){_PART}/{_PART}", re.ASCII)
_PARENT = re.compile(r"(?:finetune:|quantized:|adapter:|merge:)?(?P<parent>.+)")
_PARENTS = 50  # no merge has more; a row may claim any number
# Bytes: a repository of words alone is smaller than the one, weights with a tokenizer are larger than the other.
_WORDS, _WEIGHTS = 1_000_000, 20_000_000
_NO_TIME = 4_102_444_800  # seconds: the year 2100


def read_row(row: object, endpoint: str) -> Repo | None:
    """Return the repository, None for a private one. Raises ValueError naming what cannot be read.

    What decides something (identity, creation, visibility, gating, tags) must be readable; what merely informs is
    None where it is not. An absent key is None, never "no". The hub has no id but the name, and no revision.
    """
    row = whole_object(row)
    name = matching(row, "id", NAME)
    if is_private(row):
        return None
    tags = _texts(row, "tags")
    tasks = row.get("tasks")
    parameters = _count(row, "params") or None
    return Repo(
        hub_id=name,
        name=name,
        url=f"{endpoint}/models/{name}",
        created_at=_created_at(row),
        last_modified=_time_or_none(row.get("last_modified")),
        gated=_gated(row),
        licence=text_or_none(row, "license") or next(_tagged(tags, "license:"), None),
        pipeline_tag=text_or_none({"task": tasks[0]}, "task") if isinstance(tasks, list) and tasks else None,
        library=next(_tagged(tags, "library:"), None),
        base_models=_parents(tags),
        parameters=parameters,
        has_weights=_has_weights(parameters, _count(row, "file_size")),
    )


def is_private(row: Mapping[str, object]) -> bool:
    """Whether only its owner, whose token we may hold, sees it. Raises ValueError where that is unreadable."""
    return known_value(row, "private", YES_NO)


def _gated(row: Mapping[str, object]) -> str | None:
    """Who must log in, or ask, cannot simply download; which of the two it is the hub does not tell."""
    if known_value(row, "gated", YES_NO) or known_value(row, "login_required", YES_NO):
        return "manual"
    return None if row.get("gated") is None else "no"


def _has_weights(parameters: int | None, size: int | None) -> bool | None:
    """Judge by the size of all files, in bytes; None where it may be that of a tokenizer, or of small weights."""
    if parameters or (size is not None and size >= _WEIGHTS):
        return True
    return False if size is not None and size < _WORDS else None


def _created_at(row: Mapping[str, object]) -> datetime | None:
    try:
        return None if row.get("created_at") is None else _time(row["created_at"])
    except ValueError as error:
        raise ValueError(f"created_at: {error}") from error


def _time_or_none(value: object) -> datetime | None:
    try:
        return _time(value)
    except ValueError:
        return None


def _time(value: object) -> datetime:
    """Return an ISO 8601 time, or seconds since 1970, as the hub's older interface tells them."""
    if not isinstance(value, int) or isinstance(value, bool):
        return parse_time(value)
    if not 0 < value < _NO_TIME:
        raise ValueError("a year that cannot be")
    return datetime.fromtimestamp(value, UTC)


def _count(row: Mapping[str, object], key: str) -> int | None:
    value = row.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _texts(row: Mapping[str, object], key: str) -> tuple[str, ...]:
    texts = row.get(key)
    if texts is None:
        return ()
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{key} is no list of texts")
    return tuple(texts)


def _tagged(tags: Iterable[str], kind: str) -> Iterator[str]:
    values = (clean(tag.removeprefix(kind)) for tag in tags if tag.startswith(kind))
    return (value for value in values if value)


def _parents(tags: Iterable[str]) -> tuple[str, ...]:
    """Return each parent once, with or without the kind of relation before it."""
    found = (_PARENT.fullmatch(value) for value in _tagged(tags, "base_model:"))
    return tuple(dict.fromkeys(match["parent"] for match in found if match))[:_PARENTS]
