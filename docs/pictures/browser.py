"""A real Chromium without a window, the machine's own: for photographs of the pages, and for their tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# It looks at our own pages alone; where it may have no sandbox, as in a container, it would not start with one.
_OPTIONS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowserError(Exception):
    """There is no Chromium on this machine; the message says how one gets there."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium. Raises NoBrowserError."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise NoBrowserError("no Chromium here: apt-get install chromium, or your system's way to install it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_OPTIONS))
        try:
            yield browser
        finally:
            browser.close()
