"""Local servers for the tests: one that answers by a script, and a Hugging Face Hub with faults."""

import gzip
import json
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Event

from monitor.demo.hub import DemoHub, DemoRepo
from monitor.demo.server import Answer, LocalServer, Request
from monitor.hubs.huggingface import HuggingFace

JSON = ("Content-Type", "application/json; charset=utf-8")
HTML = ("Content-Type", "text/html; charset=utf-8")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 6, 12, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def huggingface(
    url: str, token: str | None = None, clock: Callable[[], datetime] | None = None, seconds: float = 5
) -> Iterator[HuggingFace]:
    """Look at a server as at the Hugging Face Hub; a request may last so many seconds."""
    hub = HuggingFace(url, token, clock or Clock(), timedelta(seconds=seconds))
    try:
        yield hub
    finally:
        hub.close()


class ScriptedServer:
    """Give one answer after the other, the last one for ever; `requests` holds what was asked."""

    def __init__(self, *answers: Answer | Callable[[Request], Answer]) -> None:
        self._answers = list(answers)
        self.requests: list[Request] = []
        self._server = LocalServer(self._answer)

    @property
    def url(self) -> str:
        return self._server.url

    def __enter__(self) -> "ScriptedServer":
        self._server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.__exit__(None, None, None)

    def _answer(self, request: Request) -> Answer:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer if isinstance(answer, Answer) else answer(request)


class StandInHub(DemoHub):
    """The demo's hub, recording what it is asked.

    `faults` are given instead of the true answers, one a request; None lets a request through. `spoil` may
    change every true answer; none is then left out as not modified.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        repos: Iterable[DemoRepo] = (),
        *,
        faults: Iterable[Answer | None] = (),
        spoil: Callable[[Request, Answer], Answer] | None = None,
        **settings: object,
    ) -> None:
        super().__init__(clock, repos, **settings)  # type: ignore[arg-type]
        self.requests: list[Request] = []
        self.faults = list(faults)
        self.spoil = spoil

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return fault
        if self.spoil is None:
            return super().answer(request)
        whole = {name: text for name, text in request.headers.items() if name != "if-none-match"}
        return self.spoil(request, super().answer(replace(request, headers=whole)))


def json_answer(body: str | bytes, status: int = 200, *headers: tuple[str, str]) -> Answer:
    """An answer whose body is given as it is to stand on the wire."""
    return Answer(status, (JSON, *headers), body.encode() if isinstance(body, str) else body)


def page(*numbers: int, link: str = "") -> Answer:
    """A page of a listing with the repositories acme/M1 and so on."""
    rows = [
        {
            "_id": object_id(datetime(2026, 5, 2, tzinfo=UTC), n),
            "id": f"acme/M{n}",
            "createdAt": "2026-05-02T00:00:00.000Z",
        }
        for n in numbers
    ]
    return json_answer(json.dumps(rows), 200, *([("Link", link)] if link else []))


def html_answer(status: int = 200) -> Answer:
    """A page for people, as a gateway or a challenge sends it."""
    return Answer(status, (HTML,), b"<!DOCTYPE html><html><title>Just a moment...</title></html>")


def stall(released: Event) -> Answer:
    """Accept the request and say nothing until `released`."""

    def pieces() -> Iterator[bytes]:
        released.wait(30)
        yield b""

    return Answer(wire=pieces())


def drip(released: Event, head: bytes = b"HTTP/1.1 200 OK\r\nX-Slow: ", every: float = 0.05) -> Answer:
    """Send the head, then a byte now and then, for ever: no single read takes long."""

    def pieces() -> Iterator[bytes]:
        yield head
        while not released.wait(every):
            yield b"x"

    return Answer(wire=pieces())


def cut_short(body: bytes, promised: int) -> Answer:
    """Promise more bytes than are sent."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {promised}\r\n\r\n"
    return Answer(wire=[head.encode() + body])


def cut_chunks(body: bytes) -> Answer:
    """Begin a chunked body and hang up before its last chunk."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    return Answer(wire=[head + f"{len(body):x}\r\n".encode() + body + b"\r\n"])


@cache
def gzip_bomb(unpacked: int) -> Answer:
    """Promise a list and unpack to many bytes of blanks."""
    return json_answer(gzip.compress(b"[" + b" " * unpacked + b"]"), 200, ("Content-Encoding", "gzip"))


def refused_url() -> str:
    """An address at which nobody listens, and nobody begins to: a free port may be taken by a test beside this one."""
    return "http://127.0.0.1:1"


def repo(name: str, created_at: datetime, **settings: object) -> DemoRepo:
    """A repository, public from its creation unless said otherwise."""
    settings.setdefault("public_from", created_at)
    return DemoRepo(name=name, created_at=created_at, **settings)  # type: ignore[arg-type]


def object_id(created_at: datetime, number: int = 1) -> str:
    """An id as the hub makes them: the creation time, and a number."""
    return struct.pack(">IQ", int(created_at.astimezone(UTC).timestamp()), number).hex()
