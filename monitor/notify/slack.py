"""Deliver notifications to Slack: as a bot, which can look whether one arrived, or through an incoming webhook."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from monitor import addresses
from monitor.core.telling import AlertKind, Notification
from monitor.core.text import clean, cut
from monitor.errors import NotifyError, Outcome
from monitor.notify.blocks import Block, blocks, fallback
from monitor.notify.guard import Guard, without, words
from monitor.notify.slack_files import NATIVE, add_picture, is_picture_due
from monitor.notify.slack_history import found
from monitor.notify.slack_http import GuardedWebClient, GuardedWebhookClient
from monitor.notify.slack_outcomes import Reply, bot_outcome, decoded, failure, refusal, webhook_outcome

log = structlog.get_logger()

API_URL = "https://slack.com/api/"
DEADLINE = timedelta(seconds=10)
EVENT_TYPE = "relmon_delivery"

# Slack's words for a thread that takes no reply, and for a message that can be edited no more.
_NO_THREAD = ("cannot_reply_to_message", "thread_not_found", "restricted_action_thread_locked")
_NO_EDIT = ("message_not_found", "cant_update_message", "edit_window_closed")
_CONVERSATION_ID = re.compile(r"[CDG][A-Z0-9]{2,}")

T = TypeVar("T")


class SlackBot:
    """Posts as the app's bot user; the receiver "slack:CHANNEL" names the channel.

    `charts` is asked for each message: "native", "png" (a picture into its thread, once it is posted) or "off".
    `buttons` returns what may be clicked below it, where somebody hears that.
    Each call ends after `deadline` in all, whatever the server does. Implements Notifier and Finder. Raises
    ValueError for a token or an address that the environment would refuse too.
    """

    def __init__(
        self,
        token: str,
        base_url: str = API_URL,
        deadline: timedelta = DEADLINE,
        charts: Callable[[], str] = lambda: NATIVE,
        buttons: Callable[[Notification], Sequence[Block]] = lambda _: (),
    ) -> None:
        self._token = addresses.bot_token(token)
        self._base_url = addresses.slack_api_url(base_url)
        self._deadline = deadline
        self._charts = charts
        self._buttons = buttons

    def send(self, notification: Notification) -> str:
        """Post and return "channel id/message timestamp".

        1. Post, with the notification's id as metadata, by which `find` knows the message again.
        2. Refused for not being in a public channel: join it and post once more.
        3. Refused for the metadata: post once more without; such a message cannot be found again.
        4. Refused for the thread, which may be deleted or locked: post it outside.
        """
        charts = self._charts()
        channel, post = _channel(notification), _post(notification, charts, self._buttons(notification))

        def call(client: GuardedWebClient) -> str:
            try:
                return _posted(client, channel, post)
            except SlackApiError as error:
                word = _reply(error.response).word
                if word == "not_in_channel" and _joined(client, channel):
                    return _posted(client, channel, post)
                if "metadata" in word:
                    return _posted(client, channel, {**post, "metadata": None})
                if word in _NO_THREAD and "thread_ts" in post:
                    return _posted(client, channel, _outside(post))
                raise

        reference = self._run(call, notification.attempted_at)
        if is_picture_due(notification, charts):
            self._add_picture(notification, reference)
        return reference

    def _add_picture(self, notification: Notification, reference: str) -> None:
        """Draw the chart into the message's thread; the message has arrived, so a failure is said and no more."""
        thread = notification.thread or reference

        def call(client: GuardedWebClient) -> None:
            add_picture(client, notification.message, thread, self._base_url)

        try:
            self._run(call, None)
        except NotifyError as error:
            log.warning("chart_not_shown", receiver=notification.receiver, error=str(error))

    def find(self, notification: Notification) -> str | None:
        """Return the reference of a notification that is in the channel's history, None when it surely is not.

        Raises NotifyError: RETRY to look again later; BAD_DESTINATION where no look is possible, because the
        channel is given by name, cannot be read by the bot, or holds too much.
        """
        channel, since, thread = _channel(notification), notification.attempted_at, _thread(notification)
        if since is None:
            return None
        if not _CONVERSATION_ID.fullmatch(channel):
            raise NotifyError("no look is possible: give the channel by its id", Outcome.BAD_DESTINATION)

        def call(client: GuardedWebClient) -> str | None:
            try:
                return found(client, channel, notification.id, since, thread)
            except SlackApiError as error:
                if _reply(error.response).word == "not_in_channel" and _joined(client, channel):
                    return found(client, channel, notification.id, since, thread)
                raise

        try:
            return self._run(call, since)
        except NotifyError as error:
            raise _look_error(error) from error

    def edit(self, notification: Notification) -> bool:
        """Replace what was posted before; False where it is gone, or Slack lets nobody edit it any more."""
        channel, _, stamp = (notification.edits or "").partition("/")
        content = _content(notification, self._charts(), self._buttons(notification))
        # Without blocks Slack keeps the old ones; what the text may contain only `chat.postMessage` is told.
        post = {"text": content["text"], "blocks": content["blocks"] or [], "parse": "none"}

        def call(client: GuardedWebClient) -> bool:
            try:
                client.chat_update(channel=channel, ts=stamp, **post)
            except SlackApiError as error:
                if _reply(error.response).word in _NO_EDIT:
                    return False
                raise
            return True

        return bool(stamp) and self._run(call, None)

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
        raise without((self._token,), raised)


class SlackWebhook:
    """Posts through an incoming webhook: one fixed channel and no way to look, so a message may come twice.

    `charts` is as for the bot; a webhook takes no picture. Raises ValueError for an address that the environment would
    refuse too.
    """

    def __init__(
        self,
        url: str,
        api_url: str | None = None,
        deadline: timedelta = DEADLINE,
        charts: Callable[[], str] = lambda: NATIVE,
    ) -> None:
        self._charts = charts
        self._url = addresses.webhook_url(url, api_url)
        path = urlsplit(self._url).path
        self._secrets = (self._url, path, *words(path))
        self._deadline = deadline

    def send(self, notification: Notification) -> str:
        """Post and return "": a webhook gives no reference."""
        guard = Guard(self._deadline.total_seconds())
        client = GuardedWebhookClient(self._url, guard)
        post = {**_content(notification, self._charts()), "parse": "none"}
        try:
            answer = guard.run(lambda: client.send_dict(post))
        except Exception as error:
            raise without(self._secrets, failure(error)) from None
        reply = Reply(answer.status_code, answer.headers, decoded(answer.body))
        if outcome := webhook_outcome(reply):
            raise without(self._secrets, refusal(reply, outcome, notification.attempted_at))
        return ""


def _channel(notification: Notification) -> str:
    return notification.receiver.partition(":")[2]


def _content(notification: Notification, charts: str, buttons: Sequence[Block] = ()) -> dict[str, Any]:
    """Return what both ways of posting share. `mrkdwn` off: a name in the text is not formatting."""
    message, plainness = notification.message, notification.plainness
    return {
        "text": fallback(message, plainness),
        "blocks": blocks(message, plainness, actions=buttons, charts=charts == NATIVE) or None,
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _post(notification: Notification, charts: str, buttons: Sequence[Block]) -> dict[str, Any]:
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"d": notification.id}}
    post = {**_content(notification, charts, buttons), "parse": "none", "metadata": metadata}
    if thread := _thread(notification):
        # What changes a cadence is for everybody, not only for those who follow the thread.
        post |= {"thread_ts": thread, "reply_broadcast": notification.kind == AlertKind.CADENCE}
    return post


def _outside(post: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in post.items() if key not in ("thread_ts", "reply_broadcast")}


def _thread(notification: Notification) -> str:
    """Return the timestamp of the message that begins the thread; "" outside of one."""
    return (notification.thread or "").partition("/")[2]


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


def _look_error(error: NotifyError) -> NotifyError:
    """Turn what went wrong in a look into "look again later" or "no look is possible"."""
    can_come = error.outcome in (Outcome.RETRY, Outcome.DOUBTFUL)
    outcome = Outcome.RETRY if can_come else Outcome.BAD_DESTINATION
    return NotifyError(f"looking in the channel's history: {error}", outcome, error.retry_after)


def _reply(answer: SlackResponse) -> Reply:
    return Reply(answer.status_code, answer.headers, answer.data)
