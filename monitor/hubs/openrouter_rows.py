"""Turn the rows of OpenRouter's catalogue into repositories: one a model, whatever ids it is served under.

Source of the keys: openrouter.ai/docs/api-reference/list-available-models.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitor.core.contents import Confirmation, ConfirmationKind
from monitor.core.types import Repo
from monitor.hubs.huggingface_rows import NAME
from monitor.hubs.reading import whole_object

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,89}"
_SLUG = re.compile(rf"{_PART}/{_PART}", re.ASCII)
# "author/slug", with ":free" and the like for a variant.
_ID = re.compile(rf"(?P<name>{_SLUG.pattern})(?P<variant>(?::[A-Za-z0-9._-]{{1,40}})*)", re.ASCII)
_FOUNDED = datetime(2023, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One way to ask for a model: by its own name, or by a variant."""

    slug: str  # the model's, whichever way it is asked for
    name: str
    is_variant: bool
    created_at: datetime | None
    same_as: str | None


def read_row(row: object, now: datetime) -> Row | None:
    """Read one row; None for an alias, which leads to whatever model is the latest and is none itself.

    Raises ValueError naming what cannot be read of that which decides something: id, slug, creation.
    """
    told = whole_object(row)
    said, slug = told.get("id"), told.get("canonical_slug")
    if told.get("alias_target") or (isinstance(said, str) and said.startswith("~")):
        return None
    found = _ID.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        raise ValueError("id is missing or ill-formed")
    if slug is not None and not (isinstance(slug, str) and _SLUG.fullmatch(slug)):
        raise ValueError("canonical_slug is ill-formed")
    return Row(
        slug=slug or found["name"],
        name=found["name"],
        is_variant=bool(found["variant"]),
        created_at=_created_at(told, now),
        same_as=_same_as(told),
    )


def merge(rows: Iterable[Row], site: str) -> Iterator[Repo]:
    """Yield one repository a model, in the order of their slugs, named as it is asked for without a variant."""
    by_slug: dict[str, list[Row]] = {}
    for row in rows:
        by_slug.setdefault(row.slug, []).append(row)
    for slug, ways in sorted(by_slug.items()):
        ways.sort(key=lambda row: (row.is_variant, row.name))
        url = f"{site}/{ways[0].name}"
        created_at = min((way.created_at for way in ways if way.created_at), default=None)
        yield Repo(
            hub_id=slug,
            name=ways[0].name,
            url=url,
            created_at=created_at,
            same_as=next((way.same_as for way in ways if way.same_as), None),
            confirms=(Confirmation(ConfirmationKind.SERVED, "served", url, created_at),),
        )


def author_told(row: object) -> str:
    """Return whose model a row speaks of that cannot be read; "" where that cannot be told either."""
    if not isinstance(row, dict):
        return ""
    names = [row.get(key) for key in ("canonical_slug", "id")]
    authors = [name.partition("/")[0] for name in names if isinstance(name, str) and "/" in name]
    return next((author for author in authors if re.fullmatch(_PART, author, re.ASCII)), "")


def author_of(repo: Repo) -> str:
    """Return whose model it is."""
    return repo.hub_id.partition("/")[0]


def _created_at(row: Mapping[str, object], now: datetime) -> datetime | None:
    """Return when the model was added: seconds since 1970."""
    value = row.get("created")
    if value is None:
        return None
    earliest, latest = _FOUNDED.timestamp(), (now + timedelta(days=2)).timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float) or not earliest <= value <= latest:
        raise ValueError("created is no time that can be")
    return datetime.fromtimestamp(value, UTC)


def _same_as(row: Mapping[str, object]) -> str | None:
    name = row.get("hugging_face_id")
    return name if isinstance(name, str) and "/" in name and NAME.fullmatch(name) else None
