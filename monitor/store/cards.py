"""Keep the cards of releases: derived from releases and repositories, in the transaction that changes these.

The cards of a whole organisation, as after its first listing, are made later, by whoever shows them (`catch_up`): a
first sweep of many accounts shall not wait for lists that perhaps nobody opens.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from monitor.core.card import Card, make_card
from monitor.core.finding import index_terms, value_term
from monitor.core.types import KnownRepo, Release
from monitor.store import Store, Transaction
from monitor.store.bulk import as_texts, insert_rows, is_among
from monitor.store.card_tables import CardRow
from monitor.store.release_log import release_value
from monitor.store.tables import OrganizationRow, ReleaseRow, RepoRow

# To be raised whenever a card is made of the same release in another way: then all are made anew.
RULE = 1

# More cards of one organisation than this are made later.
_AT_ONCE = 200

# As many are then made in one transaction: a poll waits for so long.
_BATCH = 500

# In the place of a rule, while the cards of an organisation are made.
_BEING_MADE = -1

_CARD = CardRow.__table__
_ORGANIZATION = OrganizationRow.__table__

# What a card says; its number is given later.
_COLUMNS = tuple(column.name for column in _CARD.columns if column.name != "number")

_DUE = select(_ORGANIZATION.c.key).where(_ORGANIZATION.c.cards != RULE).order_by(_ORGANIZATION.c.key)
_SHOWN = select(_ORGANIZATION.c.key, _ORGANIZATION.c.name, _ORGANIZATION.c.country).where(
    is_among(_ORGANIZATION.c.key, "keys")
)
_POSTPONE = (
    update(OrganizationRow)
    .where(is_among(_ORGANIZATION.c.key, "keys"), _ORGANIZATION.c.cards != 0)
    .values(cards=0)
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The releases of an organisation as they are now, by their ids, and the ids of those that may look different."""

    organization: str
    releases: Mapping[int, Release]
    touched: frozenset[int]


def write_cards(tx: Transaction, shown: Sequence[Shown]) -> None:
    """Write the cards of what was touched; where that is much, note that the organisation's are to be made."""
    now = {one.organization: one for one in shown if 0 < len(one.touched) <= _AT_ONCE}
    postpone(tx, (one.organization for one in shown if len(one.touched) > _AT_ONCE))
    if not now:
        return
    rows = list[tuple[Any, ...]]()
    for key, name, country in tx.execute(_SHOWN, {"keys": as_texts(now)}):
        releases = now[key].releases
        touched = (replace(releases[number], id=number) for number in now[key].touched & releases.keys())
        rows += [_values(release, key, name, country) for release in touched]
    _replace(tx, rows, {number for one in now.values() for number in one.touched})


def postpone(tx: Transaction, organizations: Iterable[str]) -> None:
    """Note that the cards of organisations are to be made anew."""
    if keys := list(organizations):
        tx.connection().execute(_POSTPONE, {"keys": as_texts(keys)})


def are_due(tx: Transaction) -> bool:
    """Tell whether cards are to be made."""
    return tx.execute(_DUE.limit(1)).first() is not None


def catch_up(store: Store) -> int:
    """Make the cards that are to be made, some hundred a transaction; return of how many organisations.

    Whoever shows lists calls it first, and whenever `are_due`. It may be stopped anywhere, and called by several
    processes at once. Raises StoreError.
    """
    with store.reading() as tx:
        due = tx.scalars(_DUE).all()
    for key in due:
        _begin(store, key)
        after: int | None = 0
        while after is not None:
            with store.writing() as tx:
                after = _remake(tx, key, after)
    return len(due)


def _begin(store: Store, key: str) -> None:
    """Note that the cards of an organisation are being made: what is postponed meanwhile is to be made after all."""
    with store.writing() as tx:
        begin = update(OrganizationRow).where(OrganizationRow.key == key, OrganizationRow.cards != RULE)
        tx.connection().execute(begin.values(cards=_BEING_MADE))


def _remake(tx: Transaction, key: str, after: int) -> int | None:
    """Make the next cards of an organisation anew, while none of its accounts is polled; return the last one's id.

    Return None where these were all; it is up to date then, unless something was postponed meanwhile.
    """
    locked = select(OrganizationRow).where(OrganizationRow.key == key).with_for_update()
    organization = tx.scalars(locked).one()
    theirs = select(ReleaseRow.__table__).where(ReleaseRow.organization == key, ReleaseRow.id > after)
    releases = tx.execute(theirs.order_by(ReleaseRow.id).limit(_BATCH)).all()
    if not releases:
        ids = select(ReleaseRow.id).where(ReleaseRow.organization == key)
        strays = delete(CardRow).where(CardRow.organization == key, CardRow.release_id.not_in(ids))
        tx.connection().execute(strays)
        if organization.cards == _BEING_MADE:
            organization.cards = RULE
        return None
    repos = defaultdict[int, list[Row[Any]]](list)
    for row in tx.execute(
        select(RepoRow.__table__).where(RepoRow.release_id.in_([one.id for one in releases]))
    ):
        repos[row.release_id].append(row)
    called, country = organization.name, organization.country
    rows = [_values(release_value(row, repos[row.id]), key, called, country) for row in releases]
    _replace(tx, rows, [row.id for row in releases])
    return int(releases[-1].id)


def _replace(tx: Transaction, rows: Sequence[tuple[Any, ...]], touched: Iterable[int]) -> None:
    """Write rows for what is touched where they differ, and remove the others of it."""
    number = _COLUMNS.index("release_id")
    stored = select(*(_CARD.c[name] for name in _COLUMNS)).where(_CARD.c.release_id.in_(touched))
    before = {row.release_id: tuple(row) for row in tx.execute(stored)}
    new = [
        row
        for row in rows
        if row[number] not in before or _comparable(row) != _comparable(before[row[number]])
    ]
    gone = (before.keys() - {row[number] for row in rows}) | {row[number] for row in new}
    if gone := gone & before.keys():
        tx.connection().execute(
            delete(CardRow).where(_CARD.c.release_id == bindparam("gone")), [{"gone": one} for one in gone]
        )
    insert_rows(tx, CardRow, _COLUMNS, new)


def _comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a row with its words in no order: PostgreSQL gives them back in its own, and in quotes."""
    return *row[:-1], frozenset(row[-1].replace("'", "").split())


def _values(release: Release, organization: str, called: str, country: str | None) -> tuple[Any, ...]:
    """Return the row of a release in the order of the columns."""
    card = make_card(release, organization, country)
    given = {name: getattr(card, name) for name in _COLUMNS if name != "words"}
    given |= {
        "basis": card.basis.value,
        "weights": card.weights.value,
        "openness": card.openness.value,
        "hubs": list(card.hubs),
        "words": _words(card, called, release.repos),
    }
    return tuple(given[name] for name in _COLUMNS)


def _words(card: Card, called: str, repos: Iterable[KnownRepo]) -> str:
    texts = [card.name, card.organization, called, *(known.repo.name for known in repos)]
    return f" {' '.join([*index_terms(texts), *value_terms(card)])} "


def value_terms(card: Card) -> list[str]:
    """Return the terms of what a list can be narrowed down by."""
    values = [
        ("organization", card.organization),
        ("country", card.country),
        ("kind", card.kind),
        *(("licence", licence) for licence in (card.licence or "").split(", ") if licence),
        ("openness", card.openness.value),
        *(("hub", hub) for hub in card.hubs),
    ]
    return [value_term(field, value) for field, value in values if value is not None]
