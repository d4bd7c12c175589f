"""Read lists of releases a page at a time, narrowed down, searched and sorted, each by an index."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, case, func, select, tuple_

from monitor.core.card import day_number, day_of, places_within
from monitor.core.finding import typed_words, value_term
from monitor.store import Transaction
from monitor.store.card_tables import CardRow
from monitor.store.reading import JsonRow
from monitor.store.searching import Alternatives, Source, is_postgresql, passed, source, word_terms

# As many rows has a page at most.
MOST_ROWS = 200

# As far is counted; what is more is sorted by walking through an index, not by sorting it.
MOST_COUNTED = 1000

_CARD = CardRow.__table__

_PLACES = (-(2**63), 2**63 - 1)  # every release, dated or not
_LONGEST_CURSOR = 4000


class Sort(StrEnum):
    """By what a list is sorted."""

    RELEASED = "released"
    NAME = "name"
    PARAMETERS = "parameters"
    ORGANIZATION = "organization"


_SORTED_BY: dict[Sort, ColumnElement[Any]] = {
    Sort.NAME: _CARD.c.folded,
    Sort.PARAMETERS: _CARD.c.parameters,
    Sort.ORGANIZATION: _CARD.c.organization,
}


@dataclass(frozen=True, slots=True)
class Query:
    """What a list is to show; None and () mean everything. `since` and `until` are moments, both inclusive.

    `after` and `before` are cursors of an earlier page (`Page`) of the same sort, of which at most one is given.
    Raises ValueError for what cannot be asked.
    """

    organizations: tuple[str, ...] = ()
    country: str | None = None
    hub: str | None = None
    kind: str | None = None
    licence: str | None = None
    openness: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    sort: Sort = Sort.RELEASED
    descending: bool = True
    after: str | None = None
    before: str | None = None
    limit: int = 50

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        if not 1 <= self.limit <= MOST_ROWS:
            raise ValueError(f"a page has 1 to {MOST_ROWS} rows")
        if self.after is not None and self.before is not None:
            raise ValueError("either after or before a row, not both")
        for cursor in (self.after, self.before):
            if cursor is not None:
                _read(cursor, self.sort)
        places_within(self.since, self.until)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and the cursors with which to ask for those after them and before; None at the ends."""

    rows: list[JsonRow]
    next: str | None
    previous: str | None


class Counted(NamedTuple):
    """How many releases there are; `is_all` is False where there are more."""

    number: int
    is_all: bool


class _Key(NamedTuple):
    """Where a row stands in a list: what it is sorted by, its place where that is all, and its place."""

    value: Any
    place: int


def releases(tx: Transaction, query: Query) -> Page:
    """Return a page of releases as rows of a list: like those of the release log, without what each repository is."""
    terms = _terms(query)
    is_back = query.before is not None
    descending = query.descending != is_back
    if query.sort is Sort.RELEASED:
        found = _by_place(tx, query, terms, descending)
    else:
        found = _by_value(tx, query, terms, descending)
    rows = list(tx.execute(found.limit(query.limit + 1)))
    is_more = len(rows) > query.limit
    rows = rows[: query.limit]
    if is_back:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    first, last = _cursor(rows[0], query.sort), _cursor(rows[-1], query.sort)
    has_next, has_previous = (True, is_more) if is_back else (is_more, query.after is not None)
    return Page([_row(row) for row in rows], last if has_next else None, first if has_previous else None)


def count(tx: Transaction, query: Query) -> Counted:
    """Count what a query finds on all of its pages together, as far as 1,000."""
    places = _within(query, source(tx, _terms(query)), counted=True).subquery()
    number = tx.scalar(select(func.count()).select_from(places)) or 0
    return Counted(min(number, MOST_COUNTED), number <= MOST_COUNTED)


def facets(tx: Transaction) -> dict[str, list[tuple[str, int]]]:
    """Return the values that releases have of what a list can be narrowed down by, with how many have each.

    The most frequent first. It reads an index from end to end: keep it for a while.
    """
    names = ("kind", "licence", "openness", "country")
    columns = [_CARD.c[name] for name in names]
    found: dict[str, Counter[str]] = {name: Counter() for name in names}
    for *values, number in tx.execute(select(*columns, func.count()).group_by(*columns)):
        for name, value in zip(names, values, strict=True):
            for each in (value or "").split(", ") if name == "licence" else [value]:
                if each:
                    found[name][each] += number
    return {name: sorted(counts.items(), key=lambda one: (-one[1], one[0])) for name, counts in found.items()}


def launches_by_day(tx: Transaction, first: date, last: date) -> dict[date, int]:
    """Return how many launches there were on each day, from one to another, both inclusive; without those of none.

    What is pending, or has no date, is no launch. Days are of UTC.
    """
    day = _CARD.c.day
    query = select(day, func.count()).where(day.between(day_number(first), day_number(last))).group_by(day)
    return {day_of(number): launches for number, launches in tx.execute(query.order_by(day))}


def launches_by_period(tx: Transaction, bounds: Sequence[date]) -> dict[str, list[int]]:
    """Return the launches of each organisation that had any, in each period from one bound to before the next.

    Bounds are days of UTC, in their order, at least two.
    """
    days = [day_number(bound) for bound in bounds]
    whens = [(_CARD.c.day < end, number) for number, end in enumerate(days[1:])]
    period = case(*whens, else_=len(days) - 2)
    query = select(_CARD.c.organization, period, func.count())
    query = query.where(_CARD.c.day >= days[0], _CARD.c.day < days[-1])
    found: dict[str, list[int]] = {}
    for key, number, launches in tx.execute(query.group_by(_CARD.c.organization, period)):
        found.setdefault(key, [0] * (len(days) - 1))[number] = launches
    return found


def _by_place(tx: Transaction, query: Query, terms: list[Alternatives], descending: bool) -> Select[Any]:
    """Return the cards in the order of their places, in which every index has them.

    Of several terms PostgreSQL cannot tell how many cards have them all, and may look for a handful in vain.
    """
    places = _few(tx, query, terms) if len(terms) > 1 and is_postgresql(tx) else None
    read = source(tx, terms)
    found = _within(query, read) if places is None else select(_CARD).where(_CARD.c.place.in_(places))
    if (key := _key(query)) is not None:
        found = found.where(read.place < key.place if descending else read.place > key.place)
    return found.order_by(read.place.desc() if descending else read.place)


def _by_value(tx: Transaction, query: Query, terms: list[Alternatives], descending: bool) -> Select[Any]:
    """Return the cards in the order of something else.

    1. Few are found first, and then sorted.
    2. Of many some are soon met when all are gone through in that order.
    """
    value, place = _SORTED_BY[query.sort], _CARD.c.place
    places = _few(tx, query, terms) if terms or query.since or query.until else None
    found = _within(query, passed(tx, terms)) if places is None else select(_CARD).where(place.in_(places))
    if (key := _key(query)) is not None:
        here, there = tuple_(value, place), tuple_(key.value, key.place)
        found = found.where(here < there if descending else here > there)
    return found.order_by(*(one.desc() if descending else one for one in (value, place)))


def _few(tx: Transaction, query: Query, terms: list[Alternatives]) -> Sequence[int] | None:
    """Return the places of all that a query finds, on whatever page; None where they are many."""
    places = tx.scalars(_within(query, source(tx, terms), counted=True)).all()
    return places if len(places) <= MOST_COUNTED else None


def _within(query: Query, read: Source, *, counted: bool = False) -> Select[Any]:
    """Return the cards of a source in the time that is asked for; to be counted, their places, as far as is counted."""
    found: Select[Any] = select(read.place) if counted else select(*_CARD.c)
    found = found.select_from(read.cards)
    if read.condition is not None:
        found = found.where(read.condition)
    if query.since or query.until:
        low, high = places_within(query.since, query.until)
        found = found.where(read.place >= low, read.place < high)
    return found.limit(MOST_COUNTED + 1) if counted else found


def _terms(query: Query) -> list[Alternatives]:
    """Return the terms that a card must have. What has no word in it, and is no blank, finds nothing."""
    fields = {
        "country": query.country,
        "hub": query.hub,
        "kind": query.kind,
        "licence": query.licence,
        "openness": query.openness,
    }
    terms: list[Alternatives] = [
        ((value_term(name, value), False),) for name, value in fields.items() if value
    ]
    if query.organizations:
        terms.append(tuple((value_term("organization", key), False) for key in query.organizations))
    if query.search and query.search.strip():
        terms += word_terms(typed_words(query.search)) or [()]
    return terms


def _key(query: Query) -> _Key | None:
    cursor = query.after or query.before
    return None if cursor is None else _read(cursor, query.sort)


def _cursor(row: Row[Any], sort: Sort) -> str:
    value = None if sort is Sort.RELEASED else row._mapping[_SORTED_BY[sort]]
    written = json.dumps([sort.value, value, row.place], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(written).decode().rstrip("=")


def _read(cursor: str, sort: Sort) -> _Key:
    """Read a cursor that `_cursor` wrote. Raises ValueError for anything else."""
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError("too long")
        written = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        of, value, place = json.loads(written)
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise ValueError("not a cursor of a list") from error
    kind = {Sort.RELEASED: type(None), Sort.PARAMETERS: int}.get(sort, str)
    numbers = [one for one in (value, place) if type(one) is int]
    is_ours = of == sort.value and type(value) is kind and type(place) is int
    if not is_ours or any(not _PLACES[0] <= one <= _PLACES[1] for one in numbers):
        raise ValueError("not a cursor of this list")
    if isinstance(value, str) and not _is_storable(value):
        raise ValueError("not a cursor of this list")
    return _Key(value, place)


def _is_storable(text: str) -> bool:
    """Tell whether both databases take a text: neither a lone surrogate nor a NUL."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _row(row: Row[Any]) -> JsonRow:
    return {
        "id": row.release_id,
        "organization": row.organization,
        "country": row.country,
        "name": row.name,
        "kind": row.kind,
        "released_at": row.released_at,
        "basis": row.basis,
        "first_seen_at": row.first_seen_at,
        "found_late": row.found_late,
        "hubs": row.hubs,
        "weights": row.weights,
        "openness": row.openness,
        "parameters": row.parameters or None,
        "licence": row.licence,
        "models": row.repos,
        "url": row.url,
    }
