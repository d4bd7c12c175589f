"""Keep the connection to Slack: one tick a second looks after it, and says once when it is lost or back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from monitor.app import App
from monitor.conversation.link import Link, LinkError
from monitor.conversation.listening import Listener
from monitor.conversation.slack import Slack, SlackClient
from monitor.conversation.watching import Watching
from monitor.core.history import Rules
from monitor.core.schedule import retry_after_attempt
from monitor.hubs import Hub
from monitor.store import envelopes
from monitor.store.slack_health import begin_outage, end_outage

log = structlog.get_logger()

# A connection that is away for so long is told as an alert; what needs a person, at once.
TELL_AFTER = timedelta(minutes=5)

_LONGEST_STEP = timedelta(minutes=1)
_FORGET_EVERY = timedelta(hours=1)


class Conversation:
    """The tick of the conversation. `rules` say who is told of an outage; nothing here stops the service."""

    def __init__(self, app: App, link: Link, rules: Callable[[], Rules]) -> None:
        self._app = app
        self._link = link
        self._rules = rules
        self._was_connected = False
        self._failures = 0
        self._away_since: datetime | None = None
        self._try_at: datetime | None = None
        self._is_told: bool | None = None  # None: an earlier process may have told
        self._forgot_at: datetime | None = None
        self._stopping = False

    def __call__(self) -> None:
        """See that we are connected, and forget old envelopes now and then."""
        if self._stopping:
            return
        now = self._app.clock()
        is_connected = self._link.is_connected
        # While one connection takes another's place, which Slack asks for, there is none for an instant: look again.
        if is_connected or (not self._was_connected and self._connect(now)):
            self._note_connected(now)
        self._was_connected = is_connected
        if self._forgot_at is None or now - self._forgot_at >= _FORGET_EVERY:
            with self._app.store.writing() as tx:
                envelopes.forget(tx, now)
            self._forgot_at = now

    def stop(self) -> None:
        """Connect no more."""
        self._stopping = True

    def _connect(self, now: datetime) -> bool:
        """Try to connect when it is time to; return whether that worked."""
        if self._try_at is not None and now < self._try_at:
            return False
        try:
            self._link.connect()
        except LinkError as error:
            self._note_failure(error, now)
            return False
        return True

    def _note_failure(self, error: LinkError, now: datetime) -> None:
        self._failures += 1
        self._try_at = now + min(retry_after_attempt(self._failures), _LONGEST_STEP)
        if self._away_since is None:
            self._away_since = now
            log.warning("slack_does_not_reach_us", reason=str(error), action="trying again")
        if not self._is_told and (error.needs_a_person or now - self._away_since >= TELL_AFTER):
            with self._app.store.writing() as tx:
                begin_outage(tx, str(error), self._away_since, self._rules(), now)
            self._is_told = True

    def _note_connected(self, now: datetime) -> None:
        if self._is_told is not False:
            with self._app.store.writing() as tx:
                end_outage(tx, self._rules(), now)
            self._is_told = False
        if self._away_since is not None:
            log.info("slack_reaches_us_again")
        self._failures, self._away_since, self._try_at = 0, None, None


@contextmanager
def conversation(
    app: App, directory: Path, hubs: Mapping[str, Hub], rules: Callable[[], Rules]
) -> Iterator[Conversation]:
    """Build what talks with people in Slack about the watch list in a folder, and hang up afterwards.

    The environment must have both of Slack's tokens.
    """
    env = app.environment
    client = SlackClient(env.slack_bot_token or "", env.slack_api_url)
    listener = Listener(app, Slack(client), Watching(directory, hubs))
    link = Link(env.slack_app_token or "", client, listener.receive)
    try:
        yield Conversation(app, link, rules)
    finally:
        link.close()
