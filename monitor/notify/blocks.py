"""Show a message as Slack's Block Kit: full, without its chart, in plain sections, or as one line of text.

No name is ever read as formatting: what comes from outside stands in `plain_text` objects, and in the labels of
links, which only mrkdwn can show, look-alikes take the place of formatting characters. The limits are nine
tenths of Slack's (https://docs.slack.dev/reference/block-kit/blocks), because Slack does not say in which unit
it counts; they hold for the text after escaping.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from monitor.core.telling import Link, Message
from monitor.core.text import clean, cut, more_text, named
from monitor.notify.slack_buttons import checked
from monitor.notify.slack_chart import chart_block

Block = dict[str, Any]

# All strings of a message together: messages of 11,000 characters were refused as msg_blocks_too_long
# (slackapi/bolt-js, issue 2867), although no block was over its own limit. The fallback text comes on top.
_IN_ALL = 9_000
_TITLE = 135
_LEAD = 1_200
_FACTS, _LABEL, _VALUE = 10, 45, 180
_LINKS, _NAME, _ADDRESS = 40, 150, 250
_NOTE = 450
_TEXT = 600
_LINE = 2_000
_PARAGRAPH = 1_500
_SECTION = 2_700
_PER_SECTION = 5  # ten fields, two for each fact

_MORE = "_and 1,000,000 more_"

# `:tada:` and `:+1:` are emoji, the colons of 09:30:00 are not.
_EMOJI = r":(?=[\w+'-]*[a-z][\w+'-]*:)|(?<!\w):(?=[\w+'-]+:)"
_FORMATTING = re.compile(rf"[*~`]|(?<![^\W_])_|_(?![^\W_])|{_EMOJI}")
_LOOKALIKES = {"*": "∗", "~": "∼", "`": "ˋ", "_": "ˍ", ":": "꞉"}


def blocks(
    message: Message, plainness: int = 0, *, actions: Sequence[Block] = (), charts: bool = True
) -> list[Block]:
    """Return the blocks for one of four degrees of plainness: 0 full, 1 without chart, 2 plain sections, 3 none.

    `actions` are buttons and menus below the message, at degrees 0 and 1. Raises ValueError for one that Slack would
    refuse, which is a fault of ours. Without `charts` no chart is shown at degree 0 either.
    """
    if plainness >= 3:
        return []
    if plainness == 2:
        return _plain(message)
    chart = [chart_block(message.chart)] if message.chart and charts and plainness == 0 else []
    before = [_header(message), *_lead(message), *_facts(message), *chart]
    after = [*_actions(actions), *_footer(message)]
    return [*before, *_links(message, _IN_ALL - _size([before, after])), *after]


def fallback(message: Message, plainness: int = 0) -> str:
    """Return the `text` of the post: what notifications and screen readers say, the whole message at plainness 3."""
    shown, more = _named_links(message)
    names = ", ".join([named(link.text) for link in shown] + [more_text(more)] * (more > 0))
    line = " · ".join(filter(None, [named(message.title), clean(message.lead), names]))
    if plainness < 3:
        return _formatless(line, _TEXT)
    address = next(filter(None, map(safe_url, [message.url, *(link.url for link in shown)])), None)
    return _formatless(line, _LINE) + (f" <{escape(address)}>" if address else "")


def escape(text: str) -> str:
    """Replace the three characters that Slack reads as control characters; no mention or link survives it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def safe_url(url: str | None) -> str | None:
    """Return an http or https address that cannot end a Slack link early; None for anything else."""
    encoded = quote(url or "", safe="!#$%&'()*+,/:;=?@[]~", errors="replace")
    try:
        parts = urlsplit(encoded)
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return encoded if is_web and len(encoded) <= _ADDRESS else None


def _header(message: Message) -> Block:
    return {"type": "header", "text": _text(named(message.title), _TITLE)}


def _lead(message: Message) -> list[Block]:
    lead = clean(message.lead)
    return [{"type": "section", "text": _text(lead, _LEAD)}] if lead else []


def _facts(message: Message) -> list[Block]:
    """Return a table of two columns: fields run from left to right, so label and value stand side by side."""
    fields = [
        (_strong(label), _text(clean(value) or "–", _VALUE))
        for label, value in message.facts[:_FACTS]
        if clean(label)
    ]
    return [
        {
            "type": "section",
            "fields": [field for pair in fields[start : start + _PER_SECTION] for field in pair],
        }
        for start in range(0, len(fields), _PER_SECTION)
    ]


def _links(message: Message, room: int) -> list[Block]:
    """Return bullets, as many as there is room for, in as many sections as the length of the addresses takes."""
    shown, more = _named_links(message)
    title = [f"*{_formatless(clean(message.links_title), _LABEL)}*"] if message.links_title and shown else []
    bullets, more = _fitting([_bullet(link) for link in shown], more, room - sum(map(len, title)))
    texts: list[str] = []
    for line in [*title, *bullets, *([f"_{more_text(more)}_"] if more else [])]:
        if texts and len(texts[-1]) + 1 + len(line) <= _SECTION:
            texts[-1] += "\n" + line
        else:
            texts.append(line)
    return [{"type": "section", "text": _mrkdwn(text)} for text in texts]


def _fitting(
    lines: Sequence[str], more: int, room: int, size: Callable[[str], int] = len
) -> tuple[list[str], int]:
    """Return the lines that fit into so many characters, with "and n more" below them, and that number."""
    left = room - len(_MORE)
    shown: list[str] = []
    for line in lines:
        left -= size(line) + 1
        if left < 0:
            break
        shown.append(line)
    return shown, more + len(lines) - len(shown)


def _bullet(link: Link) -> str:
    text = _formatless(named(link.text), _NAME)
    url = safe_url(link.url)
    return f"• <{escape(url)}|{text}>" if url else f"• {text}"


def _actions(actions: Sequence[Block]) -> list[Block]:
    return [{"type": "actions", "elements": checked(actions)}] if actions else []


def _footer(message: Message) -> list[Block]:
    note = clean(message.note)
    elements = [_text(note, _NOTE)] if note else []
    url = safe_url(message.url)
    if url and url not in [safe_url(link.url) for link in message.links]:
        elements.append(_read_on(url))
    return [{"type": "context", "elements": elements}] if elements else []


def _plain(message: Message) -> list[Block]:
    facts = [f"{clean(label)}: {clean(value)}" for label, value in message.facts[:_FACTS]]
    paragraphs = (
        (named(message.title), _TITLE),
        (clean(message.lead), _LEAD),
        ("\n".join(facts), _PARAGRAPH),
        (_plain_links(message), _SECTION),
        (clean(message.note), _NOTE),
    )
    sections: list[Block] = [
        {"type": "section", "text": _text(paragraph, limit)} for paragraph, limit in paragraphs if paragraph
    ]
    url = safe_url(message.url)
    return [*sections, {"type": "section", "text": _read_on(url)}] if url else sections


def _plain_links(message: Message) -> str:
    shown, more = _named_links(message)
    title = [clean(message.links_title)] if clean(message.links_title) and shown else []
    names = [f"• {cut(named(link.text), _NAME, _escaped_size)}" for link in shown]
    names, more = _fitting(names, more, _SECTION - sum(map(_escaped_size, title)), _escaped_size)
    return "\n".join([*title, *names, *([more_text(more)] if more else [])])


def _named_links(message: Message) -> tuple[tuple[Link, ...], int]:
    """Return the links to show, and how many are left to be counted only."""
    shown = message.links[:_LINKS]
    return shown, message.more + len(message.links) - len(shown)


def _text(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": _escaped(text, limit), "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _strong(label: str) -> Block:
    return _mrkdwn(f"*{_formatless(clean(label), _LABEL)}*")


def _read_on(url: str) -> Block:
    return _mrkdwn(f"<{escape(url)}|Read on>")


def _literal(text: str) -> str:
    """Replace what mrkdwn would read as formatting or an emoji by its look-alike; it has no escape for these.

    An underscore between letters or digits, the only case in most names, is none of them and stays.
    """
    return _FORMATTING.sub(lambda found: _LOOKALIKES[found[0]], text)


def _formatless(text: str, limit: int) -> str:
    """Cut generously before the look-alikes are put in, which takes long in a long text."""
    return _escaped(_literal(text[: limit + 100]), limit)


def _escaped(text: str, limit: int) -> str:
    return escape(cut(text, limit, _escaped_size))


def _escaped_size(text: str) -> int:
    return len(escape(text))


def _size(node: object) -> int:
    """Count the characters of all strings in blocks."""
    if isinstance(node, str):
        return len(node)
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return sum(map(_size, children))
