"""Open the database: SQLite with the settings that make it safe, or PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError
from sqlalchemy.orm import Session

from monitor.addresses import without_password
from monitor.errors import StoreError

_WAL_ATTEMPTS = 5


class Alone(IntEnum):
    """What only one worker does at a time; the numbers are any that nobody else uses on this PostgreSQL."""

    MIGRATING = 7_242_006
    WATCHING = 7_242_007
    NOTING_LIMITS = 7_242_008
    RAISING_ALERTS = 7_242_009
    NUMBERING = 7_242_010


def alone(connection: Connection, doing: Alone) -> None:
    """Wait until no other worker does this, and keep it to ourselves until the transaction ends.

    For "insert it unless it is there" on PostgreSQL; SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(doing)})


def open_engine(url: str) -> Engine:
    """Open an engine for a SQLAlchemy URL; nothing is read or written yet. Raises StoreError for a bad URL."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise StoreError(
                f"DATABASE_URL: {parsed.get_backend_name()} is not supported; use sqlite or postgresql"
            )
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() == "postgresql")
    except StoreError:
        raise
    except Exception as error:  # SQLAlchemy raises a dozen kinds for a URL that it cannot read
        raise StoreError(f"DATABASE_URL cannot be read: {error}") from error
    if engine.dialect.name == "sqlite":
        _make_sqlite_safe(engine)
    return engine


def sqlite_path(engine: Engine) -> Path | None:
    """Return the file of a SQLite database; None for PostgreSQL and for databases in memory."""
    name = engine.url.database
    is_file = engine.dialect.name == "sqlite" and name and name != ":memory:"
    return Path(name) if is_file and name else None


def shown(engine: Engine) -> str:
    """Name the database without its password."""
    return str(sqlite_path(engine) or without_password(engine.url.render_as_string(hide_password=False)))


@contextmanager
def unit_of_work(engine: Engine, *, writes: bool) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on any error.

    A SQLite transaction that writes takes the write lock at once: one that starts by reading would fail, not wait,
    when another process writes in between.
    """
    with (
        translated_errors(engine),
        Session(engine.execution_options(writes=writes)) as session,
        session.begin(),
    ):
        yield session


@contextmanager
def translated_errors(engine: Engine) -> Iterator[None]:
    """Turn the database's own errors into StoreError.

    What it says of the data (IntegrityError, DataError) is a bug of ours, not its trouble, and goes on as it is.
    """
    try:
        yield
    except (IntegrityError, DataError):
        raise
    except (DBAPIError, NoConnectionFreeError) as error:
        raise StoreError(_explain(engine, error)) from error


def _make_sqlite_safe(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        _switch_to_wal(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _switch_to_wal(connection: Any) -> None:
    """Keep readers and the writer out of each other's way.

    On a new file the switch fails at once, whatever the time-out, while another process makes it: wait for that
    process by an ordinary lock, for which the time-out holds, and ask again.
    """
    for _ in range(_WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except OperationalError:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _explain(engine: Engine, error: DBAPIError | NoConnectionFreeError) -> str:
    """Say what is wrong with the database in one line that names it, without a password, and the remedy."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    reason = next(iter(str(cause).strip().splitlines()), type(cause).__name__)
    remedies = {
        "locked": "another process holds it; run one worker on SQLite, or use PostgreSQL",
        "readonly": "make the file and its folder writable",
        "read-only": "make the file and its folder writable",
        "unable to open": "check that the folder exists and may be written",
        "disk is full": "free some space; nothing was half-written",
        "malformed": "restore a copy; `sqlite3 FILE .recover` may save the rest",
        "not a database": "DATABASE_URL names a file that is something else",
        "connection": "check that the server runs and DATABASE_URL is right",
    }
    remedy = next((text for sign, text in remedies.items() if sign in reason), "see the message")
    return f"database {shown(engine)}: {reason} ({remedy})"
