"""An outbox in this process, with what delivers it to a strict Slack, on a clock that is moved."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitor.app import App, receivers
from monitor.config import NotifySettings, read_environment
from monitor.core.history import Rules
from monitor.core.routing import Mode, Routing
from monitor.core.telling import Alert, AlertKind, Link, Message, Notification
from monitor.core.timetable import Timetable
from monitor.store import Store, alerts, outbox
from servers import Clock
from slack_server import SlackServer
from slack_workspace import TOKEN
from world import CHANNEL

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
PATIENCE = 2 * SECOND


class Outbox:
    """A store with alerts to deliver, what delivers them, and the Slack that gets them."""

    def __init__(self, store: Store, clock: Clock, slack: SlackServer) -> None:
        self.store, self.clock, self.slack = store, clock, slack
        slack.workspace.clock = clock
        self.app = self.app_at(slack.api_url)
        self.rules = Rules(routing=Routing(receivers(self.app.environment)))

    def app_at(self, api_url: str) -> App:
        """Build the app for a Slack at this address."""
        settings = {
            "DATABASE_URL": "sqlite:////unused",
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_CHANNEL": CHANNEL,
            "SLACK_API_URL": api_url,
        }
        return App(read_environment(settings), self.store, self.clock)

    def tell(self, *titles: str) -> None:
        """Raise alerts that are due now."""
        self.raise_alerts(*map(self.alert, titles))

    def alert(self, title: str, kind: AlertKind = AlertKind.HEALTH, **settings: Any) -> Alert:
        """An alert that is due now; its key is its title."""
        message = Message(title, "Why.", (("A", "b"),), (Link("x"),))
        return Alert(title, None, kind, message, self.clock.now, self.clock.now, **settings)

    def raise_alerts(self, *raised: Alert) -> None:
        """Raise alerts, as the rules say."""
        with self.store.writing() as tx:
            alerts.raise_alerts(tx, raised, self.rules)

    def say_instead(self, key: str, title: str) -> None:
        """Let an alert say something else."""
        message = self.alert(title).message
        with self.store.writing() as tx:
            alerts.amend(tx, [replace(self.alert(key), message=message)], self.clock.now)

    def modes(self, **modes: Mode) -> None:
        """Have alerts of these kinds go out like that."""
        self.rules = replace(self.rules, routing=replace(self.rules.routing, modes=modes))

    def timetable(self, timetable: Timetable) -> None:
        """Have digests and quiet hours at these times from now on, as if the settings were changed."""
        self.rules = replace(self.rules, timetable=timetable)
        self.app.settings = replace(self.app.settings, notify=NotifySettings(timetable=timetable))

    def deliver(self, after: timedelta = timedelta(0)) -> int:
        """Deliver everything that is due after so long; waiting moves the clock."""
        self.clock.now += after
        return self.app.deliverer().deliver_all(self.wait, PATIENCE)

    def deliver_one(self) -> str | None:
        notification = self.app.deliverer().deliver_one()
        return notification.message.title if notification else None

    def wait(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)

    def claim(self, *, is_being_sent: bool) -> Notification:
        """Claim the next message as a worker does, and write that it is being sent: then that worker dies."""
        with self.store.writing() as tx:
            claimed = outbox.claim(tx, outbox.receivers(tx), Timetable(), self.clock.now)
        assert claimed
        if is_being_sent:
            with self.store.writing() as tx:
                claimed = outbox.stamp_attempt(tx, claimed, self.clock.now)
        assert claimed
        return claimed

    @property
    def said(self) -> list[str]:
        """The title of each message as it stands in the channel now."""
        messages = self.slack.workspace.channels[CHANNEL].messages
        return [str(message["blocks"][0]["text"]["text"]) for message in messages]

    @property
    def posted(self) -> list[str]:
        """The title of each message in the channel: in these tests a single word."""
        return [message["text"].split()[0] for message in self.slack.posted]

    def counts(self) -> tuple[int, int]:
        """How many wait, and how many failed for good."""
        with self.store.reading() as tx:
            counts = outbox.counts(tx)
        return counts["waiting"], counts["failed"]
