"""Photograph every page of the release log, on the history that the demo replays.

Run: python -m docs.pictures.pages   (it needs Chromium)
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copytree

from playwright.sync_api import Browser, Page

from docs.pictures.browser import chromium
from docs.pictures.make import END, HERE, Unread, watched
from monitor.app import App
from monitor.config import Environment, Settings, WebSettings, load, read_environment
from monitor.config.edit import remove
from monitor.demo.hub import DemoHub
from monitor.demo.play import AMPLE, CONFIG, SteppedClock
from monitor.demo.recorded import load_recorded
from monitor.store import Store
from monitor.web.access import COOKIE, Access, Level
from monitor.web.application import application
from monitor.web.server import serving
from monitor.web.site import Site
from monitor.worker import ticks

FOLDER = HERE / "pages"
DESK, PHONE, WALL = (1280, 900), (390, 844), (1920, 1080)
TOKEN = "photographs-of-the-pages"  # noqa: S105 - of a site that lives for a minute

NEW, NAME = "deepseek", "DeepSeek"


@dataclass(frozen=True, slots=True)
class Shot:
    """One photograph: its name, the path of its page, the window, and the colours."""

    name: str
    path: str
    size: tuple[int, int] = DESK
    is_dark: bool = False


SHOTS = (
    Shot("overview", "/"),
    Shot("overview-dark", "/", is_dark=True),
    Shot("overview-phone", "/", PHONE),
    Shot("overview-wall", "/", WALL),
    Shot("releases", "/releases"),
    Shot("releases-phone", "/releases?search=qwen3&openness=open", PHONE),
    Shot("organization", "/organizations/alibaba"),
    Shot("replay", "/organizations/alibaba/replay"),
    Shot("alerts", "/alerts?kind=cadence"),
    Shot("watchlist", "/watchlist"),
    Shot("status", "/status"),
    Shot("sign-in", "/sign-in"),
)


@contextmanager
def site() -> Iterator[tuple[str, str]]:
    """Serve the demo's history as of its end; gives the address, and a session that may change things."""
    with tempfile.TemporaryDirectory() as folder:
        url, directory = f"sqlite:///{folder}/pages.db", Path(folder) / "config"
        watched(url)
        copytree(CONFIG, directory)
        clock, store = SteppedClock(END), Store(url)
        with DemoHub(clock, load_recorded(), quota=AMPLE) as hub:
            _catch_up(Unread(Environment(url, url, hf_endpoint=hub.url), store, clock), clock)
            remove(directory, NEW)  # to be added again, in a photograph
            environment = read_environment(
                {"DATABASE_URL": url, "MONITOR_WEB_TOKEN": TOKEN, "HF_ENDPOINT": hub.url}
            )
            access = Access.of(WebSettings(), environment)
            with App(environment, store, clock).hubs() as hubs:
                served = Site(store, clock, environment, access, directory, Settings, hubs)
                with serving(application(served), WebSettings(port=0)) as address:
                    yield address, access.session(Level.CHANGE, END)
        store.close()


def _catch_up(app: App, clock: SteppedClock) -> None:
    """Poll once more: a day has passed since the history was lived through."""
    with ticks(app, load(CONFIG), pace=timedelta(0)) as service:
        for _ in range(10):
            for tick in service.values():
                tick()
            clock.step(timedelta(minutes=5))


@contextmanager
def opened(browser: Browser, shot: Shot, address: str, session: str) -> Iterator[Page]:
    """Open the page of a photograph, as somebody who is signed in; then take it."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.is_dark else "light",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
    page = context.new_page()
    page.goto(address + shot.path)
    yield page
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    context.close()


def main() -> None:
    """Take every photograph."""
    FOLDER.mkdir(exist_ok=True)
    with chromium() as browser, site() as (address, session):
        for shot in SHOTS:
            with opened(browser, shot, address, session):
                pass
        with opened(browser, Shot("release", "/releases"), address, session) as page:
            page.get_by_label("Search").fill("Qwen3-Omni")
            page.keyboard.press("Enter")
            page.wait_for_url("**search=**")
            page.locator("tbody th a").first.click()
        with opened(browser, Shot("alert", "/alerts?kind=cadence"), address, session) as page:
            page.locator("article a").first.click()
        with opened(browser, Shot("watch-form", "/watchlist/add"), address, session) as page:
            page.get_by_label("Name", exact=True).fill(NAME)
            page.get_by_label("Hugging Face").fill("deepseek-ai")
            page.get_by_role("button", name="Check").click()
            page.get_by_role("heading", name="What watching it would show").wait_for()


if __name__ == "__main__":
    main()
