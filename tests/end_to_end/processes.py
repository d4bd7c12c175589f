"""Start the real program against stand-in servers, and wait for what it does."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from monitor.app import App
from monitor.clock import utc_now
from monitor.config import load, read_environment
from monitor.demo.play import AMPLE
from monitor.store import Store, reading
from monitor.store.migrate import prepare
from monitor.store.reading import Filters
from monitor.store.release_log import release_log
from monitor.store.watchlist import Selection
from servers import StandInHub
from slack_server import SlackServer
from slack_workspace import TOKEN
from world import CHANNEL, until

ROOT = Path(__file__).parents[2]
LATE_SERVICE = Path(__file__).with_name("late_service.py")
# Port 0 is whichever is free: tests run side by side.
SETTINGS = '[poll]\nevery = "1s"\n[notify]\nsettle = "0s"\n[web]\naddress = "127.0.0.1:0"\n'


class Surroundings:
    """A folder with a configuration, a database, a hub and a Slack: what a process of ours needs.

    `ahead` is how far the clocks of hub and Slack, and of late services, run ahead.
    """

    def __init__(self, folder: Path, database_url: str, accounts: tuple[str, ...] = ("acme",)) -> None:
        self.ahead = timedelta(0)
        self.folder = folder
        self.database_url = database_url
        # The service is told to poll far more often than a real hub would let it.
        self.hub = StandInHub(self.now, quota=AMPLE)
        self.slack = SlackServer()
        self.slack.workspace.clock = self.now
        self._started: list[subprocess.Popen[bytes]] = []
        self.config = folder / "config"
        self.config.mkdir()
        tables = (f'[{name}]\nhuggingface = ["{name}"]\n' for name in accounts)
        (self.config / "organizations.toml").write_text("".join(tables))
        (self.config / "settings.toml").write_text(SETTINGS)

    def __enter__(self) -> "Surroundings":
        self.hub.__enter__()
        self.slack.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            process.kill()
            process.wait(10)
        self.hub.__exit__()
        self.slack.__exit__()

    def now(self) -> datetime:
        """The time on the clocks around the service."""
        return utc_now() + self.ahead

    def environ(self, **changed: str) -> dict[str, str]:
        """The environment of a process."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "MONITOR_CONFIG": str(self.config),
            "DATABASE_URL": self.database_url,
            "HF_ENDPOINT": self.hub.url,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_CHANNEL": CHANNEL,
            "SLACK_API_URL": self.slack.api_url,
        } | changed

    def call(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "monitor", *arguments],
            env=self.environ(**changed),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def read(self, *arguments: str) -> Any:
        """Run a reading command and return its JSON."""
        done = self.call(*arguments, "--format", "json")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str, **changed: str) -> subprocess.Popen[bytes]:
        """Start a command that goes on, and wait until it works."""
        return self._start([sys.executable, "-m", "monitor", *arguments], self.environ(**changed))

    def start_late(self, seconds: float = 0) -> subprocess.Popen[bytes]:
        """Start the service so many seconds later than before, by its clock and all others, and wait until it works."""
        self.ahead += timedelta(seconds=seconds)
        command = [sys.executable, str(LATE_SERVICE), str(self.ahead.total_seconds())]
        return self._start(command, self.environ())

    def _start(self, command: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
        log = self.folder / f"log-{len(self._started)}"
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=environ, cwd=self.folder, stdout=output, stderr=output)
        self._started.append(process)
        until(lambda: "started" in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        return process

    def create_database(self) -> None:
        """Create the database, in this process."""
        store = Store(self.database_url)
        prepare(store.engine)
        store.close()

    def poll(self) -> None:
        """Poll everything once, in this process."""
        with self.app() as app, app.hubs() as hubs, app.poller(hubs) as poller:
            polled = poller.poll_selected(app.watch(load(self.config)), Selection(), lambda _: None)
        assert [result.error for result in polled if result.error] == []

    def deliver(self) -> None:
        """Deliver what is due, in this process."""
        with self.app() as app:
            app.deliverer(pace=timedelta(0)).deliver_all(Event().wait, patience=timedelta(0))

    @contextmanager
    def app(self) -> Iterator[App]:
        """The app in this process, on the same database and clocks."""
        store = Store(self.database_url)
        yield App(read_environment(self.environ()), store, self.now)
        store.close()

    def log(self) -> list[dict[str, Any]]:
        """The release log."""
        with self.app() as app, app.store.reading() as tx:
            return release_log(tx, Filters())

    def changes(self) -> list[dict[str, Any]]:
        """The changes."""
        with self.app() as app, app.store.reading() as tx:
            return reading.changes(tx, Filters())

    def alerts(self) -> list[dict[str, Any]]:
        """The alerts."""
        with self.app() as app, app.store.reading() as tx:
            return reading.alerts(tx, Filters())

    def log_of(self, process: subprocess.Popen[bytes]) -> str:
        """Everything that a process said."""
        return (self.folder / f"log-{self._started.index(process)}").read_text()

    def listings(self) -> int:
        """How many listings the hub was asked for."""
        return sum(request.path == "/api/models" for request in self.hub.requests)

    def delivered(self) -> list[str]:
        """The id of each message that is in the channel."""
        return [message["metadata"]["event_payload"]["d"] for message in self.slack.posted]

    def said(self) -> list[str]:
        """The text of each message that is in the channel."""
        return [message["text"] for message in self.slack.posted]
