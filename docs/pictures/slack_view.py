"""Draw messages about as Slack shows their blocks: legible at the width of a page, not a likeness."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape, unescape
from textwrap import wrap
from typing import Any

from monitor.charts.drawing import svg
from monitor.core.telling import Message
from monitor.notify.blocks import blocks

WIDTH, LEFT, LINE = 860, 76, 22
FONT = "Lato, Helvetica, Arial, DejaVu Sans, sans-serif"
INK, GREY, BLUE = "#1d1c1d", "#616061", "#1264a3"
CHART = (700, 240)  # pixels
_VALUE = 130  # from a label to its value
_BAR = 4  # pixels at the left of a reply


@dataclass(frozen=True, slots=True)
class Shown:
    """A message, and whether it is shown as a reply in the thread of the one before."""

    message: Message
    is_reply: bool = False


def drawing(messages: Iterable[Shown]) -> str:
    """Return messages, one below the other, as an SVG document."""
    drawn: list[str] = []
    y = 20
    for shown in messages:
        begun = y
        parts, y = _message(shown.message, y)
        if shown.is_reply:
            drawn.append(f'<rect x="8" y="{begun}" width="{_BAR}" height="{y - begun - 20}" fill="#dddddd"/>')
        drawn += parts
    return document(WIDTH, y, "#ffffff", FONT, drawn)


def document(width: int, height: int, ground: str, font: str, drawn: Iterable[str]) -> str:
    """Return a picture with a ground and what is drawn on it."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="{font}">'
    back = f'<rect width="{width}" height="{height}" rx="8" fill="{ground}" stroke="#dddddd"/>'
    return "\n".join([head, back, *drawn, "</svg>"]) + "\n"


def _message(message: Message, y: int) -> tuple[list[str], int]:
    """Draw one message from a height on; return what was drawn, and the height below it."""
    drawn = [
        f'<rect x="20" y="{y}" width="40" height="40" rx="6" fill="#1164a3"/>',
        f'<text x="40" y="{y + 26}" fill="#fff" font-size="17" text-anchor="middle">RM</text>',
        _text(LEFT, y + 14, "Release monitor", 15, bold=True),
        _text(LEFT + 142, y + 14, "APP", 10, colour=GREY),
    ]
    y += 44
    for block in blocks(message):
        if block["type"] == "data_visualization" and message.chart:
            chart = svg(message.chart, *CHART)
            drawn.append(f'<g color="{INK}" transform="translate({LEFT} {y - 14})">{chart.strip()}</g>')
            y += CHART[1] + 4
            continue
        for line in _lines(block):
            drawn += [_text(LEFT + line.indent, y, line.text, line.size, line.colour, line.bold)]
            y += 0 if line.stays else LINE
        y += 8
    return drawn, y + 20


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: int = 15
    colour: str = INK
    bold: bool = False
    indent: int = 0
    stays: bool = False  # the next one stands beside it


def _lines(block: dict[str, Any]) -> Iterator[_Line]:
    """Yield the lines of a block."""
    fields = block.get("fields", [])
    for label, value in zip(fields[::2], fields[1::2], strict=True):
        yield _Line(_plain(label), bold=True, stays=True)
        yield from (_Line(part, indent=_VALUE) for part in wrap(_plain(value), 78))
    if block["type"] == "header":
        yield from (_Line(part, 18, bold=True) for part in wrap(_plain(block["text"]), 76))
    elif "text" in block:
        yield from _paragraph(block["text"]["text"])
    for element in block.get("elements", []):
        if isinstance(element.get("text"), str):
            yield from (_Line(part, 13, GREY) for part in wrap(_plain(element), 112))


def _paragraph(text: str) -> Iterator[_Line]:
    for line in text.splitlines():
        colour, bold = BLUE if line.startswith("• <") else INK, line.startswith("*")
        yield from (_Line(part, colour=colour, bold=bold) for part in wrap(_plain({"text": line}), 96))


def _plain(shown: dict[str, Any]) -> str:
    """Return the text of a text object as a reader sees it."""
    linked = re.sub(r"<[^|>]*\|([^>]*)>", r"\1", shown["text"])
    return unescape(re.sub(r"^[*_](.*)[*_]$", r"\1", linked))


def _text(x: int, y: int, line: str, size: int, colour: str = INK, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{escape(line)}</text>'
