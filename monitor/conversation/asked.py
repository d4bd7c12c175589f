"""What somebody wrote or clicked in Slack, read from a payload of which nothing is taken for granted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from monitor.core.text import clean, cut

_LONGEST = 500  # characters of a command that are read
# With `should_escape` Slack writes <@U012|name>, <#C012|name> and <https://address|text>.
_ESCAPED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, or a click. What Slack did not send is "".

    `text` stands behind the command; `action` is what was clicked or chosen, with its `value`, in a message of
    `channel`; `thread` is the timestamp of the message that begins its thread: of itself, where it is no reply.
    """

    envelope: str
    user: str = ""
    user_name: str = ""
    answer_to: str = ""  # Slack's response_url
    text: str = ""
    action: str = ""
    value: str = ""
    channel: str = ""
    thread: str = ""

    @property
    def words(self) -> list[str]:
        """The words of the text."""
        return self.text.split()


def command(envelope: str, body: Mapping[str, Any]) -> Asked:
    """Read a slash command. Source: https://docs.slack.dev/interactivity/implementing-slash-commands."""
    return Asked(
        envelope=envelope,
        user=_text(body, "user_id"),
        user_name=_text(body, "user_name"),
        answer_to=_text(body, "response_url"),
        text=plain(_text(body, "text")),
    )


def click(envelope: str, body: Mapping[str, Any]) -> Asked:
    """Read a click on a button, or a choice from a menu.

    Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
    """
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else {}
    return Asked(
        envelope=envelope,
        user=_text(body, "user", "id"),
        user_name=_text(body, "user", "username") or _text(body, "user", "name"),
        answer_to=_text(body, "response_url"),
        action=_text(action, "action_id"),
        value=_text(action, "value") or _text(action, "selected_option", "value"),
        channel=_text(body, "container", "channel_id") or _text(body, "channel", "id"),
        # A reply to a reply would stand in a thread that nobody sees: docs.slack.dev/messaging, "thread_ts".
        thread=_text(body, "container", "thread_ts")
        or _text(body, "message", "thread_ts")
        or _text(body, "container", "message_ts"),
    )


def plain(text: str) -> str:
    """Return what somebody typed, without Slack's escapes, on one line.

    >>> plain("add  acme <https://acme.test|acme.test> &lt;b&gt; <@U012>")
    'add acme acme.test <b> @U012'
    """
    return cut(
        clean(unescape(_ESCAPED.sub(lambda found: found[2] or found[1], text[: 10 * _LONGEST]))), _LONGEST
    )


def _text(body: object, *path: str) -> str:
    """Return the text at the end of a path of keys; "" where there is none, or something else."""
    for key in path:
        body = body.get(key) if isinstance(body, Mapping) else None
    return body if isinstance(body, str) else ""
