"""What we say to Slack ourselves: answers, to where it wants them, and notes into threads."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

import structlog

from monitor.addresses import is_encrypted
from monitor.conversation.answers import Answer, note, payload, plain_payload
from monitor.notify.guard import Guard
from monitor.notify.slack_http import GuardedWebClient, GuardedWebhookClient

log = structlog.get_logger()

# Seconds for a request in all: less than a stop of the service waits for.
DEADLINE = 8.0

_ANSWERED_AT = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})


class SlackClient(GuardedWebClient):
    """slack_sdk's client of the Web API with a deadline for each request; for any number of threads."""

    def __init__(self, token: str, base_url: str) -> None:
        super().__init__(token, base_url, Guard(DEADLINE))

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        guard = Guard(DEADLINE)
        answer = guard.run(lambda: guard.open(req, self.proxy))
        return {"status": answer.status, "headers": answer.headers, "body": answer.body}


class Slack:
    """Says things to Slack. What cannot be said is logged: nobody waits for it any more."""

    def __init__(self, client: SlackClient) -> None:
        self.client = client
        self._hosts = _ANSWERED_AT | {urlsplit(client.base_url).hostname}

    def answer(self, url: str, answer: Answer) -> None:
        """Send an answer to a response_url; as a line of text where Slack refuses its shape.

        Source: https://docs.slack.dev/interactivity/handling-user-interaction.
        """
        if not self._is_slacks(url):
            log.warning("slack_answer_not_sent", reason="it was asked for at an address that is not Slack's")
            return
        status = self._post(url, payload(answer))
        if status is not None and 400 <= status < 500:
            status = self._post(url, plain_payload(answer))
        if status not in (200, None):
            log.warning("slack_answer_not_sent", reason=f"HTTP {status}")

    def tell(self, channel: str, thread: str, answer: Answer) -> None:
        """Tell everybody in the thread of a message what was done."""
        if channel and thread:
            self._try(lambda: self.client.chat_postMessage(channel=channel, thread_ts=thread, **note(answer)))

    def _is_slacks(self, url: str) -> bool:
        try:
            return is_encrypted(url) and urlsplit(url).hostname in self._hosts
        except ValueError:
            return False

    def _post(self, url: str, body: Mapping[str, Any]) -> int | None:
        guard = Guard(DEADLINE)
        client = GuardedWebhookClient(url, guard)
        reply = self._try(lambda: guard.run(lambda: client.send_dict(dict(body))))
        return None if reply is None else int(reply.status_code)

    def _try(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:  # whatever slack_sdk's parts raise; an address may stand in the text
            log.warning("slack_answer_not_sent", reason=type(error).__name__)
            return None
