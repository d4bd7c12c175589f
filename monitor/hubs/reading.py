"""Read what hubs send: strict about shape, tolerant of content, never crashing."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from monitor.core.text import clean as core_clean
from monitor.core.types import SetAside
from monitor.errors import HubError, Trouble

_RAW_LIMIT = 64 * 1024
_TEXT_LIMIT = 200
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
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
