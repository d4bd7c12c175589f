"""What the tests of lists share: the log, the pages of a list, and whether the two have the same."""

from typing import Any

from sqlalchemy import select

from monitor.store import Store, browsing, cards
from monitor.store.browsing import Page, Query
from monitor.store.card_tables import CardRow
from monitor.store.reading import Filters
from monitor.store.release_log import release_log
from monitor.store.tables import OrganizationRow

NOT_IN_A_LIST = {"first_on", "gated", "links", "repos"}


def log(store: Store) -> list[dict[str, Any]]:
    with store.reading() as tx:
        return release_log(tx, Filters())


def page(store: Store, **asked: Any) -> Page:
    with store.reading() as tx:
        return browsing.releases(tx, Query(**asked))


def pages(store: Store, **asked: Any) -> list[dict[str, Any]]:
    """All rows, gone through forwards and, to see that it is the same, backwards."""
    shown = [page(store, **asked)]
    while cursor := shown[-1].next:
        shown.append(page(store, **asked, after=cursor))
    back = shown[-1:]
    while cursor := back[-1].previous:
        back.append(page(store, **asked, before=cursor))
    rows = [row for each in shown for row in each.rows]
    assert [row for each in reversed(back) for row in each.rows] == rows
    assert len(shown) == len(back)
    return rows


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


def dump(store: Store) -> list[Any]:
    with store.reading() as tx:
        rows = tx.execute(select(CardRow.__table__).order_by(CardRow.place)).mappings()
        return [{**row, "words": set(row["words"].replace("'", "").split())} for row in rows]


def made_anew(store: Store) -> list[Any]:
    """The cards when all are made from what is stored."""
    with store.writing() as tx:
        for organization_row in tx.scalars(select(OrganizationRow)):
            organization_row.cards = 0
    cards.catch_up(store)
    return dump(store)


def is_the_log(store: Store) -> bool:
    """Whether the list has what the log has, in its order, and would if it were made anew."""
    logged, shown = log(store), pages(store, limit=7)
    assert ids(shown) == ids(logged)
    for row, whole in zip(shown, logged, strict=True):
        assert all(row[name] == whole[name] for name in whole.keys() - NOT_IN_A_LIST), row["name"]
    kept = dump(store)
    assert kept == made_anew(store)
    return bool(kept)
