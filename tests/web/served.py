"""A site that is really served, and what a person reads on its pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from monitor.app import App
from monitor.config import Settings, WebSettings, read_environment
from monitor.store import Store
from monitor.web.access import Access
from monitor.web.application import application
from monitor.web.server import serving
from monitor.web.site import Site
from servers import Clock, StandInHub, repo
from world import World, organization

# The pages that are always there.
PAGES = ("/", "/releases", "/alerts", "/watchlist", "/status", "/sign-in")

TOKEN = "a-token-that-nobody-guesses"
READ_TOKEN = "another-token-for-reading"
DAY = timedelta(days=1)

LABS = """\
# whom we watch
[acme]
name = "Acme"
country = "CN"
groups = ["frontier"]
huggingface = ["acme"]

[zenith]  # a comparator
country = "US"
huggingface = ["zenith"]
"""


@dataclass(frozen=True)
class Served:
    """A site at an address, what it is made of, and a client without a token."""

    url: str
    site: Site
    client: httpx.Client

    def get(self, path: str, **settings: Any) -> httpx.Response:
        """Ask for a page."""
        return self.client.get(path, **settings)


@contextmanager
def served_site(
    store: Store,
    clock: Clock,
    folder: Path,
    web: WebSettings,
    fresh: timedelta = timedelta(0),
    **environ: str,
) -> Iterator[Served]:
    """Serve a store on a free port of this machine; each page is made anew, as time stands still."""
    environment = read_environment({"DATABASE_URL": "sqlite:////unused", **environ})
    app = App(environment, store, clock)
    (folder / "organizations.toml").write_text(LABS)
    (folder / "settings.toml").write_text("")
    with app.hubs() as hubs:
        access = Access.of(web, environment)
        site = Site(store, clock, environment, access, folder, Settings, hubs, fresh)
        with (
            serving(application(site), WebSettings(port=0)) as url,
            httpx.Client(base_url=url, timeout=20) as client,
        ):
            yield Served(url, site, client)


def fill(store: Store, clock: Clock) -> None:
    """Poll a hub with a past, then with something gone and something new."""
    old = [
        repo(f"acme/Lyra-{n}-7B", clock.now - (400 - 16 * n) * DAY, tags=("license:apache-2.0",))
        for n in range(24)
    ]
    other = [repo(f"zenith/Orion-{n}-VL", clock.now - (380 - 24 * n) * DAY, gated="auto") for n in range(15)]
    with StandInHub(clock, [*old, *other]) as hub:
        world = World(
            store,
            clock,
            hub,
            organization("acme", "acme", country="CN", groups=("frontier",)),
            organization("zenith", "zenith", country="US"),
        )
        world.poll()
        clock.now += DAY
        hub.repos = (*old[1:], *other, repo("acme/Nova-70B-Instruct", clock.now))
        world.poll()
        world.poll(after=timedelta(minutes=1))


def text_of(answer: httpx.Response) -> str:
    """The text of a page as a person reads it, tags left out and blanks folded."""
    bare = re.sub(r"<(script|svg)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare))).replace(" .", ".")
