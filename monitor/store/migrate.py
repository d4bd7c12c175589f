"""Bring a database to this version's schema, or say why it cannot be used.

Alembic is imported only when there is something to migrate: a reading command must start at once.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from monitor.bundled import bundled
from monitor.errors import StoreError
from monitor.store import Store
from monitor.store.engine import Alone, alone, shown, sqlite_path, translated_errors

# The newest revision in migrations/versions; a test keeps the two equal.
HEAD = "0008"


def open_store(url: str, say: Callable[[str], object]) -> Store:
    """Open the database, creating or migrating a SQLite file, and say what a person should know of it.

    Raises StoreError where it cannot be used as it is.
    """
    store = Store(url)
    try:
        notice = prepare(store.engine)
    except StoreError:
        store.close()
        raise
    if notice:
        say(notice)
    return store


def prepare(engine: Engine) -> str | None:
    """Make the database usable and return what a person should know of it, if anything.

    A SQLite file is created, or copied and then migrated; an empty PostgreSQL database is filled; an old PostgreSQL
    schema is refused, as other workers may be using it. Raises StoreError.
    """
    path = sqlite_path(engine)
    if path is not None:
        _make_folder(path)
    with translated_errors(engine):
        with engine.connect() as connection:
            revision = _revision(connection)
        if revision == HEAD:
            return None
        if revision is not None and path is None:
            _refuse_unless_older(engine, revision)
            raise StoreError(
                f"{shown(engine)} has an older schema ({revision}); run `release-monitor db upgrade`"
            )
        upgrade(engine)
    if revision is None:
        return f"new database: {shown(engine)}"
    return f"{path} was migrated from {revision} to {HEAD}; a copy is beside it"


def schema_of(engine: Engine) -> str | None:
    """Return the revision of a database, None where it has no tables yet; nothing is made or changed.

    Raises StoreError where it cannot be used or reached, or was made by a newer version.
    """
    path = sqlite_path(engine)
    if path is not None and not path.exists():
        return None
    with translated_errors(engine), engine.connect() as connection:
        revision = _revision(connection)
    if revision is not None:
        _refuse_unless_older(engine, revision)
    return revision


def foreign_revision(engine: Engine) -> str | None:
    """Return the schema of the database where it is not this version's, "none" without any. Raises StoreError."""
    with translated_errors(engine), engine.connect() as connection:
        revision = _revision(connection)
    return None if revision == HEAD else revision or "none"


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Migrate to this version's schema and return the revisions before and after. Raises StoreError."""
    with translated_errors(engine), _migrating(engine) as connection:
        alone(connection, Alone.MIGRATING)
        revision = _revision(connection)  # again, now that nobody else can be migrating
        if revision == HEAD:
            return revision, HEAD
        if revision is not None:
            _refuse_unless_older(engine, revision)
            _copy(engine, revision)
        _run(connection)
    return revision, HEAD


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """One transaction in which SQLite lets a table be made anew that others refer to; at its end all must fit again.

    Source: sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes". The pragma does nothing
    inside a transaction, so it comes before.
    """
    with engine.connect() as connection:
        is_sqlite = engine.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if is_sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
                    raise StoreError(
                        f"{shown(engine)}: a row of {broken[0]} refers to none of {broken[2]}; nothing was changed"
                    )
        finally:
            if is_sqlite:
                connection.connection.cursor().execute("PRAGMA foreign_keys=ON")


def _revision(connection: Connection) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if revision is not None:
            return str(revision)
    if "account" in tables or "release" in tables:
        raise StoreError(f"{shown(connection.engine)} has tables of something else; name another database")
    return None


def _refuse_unless_older(engine: Engine, revision: str) -> None:
    known = {path.name.partition("_")[0] for path in (bundled("migrations") / "versions").glob("*.py")}
    if revision not in known:
        raise StoreError(
            f"{shown(engine)} was made by a newer version (schema {revision}); update release-monitor"
        )


def _copy(engine: Engine, revision: str) -> None:
    path = sqlite_path(engine)
    if path is None:
        return
    copy = path.with_name(f"{path.name}.before-{HEAD}")
    copy.unlink(missing_ok=True)
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(bundled("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"database {path}: its folder cannot be made ({error.strerror}); set DATABASE_URL"
        ) from error
