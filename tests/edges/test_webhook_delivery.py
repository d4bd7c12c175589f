"""The signed webhook behind the outbox: each alert arrives, in order and as documented, and no secret is told."""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import text

from monitor.app import App, receivers
from monitor.clock import utc_now
from monitor.config import read_environment
from monitor.core.history import Rules
from monitor.core.routing import Routing
from monitor.core.telling import Alert, AlertKind, Link, Message, Notification
from monitor.demo.server import Answer, Request
from monitor.notify.webhook import DEADLINE, Webhook, payload
from monitor.store import Store, alerts, outbox
from servers import Clock, ScriptedServer

SECRET = "whsec_" + "c2VjcmV0" * 6
PATH = "/hooks/very-secret-path"
SECONDS = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Told:
    """An outbox whose one receiver is the webhook, on a clock that is moved."""

    def __init__(self, store: Store, clock: Clock, url: str) -> None:
        self.store, self.clock = store, clock
        settings = {"MONITOR_WEBHOOK_URL": url + PATH, "MONITOR_WEBHOOK_SECRET": SECRET}
        self.app = App(read_environment({"DATABASE_URL": "sqlite:////unused", **settings}), store, clock)

    def tell(self, *titles: str, kind: AlertKind = AlertKind.HEALTH) -> None:
        rules = Rules(routing=Routing(receivers(self.app.environment)))
        raised = [
            Alert(
                title,
                None,
                kind,
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


def test_what_gathered_in_an_hour_comes_as_digests_each_alert_once_and_in_order(
    store: Store, clock: Clock
) -> None:
    is_down = Event()
    is_down.set()
    many = [f"alert {number:02}" for number in range(40)]
    with ScriptedServer(lambda request: Answer(503 if is_down.is_set() else 200)) as server:
        told = Told(store, clock, server.url)
        for title in many:
            told.tell(title, kind=AlertKind.CHANGE)
            told.deliver()
            clock.now += MINUTE
        in_vain = len(server.requests)
        is_down.clear()
        clock.now += 15 * MINUTE
        told.deliver()
        taken = [json.loads(one.body) for one in server.requests[in_vain:]]
    came = [
        line for body in taken for line in (one["text"] for one in body["data"].get("alerts", [body["data"]]))
    ]
    assert [title for line in came for title in many if line.startswith(title)] == many
    assert "digest" in {body["type"] for body in taken}
    assert told.counts() == {"waiting": 0, "failed": 0}


def test_no_log_line_no_output_and_no_row_holds_a_secret(
    store: Store, clock: Clock, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    echo = f"{'x' * 60} {SECRET} {PATH}".encode()
    answers = [Answer(status, body=echo) for status in (400, 401, 429, 500, 302)]
    with caplog.at_level(logging.DEBUG), ScriptedServer(*answers, Answer(wire=[b"HTTP/1.1 2"])) as server:
        told = Told(store, clock, server.url)
        told.tell("one")
        for _ in range(8):
            told.deliver()
            clock.now += 15 * MINUTE
        assert len(server.requests) > len(answers)
    with store.reading() as tx:
        rows = str(outbox.parked(tx)) + str(tx.execute(text("SELECT * FROM notification")).all())
    shown = caplog.text + "".join(capfd.readouterr()) + rows
    assert "notification_not_sent" in shown
    assert not any(secret[:12] in shown for secret in (SECRET, SECRET.removeprefix("whsec_"), PATH))


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


PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The one example in this language."""
    return PAGE.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_example_of_the_documentation_is_what_is_posted() -> None:
    assert json.loads(block("json")) == example()
    assert f"no answer within {DEADLINE.seconds} seconds" in PAGE


def test_the_program_of_the_documentation_believes_us_and_nobody_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    program: dict[str, Any] = {}
    sent = Notification("7d3f", "webhook", Message("Acme released Nova", "Why."), attempts=1)
    exec(block("python").replace("whsec_…", SECRET), program)
    with ScriptedServer(Answer()) as server:
        Webhook(server.url + PATH, SECRET, lambda _: (), utc_now).send(sent)
    (request,) = server.requests
    program["receive"](request.body, dict(request.headers))
    assert capsys.readouterr().out == "test Acme released Nova\n"
    with pytest.raises(Exception, match="signature"):
        program["receive"](request.body.replace(b"Nova", b"Evil"), dict(request.headers))


def test_the_example_has_every_field_of_an_alert_that_is_told(store: Store, clock: Clock) -> None:
    with ScriptedServer(Answer()) as server:
        told = Told(store, clock, server.url)
        told.tell("one")
        told.deliver()
    assert json.loads(server.requests[0].body)["data"].keys() == example()["data"].keys()
