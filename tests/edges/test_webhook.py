"""The signed webhook: every answer that its receiver may give, and that each alert arrives in order."""

import json
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from monitor.app import App, receivers
from monitor.clock import utc_now
from monitor.config import read_environment
from monitor.core.history import Rules
from monitor.core.routing import Routing
from monitor.core.telling import Alert, AlertKind, Link, Message, Notification
from monitor.demo.server import Answer, Request
from monitor.errors import NotifyError, Outcome
from monitor.notify.webhook import Webhook, payload
from monitor.store import Store, alerts, outbox
from servers import Clock, ScriptedServer, drip, refused_url, stall

SECRET = "whsec_" + "c2VjcmV0" * 6
PATH = "/hooks/very-secret-path"
SECONDS = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
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


def test_nobody_listening_is_tried_again_and_nothing_secret_is_said() -> None:
    error = refused(refused_url())
    assert error.outcome is Outcome.RETRY
    assert PATH not in str(error)


@pytest.mark.parametrize("said", [SECRET, SECRET.removeprefix("whsec_"), PATH])
def test_a_receiver_that_sends_our_secrets_back_does_not_get_them_into_an_error(said: str) -> None:
    with ScriptedServer(Answer(400, body=said.encode())) as server:
        assert said not in str(refused(server.url))


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


class Told:
    """An outbox whose one receiver is the webhook, on a clock that is moved."""

    def __init__(self, store: Store, clock: Clock, url: str) -> None:
        self.store, self.clock = store, clock
        settings = {"MONITOR_WEBHOOK_URL": url + PATH, "MONITOR_WEBHOOK_SECRET": SECRET}
        self.app = App(read_environment({"DATABASE_URL": "sqlite:////unused", **settings}), store, clock)

    def tell(self, *titles: str) -> None:
        rules = Rules(routing=Routing(receivers(self.app.environment)))
        raised = [
            Alert(
                title,
                None,
                AlertKind.HEALTH,
                Message(title, "Why.", links=(Link("x"),)),
                self.clock.now,
                self.clock.now,
            )
            for title in titles
        ]
        with self.store.writing() as tx:
            alerts.raise_alerts(tx, raised, rules)

    def deliver(self) -> None:
        def wait(seconds: float) -> None:
            self.clock.now += timedelta(seconds=seconds)

        self.app.deliverer().deliver_all(wait, 2 * SECONDS)

    def counts(self) -> dict[str, int]:
        with self.store.reading() as tx:
            return outbox.counts(tx)


def titles(server: ScriptedServer) -> list[tuple[str, str]]:
    """Id and title of each request, in order."""
    return [(one.headers["webhook-id"], json.loads(one.body)["data"]["title"]) for one in server.requests]


def test_after_an_hour_without_the_receiver_each_alert_comes_once_in_order(
    store: Store, clock: Clock
) -> None:
    is_down = Event()
    is_down.set()
    with ScriptedServer(lambda request: Answer(503 if is_down.is_set() else 200)) as server:
        told = Told(store, clock, server.url)
        told.tell("one", "two", "three")
        for _ in range(60):
            told.deliver()
            clock.now += MINUTE
        in_vain = len(server.requests)
        is_down.clear()
        clock.now += 15 * MINUTE
        told.deliver()
        taken = titles(server)[in_vain:]
    assert in_vain < 60  # it is tried more and more rarely
    assert [title for _, title in taken] == ["one", "two", "three"]
    ids = {title: number for number, title in taken}
    assert all(ids[title] == number for number, title in titles(server))  # the same at every attempt
    assert told.counts() == {"waiting": 0, "failed": 0}


def test_a_receiver_that_wants_no_more_holds_its_messages_for_a_person(store: Store, clock: Clock) -> None:
    with ScriptedServer(Answer(410), Answer()) as server:
        told = Told(store, clock, server.url)
        told.tell("one", "two")
        told.deliver()
        with store.reading() as tx:
            assert "its owner wants no more" in outbox.parked(tx)["webhook"]
        assert (len(server.requests), told.counts()["waiting"]) == (1, 2)
        clock.now += 15 * MINUTE
        told.deliver()
    assert [title for _, title in titles(server)] == ["one", "one", "two"]


def test_a_message_that_is_always_refused_holds_up_no_other(store: Store, clock: Clock) -> None:
    def answer(request: Request) -> Answer:
        return Answer(422 if json.loads(request.body)["data"]["title"] == "poison" else 200)

    with ScriptedServer(answer) as server:
        told = Told(store, clock, server.url)
        told.tell("poison", "good")
        for _ in range(6):
            told.deliver()
            clock.now += MINUTE
    assert told.counts() == {"waiting": 0, "failed": 1}
    assert [title for _, title in titles(server)].count("good") == 1


def example() -> Any:
    """What is posted of a launch, as docs/webhooks.md shows it."""
    raised_at = datetime(2026, 4, 24, 3, 20, tzinfo=UTC)
    url = "https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro"
    message = Message("DeepSeek released DeepSeek-V4", "2 repositories on Hugging Face.", links=(), url=url)
    links = [{"text": "deepseek-ai/DeepSeek-V4-Pro", "url": url}]
    alert = {
        "id": 412,
        "organization": "deepseek",
        "kind": "release",
        "level": "alert",
        "direction": None,
        "raised_at": raised_at,
        "resolved_at": None,
        "changed_at": None,
        "release": 181,
        "links": links,
    }
    return json.loads(payload(Notification("7d3f", "webhook", message, attempts=1), [alert], raised_at))


def test_the_example_of_the_documentation_is_what_is_posted() -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    assert json.loads(page.partition("```json\n")[2].partition("```")[0]) == example()


def test_the_example_has_every_field_of_an_alert_that_is_told(store: Store, clock: Clock) -> None:
    with ScriptedServer(Answer()) as server:
        told = Told(store, clock, server.url)
        told.tell("one")
        told.deliver()
    assert json.loads(server.requests[0].body)["data"].keys() == example()["data"].keys()
