"""No list reads everything: each way to narrow, search and sort goes through an index, on both databases."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, TextClause, event, text

from benchmarks.big_log import fill, tell
from monitor.store import Store, Transaction, browsing
from monitor.store.alert_list import AlertQuery, alert_page
from monitor.store.answers import evidence_of
from monitor.store.browsing import Query, Sort
from monitor.store.changes_of import changes_of

JUNE = datetime(2026, 6, 12, tzinfo=UTC)
YEAR = timedelta(days=365)

NARROWED: dict[str, dict[str, Any]] = {
    "everything": {},
    "an organisation": {"organizations": ("qwen-0",)},
    "organisations": {"organizations": ("qwen-0", "glm-3")},
    "a country": {"country": "CN"},
    "a hub": {"hub": "modelscope"},
    "a kind": {"kind": "language"},
    "a licence": {"licence": "mit"},
    "an openness": {"openness": "open"},
    "a year": {"since": JUNE - YEAR, "until": JUNE},
    "words": {"search": "qwen inst"},
    "a long word": {"search": "instructions"},
    "much": {
        "search": "gguf",
        "kind": "language",
        "licence": "mit",
        "hub": "huggingface",
        "since": JUNE - YEAR,
    },
}


ALERTS: tuple[dict[str, Any], ...] = (
    {"kinds": ("health",)},
    {"kinds": ("cadence", "change")},
    {"level": "watching"},
    {"kinds": ("cadence",), "level": "watching"},
    {"organization": "qwen-0", "kinds": ("release",)},
    {"release": 7},
)


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store, 1100, 20, JUNE)
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return store


@contextmanager
def noted(tx: Transaction) -> Iterator[list[tuple[str, Any]]]:
    """Note what is asked of the database meanwhile."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(tx.connection(), "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(tx.connection(), "before_cursor_execute", note)


def plan(tx: Transaction, statement: str, parameters: Any) -> list[str]:
    """How the database goes about it, a step a line."""
    is_sqlite = tx.connection().dialect.name == "sqlite"
    if not is_sqlite:
        # A table as small as this one is read whole more quickly: whether it has to be is the question.
        tx.connection().exec_driver_sql("SET LOCAL enable_seqscan = off")
    explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
    return [str(row[-1]) for row in tx.connection().exec_driver_sql(explain + statement, parameters)]


def reads_everything(steps: list[str], asked: dict[str, Any], statement: str) -> bool:
    """Tell whether the steps read all cards without an index; cards without any condition may come in their order."""
    bare = [
        step for step in steps if step in ("SCAN release_card", "SCAN release_card_1") or "Seq Scan" in step
    ]
    # PostgreSQL may well sort what is narrowed down to a part of so small a table.
    sorts = any("TEMP B-TREE" in step or ("Sort" in step and not asked) for step in steps)
    if sorts and " IN (" not in statement:  # of few, whose places are known
        return True
    return bool(bare) and (bool(asked) or sorts)


def test_no_list_and_no_count_reads_all_cards(filled: Store) -> None:
    with filled.reading() as tx:
        everybody_is_counted_in_an_index(tx)
        for (name, asked), sort in product(NARROWED.items(), Sort):
            query = Query(**asked, sort=sort, limit=10)
            with noted(tx) as statements:
                first = browsing.releases(tx, query)
                if first.next:
                    browsing.releases(tx, Query(**asked, sort=sort, limit=10, after=first.next))
                browsing.count(tx, query)
            assert statements
            for statement, parameters in statements:
                steps = plan(tx, statement, parameters)
                assert not reads_everything(steps, asked, statement), (name, sort, statement, steps)


def everybody_is_counted_in_an_index(tx: Transaction) -> None:
    with noted(tx) as statements:
        browsing.facets(tx)
        browsing.launches_by_day(tx, date(2025, 6, 1), date(2026, 6, 1))
        browsing.launches_by_period(tx, [date(2025, 6, 1), date(2026, 6, 1)])
    values, *launches = (" ".join(plan(tx, *each)) for each in statements)
    assert "ix_release_card_kind" in values
    assert ["ix_release_card_day" in steps for steps in launches] == [True, True]


def test_no_list_of_alerts_reads_all_of_them(filled: Store) -> None:
    tell(filled, 1000, JUNE)
    with filled.reading() as tx, noted(tx) as statements:
        for asked in ALERTS:
            rows = alert_page(tx, AlertQuery(**asked, limit=10)).rows
            assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
            alert_page(tx, AlertQuery(**asked, limit=10, after=500))
        for statement, parameters in list(statements):
            steps = plan(tx, statement, parameters)
            assert not [step for step in steps if step == "SCAN alert" or "Seq Scan" in step], statement


def test_the_page_of_a_release_reads_its_own_changes_alone(filled: Store) -> None:
    tell(filled, 1000, JUNE)
    with filled.reading() as tx, noted(tx) as statements:
        assert changes_of(tx, [("huggingface", "7-0"), ("huggingface", "8-0"), ("modelscope", "7-4")])
        assert evidence_of(tx, 7) == []
        for statement, parameters in list(statements):
            steps = plan(tx, statement, parameters)
            assert not [step for step in steps if step.startswith("SCAN change") or "Seq Scan" in step], (
                statement
            )


def test_a_page_takes_a_part_of_the_work_of_reading_all_cards(sqlite_store: Store) -> None:
    fill(sqlite_store, 1600, 20, JUNE)
    with sqlite_store.reading() as tx:
        all_cards = steps(tx, text("SELECT count(*) FROM release_card WHERE licence || kind = 'x'"))
        for name, asked in NARROWED.items():
            assert steps(tx, Query(**asked, limit=3)) < all_cards / 4, name


def steps(tx: Transaction, asked: Query | TextClause) -> int:
    """How many of SQLite's own instructions a page or a statement takes, to twenty."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    connection = tx.connection().connection.driver_connection
    assert connection is not None
    connection.set_progress_handler(count, 20)
    if isinstance(asked, Query):
        browsing.releases(tx, asked)
    else:
        tx.execute(asked).all()
    connection.set_progress_handler(None, 20)
    return taken * 20


def test_the_index_of_words_has_what_the_cards_have(store: Store) -> None:
    fill(store, 90, 3, JUNE)
    with store.writing() as tx:
        tx.execute(text("DELETE FROM release_card WHERE release_id % 3 = 0"))
        tx.execute(
            text("UPDATE release_card SET place = place + 1, words = ' anew ' WHERE release_id % 3 = 1")
        )
    with store.writing() as tx:
        if store.engine.dialect.name == "sqlite":
            tx.execute(text("INSERT INTO release_words (release_words, rank) VALUES ('integrity-check', 1)"))
        assert browsing.count(tx, Query(search="anew")) == (30, True)
        assert browsing.count(tx, Query(search="gguf")) == (30, True)
        indexes = text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_release_card_words'")
        if store.engine.dialect.name == "postgresql":
            assert re.search(r"USING gin \(words\)", tx.execute(indexes).scalar_one())
