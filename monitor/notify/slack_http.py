"""The HTTP underneath slack_sdk: no redirect, no endless answer, nothing sent after the deadline.

slack_sdk by itself follows a redirect with the bot token in its hand, reads an answer of any size, and knows a
time-out for each read only. Both clients here send through a `Guard` in its place.
"""

import http.client
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.client import HTTPMessage
from logging import CRITICAL, Logger
from typing import Any, TypeVar
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient, WebhookResponse

MAX_ANSWER = 8 * 1024 * 1024  # bytes; a page of a channel's history is the longest that we ask for

T = TypeVar("T")


class NotSentError(ConnectionError):
    """No connection came about, so nothing of the request was written."""


class TooLateError(TimeoutError):
    """The deadline passed; the request may have been written."""


class TooLongError(ValueError):
    """The answer is longer than anything that Slack sends."""


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

        thread = threading.Thread(target=work, name="slack-request", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if thread.is_alive():
            self._end()
            raise TooLateError(f"no answer within {self._seconds:g} s")
        if errors:
            raise errors[0]
        return results[0]

    def open(self, request: Request, proxy: str | None) -> Answer:
        """Send the request once and return the answer, a redirect or an error status included."""
        # Without the redirect and the error handler of urllib's own opener; http and https are all it knows.
        opener = OpenerDirector()
        opener.add_handler(ProxyHandler({"http": proxy, "https": proxy} if proxy else None))
        opener.add_handler(_Http(self))
        opener.add_handler(_Https(self))
        with opener.open(request, timeout=self._seconds) as response:
            body = response.read(MAX_ANSWER + 1)
            if len(body) > MAX_ANSWER:
                raise TooLongError(f"more than {MAX_ANSWER} bytes")
            return Answer(response.status, response.headers, body.decode("utf-8", "replace"))

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


class GuardedWebClient(WebClient):
    """slack_sdk's client of the Web API, sending through a guard and retrying nothing."""

    def __init__(self, token: str, base_url: str, guard: Guard) -> None:
        # No retry handlers: the outbox is the only place that retries; slack_sdk's own would post twice.
        super().__init__(token=token, base_url=base_url, retry_handlers=[], logger=silent_logger())
        self._guard = guard

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        answer = self._guard.open(req, self.proxy)
        return {"status": answer.status, "headers": answer.headers, "body": answer.body}


class GuardedWebhookClient(WebhookClient):
    """slack_sdk's client of incoming webhooks, sending through a guard and retrying nothing."""

    def __init__(self, url: str, guard: Guard) -> None:
        super().__init__(url=url, retry_handlers=[], logger=silent_logger())
        self._guard = guard

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        answer = self._guard.open(req, self.proxy)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return WebhookResponse(url=url, status_code=answer.status, body=answer.body, headers=headers)


def silent_logger() -> Logger:
    """Return a logger outside the tree that says nothing: slack_sdk logs the webhook's address at DEBUG."""
    return Logger("slack_sdk", CRITICAL + 1)


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
