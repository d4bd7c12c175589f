"""Sites on a database with nothing, and with a past; and a real browser to look at them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import Browser, Page
from served import TOKEN, Served, fill, served_site

from docs.pictures.browser import NoBrowserError, chromium
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
def standing(past: tuple[Path, Clock], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site on that past that is only looked at: one for all who do."""
    folder = tmp_path_factory.mktemp("standing")
    copy(past[0], folder / "monitor.db")
    store = Store(f"sqlite:///{folder / 'monitor.db'}")
    clock = Clock(past[1].now)
    with served_site(store, clock, folder, WebSettings(), MONITOR_WEB_TOKEN=TOKEN) as served:
        yield served
    store.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium without a window."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(chromium())
        except NoBrowserError as error:
            pytest.skip(f"no page is tried in a browser: {error}")


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that fails its test when it says an error, asks another host, or opens a dialog."""
    # The site has to outlive the page: what a browser asks for at leisure, such as the icon, may come late.
    for site in {"empty", "filled", "hostile", "site"} & set(request.fixturenames):
        request.getfixturevalue(site)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="Europe/Berlin")
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda asked: None if "127.0.0.1" in asked.url else wrong.append(asked.url))
    yield page
    context.close()
    assert [one for one in wrong if "responded with a status of 4" not in one] == []
