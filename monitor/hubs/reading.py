"""Read what hubs send: strict about shape, tolerant of content, never crashing."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from monitor.core.text import clean as core_clean
from monitor.core.types import Repo, SetAside
from monitor.errors import HubError, Trouble

T = TypeVar("T")

YES_NO: Mapping[object, bool] = {False: False, "false": False, True: True, "true": True, None: False}
_RAW_LIMIT = 64 * 1024
_TEXT_LIMIT = 200
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_SCALARS = (bool, str, type(None))  # what may be looked up in a dictionary
_INT_DIGITS = 18  # fits the 64 bits of a database column


class RepeatedKeys(dict[str, object]):
    """An object in which a key stood twice: which of its values is meant cannot be known."""


def load_json(body: bytes) -> object:
    """Parse a hub's answer. Raises HubError(SHAPE) where it is no JSON, or nested beyond all sense.

    NaN, infinities and absurdly long numbers become None; bytes that are no UTF-8 become U+FFFD.
    """
    try:
        return json.loads(
            body.decode("utf-8-sig", errors="replace"),
            parse_constant=lambda _: None,
            parse_int=_int,
            parse_float=_float,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise HubError(f"an answer that is no JSON: {_opening(body)}", Trouble.SHAPE) from error


def clean(text: str) -> str:
    """Return the text on one line, without anything invisible, at most 200 characters long."""
    if len(text) <= _TEXT_LIMIT and text.isascii() and text.isprintable() and " " not in text:
        return text  # almost every text of a row, and rows come by the hundred thousand
    return core_clean(text[: 4 * _TEXT_LIMIT])[:_TEXT_LIMIT]


def parse_time(value: object) -> datetime:
    """Return an ISO 8601 time with a zone as aware UTC. Raises ValueError, also for years that cannot be."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("not a time with a zone")
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a year that cannot be") from error
    if not 1970 <= moment.year < 9999:
        raise ValueError("a year that cannot be")
    return moment


def time_or_none(row: Mapping[str, object], key: str) -> datetime | None:
    """Return the time under the key; None where it is absent or unreadable."""
    try:
        return parse_time(row.get(key))
    except ValueError:
        return None


def read_each(
    rows: Iterable[object], read: Callable[[object], Repo | None]
) -> tuple[tuple[Repo, ...], tuple[SetAside, ...]]:
    """Return the repositories that `read` makes of the rows (None leaves one out), and the rows that it cannot read."""
    repos: list[Repo] = []
    aside: list[SetAside] = []
    for row in rows:
        try:
            repo = read(row)
        except ValueError as error:
            aside.append(set_aside(str(error), row))
        else:
            if repo is not None:
                repos.append(repo)
    return tuple(repos), tuple(aside)


def set_aside(reason: str, row: object) -> SetAside:
    """Keep a row that could not be read, as JSON of at most 64 kB, for a person to look at."""
    try:
        # ASCII escapes: whatever the row holds, any database and any terminal takes this text.
        raw = json.dumps(row, ensure_ascii=True)
    except (ValueError, RecursionError):
        raw = '"nested too deeply to be shown"'
    return SetAside(clean(reason), raw[:_RAW_LIMIT])


def text_or_none(row: Mapping[str, object], key: str) -> str | None:
    """Return the cleaned text under the key; None where it is absent, empty or no text."""
    value = row.get(key)
    return (clean(value) or None) if isinstance(value, str) else None


def whole_object(row: object) -> Mapping[str, object]:
    """Return the row. Raises ValueError unless it is an object in which each key stands once."""
    if not isinstance(row, dict):
        raise ValueError("a row that is no object")
    if isinstance(row, RepeatedKeys):
        raise ValueError("a key stands twice")
    return row


def matching(row: Mapping[str, object], key: str, grammar: re.Pattern[str]) -> str:
    """Return the text under the key. Raises ValueError where it does not follow the grammar."""
    value = row.get(key)
    if not isinstance(value, str) or not grammar.fullmatch(value) or ".." in value:
        raise ValueError(f"{key} is missing or ill-formed")
    return value


def known_value(row: Mapping[str, object], key: str, values: Mapping[object, T]) -> T:
    """Return what the value under the key means. Raises ValueError where it is none of those known."""
    value = row.get(key)
    if not isinstance(value, _SCALARS) or value not in values:
        raise ValueError(f"{key} is none of the known values")
    return values[value]


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    return read if len(read) == len(pairs) else RepeatedKeys(read)


def _int(digits: str) -> int | None:
    return int(digits) if len(digits) <= _INT_DIGITS else None


def _float(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _opening(body: bytes) -> str:
    return repr(clean(body[:60].decode("utf-8", errors="replace"))) if body.strip() else "it is empty"
