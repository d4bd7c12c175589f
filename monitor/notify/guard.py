"""One bounded exchange over HTTP: no redirect, no endless answer, nothing sent after the deadline.

Libraries follow redirects with a token in their hand, read answers of any size, and know a time-out for each read
only. What is sent from here goes through a `Guard` in their place.
"""

import http.client
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPMessage
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.parse import unquote
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from monitor.core.text import ELLIPSIS
from monitor.errors import NotifyError, Outcome

MAX_ANSWER = 8 * 1024 * 1024  # bytes; a page of a channel's history is the longest that we ask for

# What is this short, or shorter, is no secret worth the name, and might be a word of a sentence.
_PUBLIC = 8

T = TypeVar("T")


class NotSentError(ConnectionError):
    """No connection came about, so nothing of the request was written."""


class TooLateError(TimeoutError):
    """The deadline passed; the request may have been written."""


class TooLongError(ValueError):
    """The answer is longer than anything that we ask for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. Header names are looked up in any case."""

    status: int
    headers: HTTPMessage
    body: str


class Guard:
    """A deadline in common for a few requests, one after another, in `seconds` from its making."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._is_over = False

    def run(self, call: Callable[[], T]) -> T:
        """Return what the call returns, or raise TooLateError; it can write nothing after that.

        The call runs in a thread of its own, because neither a name look-up nor an answer that drips one byte
        a second ends with a socket's time-out.
        """
        results: list[T] = []
        errors: list[Exception] = []

        def work() -> None:
            try:
                results.append(call())
            except Exception as error:  # handed over to the caller's thread, whatever it is
                errors.append(error)

        thread = threading.Thread(target=work, name="guarded-request", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if thread.is_alive():
            self._end()
            raise TooLateError(f"no answer within {self._seconds:g} s")
        if errors:
            raise errors[0]
        return results[0]

    def open(self, request: Request, proxy: str | None = None) -> Answer:
        """Send the request once and return the answer, a redirect or an error status included."""
        with self.opened(request, proxy) as response:
            body = response.read(MAX_ANSWER + 1)
            if len(body) > MAX_ANSWER:
                raise TooLongError(f"more than {MAX_ANSWER} bytes")
            return Answer(response.status, response.headers, body.decode("utf-8", "replace"))

    @contextmanager
    def opened(self, request: Request, proxy: str | None = None) -> Iterator[http.client.HTTPResponse]:
        """Send the request once and yield the answer with its body unread.

        Without a `proxy` the environment says which one to use, and for whom none.
        """
        # Without the redirect and the error handler of urllib's own opener; http and https are all it knows.
        opener = OpenerDirector()
        opener.add_handler(ProxyHandler({"http": proxy, "https": proxy} if proxy else None))
        opener.add_handler(_Http(self))
        opener.add_handler(_Https(self))
        with opener.open(request, timeout=self._seconds) as response:
            yield response

    def connected(self, connection: socket.socket) -> None:
        """Watch a connection before the request is written to it; refuse it when the time is over."""
        with self._lock:
            if self._is_over:
                raise NotSentError("the deadline passed before the request was written")
            self._sockets.append(connection)

    def _end(self) -> None:
        with self._lock:
            self._is_over = True
            for connection in self._sockets:
                # Wakes the thread that reads from it. It may be closed already.
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


def unanswered(error: Exception, whom: str) -> NotifyError:
    """Return the error for a request that got no usable answer."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, NotSentError):
        return NotifyError(f"cannot reach {whom}: {reason}", Outcome.RETRY)
    # Only the kind: an address or a header may stand in the text of an unforeseen error.
    return NotifyError(f"no clear answer from {whom}: {type(reason).__name__}", Outcome.DOUBTFUL)


def words(text: str) -> tuple[str, ...]:
    """Return the parts of an address, or of a part of it, as they stand and decoded: each may be a secret.

    >>> words("/hooks/a%2Db?key=c")
    ('', 'hooks', 'a%2Db', 'key', 'c', '', 'hooks', 'a-b', 'key', 'c')
    """
    found = re.split(r"[/:@?&=,]+", text)
    return (*found, *map(unquote, found))


def without(secrets: Sequence[str], error: NotifyError) -> NotifyError:
    """Return the error without the secrets, should a server have sent them back to us."""
    said = str(error)
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) > _PUBLIC:
            said = _begun(said.replace(secret, ELLIPSIS), secret)
    return NotifyError(said, error.outcome, error.retry_after)


def _begun(said: str, secret: str) -> str:
    """Take out the beginning of a secret that the text was cut in."""
    for end in range(len(secret) - 1, _PUBLIC, -1):
        said = said.replace(secret[:end] + ELLIPSIS, ELLIPSIS)
    return said


class _Connection(http.client.HTTPConnection):
    guard: Guard

    def connect(self) -> None:
        try:
            super().connect()
        except OSError as error:  # name look-up, refusal, proxy and TLS alike
            raise NotSentError(_reason(error)) from error
        self.guard.connected(self.sock)


class _TlsConnection(_Connection, http.client.HTTPSConnection):
    pass


class _Http(HTTPHandler):
    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def http_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_guarded, _Connection, self._guard), req)


class _Https(HTTPSHandler):
    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self._guard = guard

    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_guarded, _TlsConnection, self._guard), req)


def _guarded(kind: type[_Connection], guard: Guard, host: str, **options: Any) -> _Connection:
    connection = kind(host, **options)
    connection.guard = guard
    return connection


def _reason(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).strip().lower()
