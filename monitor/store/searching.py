"""Look terms up in the index of words that each database keeps of the cards: SQLite's FTS5, PostgreSQL's GIN."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Text,
    bindparam,
    cast,
    column,
    false,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from monitor.core.finding import sought_term
from monitor.store import Transaction
from monitor.store.card_tables import CardRow

# A term, and whether what only begins with it fits too. One of several is enough.
Term = tuple[str, bool]
Alternatives = tuple[Term, ...]

_CARD = CardRow.__table__
_WORDS = table("release_words", column("rowid", BigInteger()), column("release_words", Text()))


@dataclass(frozen=True, slots=True)
class Source:
    """Where to read cards from, which column is their place there, and what has to be so."""

    cards: FromClause
    place: ColumnElement[Any]
    condition: ColumnElement[bool] | None = None


def word_terms(words: Iterable[str]) -> list[Alternatives]:
    """Return what a card must have to be found by every one of these words (`typed_words`)."""
    return [(sought_term(word),) for word in words]


def source(tx: Transaction, terms: Sequence[Alternatives]) -> Source:
    """Return where the cards are that have all of these terms, as the index of words tells, in the order of places."""
    if not terms:
        return Source(_CARD, _CARD.c.place)
    if any(not alternatives for alternatives in terms):
        return Source(_CARD, _CARD.c.place, false())
    if is_postgresql(tx):
        return Source(_CARD, _CARD.c.place, _has(terms))
    joined = _WORDS.join(_CARD, _CARD.c.place == _WORDS.c.rowid)
    return Source(joined, _WORDS.c.rowid, _match(terms))


def passed(tx: Transaction, terms: Sequence[Alternatives]) -> Source:
    """Return the same cards, to be met on the way through an index that has them in another order.

    SQLite would rather collect and sort them all: what is added to their places keeps it from that.
    """
    if is_postgresql(tx):
        return source(tx, terms)
    place = _CARD.c.place + 0
    if not terms:
        return Source(_CARD, place)
    return Source(_CARD, place, place.in_(select(_WORDS.c.rowid).where(_match(terms))))


def is_postgresql(tx: Transaction) -> bool:
    """Tell which of the two databases it is."""
    return tx.connection().dialect.name == "postgresql"


def _match(terms: Sequence[Alternatives]) -> ColumnElement[bool]:
    written = " AND ".join(f"({' OR '.join(map(_fts5, each))})" for each in terms)
    return _WORDS.c.release_words.op("MATCH", is_comparison=True)(written)


def _has(terms: Sequence[Alternatives]) -> ColumnElement[bool]:
    written = " & ".join(f"({' | '.join(map(_tsquery, each))})" for each in terms)
    # Written into the statement: only so the planner knows how many cards to expect. Terms hold no quote.
    sought = cast(bindparam(None, written, type_=Text(), literal_execute=True), TSQUERY)
    return _CARD.c.words.op("@@", is_comparison=True)(sought)


def _fts5(term: Term) -> str:
    return f'"{term[0]}"{"*" if term[1] else ""}'


def _tsquery(term: Term) -> str:
    return f"'{term[0]}'{':*' if term[1] else ''}"
