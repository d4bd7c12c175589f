"""Deliver notifications to the terminal: what the monitor does before it knows any Slack."""

from typing import TextIO

from monitor.core.telling import Notification
from monitor.core.text import message_text
from monitor.errors import NotifyError, Outcome


class Terminal:
    """Prints each message as plain text with a blank line after it; no control character gets through."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def send(self, notification: Notification) -> str:
        """Print and return ""."""
        encoding = self._stream.encoding or "utf-8"
        text = message_text(notification.message) + "\n\n"
        try:
            # A stream that cannot show a letter shows a question mark, and not a traceback.
            self._stream.write(text.encode(encoding, "replace").decode(encoding))
            self._stream.flush()
        except (OSError, ValueError) as error:  # a broken pipe, a closed file
            raise NotifyError(f"cannot print: {error}", Outcome.BAD_DESTINATION) from error
        return ""
