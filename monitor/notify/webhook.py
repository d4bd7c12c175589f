"""Deliver notifications as signed JSON to a program's address, by the conventions of Standard Webhooks.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The headers are
`webhook-id` (the same at every attempt, so that a receiver can drop what it has), `webhook-timestamp` and
`webhook-signature`; the body is {"type", "timestamp", "data"}.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

from standardwebhooks import Webhook as Signer

from monitor import __version__, addresses
from monitor.core.telling import AlertKind, Notification
from monitor.core.text import clean, cut, message_text, named
from monitor.core.types import Level
from monitor.errors import NotifyError, Outcome
from monitor.notify.guard import Guard, unanswered, without, words
from monitor.notify.retry_after import wait_asked_for

DEADLINE = timedelta(seconds=10)

# From here on a message is told without its parts: its receiver refused it twice.
_WITHOUT_PARTS = 2

_TYPES = {
    AlertKind.RELEASE: "release.published",
    AlertKind.CADENCE: "cadence.changed",
    AlertKind.CHANGE: "repository.changed",
    AlertKind.HEALTH: "health.reported",
}
_RETRY = (408, 425, 429)
_BAD_MESSAGE = (400, 409, 413, 422)
_SECRET = "check that the receiver has the secret of MONITOR_WEBHOOK_SECRET"  # noqa: S105 - a sentence
_REMEDIES = {
    401: _SECRET,
    403: _SECRET,
    404: "check MONITOR_WEBHOOK_URL",
    405: "check MONITOR_WEBHOOK_URL: it takes no POST",
    410: "its owner wants no more: set another MONITOR_WEBHOOK_URL, or unset it",
    415: "check MONITOR_WEBHOOK_URL: it takes no JSON",
}

Rows = Sequence[Mapping[str, Any]]


class Webhook:
    """Posts to one address; there is no way to look, but a program knows a message again by its id.

    `told` returns the alerts that a notification brings, in the shape of the JSON interface. Each call ends after
    `deadline` in all. Raises ValueError for an address or a secret that the environment would refuse too.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        told: Callable[[Notification], Rows],
        clock: Callable[[], datetime],
        deadline: timedelta = DEADLINE,
    ) -> None:
        self._url = addresses.private_url(url)
        self._signer = Signer(addresses.signing_secret(secret))
        parts = urlsplit(url)
        self._host = parts.netloc
        self._secrets = (
            url,
            secret,
            secret.removeprefix("whsec_"),
            parts.path,
            *words(f"{parts.path}?{parts.query}"),
        )
        self._told = told
        self._clock = clock
        self._deadline = deadline

    def send(self, notification: Notification) -> str:
        """Post and return ""; any status from 200 to 299 means that it was taken."""
        now = self._clock()
        request = self._request(notification, now)
        guard = Guard(self._deadline.total_seconds())
        try:
            refused = guard.run(lambda: _refusal(guard, request, now))
        except Exception as error:
            raise without(self._secrets, unanswered(error, self._host)) from None
        if refused:
            raise without(self._secrets, refused)
        return ""

    def check(self) -> str:
        """Return where it posts to."""
        return f"signed JSON to {self._host}"

    def _request(self, notification: Notification, now: datetime) -> Request:
        body = payload(notification, self._told(notification), now)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"release-monitor/{__version__}",
            "webhook-id": notification.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(notification.id, now.astimezone(UTC), body),
        }
        return Request(self._url, body.encode(), headers, method="POST")  # noqa: S310 - http or https: checked


def payload(notification: Notification, alerts: Rows, now: datetime) -> str:
    """Return the body for a notification that brings these alerts: one, several in a digest, none in a test."""
    message = notification.message
    has_parts = notification.plainness < _WITHOUT_PARTS
    said = {
        "title": named(message.title),
        "text": message_text(message),
        "url": clean(message.url) if message.url else None,
    }
    if len(alerts) == 1:
        [alert] = alerts
        data = {name: value for name, value in alert.items() if has_parts or name != "links"} | said
    else:
        data = {**said, "alerts": list(alerts)} if alerts and has_parts else said
    raised_at = max((alert["raised_at"] for alert in alerts), default=now)
    return json.dumps({"type": _type(alerts), "timestamp": raised_at, "data": data}, default=_plain)


def outcome(status: int) -> Outcome | None:
    """Return what a message needs after an answer with this status; None where it was taken."""
    if 200 <= status < 300:
        return None
    if status in _RETRY:
        return Outcome.RETRY
    if status in _BAD_MESSAGE:
        return Outcome.BAD_MESSAGE
    return Outcome.BAD_DESTINATION if 300 <= status < 500 else Outcome.DOUBTFUL


def _refusal(guard: Guard, request: Request, now: datetime) -> NotifyError | None:
    """Post and return what is wrong; an answer that says yes is not read any further, however long it is."""
    with guard.opened(request) as answer:
        needed = outcome(answer.status)
        if needed is None:
            return None
        said = cut(clean(answer.read(2_000).decode("utf-8", "replace")), 80)
        parts = (f"HTTP {answer.status}", said, _remedy(answer.status))
        return NotifyError(": ".join(filter(None, parts)), needed, wait_asked_for(dict(answer.headers), now))


def _remedy(status: int) -> str:
    if 300 <= status < 400:
        return "a redirect, which is not followed: set MONITOR_WEBHOOK_URL to where it leads"
    return _REMEDIES.get(status, "")


def _type(alerts: Rows) -> str:
    if len(alerts) != 1:
        return "digest" if alerts else "test"
    [alert] = alerts
    if alert["kind"] == AlertKind.CADENCE and alert["level"] == Level.WATCHING:
        return "cadence.possible"
    return _TYPES[AlertKind(alert["kind"])]


def _plain(value: object) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else str(value)
