"""A connection kept from before that the hub closes just as we ask: asked once more, over a fresh one."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Barrier, Event, Thread

import pytest

from monitor.core.types import Quota
from monitor.demo.server import Answer
from monitor.errors import HubError, HubPaused, Trouble
from monitor.hubs.politeness import Politeness
from monitor.hubs.wire import Bounds, Wire
from servers import Clock, ScriptedServer, cut_short, json_answer

OK = json_answer("[1]")
HANGS_UP = Answer(wire=[])


@contextmanager
def wired(url: str, politeness: Politeness | None = None, seconds: float = 5) -> Iterator[Wire]:
    bounds = Bounds(total=timedelta(seconds=seconds))
    wire = Wire("hub", url, politeness or Politeness("hub"), Clock(), bounds)
    yield wire
    wire.close()


def test_a_request_that_meets_a_closing_connection_is_sent_once_more() -> None:
    with ScriptedServer(OK, HANGS_UP, OK) as server, wired(server.url) as wire:
        assert [wire.exchange("GET", server.url).body for _ in range(2)] == [b"[1]", b"[1]"]
        assert len(server.requests) == 3


def test_a_hub_that_always_hangs_up_is_unreachable_after_two_requests() -> None:
    with ScriptedServer(OK, HANGS_UP) as server, wired(server.url) as wire:
        wire.exchange("GET", server.url)
        for requests in (1 + 2, 1 + 2 + 1):  # then there is no connection left from before
            with pytest.raises(HubError) as caught:
                wire.exchange("GET", server.url)
            assert (caught.value.trouble, len(server.requests)) == (Trouble.UNREACHABLE, requests)


@pytest.mark.parametrize(
    ("method", "answer"),
    [("POST", HANGS_UP), ("GET", cut_short(b"[", 9)), ("GET", Answer(wire=[b"HTTP/1.1 20"]))],
)
def test_what_may_have_had_an_effect_or_was_answered_in_part_is_not_asked_again(
    method: str, answer: Answer
) -> None:
    with ScriptedServer(OK, answer, OK) as server, wired(server.url) as wire:
        wire.exchange("GET", server.url)
        with pytest.raises(HubError) as caught:
            wire.exchange(method, server.url)
        assert (caught.value.trouble, len(server.requests)) == (Trouble.UNREACHABLE, 2)


@pytest.mark.parametrize(("quota", "answered"), [(4, 2), (3, 1)])
def test_asking_once_more_counts_against_the_quota(quota: int, answered: int) -> None:
    politeness = Politeness("hub", assumed=Quota(quota, timedelta(minutes=1)))
    with ScriptedServer(OK, HANGS_UP, OK) as server, wired(server.url, politeness) as wire:
        for _ in range(answered):
            wire.exchange("GET", server.url)
        with pytest.raises(HubPaused):
            wire.exchange("GET", server.url)
        assert len(server.requests) == quota - 1  # one is left over


def test_both_times_end_by_one_deadline() -> None:
    released = Event()

    def hang_up_late() -> Iterator[bytes]:
        released.wait(0.4)
        yield b""

    def stall() -> Iterator[bytes]:
        released.wait(30)
        yield b""

    with (
        ScriptedServer(OK, Answer(wire=hang_up_late()), Answer(wire=stall())) as server,
        wired(server.url, seconds=0.6) as wire,
    ):
        wire.exchange("GET", server.url)
        began = time.monotonic()
        with pytest.raises(HubError, match="cannot be reached"):
            wire.exchange("GET", server.url)
        assert time.monotonic() - began < 0.9
        assert len(server.requests) == 3
        released.set()


class _AnswersOnce(StreamRequestHandler):
    """Answers the first request of a connection, the first two connections at once, and hangs up at the second."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        number = next(server.numbers)
        self._read()
        if number < 2:
            server.both.wait(10)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]")
        self._read()

    def _read(self) -> None:
        while self.rfile.readline().strip():
            pass


class _Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _AnswersOnce)
        self.both = Barrier(2)
        self.numbers = count()


def test_the_second_time_no_other_connection_from_before_is_used() -> None:
    with _Server() as server, ThreadPoolExecutor(2) as pool:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with wired(url) as wire:
            assert [each.status for each in pool.map(lambda _: wire.exchange("GET", url), range(2))] == [
                200,
                200,
            ]
            assert wire.exchange("GET", url).body == b"[1]"
        server.shutdown()
    assert next(server.numbers) == 3
