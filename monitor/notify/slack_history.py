"""Look in a channel of Slack, and in a thread, for a message that may have arrived."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from monitor.errors import NotifyError, Outcome
from monitor.notify.slack_http import GuardedWebClient

# How far before the attempt a look begins: as far as our clock may run ahead of Slack's.
_LOOK_BACK = timedelta(seconds=60)
_PAGE = 200
_MOST_PAGES = 25


def found(
    client: GuardedWebClient, channel: str, delivery: str, since: datetime, thread: str = ""
) -> str | None:
    """Return "channel/timestamp" of the message with this delivery's id in its metadata; None where there is none.

    One that was to go into a thread is looked for there first, then in the channel: where the thread took no reply
    it was posted outside. Raises SlackApiError, or NotifyError where only half could be looked through.
    """
    for message in _both(client, channel, since, thread):
        metadata = message.get("metadata")
        payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
        if isinstance(payload, dict) and payload.get("d") == delivery:
            return f"{channel}/{message.get('ts')}"
    return None


def _both(client: GuardedWebClient, channel: str, since: datetime, thread: str) -> Iterator[dict[str, Any]]:
    if thread:
        try:
            yield from _pages(client.conversations_replies, since, channel=channel, ts=thread)
        except SlackApiError as error:
            answer = error.response.data
            if not isinstance(answer, dict) or answer.get("error") != "thread_not_found":
                raise
    yield from _pages(client.conversations_history, since, channel=channel)


def _pages(ask: Callable[..., SlackResponse], since: datetime, **place: str) -> Iterator[dict[str, Any]]:
    """Yield every message since then, or raise: half a history is no answer."""
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        answer = ask(
            oldest=f"{(since - _LOOK_BACK).timestamp():.6f}",
            inclusive=True,
            include_all_metadata=True,
            limit=_PAGE,
            cursor=cursor,
            **place,
        )
        messages, position = answer.get("messages"), answer.get("response_metadata")
        if not isinstance(messages, list):
            raise NotifyError("Slack's history has no messages in it", Outcome.RETRY)
        yield from (message for message in messages if isinstance(message, dict))
        cursor = position.get("next_cursor") if isinstance(position, dict) else None
        if not cursor:
            if answer.get("has_more"):
                raise NotifyError("Slack's history stops half way", Outcome.RETRY)
            return
    raise NotifyError(f"more than {_MOST_PAGES * _PAGE:,} messages to look through", Outcome.BAD_DESTINATION)
