"""The one bounded exchange, for both HTTP libraries: `httpx`, and the one that `huggingface_hub` brings."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
import httpx2

from monitor import __version__
from monitor.errors import HubError, Trouble
from monitor.hubs.citing import RECEIVED_AT
from monitor.hubs.politeness import Politeness
from monitor.hubs.reading import clean
from monitor.hubs.wire import Answer, Bounds, Wire, read_whole

__all__ = [
    "Bounds",
    "PoliteHttpxTransport",
    "PoliteTransport",
    "ask",
    "leading_nowhere",
    "polite_client",
    "read_whole",
    "user_agent",
]


# What the libraries raise for an address that is none; the last one for a host's name in no alphabet.
_NO_ADDRESS = (httpx.HTTPError, httpx2.HTTPError, httpx.InvalidURL, httpx2.InvalidURL, UnicodeError)


class _OverWire:
    """A client library's transport whose requests go over a Wire."""

    def __init__(
        self,
        hub: str,
        endpoint: str,
        politeness: Politeness,
        clock: Callable[[], datetime],
        bounds: Bounds | None = None,
    ) -> None:
        self.wire = Wire(hub, endpoint, politeness, clock, bounds)

    def close(self) -> None:
        """Close the connections."""
        self.wire.close()


class PoliteTransport(_OverWire, httpx2.BaseTransport):
    """A Wire under an httpx2.Client. The client's own time-outs do not count; the bounds do.

    A request's extensions `urgent` (bool) and `bucket` (str) are Politeness's words.
    """

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and return its answer, read whole. Raises HubError and HubPaused, nothing else."""
        answer = _exchange(self.wire, request)
        return httpx2.Response(
            answer.status,
            headers=_raw(answer),
            content=answer.body,
            request=request,
            extensions={RECEIVED_AT: answer.received_at},
        )


class PoliteHttpxTransport(_OverWire, httpx.BaseTransport):
    """A Wire under an httpx.Client: the same in every respect as PoliteTransport."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its answer, read whole. Raises HubError and HubPaused, nothing else."""
        answer = _exchange(self.wire, request)
        return httpx.Response(
            answer.status,
            headers=_raw(answer),
            content=answer.body,
            request=request,
            extensions={RECEIVED_AT: answer.received_at},
        )


def polite_client(
    hub: str,
    endpoint: str,
    politeness: Politeness,
    clock: Callable[[], datetime],
    headers: Mapping[str, str],
    bounds: Bounds | None = None,
) -> httpx.Client:
    """Return a client for one hub; `ask` asks with it, and raises HubError alone."""
    return httpx.Client(
        headers=headers,
        transport=PoliteHttpxTransport(hub, endpoint, politeness, clock, bounds),
        follow_redirects=True,
        max_redirects=5,
        trust_env=False,
    )


def ask(client: httpx.Client, hub: str, url: str, **how: Any) -> httpx.Response:
    """Ask, following redirects on this hub; `how` is what Client.get takes.

    Raises HubError; any status below 500 but 429 is an answer.
    """
    with leading_nowhere(hub):
        return client.get(url, **how)


@contextmanager
def leading_nowhere(hub: str) -> Iterator[None]:
    """Raise HubError where a redirect or a link that is followed within is no address."""
    try:
        yield
    except _NO_ADDRESS as error:
        raise HubError(f"{hub} leads nowhere: {clean(str(error))}", Trouble.SHAPE) from error


def user_agent(contact: str | None) -> str:
    """Return how we introduce ourselves, with where to complain. Raises ValueError for what no header may hold."""
    if contact is None:
        return f"release-monitor/{__version__}"
    if not re.fullmatch(r"[!-'*-~]+", contact):
        raise ValueError("is no address of a page or a mailbox; write one, without blanks or brackets")
    return f"release-monitor/{__version__} (+{contact})"


def _exchange(wire: Wire, request: httpx.Request | httpx2.Request) -> Answer:
    wishes: Mapping[str, Any] = request.extensions
    return wire.exchange(
        request.method,
        str(request.url),
        request.headers.raw,
        request.read(),
        urgent=wishes.get("urgent") is True,
        bucket=wishes.get("bucket", ""),
    )


def _raw(answer: Answer) -> list[tuple[bytes, bytes]]:
    # As bytes: of texts the client libraries take ASCII alone, and a hub may send anything.
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
