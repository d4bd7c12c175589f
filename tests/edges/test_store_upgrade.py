"""What an upgrade makes of what an older version had stored, on both databases."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, MetaData, insert, select, text

from monitor.bundled import bundled
from monitor.errors import StoreError
from monitor.store import Store, limits
from monitor.store.migrate import upgrade

NOW = datetime(2026, 6, 12, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)
REPO = {
    "organization": "acme",
    "hub": "huggingface",
    "url": "https://hub.test/repo",
    "first_seen_at": NOW,
    "base_models": [],
}
ACCOUNT = {
    "organization": "acme",
    "hub": "huggingface",
    "watched": True,
    "next_poll_at": NOW,
    "rows_set_aside": 0,
    "failures": 0,
}


def test_who_published_lately_is_known_after_an_upgrade(database_url: str) -> None:
    store = Store(database_url)
    fill_version_1(store)
    upgrade(store.engine)
    with store.reading() as tx:
        assert limits.active_accounts(tx, "huggingface", NOW) == {1}
        assert limits.active_accounts(tx, "huggingface", NOW - 99 * DAY) == {1, 2}
        assert limits.hub_limits(tx, "huggingface", NOW).weight == 4.0
    store.close()


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004"])
def test_rows_that_refer_to_each_other_outlive_an_upgrade(database_url: str, revision: str) -> None:
    store = Store(database_url)
    before = fill_every_table(store, revision)
    upgrade(store.engine)
    with store.engine.connect() as connection:
        after = MetaData()
        after.reflect(connection)
        rows = {name: connection.execute(select(after.tables[name])).mappings().one() for name in before}
    for name, row in before.items():
        kept = {column: value for column, value in row.items() if column in rows[name]}
        assert {column: rows[name][column] for column in kept} == kept
    assert {"organization", "account", "release", "repo", "alert", "notification"} <= before.keys()
    store.close()


def test_a_database_that_does_not_fit_together_is_left_as_it_is(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    fill_every_table(store, "0003")
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE notification SET alert_id = 99")
    connection.close()
    with pytest.raises(
        StoreError, match="a row of notification refers to none of alert; nothing was changed"
    ):
        upgrade(store.engine)
    with store.engine.connect() as connected:
        assert connected.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0003"
    store.close()


def fill_every_table(store: Store, revision: str) -> dict[str, dict[str, Any]]:
    """Make the schema of a version and give each table one row; all refer to each other."""
    config, tables = Config(), MetaData()
    config.set_main_option("script_location", str(bundled("migrations")))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    made: dict[str, dict[str, Any]] = {}
    with store.engine.begin() as connection:
        tables.reflect(connection)
        for table in tables.sorted_tables:
            if table.name == "alembic_version":
                continue
            made[table.name] = {
                column.name: value_of(column) for column in table.columns if not column.nullable
            }
            connection.execute(insert(table), made[table.name])
    return made


def value_of(column: Column[Any]) -> Any:
    """Something that fits a column; what refers to another table refers to its one row."""
    if isinstance(column.type, JSON):
        return []
    if isinstance(column.type, DateTime):
        return NOW if column.type.timezone else NOW.replace(tzinfo=None)
    if isinstance(column.type, Date):
        return NOW.date()
    if isinstance(column.type, Boolean):
        return True
    return 1 if isinstance(column.type, Integer) else "acme"


def fill_version_1(store: Store) -> None:
    """Three accounts: one published lately, one long ago, one never."""
    config, tables = Config(), MetaData()
    config.set_main_option("script_location", str(bundled("migrations")))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with store.engine.begin() as connection:
        tables.reflect(connection)
        organization = {"key": "acme", "name": "Acme", "groups": [], "watched": True}
        connection.execute(insert(tables.tables["organization"]), organization)
        connection.execute(
            insert(tables.tables["account"]),
            [{**ACCOUNT, "id": n, "name": name} for n, name in enumerate(("lately", "before", "never"), 1)],
        )
        published = (
            ("lately", NOW - 2 * DAY, "public"),
            ("lately", NOW - 90 * DAY, "public"),
            ("before", NOW - 99 * DAY, "public"),
            ("before", NOW - DAY, "withdrawn"),
        )
        connection.execute(
            insert(tables.tables["repo"]),
            [
                {
                    **REPO,
                    "hub_id": f"id-{n}",
                    "account": account,
                    "name": "x",
                    "created_at": at,
                    "state": state,
                }
                for n, (account, at, state) in enumerate(published)
            ],
        )
