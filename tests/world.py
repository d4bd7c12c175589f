"""A whole monitor in this process: a real store, the real adapters, stand-in servers, and a clock that is moved."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import select

from github_server import StandInGitHub
from modelscope_server import ModelScopeServer
from monitor.app import App
from monitor.clock import utc_now
from monitor.config import Config, NotifySettings, PollSettings, Settings, read_environment
from monitor.core.types import Account, Organization
from monitor.demo.server import Answer
from monitor.newest import FastLane
from monitor.pace import Watch
from monitor.poll import Poller
from monitor.record import Polled
from monitor.store import Store, counting, reading
from monitor.store.reading import Filters
from monitor.store.release_log import release_log
from monitor.store.tables import Base
from monitor.store.watchlist import Selection
from openrouter_server import StandInOpenRouter
from servers import Clock, StandInHub
from slack_server import SlackServer
from slack_workspace import TOKEN

# What a failed poll may write to: the health of an account, and what a hub said of its limits.
HEALTH = frozenset({"account", "blind_spot", "set_aside", "hub"})

CHANNEL = "C0000000001"

Dump = dict[str, list[dict[str, Any]]]


GITHUB_TOKEN = "ghp_of_the_tests"

Names = str | tuple[str, ...]


def organization(
    key: str,
    *accounts: str,
    modelscope: Names = (),
    github: Names = (),
    openrouter: Names = (),
    **settings: Any,
) -> Organization:
    """An organisation with accounts: those of Hugging Face first, one of its own name where there are none at all."""
    held = [Account(key, "huggingface", name) for name in accounts]
    for hub, names in (("modelscope", modelscope), ("github", github), ("openrouter", openrouter)):
        held += [Account(key, hub, name) for name in ((names,) if isinstance(names, str) else names)]
    return Organization(key, key.title(), tuple(held) or (Account(key, "huggingface", key),), **settings)


@dataclass(frozen=True, slots=True)
class Hubs:
    """A stand-in for each hub."""

    huggingface: StandInHub
    modelscope: ModelScopeServer
    github: StandInGitHub
    openrouter: StandInOpenRouter


@contextmanager
def four_hubs(clock: Clock) -> Iterator[Hubs]:
    """All four hubs, empty, on this machine."""
    with ExitStack() as stack:
        yield Hubs(
            stack.enter_context(StandInHub(clock)),
            stack.enter_context(ModelScopeServer()),
            stack.enter_context(StandInGitHub(clock, tokens=[GITHUB_TOKEN])),
            stack.enter_context(StandInOpenRouter()),
        )


class World:
    """The monitor and what is around it: one hub, or all four."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        hub: StandInHub | Hubs,
        *organizations: Organization,
        settle: timedelta = timedelta(0),
        slack: SlackServer | None = None,
    ) -> None:
        self.clock, self.slack, self.store = clock, slack, store
        self.hub = hub.huggingface if isinstance(hub, Hubs) else hub
        self._others = hub if isinstance(hub, Hubs) else None
        self.organizations: tuple[Organization, ...] = organizations
        self.settings = Settings(
            poll=PollSettings(timedelta(minutes=10)), notify=NotifySettings(settle=settle)
        )
        self.endpoint = self.hub.url
        self._running: tuple[Poller, FastLane] | None = None

    @property
    def hubs(self) -> Hubs:
        """All four hubs, where there are more than one."""
        assert self._others
        return self._others

    def app(self) -> App:
        """Build the app anew, as a process does when it starts."""
        settings = {"DATABASE_URL": "sqlite:////unused", "HF_ENDPOINT": self.endpoint}
        if self._others is not None:
            settings |= {
                "MODELSCOPE_ENDPOINT": self._others.modelscope.url,
                "GITHUB_API_URL": self._others.github.url,
                "GITHUB_TOKEN": GITHUB_TOKEN,
                "OPENROUTER_API_URL": self._others.openrouter.url,
            }
        if self.slack is not None:
            settings |= {
                "SLACK_BOT_TOKEN": TOKEN,
                "SLACK_CHANNEL": CHANNEL,
                "SLACK_API_URL": self.slack.api_url,
            }
        return App(read_environment(settings), self.store, self.clock)

    def poll(self, *keys: str, after: timedelta = timedelta(0)) -> list[Polled]:
        """Poll everything, or these organisations, once, due or not, after so long."""
        return self._poll(after, lambda poller, watch: poller.poll_selected(watch, Selection(keys), _ignore))

    def poll_due(self, after: timedelta = timedelta(0)) -> list[Polled]:
        """Poll what is due after so long."""
        return self._poll(after, lambda poller, watch: poller.poll_due(watch))

    def look_at_newest(self, after: timedelta = timedelta(0)) -> int:
        """Ask the hubs what is newest after so long; return how many accounts are to be listed because of it."""
        self.clock.now += after
        with self.process() as (_, lane):
            return lane.look(timedelta(seconds=30))

    @contextmanager
    def process(self) -> Iterator[tuple[Poller, FastLane]]:
        """Poll and look in one process while this lasts; else each poll and look is in a process of its own."""
        if self._running is not None:
            yield self._running
            return
        app = self.app()
        with app.hubs() as hubs, app.poller(hubs) as poller:
            self._running = poller, app.fast_lane(hubs)
            try:
                yield self._running
            finally:
                self._running = None

    def _poll(self, after: timedelta, poll: Callable[[Any, Any], list[Polled]]) -> list[Polled]:
        self.clock.now += after
        with self.process() as (poller, _):
            return poll(poller, self.watch())

    def watch(self) -> Watch:
        """Take up the configuration, as a process does when it starts."""
        return self.app().watch(Config(self.organizations, self.settings, Path(), ""))

    def watch_keys(self) -> list[str]:
        """The keys of the organisations that are watched."""
        return [organization.key for organization in self.organizations]

    def log(self) -> list[dict[str, Any]]:
        """The release log, the oldest first."""
        with self.store.reading() as tx:
            return release_log(tx, Filters())[::-1]

    def repos(self) -> dict[str, dict[str, Any]]:
        """Every repository of the log by its name."""
        return {repo["id"]: repo for release in self.log() for repo in release["repos"]}

    def changes(self, kind: str) -> list[dict[str, Any]]:
        """The changes of a kind, the oldest first."""
        with self.store.reading() as tx:
            return [row for row in reading.changes(tx, Filters())[::-1] if row["kind"] == kind]

    def alerts(self, kind: str) -> list[str]:
        """What the alerts of a kind say in their first line, the oldest first."""
        with self.store.reading() as tx:
            rows = reading.alerts(tx, Filters())[::-1]
        return [row["text"].splitlines()[0] for row in rows if row["kind"] == kind]

    def texts(self, kind: str) -> list[str]:
        """What the alerts of a kind say, the oldest first."""
        with self.store.reading() as tx:
            return [row["text"] for row in reading.alerts(tx, Filters())[::-1] if row["kind"] == kind]

    def quiet(self) -> bool:
        """Whether nothing but the monitor's own health was ever told."""
        return not any(self.alerts(kind) for kind in ("release", "change", "cadence"))

    def launches(self) -> list[tuple[Any, ...]]:
        """What is counted: every dated release that model hubs made, and of how many repositories."""
        with self.store.reading() as tx:
            return sorted((c.day, c.organization, c.repos) for c in counting.counted_releases(tx))

    def account(self, name: str) -> dict[str, Any]:
        """The health of an account, as `status` shows it."""
        with self.store.reading() as tx:
            return next(row for row in reading.accounts(tx) if row["account"] == name)

    def dump(self, without: str = "") -> Dump:
        """Every row of every table but those of the health, less one column."""
        with self.store.reading() as tx:
            return {
                table.name: [
                    {name: value for name, value in row.items() if name != without}
                    for row in tx.execute(select(table).order_by(*table.primary_key)).mappings()
                ]
                for table in Base.metadata.sorted_tables
                if table.name not in HEALTH
            }


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so; fail when it is not within so many seconds."""
    ticking, ends = Event(), utc_now() + timedelta(seconds=seconds)
    while not condition():
        assert utc_now() < ends, "waited in vain"
        ticking.wait(0.02)


def listed(answer: Answer) -> list[Any]:
    """The rows of a listing that the stand-in hub answered."""
    is_packed = ("Content-Encoding", "gzip") in answer.headers
    rows: list[Any] = json.loads(gzip.decompress(answer.body) if is_packed else answer.body)
    return rows


def _ignore(*_: object) -> None:
    """Show no progress."""
