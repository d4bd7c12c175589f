"""The schema on both databases: made by the migrations, brought up to date, or refused."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Integer, MetaData, String, Text, text
from sqlalchemy.types import TypeEngine

from monitor.bundled import bundled
from monitor.errors import StoreError
from monitor.store import Store
from monitor.store.card_tables import Base
from monitor.store.engine import shown
from monitor.store.migrate import HEAD, prepare, upgrade


def migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    return config


# Every revision before this version's; none so far, which pytest says by skipping.
OLDER = [
    script.revision for script in ScriptDirectory.from_config(migrations()).walk_revisions() if script.nextrev
]


def differences(store: Store, metadata: MetaData) -> list[Any]:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_described})
        return list(compare_metadata(context, metadata))


def is_described(name: str | None, _kind: str, _parents: object) -> bool:
    """The index of words is of a kind of its own on each database; test_browsing_plans.py sees to it."""
    return not (name or "").startswith(("release_words", "ix_release_card_words"))


def revision_of(store: Store) -> object:
    with store.engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def test_the_migrations_make_the_tables_that_the_code_describes(store: Store) -> None:
    assert differences(store, Base.metadata) == []
    assert revision_of(store) == HEAD


@pytest.mark.parametrize(
    ("column", "other"), [("next_poll_at", Text()), ("name", Integer()), ("failures", String(9))]
)
def test_a_column_of_another_type_is_a_difference(store: Store, column: str, other: TypeEngine[Any]) -> None:
    changed = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(changed)
    changed.tables["account"].c[column].type = other
    (((kind, _, table_name, column_name, *_),),) = differences(store, changed)
    assert (kind, table_name, column_name) == ("modify_type", "account", column)


def test_this_versions_schema_is_the_newest_revision() -> None:
    assert ScriptDirectory.from_config(migrations()).get_heads() == [HEAD]


def test_a_database_that_is_up_to_date_is_left_alone(store: Store) -> None:
    assert prepare(store.engine) is None
    assert upgrade(store.engine) == (HEAD, HEAD)


def test_a_new_sqlite_file_is_announced_and_its_folder_made(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "monitor.db"
    store = Store(f"sqlite:///{path}")
    assert prepare(store.engine) == f"new database: {path}"
    assert prepare(store.engine) is None
    store.close()


def test_an_empty_database_that_is_filled_is_announced(database_url: str) -> None:
    store = Store(database_url)
    assert prepare(store.engine) == f"new database: {shown(store.engine)}"
    assert prepare(store.engine) is None
    store.close()


def test_processes_that_start_at_once_on_an_empty_database_all_find_it_whole(database_url: str) -> None:
    barrier = Barrier(6)

    def start(_: int) -> object:
        store = Store(database_url)
        barrier.wait(10)
        try:
            prepare(store.engine)
            return revision_of(store)
        finally:
            store.close()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(start, range(6))) == [HEAD] * 6


def test_the_schema_of_a_newer_version_is_refused(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (prepare, upgrade):
        with pytest.raises(StoreError, match=r"newer version .*9999.*update release-monitor"):
            attempt(store.engine)


def test_a_database_of_something_else_is_refused(database_url: str) -> None:
    store = Store(database_url)
    with store.engine.begin() as connection:
        connection.execute(text("CREATE TABLE account (id integer)"))
    with pytest.raises(StoreError, match="tables of something else"):
        prepare(store.engine)
    store.close()


@pytest.mark.parametrize("older", OLDER)
def test_an_old_sqlite_file_is_copied_and_then_migrated(older: str, sqlite_url: str, tmp_path: Path) -> None:
    store = old_database(sqlite_url, older)
    assert f"migrated from {older} to {HEAD}" in (prepare(store.engine) or "")
    assert revision_of(store) == HEAD
    store.close()
    (copy,) = tmp_path.glob("monitor.db.before-*")
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(older,)]
    connection.close()


@pytest.mark.parametrize("older", OLDER)
def test_an_old_postgresql_schema_is_refused_naming_the_command(older: str, postgres_url: str) -> None:
    store = old_database(postgres_url, older)
    with pytest.raises(StoreError, match="release-monitor db upgrade"):
        prepare(store.engine)
    assert upgrade(store.engine) == (older, HEAD)
    store.close()


def old_database(url: str, revision: str) -> Store:
    store = Store(url)
    config = migrations()
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return store
