"""Turn the rows of a Hugging Face listing into repositories.

Source of the keys: `ModelInfo` of huggingface_hub and rows that the hub answered.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from monitor.core.types import Repo
from monitor.hubs.reading import (
    YES_NO,
    clean,
    known_value,
    matching,
    parse_time,
    text_or_none,
    time_or_none,
    whole_object,
)

OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
# "owner/name", or a name alone, as the oldest repositories have.
_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,95}"
NAME = re.compile(rf"(?:{_PART}/)?{_PART}", re.ASCII)
_RELATION = re.compile(r"base_model:(?:finetune:|quantized:|adapter:|merge:)?(?P<parent>.+)")
_TELLING = ("license:", "base_model:")
_GATED = {False: "no", "false": "no", True: "manual", "true": "manual", "auto": "auto", "manual": "manual"}
_PARENTS = 50  # no merge has more; a row may claim any number


def read_row(row: object, endpoint: str) -> Repo | None:
    """Return the repository, None for a private one. Raises ValueError naming what cannot be read.

    What decides something (identity, name, creation, visibility, gating, tags) must be readable; what merely
    informs is None where it is not. An absent key is None, never "no".
    """
    row = whole_object(row)
    hub_id, name = matching(row, "_id", OBJECT_ID), matching(row, "id", NAME)
    if known_value(row, "private", YES_NO):
        return None
    licence, base_models = _of_tags(row.get("tags"))
    licence_name, licence_link = _of_card(row.get("cardData"))
    parameters = _parameters(row.get("safetensors"))
    disabled = row.get("disabled")
    return Repo(
        hub_id=hub_id,
        name=name,
        url=f"{endpoint}/{name}",
        created_at=_created_at(row),
        last_modified=time_or_none(row, "lastModified"),
        sha=text_or_none(row, "sha"),
        gated=known_value(row, "gated", _GATED) if row.get("gated") is not None else None,
        licence=licence,
        pipeline_tag=text_or_none(row, "pipeline_tag"),
        library=text_or_none(row, "library_name"),
        base_models=base_models,
        parameters=parameters,
        disabled=disabled if isinstance(disabled, bool) else None,
        licence_name=licence_name,
        licence_link=licence_link,
        # A repository without safetensors may hold weights of another format.
        has_weights=True if parameters else None,
    )


def is_private(row: Mapping[str, object]) -> bool:
    """Whether only its owner, whose token we may hold, sees it. Raises ValueError where that is unreadable."""
    return known_value(row, "private", YES_NO)


def _created_at(row: Mapping[str, object]) -> datetime | None:
    if row.get("createdAt") is None:
        return None
    try:
        return parse_time(row["createdAt"])
    except ValueError as error:
        raise ValueError(f"createdAt: {error}") from error


def _of_tags(tags: object) -> tuple[str | None, tuple[str, ...]]:
    """Return the licence, and each parent once: the hub names it with and without the kind of relation."""
    licence: str | None = None
    parents: dict[str, None] = {}
    for tag in _telling(tags):
        if tag.startswith("license:"):
            licence = licence or clean(tag.removeprefix("license:")) or None
        elif match := _RELATION.fullmatch(tag):
            parents[clean(match["parent"])] = None
    parents.pop("", None)
    return licence, tuple(parents)[:_PARENTS]


def _telling(tags: object) -> list[str]:
    """Return the few tags that we read. Raises ValueError where they are no list of texts."""
    if tags is None:
        return []
    if isinstance(tags, list):
        with suppress(AttributeError):  # of whatever is no text
            return [tag for tag in tags if tag.startswith(_TELLING)]
    raise ValueError("tags are no list of texts")


def _of_card(card: object) -> tuple[str | None, str | None]:
    """Return name and address of the licence in the README's own header: "" where it states none."""
    if not isinstance(card, dict):
        return None, None
    return _stated(card.get("license_name")), _stated(card.get("license_link"))


def _stated(value: object) -> str | None:
    if value is None:
        return ""
    return clean(value) if isinstance(value, str) else None


def _parameters(safetensors: object) -> int | None:
    total = safetensors.get("total") if isinstance(safetensors, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else None
