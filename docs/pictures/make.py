"""Draw the pictures of the documentation from what the monitor really says and logs.

Run: python -m docs.pictures.make
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from docs.episodes import episodes, health_messages
from docs.pictures.slack_view import Shown, document, drawing
from monitor.app import App
from monitor.config import Environment, load
from monitor.core.digests import Entry, Why, digest_message
from monitor.core.telling import AlertKind, Message, Notification
from monitor.core.types import Level
from monitor.demo.hub import DemoHub
from monitor.demo.play import AMPLE, BEGIN, CONFIG, SteppedClock
from monitor.demo.recorded import load_recorded
from monitor.notify import Notifier
from monitor.store import Store
from monitor.store.migrate import prepare
from monitor.worker import ticks

HERE = Path(__file__).parent
END = datetime(2025, 12, 26, tzinfo=UTC)
MONO, LETTER = "Menlo, Consolas, DejaVu Sans Mono, monospace", 8.4


class _Nobody:
    """A receiver that reads nothing."""

    def send(self, _notification: Notification) -> str:
        """Let it go."""
        return ""


class Unread(App):
    """The app of one who reads nothing."""

    def notifiers(self) -> Callable[[str], Notifier | None]:
        """Return nobody, whoever the receiver is."""
        return lambda _receiver: _Nobody()


def watched(url: str) -> None:
    """Let the service live through the recorded history, a day at a time."""
    clock, store = SteppedClock(BEGIN), Store(url)
    prepare(store.engine)
    with DemoHub(clock, load_recorded(), quota=AMPLE) as hub:
        app = Unread(Environment(url, url, hf_endpoint=hub.url), store, clock)
        with ticks(app, load(CONFIG), pace=timedelta(0)) as service:
            while clock() < END:
                for tick in service.values():
                    tick()
                clock.step(timedelta(days=1))
    store.close()


def terminal(command: str, url: str) -> str:
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
    return document(width, height, "#23272e", MONO, drawn)


def pictures() -> dict[str, str]:
    """Return every picture of messages by its name."""
    told = {episode.title: episode.message for episode in episodes()}
    faster, silent = told["Qwen, summer 2025: the alert"], told["A laboratory falls silent"]
    launch, first = told["21 repositories, one launch"], told["The first for ten months"]
    shown = {
        "alert": [Shown(faster), Shown(first)],
        "launch": [Shown(launch)],
        "thread": [Shown(told["A launch grows"], is_reply=True)],
        "cadence": [Shown(told["Qwen, summer 2025: the first sign"]), Shown(faster, is_reply=True)],
        "silence": [Shown(silent)],
        "change": [
            Shown(told["A flagship vanishes"]),
            Shown(told["A licence changes under published weights"]),
        ],
        "brief": [Shown(told["A week, and DeepSeek's quiet months"])],
        "health": [Shown(message) for message in health_messages()],
        "digest": [Shown(_digest([faster, first, launch, silent]))],
    }
    return {name: drawing(messages) for name, messages in shown.items()}


def _digest(messages: Sequence[Message]) -> Message:
    kinds = (AlertKind.CADENCE, AlertKind.RELEASE, AlertKind.RELEASE, AlertKind.CADENCE)
    at = datetime(2025, 8, 5, tzinfo=UTC)
    return digest_message(
        [Entry(kind, Level.ALERT, at, message) for kind, message in zip(kinds, messages, strict=True)],
        Why.UNREACHED,
    )


def main() -> None:
    """Draw every picture."""
    for name, drawn in pictures().items():
        (HERE / f"{name}.svg").write_text(drawn, encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/pictures.db"
        watched(url)
        (HERE / "log.svg").write_text(terminal("release-monitor log --limit 14", url), encoding="utf-8")


if __name__ == "__main__":
    main()
