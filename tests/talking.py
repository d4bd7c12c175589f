"""A monitor in this process that talks with people in a stand-in for Slack."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from monitor.app import App
from monitor.config import Settings, SlackSettings, load, read_environment
from monitor.conversation import Conversation, conversation
from monitor.core.history import Rules
from monitor.core.routing import Routing
from monitor.store import Store, reading
from monitor.store.reading import Filters
from monitor.store.release_log import release_log
from monitor.store.watchlist import Selection
from servers import Clock, StandInHub
from slack_workspace import TOKEN
from socket_server import APP_TOKEN, PERSON, SocketServer
from world import CHANNEL, until

RULES = Rules(routing=Routing((f"slack:{CHANNEL}",)))


@dataclass
class Talk:
    """What a test of the conversation has at hand."""

    app: App
    slack: SocketServer
    hub: StandInHub
    folder: Path
    clock: Clock

    @contextmanager
    def listening(self) -> Iterator[Conversation]:
        """Talk, as a worker of its own does, from when it is connected on."""
        before = len(self.slack.links)
        with self.app.hubs() as hubs, conversation(self.app, self.folder, hubs, lambda: RULES) as tick:
            tick()
            until(lambda: len(self.slack.links) > before)
            yield tick

    def permit(self, *people: str) -> None:
        """Let these people change things."""
        self.app.settings = replace(self.app.settings, slack=SlackSettings(permitted=people))

    def poll(self, after: timedelta = timedelta(0)) -> None:
        """Poll everything in the folder's list."""
        self.clock.now += after
        with self.app.hubs() as hubs, self.app.poller(hubs) as poller:
            config = load(self.folder)
            settings = self.app.settings
            watch = replace(self.app.watch(config), rules=replace(RULES, settle=timedelta(0)))
            self.app.settings = settings
            polled = poller.poll_selected(watch, Selection(), lambda _: None)
        assert [one.error for one in polled if one.error] == []

    def deliver(self) -> None:
        """Deliver what is due."""
        self.app.deliverer(pace=timedelta(0)).deliver_all(Event().wait, patience=timedelta(0))

    def log(self) -> list[dict[str, Any]]:
        """The release log, the newest first."""
        with self.app.store.reading() as tx:
            return release_log(tx, Filters())

    def alerts(self, kind: str) -> list[dict[str, Any]]:
        """The alerts of a kind, the oldest first."""
        with self.app.store.reading() as tx:
            return [row for row in reading.alerts(tx, Filters())[::-1] if row["kind"] == kind]


def talk(
    store: Store, clock: Clock, hub: StandInHub, slack: SocketServer, folder: Path, **environ: str
) -> Talk:
    """Build a monitor that watches acme."""
    settings = {
        "DATABASE_URL": "sqlite:////unused",
        "HF_ENDPOINT": hub.url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_CHANNEL": CHANNEL,
        "SLACK_API_URL": slack.api_url,
    } | environ
    (folder / "organizations.toml").write_text(
        '# whom we watch\n[acme]\nname = "Acme AI"\nhuggingface = ["acme"]\n'
    )
    slack.workspace.clock = clock
    app = App(read_environment({name: text for name, text in settings.items() if text}), store, clock)
    app.settings = Settings(slack=SlackSettings(permitted=(PERSON,)))
    return Talk(app, slack, hub, folder, clock)


def texts(node: Any) -> list[str]:
    """Every text of an answer or a message that is shown."""
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for value in node.values() for text in texts(value)]
    if isinstance(node, list):
        return [text for child in node for text in texts(child)]
    return []


def shown(answer: dict[str, Any]) -> str:
    """What an answer shows, a line each."""
    return "\n".join(texts(answer["blocks"]))


def buttons(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The buttons and menus of an answer or a message, by their action."""
    blocks = [block for block in answer.get("blocks") or [] if block["type"] == "actions"]
    return {element["action_id"]: element for block in blocks for element in block["elements"]}
