"""What the database's own errors become: one line that names the database without its password, and the remedy."""

import sqlite3

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.pool import QueuePool

from monitor.errors import StoreError
from monitor.store.engine import open_engine, shown, translated_errors


@pytest.fixture
def engine(sqlite_url: str) -> Engine:
    return open_engine(sqlite_url)


@pytest.mark.parametrize("password", ["u:s3cret@127.0.0.1:1/db", "u@127.0.0.1:1/db?password=s3cret"])
def test_a_database_that_is_away_is_named_without_its_password(password: str) -> None:
    engine = open_engine(f"postgresql+psycopg://{password}")
    with pytest.raises(StoreError, match="check that the server runs") as raised, translated_errors(engine):
        engine.connect()
    assert "127.0.0.1:1/db" in str(raised.value)
    assert "s3cret" not in str(raised.value) + shown(engine)


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_an_error_without_a_word_is_named_by_its_kind(engine: Engine, kind: type[DBAPIError]) -> None:
    with pytest.raises(StoreError, match=r"monitor\.db: OperationalError "), translated_errors(engine):
        raise kind("SELECT 1", {}, sqlite3.OperationalError(""))


def test_a_pool_without_a_free_connection_is_an_error_of_the_database(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.01)
    with (
        engine.connect(),
        pytest.raises(StoreError, match="timed out"),
        translated_errors(engine),
    ):
        engine.connect()
    engine.dispose()


def test_a_bug_of_ours_goes_on_as_it_is(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE one (id integer PRIMARY KEY)"))
        connection.execute(text("INSERT INTO one VALUES (1)"))
    with pytest.raises(IntegrityError), translated_errors(engine), engine.begin() as connection:
        connection.execute(text("INSERT INTO one VALUES (1)"))
    engine.dispose()
