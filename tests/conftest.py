"""What all tests share: a clean environment, a clock, and a store on each of the two databases."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest

from monitor.store import Store
from monitor.store.migrate import prepare
from servers import Clock

pytest_plugins = ["postgres"]

_OURS = ("DATABASE_URL", "HF_", "MODELSCOPE_", "GITHUB_", "OPENROUTER_", "SLACK_", "MONITOR_")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough", action="store_true", help="run what takes longer than it is worth each time, too"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is for --thorough alone, aloud."""
    if not config.getoption("thorough"):
        for item in items:
            if item.get_closest_marker("thorough"):
                item.add_marker(pytest.mark.skip(reason="--thorough tries this, as `make thorough` does"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: while a test waits for a process or a time-out, another works."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine is set up for, the tests see none of it."""
    for name in os.environ:
        if name.upper().startswith(_OURS) or name.upper().endswith(("_PROXY", "COLUMNS")):
            monkeypatch.delenv(name)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'monitor.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, once of each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file made by the migrations, to be copied: to make one takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "monitor.db"
    store = Store(f"sqlite:///{path}")
    prepare(store.engine)
    store.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """A store made by the migrations, once on each kind of database."""
    name = "sqlite_store" if request.param == "sqlite" else "postgres_store"
    opened: Store = request.getfixturevalue(name)
    return opened


@pytest.fixture
def sqlite_store(sqlite_url: str, migrated: Path) -> Iterator[Store]:
    """A store on SQLite."""
    copy(migrated, sqlite_url.removeprefix("sqlite:///"))
    yield from _opened(sqlite_url)


@pytest.fixture
def postgres_store(migrated_postgres_url: str) -> Iterator[Store]:
    """A store on PostgreSQL."""
    yield from _opened(migrated_postgres_url)


def _opened(url: str) -> Iterator[Store]:
    opened = Store(url)
    yield opened
    opened.close()
