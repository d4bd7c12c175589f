"""What a hub that misbehaves costs us: one HubError within the time-out, and never the token."""

import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

import pytest

from monitor.core.types import Account
from monitor.demo.server import Answer, Request
from monitor.errors import HubError, Trouble
from monitor.hubs.http import Bounds, read_whole
from monitor.hubs.huggingface import HuggingFace
from servers import (
    Clock,
    ScriptedServer,
    StandInHub,
    cut_chunks,
    cut_short,
    drip,
    gzip_bomb,
    html_answer,
    huggingface,
    json_answer,
    page,
    refused_url,
    repo,
    stall,
)

ACME = Account("acme", "huggingface", "acme")
MAY = datetime(2026, 5, 2, tzinfo=UTC)
NEXT = '</api/models?cursor={}>; rel="next"'
OK = "HTTP/1.1 200 OK\r\n"


def failure(*answers: Answer | Callable[[Request], Answer], token: str | None = None) -> HubError:
    """List from a hub that answers so; return the error, which must come soon and after no hidden retry."""
    with ScriptedServer(*answers) as server, huggingface(server.url, token, seconds=0.6) as hub:
        began = time.monotonic()
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME)
        assert time.monotonic() - began < 1.5
        assert len(server.requests) <= max(len(answers), 1)
    assert "hf_" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (html_answer(), Trouble.SHAPE),
        (json_answer(""), Trouble.SHAPE),
        (json_answer('{"error": "Internal"}'), Trouble.SHAPE),
        (json_answer("null"), Trouble.SHAPE),
        (json_answer("[" * 100_000), Trouble.SHAPE),
        (json_answer("[" * 100_000 + "]" * 100_000), Trouble.SHAPE),
        (json_answer('[{"_id": null}, 7, "x"]'), Trouble.SHAPE),
        (json_answer("[]".encode("utf-16")), Trouble.SHAPE),
        (json_answer("[", 200), Trouble.SHAPE),
        (json_answer("[]", 200, ("Content-Encoding", "br")), Trouble.SHAPE),
        (json_answer("[]", 200, ("Content-Encoding", "gzip")), Trouble.SHAPE),
        (Answer(304), Trouble.SHAPE),
        (json_answer("", 404), Trouble.SHAPE),
        (json_answer("", 451), Trouble.SHAPE),
        (json_answer("", 401), Trouble.REFUSED),
        (json_answer("", 403), Trouble.REFUSED),
        (html_answer(429), Trouble.QUOTA),
        (html_answer(500), Trouble.SERVER),
        (html_answer(503), Trouble.SERVER),
        (html_answer(520), Trouble.SERVER),
        (gzip_bomb(70 * 2**20), Trouble.SHAPE),
        (cut_short(b"[]", 1000), Trouble.UNREACHABLE),
        (cut_chunks(b"[]"), Trouble.UNREACHABLE),
        (Answer(wire=[b"\x00\x01garbage\r\n\r\n"]), Trouble.UNREACHABLE),
        (Answer(wire=[b""]), Trouble.UNREACHABLE),
        (Answer(wire=[(OK + "X-Pad: " + "x" * 200_000).encode()]), Trouble.UNREACHABLE),
        (json_answer("[]", 307, ("Location", "/api/models")), Trouble.SHAPE),
        (json_answer("[]", 302, ("Location", "file:///etc/passwd")), Trouble.SHAPE),
        (json_answer("[]", 302, ("Location", "http://169.254.169.254/latest/meta-data")), Trouble.SHAPE),
        (json_answer("[]", 302, ("Location", "https://[oops")), Trouble.SHAPE),
        (json_answer("[]", 302, ("Location", "http://xn--ls8h.la/")), Trouble.SHAPE),
        (page(1, link="<http://xn--ls8h.la/>; rel=next"), Trouble.SHAPE),
        (page(1, link="<\x80>; rel=next"), Trouble.SHAPE),
    ],
)
def test_a_wrong_answer_is_an_error_of_its_kind(answer: Answer, trouble: Trouble) -> None:
    with ScriptedServer(answer) as server, huggingface(server.url) as hub, pytest.raises(HubError) as caught:
        hub.list_repos(ACME)
    assert caught.value.trouble is trouble


def test_a_bomb_is_never_unpacked_beyond_its_bound() -> None:
    bomb = gzip_bomb(100 * 2**20).body
    tracemalloc.start()
    with pytest.raises(HubError, match="larger"):
        read_whole([bomb], "gzip", Bounds(unpacked=2**20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_a_hub_that_is_not_there_is_unreachable() -> None:
    with huggingface(refused_url()) as hub, pytest.raises(HubError) as caught:
        hub.list_repos(ACME)
    assert caught.value.trouble is Trouble.UNREACHABLE


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", OK.encode() + b"Content-Length: 9999\r\n\r\n["]
)
def test_a_hub_that_drips_or_stalls_ends_with_the_time_out(head: bytes) -> None:
    released = Event()
    try:
        assert failure(drip(released, head) if head else stall(released)).trouble is Trouble.UNREACHABLE
    finally:
        released.set()


@pytest.mark.parametrize("second", [html_answer(), html_answer(500), json_answer("{}"), cut_short(b"[", 99)])
def test_half_a_listing_is_no_listing(second: Answer) -> None:
    failure(page(1, 2, link=NEXT.format("b")), second)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: page(1, link=NEXT.format("same")),
        lambda request: page(1, link=NEXT.format((request.first("cursor") or "") + "x")),
        lambda request: page(1, 2, link=NEXT.format("a" if request.first("cursor") == "b" else "b")),
        lambda _: json_answer("[]", 200, ("Link", NEXT.format("more"))),
    ],
)
def test_pages_that_go_in_circles_end(answer: Callable[[Request], Answer]) -> None:
    with ScriptedServer(answer) as server, huggingface(server.url) as hub, pytest.raises(HubError) as caught:
        hub.list_repos(ACME)
    assert caught.value.trouble is Trouble.SHAPE
    assert len(server.requests) <= 3


def test_pages_without_end_end_after_200() -> None:
    def endless(request: Request) -> Answer:
        number = int(request.first("cursor") or 0)
        return page(number, link=NEXT.format(number + 1))

    with (
        ScriptedServer(endless) as server,
        huggingface(server.url) as hub,
        pytest.raises(HubError, match="no end"),
    ):
        hub.list_repos(ACME)
    assert len(server.requests) == 200


@pytest.mark.parametrize("kind", ["link", "redirect"])
def test_the_token_never_reaches_another_host(kind: str) -> None:
    with ScriptedServer(page(2)) as foreign:
        link = page(1, link=f'<{foreign.url}/api/models?cursor=b>; rel="next"')
        redirect = json_answer("", 307, ("Location", f"{foreign.url}/api/models"))
        error = failure(link if kind == "link" else redirect, token="hf_secret")
        assert foreign.requests == []
    assert (error.trouble, "another host" in str(error)) == (Trouble.SHAPE, True)


def test_the_token_goes_to_the_hub_and_an_anonymous_monitor_sends_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_of_this_machine")
    with ScriptedServer(page(1)) as server, huggingface(server.url, "hf_secret") as hub:
        hub.list_repos(ACME)
    assert server.requests[0].headers["authorization"] == "Bearer hf_secret"
    with ScriptedServer(page(1)) as server, huggingface(server.url) as hub:
        hub.list_repos(ACME)
    assert "authorization" not in server.requests[0].headers
    assert server.requests[0].headers["user-agent"].startswith("release-monitor/")


def test_the_hub_is_told_whom_it_may_complain_to() -> None:
    with ScriptedServer(page(1)) as server:
        hub = HuggingFace(server.url, None, Clock(), contact="ops@example.org")
        hub.list_repos(ACME)
        hub.close()
    assert server.requests[0].headers["user-agent"].endswith("contact=ops@example.org")


def test_a_token_that_cannot_be_sent_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="spaces") as caught:
        HuggingFace("http://127.0.0.1", "hf_sec ret", Clock())
    assert "ret" not in str(caught.value).replace("secret", "")


def test_a_broken_token_is_named_as_the_cause() -> None:
    with (
        StandInHub(Clock(), [repo("acme/One", MAY)], tokens=["hf_good"]) as server,
        huggingface(server.url, "hf_bad") as hub,
        pytest.raises(HubError, match="HF_TOKEN") as caught,
    ):
        hub.list_repos(ACME)
    assert caught.value.trouble is Trouble.REFUSED


def test_a_hub_that_recovers_is_seen_again() -> None:
    faults = [html_answer(), html_answer(500), cut_short(b"[", 9), None]
    with (
        StandInHub(Clock(), [repo("acme/One", MAY)], faults=faults) as server,
        huggingface(server.url) as hub,
    ):
        for _ in range(3):
            with pytest.raises(HubError):
                hub.list_repos(ACME)
        assert len(hub.list_repos(ACME).repos) == 1


def test_nothing_is_sent_that_nobody_asked_for() -> None:
    program = (
        "import sys; from datetime import datetime, UTC; from monitor.core.types import Account\n"
        "from monitor.hubs.huggingface import HuggingFace\n"
        "hub = HuggingFace(sys.argv[1], None, lambda: datetime(2026, 6, 12, tzinfo=UTC))\n"
        "hub.list_repos(Account('acme', 'huggingface', 'acme'))\n"
    )
    with ScriptedServer(page(1)) as server:
        settings = {
            "HF_ENDPOINT": server.url,
            "HF_HUB_DISABLE_TELEMETRY": "0",
            "AI_AGENT": "1",
            "HF_TOKEN": "hf_x",
        }
        environment = {**os.environ, **settings, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", program, server.url], env=environment, check=True, timeout=30)
    assert [request.path for request in server.requests] == ["/api/models"]
