"""Both HTTP libraries over one exchange: what they send, what gets through, and what never does."""

import gzip
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import httpx2
import pytest

from monitor import __version__
from monitor.core.types import Quota
from monitor.demo.server import Answer
from monitor.errors import ConfigError, HubError, HubPaused, Trouble
from monitor.hubs.http import (
    Bounds,
    PoliteHttpxTransport,
    PoliteTransport,
    ask,
    polite_client,
    read_whole,
    user_agent,
)
from monitor.hubs.politeness import Politeness
from monitor.hubs.wire import Wire
from servers import Clock, ScriptedServer, json_answer

Client = httpx.Client | httpx2.Client
OPEN: list[Callable[[str, Politeness], Client]] = [
    lambda url, politeness: httpx2.Client(
        transport=PoliteTransport("hub", url, politeness, Clock()), follow_redirects=True, trust_env=False
    ),
    lambda url, politeness: polite_client("hub", url, politeness, Clock(), {"User-Agent": user_agent(None)}),
]
both_libraries = pytest.mark.parametrize("open_client", OPEN, ids=["httpx2", "httpx"])


@both_libraries
def test_an_answer_gets_through_with_its_headers(open_client: Callable[[str, Politeness], Client]) -> None:
    answer = json_answer(
        '{"a": 1}', 200, ("Link", "<b>; rel=next"), ("ETag", '"x"'), ("Link", "<c>; rel=last")
    )
    with ScriptedServer(answer) as server, open_client(server.url, Politeness("hub")) as client:
        response = client.get(f"{server.url}/api", params={"q": "a b"})
    assert (response.status_code, response.json(), response.headers["etag"]) == (200, {"a": 1}, '"x"')
    assert {link["rel"] for link in response.links.values()} == {"next", "last"}
    (request,) = server.requests
    assert (request.target, request.headers["accept-encoding"]) in {
        ("/api?q=a+b", "gzip"),
        ("/api?q=a%20b", "gzip"),
    }
    assert request.headers["host"] == server.url.removeprefix("http://")


@both_libraries
def test_a_304_gets_through_empty(open_client: Callable[[str, Politeness], Client]) -> None:
    answer = Answer(304, (("ETag", '"x"'), ("Content-Encoding", "gzip")))
    with ScriptedServer(answer) as server, open_client(server.url, Politeness("hub")) as client:
        response = client.get(server.url, headers={"If-None-Match": '"x"'})
    assert (response.status_code, response.content) == (304, b"")
    assert server.requests[0].headers["if-none-match"] == '"x"'


@both_libraries
@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:9", "http://localhost", "{url}0/api", "{url}@localhost/api"]
)
def test_no_other_origin_is_ever_asked(open_client: Callable[[str, Politeness], Client], target: str) -> None:
    with ScriptedServer(json_answer("[]")) as server, open_client(server.url, Politeness("hub")) as client:
        away = json_answer("", 302, ("Location", target.format(url=server.url)))
        server._answers[:] = [away]
        with pytest.raises(HubError, match="another host") as caught:
            client.get(f"{server.url}/api")
        assert (caught.value.trouble, len(server.requests)) == (Trouble.SHAPE, 1)


@both_libraries
def test_a_request_may_be_urgent(open_client: Callable[[str, Politeness], Client]) -> None:
    politeness = Politeness("hub")
    politeness.heed(
        200, {"ratelimit": '"api";r=60;t=300', "ratelimit-policy": '"api";q=500;w=300'}, Clock()()
    )
    with ScriptedServer(json_answer("[]")) as server, open_client(server.url, politeness) as client:
        with pytest.raises(HubPaused):
            client.get(server.url)
        assert client.get(server.url, extensions={"urgent": True}).status_code == 200
        assert client.get(server.url, extensions={"bucket": "resolvers"}).status_code == 200
        assert len(server.requests) == 2


@both_libraries
def test_a_header_that_is_no_ascii_gets_through(open_client: Callable[[str, Politeness], Client]) -> None:
    answer = json_answer("[]", 200, ("X-Motto", "caf\xe9 \x80"))
    with ScriptedServer(answer) as server, open_client(server.url, Politeness("hub")) as client:
        assert client.get(server.url).headers["x-motto"] == "caf\xe9 \x80"


@both_libraries
def test_no_cookie_is_kept(open_client: Callable[[str, Politeness], Client]) -> None:
    answer = json_answer("[]", 200, ("Set-Cookie", "visitor=7"))
    with ScriptedServer(answer) as server, open_client(server.url, Politeness("hub")) as client:
        for _ in range(2):
            client.get(server.url)
    assert "cookie" not in server.requests[1].headers


@both_libraries
def test_a_refusal_with_403_is_a_matter_of_quota(open_client: Callable[[str, Politeness], Client]) -> None:
    answer = json_answer("{}", 403, ("Retry-After", "33"))
    with ScriptedServer(answer) as server, open_client(server.url, Politeness("hub")) as client:
        with pytest.raises(HubError) as caught:
            client.get(server.url)
        with pytest.raises(HubPaused):
            client.get(server.url)
    assert (caught.value.trouble, caught.value.retry_after) == (Trouble.QUOTA, timedelta(seconds=33))


def test_both_libraries_share_one_policy() -> None:
    politeness = Politeness("hub", assumed=Quota(10, timedelta(minutes=1)))
    with ScriptedServer(json_answer("[]")) as server:
        clients = [open_client(server.url, politeness) for open_client in OPEN]
        for turn in range(8):
            clients[turn % 2].get(server.url)
        for client in clients:
            with pytest.raises(HubPaused):
                client.get(server.url)
            client.close()
        assert len(server.requests) == 8


def test_requests_are_spaced_out() -> None:
    politeness = Politeness("hub", gap=timedelta(milliseconds=60))
    with ScriptedServer(json_answer("[]")) as server, OPEN[1](server.url, politeness) as client:
        began = time.monotonic()
        for _ in range(4):
            client.get(server.url)
        assert 0.18 <= time.monotonic() - began < 1


def test_an_exchange_needs_no_client_library() -> None:
    with ScriptedServer(json_answer("[1]")) as server:
        wire = Wire("hub", server.url, Politeness("hub"), Clock())
        answer = wire.exchange("POST", f"{server.url}?a=1#part", [(b"Content-Length", b"2")], b"{}")
        wire.close()
    assert (answer.status, answer.body) == (200, b"[1]")
    assert answer.headers["content-type"].startswith("application/json")
    assert (server.requests[0].target, server.requests[0].body) == ("/?a=1", b"{}")


def test_an_address_with_a_blank_is_an_error_of_ours() -> None:
    with ScriptedServer(json_answer("[1]")) as server:
        wire = Wire("hub", server.url, Politeness("hub"), Clock(), Bounds(total=timedelta(seconds=1)))
        for address in (f"{server.url}/a b", f"{server.url}/\u2028", f"{server.url}/a\r\nX: y"):
            with pytest.raises(HubError):
                wire.exchange("GET", address)
        wire.close()
        assert server.requests == []


def test_we_say_who_we_are_and_where_to_complain() -> None:
    assert user_agent(None) == f"release-monitor/{__version__}"
    assert user_agent("https://models.example.org/bot").endswith(" (+https://models.example.org/bot)")
    for bad in ("", "a b", "a\r\nX-Evil: 1", "(nested)", "ü@example.org"):
        with pytest.raises(ValueError, match="is no address"):
            user_agent(bad)


def test_a_client_of_httpx_never_sees_the_environments_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with (
        ScriptedServer(json_answer("[]")) as server,
        httpx.Client(transport=PoliteHttpxTransport("hub", server.url, Politeness("hub"), Clock())) as client,
    ):
        assert client.get(server.url).status_code == 200


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:3128", "write http:// before it"),
        ("proxy.example.org", "write http:// before it"),
        ("socks5://proxy.example.org", "only http:// and https://"),
        ("http://user:s3cret@proxy.example.org:99999", "no address of a proxy"),
        ("http://user:s3cret@proxy.example.org:port", "no address of a proxy"),
        ("http://[user:s3cret", "no address of a proxy"),
        ("http://:3128", "no address of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_an_error_of_the_configuration(
    monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(ConfigError, match=f"HTTPS_PROXY: .*{said}") as caught:
        Wire("hub", "https://hub.example", Politeness("hub"), Clock())
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("behind", [gzip.compress(b"2]"), b"\0", b"2]"], ids=["another", "padding", "bare"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_stands_behind_a_packed_answer_is_never_dropped(behind: bytes, size: int) -> None:
    packed = gzip.compress(b"[1,") + behind
    chunks = [packed[at : at + size] for at in range(0, len(packed), size)]
    with pytest.raises(HubError, match="behind its end") as caught:
        read_whole(chunks, "gzip", Bounds())
    assert caught.value.trouble is Trouble.SHAPE


NOWHERE = [
    "http://xn--ls8h.la/",
    "https://xn--/x",
    "//xn--zz--/",
    "http://\xff\xfe/",
    "http://[::1",
    "http://a:99999/",
    "http:///x",
    "http://%zz/",
    "/\x01",
]


@pytest.mark.parametrize("place", NOWHERE)
def test_a_redirect_to_no_address_is_an_error_of_the_hub(place: str) -> None:
    away = Answer(302, (("Location", place),))
    with ScriptedServer(away) as server, OPEN[1](server.url, Politeness("hub")) as client:
        assert isinstance(client, httpx.Client)
        with pytest.raises(HubError) as caught:
            ask(client, "hub", server.url)
        assert (caught.value.trouble, len(server.requests)) == (Trouble.SHAPE, 1)
