"""A small HTTP server on the loopback interface that answers as one function says."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked: `path` and `query` are decoded, header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""
    target: str = ""  # as it stood in the request line

    def first(self, key: str) -> str | None:
        """The first value of a query parameter, None without one."""
        return next(iter(self.query.get(key, [])), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer; `wire` replaces all of it by bytes that go out as they are, piece by piece."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    wire: Iterable[bytes] | None = field(default=None, repr=False)


class LocalServer:
    """Serve `answer` on a free port of 127.0.0.1 while the context lasts, each connection in its own thread."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._server = _Server(("127.0.0.1", 0), answer)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "LocalServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # an open keep-alive connection must not hold the end up

    def __init__(self, address: tuple[str, int], answer: Callable[[Request], Answer]) -> None:
        super().__init__(address, _Handler)
        self.answer = answer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients hang up, and a demo's output is for the demo."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet an answer
    server: _Server

    def do_GET(self) -> None:
        """Answer any method alike."""
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            target=self.path,
        )
        answer = self.server.answer(request)
        if answer.wire is not None:
            self._send_raw(answer.wire)
        else:
            self._send(answer)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - names that the base class looks for

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""

    def _send(self, answer: Answer) -> None:
        # Without a Date: what time it is on a hub, the one who answers for it says.
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.status != 304:
            self.wfile.write(answer.body)

    def _send_raw(self, pieces: Iterable[bytes]) -> None:
        self.close_connection = True
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
