"""Draw the pictures of the README from what the demo really says and logs.

Run: python -m docs.pictures.make
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from pathlib import Path
from textwrap import wrap
from typing import Any

from monitor.app import App
from monitor.config import Environment, load
from monitor.core.telling import Message, Notification
from monitor.demo.hub import DemoHub
from monitor.demo.play import AMPLE, BEGIN, CONFIG, SteppedClock
from monitor.demo.recorded import load_recorded
from monitor.notify import Notifier
from monitor.notify.blocks import blocks
from monitor.store import Store
from monitor.store.migrate import prepare
from monitor.worker import ticks

HERE = Path(__file__).parent
END = datetime(2025, 12, 26, tzinfo=UTC)
SHOWN = ("01.AI has fallen silent", "Tencent may have sped up")
WIDTH, LEFT, LINE = 860, 76, 22
FONT = "Lato, Helvetica, Arial, DejaVu Sans, sans-serif"
MONO, LETTER = "Menlo, Consolas, DejaVu Sans Mono, monospace", 8.4


class Collector:
    """A notifier that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, notification: Notification) -> str:
        """Keep the message."""
        self.messages.append(notification.message)
        return ""


class CollectingApp(App):
    """The app with the collector as its only receiver."""

    collector = Collector()

    def notifiers(self) -> Callable[[str], Notifier | None]:
        """Return the collector, whoever the receiver is."""
        return lambda _receiver: self.collector


def watched(url: str) -> list[Message]:
    """Let the service live through the recorded history, a day at a time, and return what it said."""
    clock, store = SteppedClock(BEGIN), Store(url)
    prepare(store.engine)
    with DemoHub(clock, load_recorded(), quota=AMPLE) as hub:
        app = CollectingApp(Environment(url, url, hf_endpoint=hub.url), store, clock)
        with ticks(app, load(CONFIG), pace=timedelta(0)) as service:
            while clock() < END:
                for tick in service.values():
                    tick()
                clock.step(timedelta(days=1))
    store.close()
    return app.collector.messages


def terminal(command: str, url: str, path: Path) -> None:
    """Run a command on the database and draw what it prints."""
    environment = {**os.environ, "DATABASE_URL": url, "MONITOR_CONFIG": str(CONFIG)}
    arguments = [sys.executable, "-m", "monitor", *command.split()[1:]]
    shown = subprocess.run(  # noqa: S603
        arguments, env=environment, check=True, capture_output=True, text=True
    ).stdout
    rows = [f"$ {command}", *shown.rstrip().splitlines()]
    width, height = int(max(map(len, rows)) * LETTER) + 48, len(rows) * 19 + 36
    drawn = [
        f'<text x="24" y="{32 + 19 * number}" font-size="14" fill="#d7dae0" xml:space="preserve" '
        f'textLength="{len(row) * LETTER:.0f}">{escape(row)}</text>'
        for number, row in enumerate(rows)
    ]
    save(path, width, height, "#23272e", MONO, drawn)


def slack(messages: list[Message], path: Path) -> None:
    """Draw messages about as Slack shows their blocks."""
    drawn, y = [], 20
    for message in messages:
        drawn += [
            f'<rect x="20" y="{y}" width="40" height="40" rx="6" fill="#1164a3"/>',
            f'<text x="40" y="{y + 26}" fill="#fff" font-size="17" text-anchor="middle">RM</text>',
            text(LEFT, y + 14, "Release monitor", 15, bold=True),
            text(LEFT + 142, y + 14, "APP", 10, colour="#616061"),
        ]
        y += 44
        for block in blocks(message):
            for line, size, colour, bold, x in lines(block):
                drawn += [text(x, y, line, size, colour, bold)] if line else []
                y += LINE if x == LEFT else 0
            y += 8
        y += 24
    save(path, WIDTH, y, "#ffffff", FONT, drawn)


def save(path: Path, width: int, height: int, ground: str, font: str, drawn: list[str]) -> None:
    """Write a picture."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="{font}">'
    back = f'<rect width="{width}" height="{height}" rx="8" fill="{ground}" stroke="#dddddd"/>'
    path.write_text("\n".join([head, back, *drawn, "</svg>"]) + "\n", encoding="utf-8")


def lines(block: dict[str, Any]) -> Iterator[tuple[str, int, str, bool, int]]:
    """Return the lines of a block: text, size, colour, whether bold, and where it begins."""
    ink, grey, blue = "#1d1c1d", "#616061", "#1264a3"
    for label, value in zip(block.get("fields", [])[::2], block.get("fields", [])[1::2], strict=True):
        yield plain(value), 15, ink, False, LEFT + 200
        yield plain(label), 15, ink, True, LEFT
    if block["type"] == "header":
        yield plain(block["text"]), 18, ink, True, LEFT
    elif "text" in block:
        for line in block["text"]["text"].splitlines():
            is_link = line.startswith("• <")
            for part in wrap(plain({"text": line}), 92):
                yield part, 15, blue if is_link else ink, line.startswith("*"), LEFT
    for element in block.get("elements", []):
        for part in (
            wrap(plain(element), 108) if "text" in element and isinstance(element["text"], str) else []
        ):
            yield part, 13, grey, False, LEFT


def plain(shown: dict[str, Any]) -> str:
    """Return the text of a text object as a reader sees it."""
    linked = re.sub(r"<[^|>]*\|([^>]*)>", r"\1", shown["text"])
    return unescape(re.sub(r"^[*_](.*)[*_]$", r"\1", linked))


def text(x: int, y: int, line: str, size: int, colour: str = "#1d1c1d", bold: bool = False) -> str:
    """Draw one line."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{escape(line)}</text>'


def main() -> None:
    """Draw both pictures."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/pictures.db"
        said = watched(url)
        slack(
            [next(m for m in said[::-1] if m.title.startswith(start)) for start in SHOWN], HERE / "alert.svg"
        )
        terminal("release-monitor log --limit 14", url, HERE / "log.svg")


if __name__ == "__main__":
    main()
