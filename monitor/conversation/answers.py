"""What is said back: messages like all others, seen by nobody but the person who asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from monitor.core.telling import Link, Message
from monitor.core.text import clean, cut
from monitor.notify.blocks import Block, blocks, escape, fallback

# As many lines are shown of anything.
LINES = 10

_LABEL = 70  # characters on a button or in a menu, of 75
_CODE = 2_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to the person who asked.

    `actions` are buttons below it, `code` stands in a frame of its own, to be copied. `note` is what everybody is
    told in the thread of the message that was clicked at. `replaces` the question, where that was ours too.
    """

    message: Message
    actions: Sequence[Block] = ()
    code: str = ""
    note: str = ""
    replaces: bool = False


def said(title: str, lead: str = "", **more: Any) -> Answer:
    """Return an answer of a sentence or two."""
    return Answer(Message(title, lead), **more)


def in_lines(title: str, lines: Sequence[Link], total: int, note: str = "") -> Answer:
    """Return an answer that is a list, of which these lines are shown."""
    return Answer(Message(title, "", links=tuple(lines), more=max(0, total - len(lines)), note=note))


def payload(answer: Answer) -> dict[str, Any]:
    """Return what a response_url is sent."""
    shown = blocks(answer.message, actions=answer.actions)
    if answer.code:
        shown.append(_framed(answer.code))
    return {
        "response_type": "ephemeral",
        "replace_original": answer.replaces,
        "text": fallback(answer.message),
        "blocks": shown,
        "mrkdwn": False,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
    }


def plain_payload(answer: Answer) -> dict[str, Any]:
    """Return the same as a line of text."""
    return {**payload(answer), "blocks": None, "text": fallback(answer.message, plainness=3)}


def note(answer: Answer) -> dict[str, Any]:
    """Return the post that tells everybody what was done."""
    text = escape(cut(clean(answer.note), 600))
    section = {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}
    return {"text": text, "blocks": [section], "mrkdwn": False, "parse": "none", "unfurl_links": False}


def button(action: str, text: str, value: str) -> Block:
    """Return a button."""
    return {"type": "button", "action_id": action, "text": label(text), "value": value}


def label(text: str) -> Block:
    """Return what stands on a button or in a menu: no name formats there, and none is too long."""
    shown = cut(clean(text), _LABEL, _escaped_size)
    return {"type": "plain_text", "text": escape(shown) or "–", "emoji": False}


def _framed(code: str) -> Block:
    lines = "\n".join(clean(line).replace("`", "ˋ") for line in code.splitlines())
    text = escape(cut(lines, _CODE, _escaped_size))
    return {"type": "section", "text": {"type": "mrkdwn", "text": f"```\n{text}\n```", "verbatim": True}}


def _escaped_size(text: str) -> int:
    return len(escape(text))
