"""Follow what happens: changes and releases in one order that neither skips nor repeats.

Ids do not do for that: they are given before a transaction is committed, and on PostgreSQL a later one may be
committed first. So what was committed is numbered afterwards, by one at a time; a number that can be seen has none
below it that is still to come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, select, update

from monitor.store import Store, Transaction
from monitor.store.card_tables import CardRow
from monitor.store.engine import Alone, alone
from monitor.store.reading import JsonRow, change_value
from monitor.store.release_log import find_releases
from monitor.store.tables import ChangeRow, NumberingRow

# As many changes, and as many releases, are numbered in one transaction.
_BATCH = 1000

_NAME = "followed"

# What is followed: the id of each row, and when it was seen.
_KINDS: dict[type[ChangeRow] | type[CardRow], tuple[Any, Any]] = {
    ChangeRow: (ChangeRow.id, ChangeRow.seen_at),
    CardRow: (CardRow.release_id, CardRow.first_seen_at),
}


@dataclass(frozen=True, slots=True)
class Followed:
    """Some of what happened, in order; `last` is the number to go on from, `is_all` tells whether that is the end."""

    rows: list[JsonRow]
    last: int
    is_all: bool


def number_new(store: Store) -> bool:
    """Number what was committed since, the oldest thousand of each kind; tell whether that was all. Raises StoreError.

    A row that somebody else holds is left for the next time: nobody waits for anybody but another one who numbers.
    """
    with store.reading() as tx:
        if not any(tx.execute(_new(row_id, seen_at).limit(1)).first() for row_id, seen_at in _KINDS.values()):
            return True
    with store.writing() as tx:
        alone(tx.connection(), Alone.NUMBERING)
        found = [
            (at, table.__tablename__, number, table)
            for table, (row_id, seen_at) in _KINDS.items()
            for number, at in tx.execute(
                _new(row_id, seen_at).limit(_BATCH).with_for_update(skip_locked=True)
            )
        ]
        numbering = tx.get(NumberingRow, _NAME) or NumberingRow(name=_NAME, last=0)
        tx.add(numbering)
        places = list(enumerate(sorted(found, key=itemgetter(0, 1, 2)), numbering.last + 1))
        for table in _KINDS:
            _give(tx, table, [(row[2], place) for place, row in places if row[3] is table])
        numbering.last += len(found)
    return len(found) < _BATCH


def follow(tx: Transaction, since: int, limit: int) -> Followed:
    """Return the changes and releases that come after a number, as they are now, the oldest first.

    A release comes again, at a later number, whenever what lists show of it has changed, and no longer at the former
    one. Raises ValueError for a number that was never given.
    """
    # Both lists end where numbering was when we began, however far it has come when the second is read.
    last = last_number(tx)
    if since > last:
        raise ValueError(f"nothing was ever given so high a number; the last one is {last}")
    found = sorted(
        (row for table in _KINDS for row in _numbered(tx, table, since, last, limit)),
        key=attrgetter("number"),
    )
    shown = found[:limit]
    releases = {
        row["id"]: row for row in find_releases(tx, [r.release_id for r in shown if isinstance(r, CardRow)])
    }
    is_all = len(found) <= limit
    rows = [one for row in shown if (one := _entry(row, releases))]
    return Followed(rows, last if is_all else shown[-1].number, is_all)


def last_number(tx: Transaction) -> int:
    """Return the last number that was given; 0 where none was."""
    return tx.scalar(select(NumberingRow.last).where(NumberingRow.name == _NAME)) or 0


def _entry(row: Any, releases: dict[int, JsonRow]) -> JsonRow | None:
    """Return what whoever follows is told; None of a release that has just gone."""
    if isinstance(row, ChangeRow):
        return {"number": row.number, "type": "change", "change": change_value(row)}
    release = releases.get(row.release_id)
    return {"number": row.number, "type": "release", "release": release} if release else None


def _numbered(
    tx: Transaction, table: type[ChangeRow] | type[CardRow], since: int, last: int, limit: int
) -> Sequence[Any]:
    """Return the rows of a kind with the first numbers after one, and one more than is asked for."""
    within = table.number > since, table.number <= last
    return tx.scalars(select(table).where(*within).order_by(table.number).limit(limit + 1)).all()


def _new(row_id: Any, seen_at: Any) -> Select[Any]:
    """Select what has no number yet, the oldest first, as the index has it."""
    number = row_id.class_.number
    return select(row_id, seen_at).where(number.is_(None)).order_by(number, row_id)


def _give(tx: Transaction, table: type[ChangeRow] | type[CardRow], given: Sequence[tuple[int, int]]) -> None:
    """Write numbers to rows, by their ids."""
    row_id, _ = _KINDS[table]
    write = update(table).where(row_id == bindparam("row")).values(number=bindparam("given"))
    if given:
        tx.connection().execute(write, [{"row": row, "given": number} for row, number in given])
