"""Show the demo's messages to a person: each with the day of the recorded history on which it went out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TextIO

from monitor.core.telling import Message, Notification
from monitor.errors import NotifyError
from monitor.notify.terminal import Terminal

# How long the demo holds still after a message that is worth reading in full.
PAUSE = 2.0


class Screen:
    """A notifier that prints launches in two lines and everything else in full.

    `pause` is how many seconds the reader should be given now; whoever gives them sets it back to 0.
    `is_closed` says that nobody reads any more.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], datetime]) -> None:
        self._terminal = Terminal(stream)
        self._clock = clock
        self.pause = 0.0
        self.is_closed = False

    def send(self, notification: Notification) -> str:
        """Print and return ""."""
        message = notification.message
        # Launches, of which there are many, explain nothing; whatever carries a note is rare and explains itself.
        is_brief = not message.note
        shown = _brief(message) if is_brief else message
        rule = "──" if is_brief else "══════"
        title = f"{rule} {self._clock():%Y-%m-%d} {rule} {message.title}"
        # No address: pages of the recording's hub cannot be opened.
        shown = replace(shown, title=title, url=None)
        try:
            reference = self._terminal.send(replace(notification, message=shown))
        except NotifyError:
            self.is_closed = True
            raise
        self.pause += 0.0 if is_brief else PAUSE
        return reference


def _brief(message: Message) -> Message:
    facts = " · ".join(f"{label}: {value}" for label, value in message.facts)
    return Message(title=message.title, lead=f"{message.lead} {facts}")
