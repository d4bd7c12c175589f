"""Deliver notifications to Slack: as a bot, which can look whether one arrived, or through an incoming webhook."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from monitor import addresses
from monitor.core.telling import Notification
from monitor.core.text import clean, cut
from monitor.errors import NotifyError, Outcome
from monitor.notify.blocks import blocks, fallback
from monitor.notify.slack_http import Guard, GuardedWebClient, GuardedWebhookClient
from monitor.notify.slack_outcomes import Reply, bot_outcome, decoded, failure, refusal, webhook_outcome

API_URL = "https://slack.com/api/"
DEADLINE = timedelta(seconds=10)
EVENT_TYPE = "relmon_delivery"

# How far before the attempt a look begins: as far as our clock may run ahead of Slack's.
_LOOK_BACK = timedelta(seconds=60)
_PAGE = 200
_MOST_PAGES = 25
_CONVERSATION_ID = re.compile(r"[CDG][A-Z0-9]{2,}")

T = TypeVar("T")


class SlackBot:
    """Posts as the app's bot user; the receiver "slack:CHANNEL" names the channel.

    Each call ends after `deadline` in all, whatever the server does. Implements Notifier and Finder. Raises
    ValueError for a token or an address that the environment would refuse too.
    """

    def __init__(self, token: str, base_url: str = API_URL, deadline: timedelta = DEADLINE) -> None:
        self._token = addresses.bot_token(token)
        self._base_url = addresses.slack_api_url(base_url)
        self._deadline = deadline

    def send(self, notification: Notification) -> str:
        """Post and return "channel id/message timestamp".

        1. Post, with the notification's id as metadata, by which `find` knows the message again.
        2. Refused for not being in a public channel: join it and post once more.
        3. Refused for the metadata: post once more without; such a message cannot be found again.
        """
        channel, post = _channel(notification), _post(notification)

        def call(client: GuardedWebClient) -> str:
            try:
                return _posted(client, channel, post)
            except SlackApiError as error:
                word = _reply(error.response).word
                if word == "not_in_channel" and _joined(client, channel):
                    return _posted(client, channel, post)
                if "metadata" in word:
                    return _posted(client, channel, {**post, "metadata": None})
                raise

        return self._run(call, notification.attempted_at)

    def find(self, notification: Notification) -> str | None:
        """Return the reference of a notification that is in the channel's history, None when it surely is not.

        Raises NotifyError: RETRY to look again later; BAD_DESTINATION where no look is possible, because the
        channel is given by name, cannot be read by the bot, or holds too much.
        """
        channel, since = _channel(notification), notification.attempted_at
        if since is None:
            return None
        if not _CONVERSATION_ID.fullmatch(channel):
            raise NotifyError("no look is possible: give the channel by its id", Outcome.BAD_DESTINATION)

        def call(client: GuardedWebClient) -> str | None:
            try:
                return _found(client, channel, notification.id, since)
            except SlackApiError as error:
                if _reply(error.response).word == "not_in_channel" and _joined(client, channel):
                    return _found(client, channel, notification.id, since)
                raise

        try:
            return self._run(call, since)
        except NotifyError as error:
            raise _look_error(error) from error

    def check(self) -> str:
        """Return who the token is and in which workspace, as one line. Raises NotifyError."""

        def call(client: GuardedWebClient) -> str:
            answer = client.auth_test()
            who, where = (cut(clean(str(answer.get(key) or "?")), 80) for key in ("user", "team"))
            return f"@{who} in {where}"

        return self._run(call, None)

    def _run(self, call: Callable[[GuardedWebClient], T], sent_at: datetime | None) -> T:
        guard = Guard(self._deadline.total_seconds())
        client = GuardedWebClient(self._token, self._base_url, guard)
        try:
            return guard.run(lambda: call(client))
        except SlackApiError as error:
            reply = _reply(error.response)
            raised = refusal(reply, bot_outcome(reply) or Outcome.DOUBTFUL, sent_at)
        except NotifyError as error:
            raised = error
        except Exception as error:
            # slack_sdk raises whatever its parts raise; all of it means "no clear answer".
            raised = failure(error)
        raise _without((self._token,), raised)


class SlackWebhook:
    """Posts through an incoming webhook: one fixed channel and no way to look, so a message may come twice.

    Raises ValueError for an address that the environment would refuse too.
    """

    def __init__(self, url: str, api_url: str | None = None, deadline: timedelta = DEADLINE) -> None:
        self._url = addresses.webhook_url(url, api_url)
        self._secrets = (self._url, urlsplit(self._url).path)
        self._deadline = deadline

    def send(self, notification: Notification) -> str:
        """Post and return "": a webhook gives no reference."""
        guard = Guard(self._deadline.total_seconds())
        client = GuardedWebhookClient(self._url, guard)
        post = {**_content(notification), "parse": "none"}
        try:
            answer = guard.run(lambda: client.send_dict(post))
        except Exception as error:
            raise _without(self._secrets, failure(error)) from None
        reply = Reply(answer.status_code, answer.headers, decoded(answer.body))
        if outcome := webhook_outcome(reply):
            raise _without(self._secrets, refusal(reply, outcome, notification.attempted_at))
        return ""


def _channel(notification: Notification) -> str:
    return notification.receiver.partition(":")[2]


def _content(notification: Notification) -> dict[str, Any]:
    """Return what both ways of posting share. `mrkdwn` off: a name in the text is not formatting."""
    return {
        "text": fallback(notification.message, notification.plainness),
        "blocks": blocks(notification.message, notification.plainness) or None,
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _post(notification: Notification) -> dict[str, Any]:
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"d": notification.id}}
    return {**_content(notification), "parse": "none", "metadata": metadata}


def _posted(client: GuardedWebClient, channel: str, post: dict[str, Any]) -> str:
    answer = client.chat_postMessage(channel=channel, **post)
    return f"{answer.get('channel') or channel}/{answer.get('ts') or ''}"


def _joined(client: GuardedWebClient, channel: str) -> bool:
    """Join a public channel; False where that is refused, which leaves the first refusal to be told.

    Raises NotifyError, RETRY, where Slack cannot say now: nothing was posted so far.
    """
    if not re.fullmatch(r"C[A-Z0-9]{2,}", channel):
        return False
    try:
        client.conversations_join(channel=channel)
    except SlackApiError as error:
        reply = _reply(error.response)
        if bot_outcome(reply) is Outcome.RETRY or reply.status >= 500:
            raise refusal(reply, Outcome.RETRY, None) from None
        return False
    except Exception as error:
        raise NotifyError(f"joining the channel: {failure(error)}", Outcome.RETRY) from None
    return True


def _found(client: GuardedWebClient, channel: str, delivery: str, since: datetime) -> str | None:
    for message in _history(client, channel, since):
        metadata = message.get("metadata")
        payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
        if isinstance(payload, dict) and payload.get("d") == delivery:
            return f"{channel}/{message.get('ts')}"
    return None


def _history(client: GuardedWebClient, channel: str, since: datetime) -> Iterator[dict[str, Any]]:
    """Yield every message since then, newest first, or raise: half a history is no answer."""
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        answer = client.conversations_history(
            channel=channel,
            oldest=f"{(since - _LOOK_BACK).timestamp():.6f}",
            inclusive=True,
            include_all_metadata=True,
            limit=_PAGE,
            cursor=cursor,
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


def _look_error(error: NotifyError) -> NotifyError:
    """Turn what went wrong in a look into "look again later" or "no look is possible"."""
    can_come = error.outcome in (Outcome.RETRY, Outcome.DOUBTFUL)
    outcome = Outcome.RETRY if can_come else Outcome.BAD_DESTINATION
    return NotifyError(f"looking in the channel's history: {error}", outcome, error.retry_after)


def _reply(answer: SlackResponse) -> Reply:
    return Reply(answer.status_code, answer.headers, answer.data)


def _without(secrets: Sequence[str], error: NotifyError) -> NotifyError:
    """Return the error without the secrets, should a server have sent them back to us."""
    said = str(error)
    for secret in secrets:
        said = said.replace(secret, "…") if len(secret) > 8 else said
    return NotifyError(said, error.outcome, error.retry_after)
