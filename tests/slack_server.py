"""A strict Slack on 127.0.0.1: the Web API under /api/ and one incoming webhook, with faults on demand.

What it refuses stands in slack_workspace and slack_rules. A `Fault` replaces one answer; with `commit` the message
is stored first, which is how an answer gets lost.
"""

import json
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from slack_workspace import Workspace

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

WEBHOOK_PATH = "/services/T0123456789/B0123456789/abcdefSECRETghijkl012345"


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str  # the method of the API, or "webhook"
    body: dict[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Fault:
    """What happens to the next call of `method` in place of a proper answer.

    `cut`: "drop" closes the connection, "reset" resets it, "half" sends half of the body, "drip" sends a byte now
    and then for ever. `late` seconds after the fault the message is stored.
    """

    status: int = 200
    body: bytes | str | dict[str, Any] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    commit: bool = False
    late: float | None = None
    cut: str = ""
    method: str = "chat.postMessage"


class SlackServer:
    """Serves a workspace; a context manager. `asked` holds the requests in order.

    `outage` happens to every call while it is set, and a message with `poison` in it never gets a clear answer.
    `impatient` holds the requests that came for a channel before the
    end of the wait that was asked for it.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        self.workspace = workspace or Workspace()
        self.asked: list[Asked] = []
        self.errors: list[BaseException] = []  # faults of this server itself
        self.is_closing = threading.Event()
        self.outage: Fault | None = None
        self.poison = ""
        self.impatient: list[Asked] = []
        self._waits: dict[str, datetime] = {}
        self._faults: deque[Fault] = deque()
        self._timers: list[threading.Timer] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.slack = self

    def __enter__(self) -> "SlackServer":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closing.set()
        for timer in self._timers:
            timer.cancel()
        self._server.shutdown()
        self._server.server_close()
        assert not self.errors, self.errors

    @property
    def url(self) -> str:
        """The origin, "http://127.0.0.1:port"."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL is to be."""
        return f"{self.url}/api/"

    @property
    def webhook_url(self) -> str:
        """What SLACK_WEBHOOK_URL is to be."""
        return self.url + WEBHOOK_PATH

    @property
    def posted(self) -> list[dict[str, Any]]:
        """The messages that the workspace stored, in order."""
        return self.workspace.posted

    def methods(self) -> list[str]:
        """Return what was called, in order."""
        return [asked.method for asked in self.asked]

    def script(self, *faults: Fault) -> None:
        """Let these happen, one for each coming call of their method."""
        self._faults.extend(faults)

    def take(self, method: str) -> Fault | None:
        """Take the next fault of the script for this method, if there is one."""
        if self.outage:
            return self.outage
        fault = next((fault for fault in self._faults if fault.method == method), None)
        if fault:
            self._faults.remove(fault)
        return fault

    def note(self, asked: Asked) -> None:
        """Note a request, and whether it came too early."""
        self.asked.append(asked)
        if self.workspace.clock() < self._waits.get(_place(asked), _LONG_AGO):
            self.impatient.append(asked)

    def ask_to_wait(self, asked: Asked, seconds: str | None) -> None:
        """Remember the wait that an answer asks for, in seconds."""
        if seconds and seconds.isdecimal():
            self._waits[_place(asked)] = self.workspace.clock() + timedelta(seconds=int(seconds))

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Act after some seconds, unless the server is closed by then."""
        timer = threading.Timer(seconds, act)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()


def _place(asked: Asked) -> str:
    """What a wait is asked for: a channel, or the webhook."""
    return str(asked.body.get("channel", asked.method))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    slack: SlackServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep the error for the end, but clients that hang up are what some tests are about."""
        error = sys.exc_info()[1]
        if error and not isinstance(error, ConnectionError):
            self.slack.errors.append(error)


@dataclass(frozen=True)
class _Reply:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    """One request: recorded, then answered properly or by a fault."""

    protocol_version = "HTTP/1.1"
    server: _Server
    asked: Asked

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        method = path.removeprefix("/api/") if path.startswith("/api/") else "webhook"
        body, slack = self._body(), self.server.slack
        self.asked = Asked(method, body if isinstance(body, dict) else {}, dict(self.headers))
        slack.note(self.asked)
        if fault := self._poisoned() or slack.take(method):
            self._fail(fault, lambda: self._act(method, body))
        else:
            self._say(self._act(method, body))

    def do_GET(self) -> None:
        self.asked = Asked(f"GET {self.path}", {}, dict(self.headers))
        self.server.slack.note(self.asked)
        self._say(_Reply(404, b""))

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _body(self) -> Any:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.headers.get_content_type() == "application/json":
            try:
                return json.loads(raw or "{}")
            except ValueError:
                return None
        return {key: values[-1] for key, values in parse_qs(raw).items()}

    def _poisoned(self) -> Fault | None:
        poison = self.server.slack.poison
        return Fault(500) if poison and poison in str(self.asked.body.get("text")) else None

    def _act(self, method: str, body: Any) -> _Reply:
        workspace = self.server.slack.workspace
        if method == "webhook":
            known = self.path == WEBHOOK_PATH
            status, answer = workspace.webhook(body) if known else (404, "no_service")
            return _Reply(status, _bytes(answer), {"Retry-After": "1"} if status == 429 else {})
        said = workspace.call(method, body, dict(self.headers))
        if wait := said.pop("retry_after", None):
            return _Reply(429, _bytes(said), {"Retry-After": str(wait)})
        kind, scopes = "application/json; charset=utf-8", ",".join(sorted(workspace.scopes))
        return _Reply(200, _bytes(said), {"Content-Type": kind, "X-OAuth-Scopes": scopes})

    def _say(self, reply: _Reply, length: int | None = None) -> None:
        self.server.slack.ask_to_wait(self.asked, reply.headers.get("Retry-After"))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) if length is None else length))
        self.end_headers()
        self.wfile.write(reply.body)

    def _fail(self, fault: Fault, act: Callable[[], _Reply]) -> None:
        if fault.late is not None:
            self.server.slack.later(fault.late, act)
        proper = act() if fault.commit else None
        reply = _Reply(fault.status, _bytes(fault.body), fault.headers)
        if proper and not fault.body and fault.status == 200:
            reply = proper
        self.close_connection = bool(fault.cut)
        cuts: dict[str, Callable[[_Reply], None]] = {
            "": self._say, "drop": self._drop, "reset": self._reset, "half": self._half, "drip": self._drip,
        }  # fmt: skip
        cuts[fault.cut](reply)

    def _drop(self, _: _Reply) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def _reset(self, _: _Reply) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
        raise ConnectionAbortedError

    def _half(self, reply: _Reply) -> None:
        self._say(_Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers), len(reply.body))

    def _drip(self, _: _Reply) -> None:
        """Send an answer that goes on and on, in its headers, a byte at a time."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not self.server.slack.is_closing.wait(0.05):
            self.wfile.write(b"x")


def _bytes(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()
