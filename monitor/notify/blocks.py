"""Show a message as Slack's Block Kit: full, in plain sections, or as one line of text.

No name is ever read as formatting: what comes from outside stands in `plain_text` objects, and in the labels of
links, which only mrkdwn can show, look-alikes take the place of formatting characters. The limits are nine
tenths of Slack's (https://docs.slack.dev/reference/block-kit/blocks), because Slack does not say in which unit
it counts; they hold for the text after escaping.
"""

import re
from typing import Any
from urllib.parse import quote, urlsplit

from monitor.core.telling import Link, Message
from monitor.core.text import clean, cut, more_text, named

Block = dict[str, Any]

# Together at most about 9,300 characters: messages of 11,000 were refused as msg_blocks_too_long
# (slackapi/bolt-js, issue 2867), although no block was over its own limit.
_TITLE = 135
_LEAD = 1_200
_FACTS, _LABEL, _VALUE = 10, 45, 180
_LINKS, _NAME, _ADDRESS = 15, 100, 250
_NOTE = 450
_TEXT = 600
_LINE = 2_000
_PARAGRAPH = 1_500
_SECTION = 2_700
_PER_SECTION = 5  # ten fields, two for each fact

# `:tada:` and `:+1:` are emoji, the colons of 09:30:00 are not.
_EMOJI = r":(?=[\w+'-]*[a-z][\w+'-]*:)|(?<!\w):(?=[\w+'-]+:)"
_FORMATTING = re.compile(rf"[*~`]|(?<![^\W_])_|_(?![^\W_])|{_EMOJI}")
_LOOKALIKES = {"*": "∗", "~": "∼", "`": "ˋ", "_": "ˍ", ":": "꞉"}


def blocks(message: Message, plainness: int = 0) -> list[Block]:
    """Return the blocks for one of three degrees of plainness: 0 full, 1 plain sections, 2 none at all."""
    if plainness >= 2:
        return []
    return _plain(message) if plainness == 1 else _full(message)


def fallback(message: Message, plainness: int = 0) -> str:
    """Return the `text` of the post: what notifications and screen readers say, the whole message at plainness 2."""
    shown, more = _named_links(message)
    names = ", ".join([named(link.text) for link in shown] + [more_text(more)] * (more > 0))
    line = " · ".join(filter(None, [named(message.title), clean(message.lead), names]))
    if plainness < 2:
        return _escaped(_literal(line), _TEXT)
    address = next(filter(None, map(safe_url, [message.url, *(link.url for link in shown)])), None)
    return _escaped(_literal(line), _LINE) + (f" <{escape(address)}>" if address else "")


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


def _full(message: Message) -> list[Block]:
    header: Block = {"type": "header", "text": _text(named(message.title), _TITLE)}
    return [header, *_lead(message), *_facts(message), *_links(message), *_footer(message)]


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


def _links(message: Message) -> list[Block]:
    """Return bullets, in as many sections as the length of the addresses takes."""
    shown, more = _named_links(message)
    title = (
        [f"*{_escaped(_literal(clean(message.links_title)), _LABEL)}*"]
        if message.links_title and shown
        else []
    )
    lines = title + [_bullet(link) for link in shown] + [f"_{more_text(more)}_"] * (more > 0)
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= _SECTION:
            texts[-1] += "\n" + line
        else:
            texts.append(line)
    return [{"type": "section", "text": _mrkdwn(text)} for text in texts]


def _bullet(link: Link) -> str:
    text = _escaped(_literal(named(link.text)), _NAME)
    url = safe_url(link.url)
    return f"• <{escape(url)}|{text}>" if url else f"• {text}"


def _footer(message: Message) -> list[Block]:
    note = clean(message.note)
    elements = [_text(note, _NOTE)] if note else []
    url = safe_url(message.url)
    if url and url not in [safe_url(link.url) for link in message.links]:
        elements.append(_read_on(url))
    return [{"type": "context", "elements": elements}] if elements else []


def _plain(message: Message) -> list[Block]:
    shown, more = _named_links(message)
    facts = [f"{clean(label)}: {clean(value)}" for label, value in message.facts[:_FACTS]]
    names = [f"• {named(link.text)}" for link in shown]
    paragraphs = [
        named(message.title),
        clean(message.lead),
        "\n".join(facts),
        "\n".join([clean(message.links_title), *names, more_text(more)]).strip(),
        clean(message.note),
    ]
    sections: list[Block] = [
        {"type": "section", "text": _text(paragraph, _PARAGRAPH)} for paragraph in paragraphs if paragraph
    ]
    url = safe_url(message.url)
    return [*sections, {"type": "section", "text": _read_on(url)}] if url else sections


def _named_links(message: Message) -> tuple[tuple[Link, ...], int]:
    """Return the links to show, and how many are left to be counted only."""
    shown = message.links[:_LINKS]
    return shown, message.more + len(message.links) - len(shown)


def _text(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": _escaped(text, limit), "emoji": False}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _strong(label: str) -> Block:
    return _mrkdwn(f"*{_escaped(_literal(clean(label)), _LABEL)}*")


def _read_on(url: str) -> Block:
    return _mrkdwn(f"<{escape(url)}|Read on>")


def _literal(text: str) -> str:
    """Replace what mrkdwn would read as formatting or an emoji by its look-alike; it has no escape for these.

    An underscore between letters or digits, the only case in most names, is none of them and stays.
    """
    return _FORMATTING.sub(lambda found: _LOOKALIKES[found[0]], text)


def _escaped(text: str, limit: int) -> str:
    return escape(cut(text, limit, lambda part: len(escape(part))))
