"""The signed webhook: what is posted, and every answer that its receiver may give."""

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from threading import Event
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from monitor.clock import utc_now
from monitor.core.telling import Message, Notification
from monitor.demo.server import Answer, Request
from monitor.errors import NotifyError, Outcome
from monitor.notify.webhook import Webhook
from servers import ScriptedServer, drip, refused_url, stall

SECRET = "whsec_" + "c2VjcmV0" * 6
PATH = "/hooks/very-secret-path"
SECONDS = timedelta(seconds=1)
NOW = utc_now()
DATE = "Fri, 12 Jun 2026 00:00:00 GMT"


def note(title: str = "Acme released Nova", **settings: Any) -> Notification:
    return Notification("7d3f", "webhook", Message(title, "Why."), attempts=1, attempted_at=NOW, **settings)


def webhook(url: str, told: Any = (), seconds: float = 5) -> Webhook:
    return Webhook(url + PATH, SECRET, lambda _: told, utc_now, timedelta(seconds=seconds))


def refused(url: str, seconds: float = 5) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        webhook(url, seconds=seconds).send(note())
    return caught.value


def verified(request: Request) -> dict[str, Any]:
    """The body, if the library of the receiver's side finds the signature good."""
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    body: dict[str, Any] = Verifier(SECRET).verify(
        request.body, {name: request.headers[name] for name in names}
    )
    return body


def test_what_is_posted_is_signed_so_that_the_receivers_library_believes_it() -> None:
    with ScriptedServer(Answer(204)) as server:
        assert webhook(server.url).send(note()) == ""
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", PATH)
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["webhook-id"] == "7d3f"
    assert verified(request)["data"]["title"] == "Acme released Nova"
    with pytest.raises(Exception, match="signature"):
        Verifier(SECRET).verify(request.body + b" ", dict(request.headers))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_status_that_says_yes_is_believed(status: int) -> None:
    with ScriptedServer(Answer(status)) as server:
        assert webhook(server.url).send(note()) == ""


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *zip((408, 425, 429), repeat(Outcome.RETRY), strict=False),
        *zip((400, 409, 413, 422), repeat(Outcome.BAD_MESSAGE), strict=False),
        *zip((301, 302, 303, 307, 308), repeat(Outcome.BAD_DESTINATION), strict=False),
        *zip((401, 403, 404, 405, 410, 415, 451, 418), repeat(Outcome.BAD_DESTINATION), strict=False),
        *zip((500, 501, 502, 503, 504, 599), repeat(Outcome.DOUBTFUL), strict=False),
    ],
)
def test_each_refusal_is_classed_by_its_status(status: int, outcome: Outcome) -> None:
    elsewhere = ("Location", "http://127.0.0.1:9/elsewhere")
    with ScriptedServer(Answer(status, (elsewhere,), b"no, thank you")) as server:
        error = refused(server.url)
    assert (error.outcome, f"HTTP {status}" in str(error)) == (outcome, True)
    assert len(server.requests) == 1  # nothing is retried here, no redirect followed


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7 * SECONDS),
        ("1.5", 1.5 * SECONDS),
        ("Fri, 12 Jun 2026 00:00:30 GMT", 30 * SECONDS),
        ("86400", timedelta(hours=1)),
        ("-5", None),
        ("soon", None),
        ("1e9", None),
        ("9" * 400, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_that_is_asked_for_is_kept_as_far_as_it_makes_sense(
    status: int, header: str, wait: timedelta | None
) -> None:
    with ScriptedServer(Answer(status, (("Retry-After", header), ("Date", DATE)))) as server:
        assert refused(server.url).retry_after == wait


@pytest.mark.parametrize("kind", ["stalls", "drips", "is cut", "drips a refusal"])
def test_an_answer_that_does_not_come_whole_is_doubtful_and_ends_with_the_deadline(kind: str) -> None:
    released = Event()
    answers = {
        "stalls": stall(released),
        "drips": drip(released),
        "is cut": Answer(wire=[b"HTTP/1.1 2"]),
        "drips a refusal": drip(released, b"HTTP/1.1 400 No\r\nContent-Length: 99999\r\n\r\n"),
    }
    began = utc_now()
    with ScriptedServer(answers[kind]) as server:
        error = refused(server.url, seconds=0.5)
        released.set()
    assert error.outcome is Outcome.DOUBTFUL
    assert utc_now() - began < 5 * SECONDS


def test_an_endless_yes_is_a_yes() -> None:
    released = Event()
    with ScriptedServer(drip(released, b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        assert webhook(server.url, seconds=2).send(note()) == ""
        released.set()


HEAD = b"HTTP/1.1 400 No\r\n"
PIECE = b"x" * 65_536


@pytest.mark.parametrize(
    ("wire", "outcome"),
    [
        ([HEAD, b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b" " * 50_000_000)], Outcome.BAD_MESSAGE),
        (chain([HEAD, b"\r\n"], repeat(PIECE, 1_000_000)), Outcome.BAD_MESSAGE),
        ([HEAD, b"Transfer-Encoding: chunked\r\n\r\n", b"ffffffff\r\n", PIECE], Outcome.BAD_MESSAGE),
        ([HEAD, b"X: y\r\n" * 300, b"\r\n"], Outcome.DOUBTFUL),
        ([HEAD, b"X: ", PIECE, PIECE], Outcome.DOUBTFUL),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], Outcome.DOUBTFUL),
    ],
    ids=["bomb", "endless", "a chunk of 4 GiB", "300 headers", "a long header", "no HTTP"],
)
def test_a_refusal_of_any_size_is_read_no_further_than_needed(
    wire: Iterable[bytes], outcome: Outcome
) -> None:
    with ScriptedServer(Answer(wire=wire)) as server:
        error = refused(server.url)
    assert (error.outcome, len(str(error)) < 200) == (outcome, True)


def test_nobody_listening_is_tried_again_and_nothing_secret_is_said() -> None:
    error = refused(refused_url())
    assert error.outcome is Outcome.RETRY
    assert PATH not in str(error)


@pytest.mark.parametrize("filled", [0, *range(40, 80, 9)])
@pytest.mark.parametrize(
    "said", [SECRET, SECRET.removeprefix("whsec_"), PATH, "very-secret-path", "a key+of=ours"]
)
def test_no_part_of_a_secret_that_a_receiver_sends_back_gets_into_an_error(said: str, filled: int) -> None:
    url = "?key=a%20key%2Bof%3Dours"
    echo = Answer(400, body=b"x" * filled + f" {said}".encode())
    with ScriptedServer(echo) as server, pytest.raises(NotifyError, match="HTTP 400") as caught:
        Webhook(server.url + PATH + url, SECRET, lambda _: (), utc_now).send(note())
    assert said[:9] not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://example.org/", "http://10.0.0.1/", "ftp://example.org/", "https://u:p@a.org/"]
)
def test_an_address_that_others_could_read_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"readable on the way|http|a user in it"):
        Webhook(url, SECRET, lambda _: (), utc_now)


@pytest.mark.parametrize(
    ("kind", "level", "type_"),
    [
        ("release", "alert", "release.published"),
        ("cadence", "alert", "cadence.changed"),
        ("cadence", "watching", "cadence.possible"),
        ("change", "alert", "repository.changed"),
        ("health", "alert", "health.reported"),
    ],
)
def test_the_type_says_what_it_is_about_and_the_data_is_the_alert(kind: str, level: str, type_: str) -> None:
    told = {
        "id": 1,
        "kind": kind,
        "level": level,
        "raised_at": datetime(2026, 6, 12, tzinfo=UTC),
        "links": [],
    }
    with ScriptedServer(Answer()) as server:
        webhook(server.url, [told]).send(note())
    body = verified(server.requests[0])
    assert (body["type"], body["timestamp"], body["data"]["id"]) == (type_, "2026-06-12T00:00:00Z", 1)


def test_a_digest_brings_all_its_alerts_and_a_test_none() -> None:
    told = {"id": 1, "kind": "release", "level": "alert", "raised_at": NOW, "links": []}
    with ScriptedServer(Answer()) as server:
        webhook(server.url, [told, {**told, "id": 2}]).send(note())
        webhook(server.url).send(note())
    digest, test = map(verified, server.requests)
    assert (digest["type"], [one["id"] for one in digest["data"]["alerts"]]) == ("digest", [1, 2])
    assert test["type"] == "test"


def test_a_message_that_was_refused_twice_goes_without_its_parts() -> None:
    told = {
        "id": 1,
        "kind": "release",
        "level": "alert",
        "raised_at": NOW,
        "links": [{"text": "x", "url": None}],
    }
    with ScriptedServer(Answer()) as server:
        webhook(server.url, [told]).send(note(plainness=2))
    assert "links" not in verified(server.requests[0])["data"]
