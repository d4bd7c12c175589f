"""Who answers what: commands and clicks, each once, changes only by those who are permitted to make them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from slack_bolt import Ack, BoltContext, BoltRequest
from slack_bolt import App as Bolt
from slack_bolt.authorization import AuthorizeResult

from monitor.app import App
from monitor.conversation import clicks, reading
from monitor.conversation.answers import Answer, said
from monitor.conversation.asked import Asked, click, command
from monitor.conversation.slack import Slack
from monitor.conversation.watching import Watching, is_change
from monitor.errors import ConfigError, StoreError
from monitor.notify.slack_http import silent_logger
from monitor.store import Transaction, envelopes

log = structlog.get_logger()

Read = Callable[[Transaction, Asked], Answer]
Change = Callable[[Transaction, Asked, datetime], Answer]
Respond = Callable[[Asked], Answer | None]

_HELP = ("help", "?", "-h", "--help")


class Listener:
    """Answers envelopes, whatever is in them; an envelope that comes again is not answered again."""

    def __init__(self, app: App, slack: Slack, watching: Watching) -> None:
        self._app = app
        self._slack = slack
        self._watching = watching
        self._bolt = self._routed()

    def receive(self, envelope: str, payload: Mapping[str, Any]) -> None:
        """Answer what an envelope holds. What nobody answers is passed over."""
        request = BoltRequest(mode="socket_mode", body=dict(payload), context={"envelope_id": envelope})
        self._bolt.dispatch(request)

    def _routed(self) -> Bolt:
        """Say which command and which click is answered by what."""
        bolt = Bolt(
            name="release-monitor",
            logger=silent_logger(),  # its own logger shows what people write
            client=self._slack.client,
            authorize=_authorize,
            process_before_response=True,  # in our thread: envelopes are acknowledged by then
            request_verification_enabled=False,  # a socket is no request from outside
            ignoring_self_events_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            attaching_function_token_enabled=False,
        )
        bolt.command("/releases")(
            self._listener(command, self._reads(_helping("/releases", reading.releases)))
        )
        bolt.command("/cadence")(self._listener(command, self._reads(_helping("/cadence", self._cadence))))
        bolt.command("/watch")(self._listener(command, self._watch))
        for action, read in clicks.READS.items():
            bolt.action(action)(self._listener(click, self._reads(read)))
        for changed, change in clicks.CHANGES.items():
            bolt.action(changed)(self._listener(click, self._changes(change)))
        return bolt

    def _listener(
        self, read: Callable[[str, Mapping[str, Any]], Asked], respond: Respond
    ) -> Callable[..., None]:
        def listen(body: dict[str, Any], context: BoltContext, ack: Ack) -> None:
            ack()
            self._answer(read(str(context["envelope_id"]), body), respond)

        return listen

    def _answer(self, asked: Asked, respond: Respond) -> None:
        """Say what came of it, and where that is more than an answer, tell the others."""
        try:
            answer = respond(asked)
        except ConfigError as error:
            answer = said("That cannot be done", "; ".join(error.problems))
        except StoreError as error:
            log.warning("slack_request_failed", error=str(error))
            answer = said("The monitor's database cannot be used just now", "Try again in a minute.")
        except Exception:  # a bug that one request brings out must not stop the others
            log.exception("slack_request_crashed")
            answer = said("The monitor stumbled over this", "Its log says more.")
        if answer is not None:
            self._slack.answer(asked.answer_to, answer)
            if answer.note:
                self._slack.tell(*clicks.place(asked), answer)

    def _reads(self, read: Read) -> Respond:
        def respond(asked: Asked) -> Answer | None:
            if not self._is_new(asked):
                return None
            with self._app.store.reading() as tx:
                return read(tx, asked)

        return respond

    def _changes(self, change: Change) -> Respond:
        """Make a change in one transaction with the note that its envelope was here."""

        def respond(asked: Asked) -> Answer | None:
            if not self._is_permitted(asked):
                return _forbidden(asked) if self._is_new(asked) else None
            now = self._app.clock()
            with self._app.store.writing() as tx:
                if not envelopes.take(tx, asked.envelope, now):
                    return None
                answer = change(tx, asked, now)
            log.info("changed_from_slack", by=asked.user, what=answer.message.title)
            return answer

        return respond

    def _watch(self, asked: Asked) -> Answer | None:
        """Answer /watch. The list is a file: its change is not made twice, and may be lost with the process."""
        if not self._is_new(asked):
            return None
        if not is_change(asked):
            return self._watching.answer(asked)
        if not self._is_permitted(asked):
            return _forbidden(asked)
        answer = self._watching.answer(asked)
        log.info("changed_from_slack", by=asked.user, what=answer.message.title)
        return answer

    def _cadence(self, tx: Transaction, asked: Asked) -> Answer:
        return reading.cadence(tx, asked, self._app.settings.cadence, self._app.clock())

    def _is_new(self, asked: Asked) -> bool:
        with self._app.store.writing() as tx:
            return envelopes.take(tx, asked.envelope, self._app.clock())

    def _is_permitted(self, asked: Asked) -> bool:
        return asked.user in self._app.settings.slack.permitted


def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Let every envelope in, without asking Slack who we are: they come through our own socket."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def _helping(name: str, read: Read) -> Read:
    def read_or_help(tx: Transaction, asked: Asked) -> Answer:
        return Answer(reading.HELP[name]) if asked.text.casefold() in _HELP else read(tx, asked)

    return read_or_help


def _forbidden(asked: Asked) -> Answer:
    return said(
        "Only who is permitted to may change things from Slack",
        f"Your id is {asked.user}. Who runs the monitor can permit you in settings.toml: "
        f'[slack] permitted = ["{asked.user}"]. Reading is for everybody.',
    )
