"""What addresses of the JSON interface are given, and how their answers are wrapped."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Path, Request, Response
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from starlette.exceptions import HTTPException

from monitor.config import HUBS, suggestion
from monitor.core.flat import time_text
from monitor.store import Transaction
from monitor.store.asking import organization_names

Item = TypeVar("Item")

_KEY = r"^[a-z0-9][a-z0-9-]*$"


def _is_moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _is_hub(text: str) -> str:
    if text not in HUBS:
        raise ValueError(f"must be one of {', '.join(HUBS)}")
    return text


# A text to look for; no database keeps a NUL.
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]

Key = Annotated[str, StringConstraints(max_length=80, pattern=_KEY)]
KeyInPath = Annotated[str, Path(max_length=80, pattern=_KEY)]

# A hub that accounts can be on.
Hub = Annotated[str, AfterValidator(_is_hub), WithJsonSchema({"type": "string", "enum": list(HUBS)})]

# What a database may have given.
Id = Annotated[int, Path(ge=1, le=2**31 - 1)]

Day = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_is_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
    ),
]

# A moment in an answer: in UTC, to the second.
Moment = Annotated[
    datetime,
    PlainSerializer(time_text, return_type=str),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-04-24T03:00:00Z"]}, mode="serialization"
    ),
]


class Asked(BaseModel):
    """The parameters of an address; one that is not known is refused, as it would narrow nothing down."""

    model_config = ConfigDict(extra="forbid")


class Items(BaseModel, Generic[Item]):
    """A list."""

    items: list[Item]


class Page(Items[Item], Generic[Item]):
    """A part of a list."""

    next: str | None = Field(description="The address of the next part; null at the end.")


class Problem(BaseModel):
    """Why there is no other answer."""

    detail: str


class Wrong(BaseModel):
    """What is wrong with one parameter."""

    type: str
    loc: list[str | int]
    msg: str


class Invalid(BaseModel):
    """What is wrong with the parameters."""

    detail: list[Wrong]


def _said(model: type[BaseModel], description: str) -> dict[str, Any]:
    return {"model": model, "description": description}


ERRORS: dict[int | str, dict[str, Any]] = {
    401: _said(Problem, "Reading needs a token."),
    421: _said(Problem, "The site is not known by the name in Host."),
    422: _said(Invalid, "A parameter is not what it should be."),
    429: _said(Problem, "Too many wrong tokens came from this address; Retry-After says when to go on."),
    503: _said(Problem, "The database cannot be read just now."),
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: _said(Problem, "There is nothing of that name or number.")}
REFUSED: dict[int | str, dict[str, Any]] = {400: _said(Problem, "What is asked for cannot be.")}


def moment(text: str | None, at: time) -> datetime | None:
    """Return the moment that a text means: a day its beginning, or its end; without a zone it is of UTC."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    if len(text) == len("2026-04-24"):
        found = datetime.combine(date.fromisoformat(text), at)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def link_next(request: Request, response: Response, cursor: object | None, name: str = "after") -> str | None:
    """Return the address of the same list from a cursor on, and name it in the header, too (RFC 8288)."""
    if cursor is None:
        return None
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != name]
    address = f"{request.url.path}?{urlencode([*kept, (name, cursor)])}"
    response.headers["link"] = f'<{address}>; rel="next"'
    return address


def refuse_unknown(tx: Transaction, keys: list[str]) -> None:
    """Raise HTTPException 404, with a suggestion, for an organisation that was never watched."""
    names = organization_names(tx)
    for key in keys:
        if key not in names:
            raise HTTPException(404, f"no organisation {key!r}{suggestion(key, names)}")
