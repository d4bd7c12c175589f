"""Deliver notifications as text to whatever Apprise knows: e-mail, Telegram, Teams, Discord and a hundred more.

The library is an extra, `release-monitor[apprise]`, and imported only where one of its addresses is set.
"""

import logging
import re
from datetime import timedelta
from typing import Any

from monitor import addresses
from monitor.core.telling import Message, Notification
from monitor.core.text import clean, cut, message_text, named
from monitor.errors import ConfigError, NotifyError, Outcome
from monitor.notify.guard import Guard, TooLateError, unanswered, without, words

DEADLINE = timedelta(seconds=10)
INSTALL = "pip install 'release-monitor[apprise]'"
_WIKI = "https://github.com/caronc/apprise/wiki"

# What its services log when a person has to act: they say `error=404`, or the like, of what they were answered.
_NEEDS_A_PERSON = re.compile(r"error[= ]+(401|403|404|405|410)\b")


class Apprise:
    """Sends to one address of Apprise's; there is no way to look, so a message may come twice.

    Each call ends after `deadline` in all; what hangs then goes on for as long as its service's own time-outs.
    Raises ConfigError, naming the `variable` with the address, where the library is not there or cannot read it.
    """

    def __init__(self, url: str, variable: str, deadline: timedelta = DEADLINE) -> None:
        try:
            import apprise
        except ImportError:
            raise ConfigError([f"{variable}: needs a library that is not installed: {INSTALL}"]) from None
        # Its services log what they send, secrets included; what failed is told by our own error.
        logging.getLogger("apprise").propagate = False
        self._library: Any = apprise
        asset = apprise.AppriseAsset(
            app_id="Release monitor", async_mode=False, storage_mode=apprise.PersistentStoreMode.MEMORY
        )
        self._service: Any = apprise.Apprise.instantiate(addresses.apprise_url(url), asset=asset)
        if self._service is None:
            raise ConfigError(
                [f"{variable}: Apprise knows no such address, or misses a part of it; see {_WIKI}"]
            )
        if "overflow=" not in url:
            self._service.overflow_mode = apprise.OverflowMode.SPLIT  # a service refuses what is too long
        self._secrets = (url, *words(url))
        self._variable = variable
        self._deadline = deadline

    def send(self, notification: Notification) -> str:
        """Send and return "": Apprise gives no reference."""
        title, body = _text(notification.message)
        try:
            failed = Guard(self._deadline.total_seconds()).run(lambda: self._failure(title, body))
        except TooLateError as error:
            raise unanswered(error, self._service.service_name) from None
        except Exception as error:  # a hundred services, each with libraries of its own
            raise NotifyError(f"Apprise stumbled: {type(error).__name__}", Outcome.RETRY) from None
        if failed is not None:
            raise without(self._secrets, self._error(failed))
        return ""

    def check(self) -> str:
        """Return which service it sends to."""
        return f"by Apprise to {cut(clean(str(self._service.service_name)), 40)}"

    def _failure(self, title: str, body: str) -> str | None:
        """Send; return what the service logged where it failed, None where it did not."""
        with self._library.LogCapture(level=logging.WARNING, fmt="%(message)s") as logged:
            is_sent = self._service.notify(
                title=title, body=body, body_format=self._library.NotifyFormat.TEXT
            )
            said: str = logged.getvalue()
        return None if is_sent else said

    def _error(self, said: str) -> NotifyError:
        reason = cut(clean(said), 160) or "the service took it not, and said no more"
        if _NEEDS_A_PERSON.search(said):
            return NotifyError(f"{reason}: check {self._variable}", Outcome.BAD_DESTINATION)
        return NotifyError(reason, Outcome.RETRY)


def _text(message: Message) -> tuple[str, str]:
    """Return the title, and what comes under it, as text that no service takes for a mention of somebody."""
    title, _, body = message_text(message).partition("\n")
    return _harmless(title), _harmless(body or named(message.title))


def _harmless(text: str) -> str:
    """Put a space that nobody sees behind whatever begins a mention: `@everyone`, `<!channel>`.

    >>> _harmless("mail @everyone, 3 < 4").replace(chr(0x200B), "|")
    'mail @|everyone, 3 < 4'
    """
    return re.sub(r"[@<](?=\S)", "\\g<0>\u200b", text)
