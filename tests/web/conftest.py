"""Sites on a database with nothing, and with a past; and a real browser to look at them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import Browser, sync_playwright
from served import TOKEN, Served, fill, served_site

from monitor.config import WebSettings
from monitor.store import Store
from servers import Clock


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The folder of a configuration."""
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
def empty(sqlite_store: Store, clock: Clock, config: Path) -> Iterator[Served]:
    """A site on a database with nothing in it."""
    with served_site(sqlite_store, clock, config, WebSettings()) as served:
        yield served


@pytest.fixture(scope="session")
def past(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Clock]:
    """A SQLite file with what was polled: two organisations, forty releases, one withdrawal, one new launch."""
    path, clock = tmp_path_factory.mktemp("past") / "monitor.db", Clock()
    copy(migrated, path)
    store = Store(f"sqlite:///{path}")
    fill(store, clock)
    store.close()
    return path, clock


@pytest.fixture
def filled(past: tuple[Path, Clock], sqlite_url: str, clock: Clock, config: Path) -> Iterator[Served]:
    """A site on that past."""
    path, then = past
    copy(path, sqlite_url.removeprefix("sqlite:///"))
    clock.now = then.now
    store = Store(sqlite_url)
    with served_site(store, clock, config, WebSettings(), MONITOR_WEB_TOKEN=TOKEN) as served:
        yield served
    store.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium without a window."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium here, so no page is tried in a browser: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()
