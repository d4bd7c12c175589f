"""A Slack that talks both ways on 127.0.0.1: it opens sockets, sends envelopes through them, and takes the answers.

As strict as the published protocol: masked frames only (RFC 6455, 5.1), an app-level token, five answers at most to
one response_url, and nothing in an answer that Slack refuses in a message.
"""

import base64
import hashlib
import json
import struct
import sys
import threading
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from slack_rules import refused
from slack_workspace import Workspace
from world import until

APP_TOKEN = "xapp-1-A0123456789-1234567890123-abcdef0123456789"
PERSON, STRANGER = "U0123456789", "U0987654321"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MOST_ANSWERS = 5  # to one response_url


class SocketServer:
    """Serves a workspace and its sockets; a context manager. `answers` holds what came to response_urls, in order."""

    def __init__(self) -> None:
        self.workspace = Workspace()
        self.links: list[_Handler] = []  # those that are open, the newest last
        self.opened = 0
        self.acks: dict[str, float] = {}  # seconds from envelope to acknowledgement
        self.answers: list[tuple[str, dict[str, Any]]] = []  # by envelope
        self.refusals: deque[dict[str, Any]] = deque()  # what the next calls of apps.connections.open answer
        self.url_given = ""  # in place of the address of a socket
        self.may_answer = threading.Event()  # until then a response_url takes an answer and says nothing
        self.may_answer.set()
        self.errors: list[BaseException] = []
        self._sent: dict[str, float] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.slack = self

    def __enter__(self) -> "SocketServer":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.may_answer.set()
        for link in list(self.links):
            link.drop()
        self._server.shutdown()
        self._server.server_close()
        assert not self.errors, self.errors

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL is to be."""
        return f"http://{self.host}/api/"

    def command(self, line: str, user: str = PERSON, *, envelope: str = "", link: int = -1) -> str:
        """Let somebody type a command; return the id of its envelope."""
        envelope, (command, _, text) = envelope or str(uuid4()), line.partition(" ")
        body = {
            "command": command,
            "text": text,
            "user_id": user,
            "user_name": "alice",
            "channel_id": "C0000000001",
            "team_id": "T0123456789",
            "response_url": f"http://{self.host}/answers/{envelope}",
            "trigger_id": "1.2.abc",
        }
        return self.send("slash_commands", body, envelope, link)

    def click(
        self,
        action: str,
        value: str,
        user: str = PERSON,
        *,
        message: str = "1.000100",
        thread: str = "",
        chosen: bool = False,
        envelope: str = "",
        link: int = -1,
    ) -> str:
        """Let somebody click a button, or choose from a menu; return the id of the envelope."""
        envelope = envelope or str(uuid4())
        with_value = {"selected_option": {"value": value}} if chosen else {"value": value}
        container = {"type": "message", "message_ts": message, "channel_id": "C0000000001"}
        body = {
            "type": "block_actions",
            "user": {"id": user, "username": "alice", "team_id": "T0123456789"},
            "team": {"id": "T0123456789"},
            "container": container | ({"thread_ts": thread} if thread else {}),
            "channel": {"id": "C0000000001"},
            "actions": [{"type": "button", "action_id": action, "block_id": "b", **with_value}],
            "response_url": f"http://{self.host}/answers/{envelope}",
        }
        return self.send("interactive", body, envelope, link)

    def send(self, kind: str, payload: object, envelope: str = "", link: int = -1) -> str:
        """Send an envelope."""
        envelope = envelope or str(uuid4())
        self._sent[envelope] = monotonic()
        whole = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        self.links[link].frame(TEXT, json.dumps(whole).encode())
        return envelope

    def ask(self, line: str, user: str = PERSON) -> dict[str, Any]:
        """Let somebody type a command and return what is said back."""
        return self.answer_to(self.command(line, user))

    def answer_to(self, envelope: str) -> dict[str, Any]:
        """Wait for the answer to an envelope."""
        until(lambda: self.answers_to(envelope))
        return self.answers_to(envelope)[0]

    def answers_to(self, envelope: str) -> list[dict[str, Any]]:
        """What was answered to an envelope so far."""
        return [body for id_, body in self.answers if id_ == envelope]

    def refresh(self, link: int = -1) -> None:
        """Ask for a new connection, as Slack does every few hours, and close this one a little later."""
        old = self.links[link]
        old.frame(TEXT, json.dumps({"type": "disconnect", "reason": "refresh_requested"}).encode())
        until(lambda: len(self.links) > 1 or self.links[-1:] != [old])
        old.frame(CLOSE, struct.pack("!H", 1000))

    def opening(self, token: str) -> dict[str, Any]:
        """Answer apps.connections.open."""
        if self.refusals:
            return self.refusals.popleft()
        if token != f"Bearer {APP_TOKEN}":
            return {"ok": False, "error": "not_authed" if not token else "invalid_auth"}
        self.opened += 1
        url = f"ws://{self.host}/link/?ticket={self.opened}&app_id=A0123456789"
        return {"ok": True, "url": self.url_given or url}

    def acknowledged(self, text: str) -> None:
        """Take an acknowledgement."""
        body = json.loads(text)
        assert set(body) <= {"envelope_id", "payload"}, body
        envelope = body["envelope_id"]
        self.acks.setdefault(envelope, monotonic() - self._sent[envelope])

    def answered(self, envelope: str, body: dict[str, Any]) -> tuple[int, str]:
        """Take what was said to a response_url."""
        if len(self.answers_to(envelope)) >= MOST_ANSWERS:
            return 404, "used_url"
        if wrong := refused(body):
            return 400, str(wrong["error"])
        self.answers.append((envelope, body))
        return 200, "ok"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    slack: SocketServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if error and not isinstance(error, (ConnectionError, TimeoutError)):
            self.slack.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    """A request; or, once it is upgraded, a socket."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        slack, path = self.server.slack, urlsplit(self.path).path
        body = self._body()
        if path == "/api/apps.connections.open":
            return self._say(200, slack.opening(self.headers.get("Authorization", "")))
        if path.startswith("/api/"):
            method = path.removeprefix("/api/")
            return self._say(200, slack.workspace.call(method, body, dict(self.headers)))
        slack.may_answer.wait(30)
        return self._say(*slack.answered(path.removeprefix("/answers/"), body))

    def do_GET(self) -> None:
        key = self.headers.get("Sec-WebSocket-Key", "")
        accept = base64.b64encode(
            hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        )
        self.lock = threading.Lock()
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade")):
            self.send_header(name, value)
        self.send_header("Sec-WebSocket-Accept", accept.decode())
        self.end_headers()
        self.close_connection = True
        self.server.slack.links.append(self)
        self.frame(TEXT, json.dumps({"type": "hello", "num_connections": 1}).encode())
        try:
            self._serve()
        finally:
            self.server.slack.links.remove(self)

    def frame(self, opcode: int, data: bytes) -> None:
        """Send one whole frame, unmasked, as a server does."""
        if len(data) < 126:
            length = struct.pack("!B", len(data))
        elif len(data) <= 0xFFFF:
            length = struct.pack("!BH", 126, len(data))
        else:
            length = struct.pack("!BQ", 127, len(data))
        with self.lock, suppress(ValueError, OSError):
            self.wfile.write(bytes([0x80 | opcode]) + length + data)
            self.wfile.flush()

    def drop(self) -> None:
        """Cut the connection without a word."""
        with suppress(OSError):
            self.connection.shutdown(2)

    def _serve(self) -> None:
        while (frame := self._read()) is not None:
            opcode, data = frame
            if opcode == PING:
                self.frame(PONG, data)
            elif opcode == TEXT:
                self.server.slack.acknowledged(data.decode())
            elif opcode == CLOSE:
                return

    def _read(self) -> tuple[int, bytes] | None:
        head = self.rfile.read(2)
        if len(head) < 2:
            return None
        assert head[1] & 0x80, "a client masks its frames"
        length = head[1] & 0x7F
        if length == 126:
            length = struct.unpack("!H", self.rfile.read(2))[0]
        mask, data = self.rfile.read(4), self.rfile.read(length)
        return head[0] & 0x0F, bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))

    def _body(self) -> Any:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.headers.get_content_type() == "application/json":
            return json.loads(raw or "{}")
        return {key: values[-1] for key, values in parse_qs(raw).items()}

    def _say(self, status: int, body: object) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
