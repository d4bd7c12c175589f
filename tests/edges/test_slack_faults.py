"""What goes wrong between us and Slack: no second post, no token given away, no call without an end."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from monitor.core.telling import Message, Notification
from monitor.errors import NotifyError, Outcome
from monitor.notify.slack import SlackBot, SlackWebhook
from slack_server import WEBHOOK_PATH, Fault, SlackServer
from slack_workspace import TOKEN

HTML = "<html><body>We are down for maintenance</body></html>"
LIMITED = {"ok": False, "error": "ratelimited"}
WEBHOOK_LIMITED = {"retry_after": 1, "ok": False, "error": "rate_limited"}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def senders(slack: SlackServer, seconds: float = 5) -> dict[str, SlackBot | SlackWebhook]:
    deadline = timedelta(seconds=seconds)
    return {
        "chat.postMessage": SlackBot(TOKEN, slack.api_url, deadline),
        "webhook": SlackWebhook(slack.webhook_url, deadline=deadline),
    }


def notification() -> Notification:
    now = datetime.now(UTC)  # noqa: TID251 - the server's messages are dated by the real clock
    return Notification("d-1", "slack:C0000000001", Message("Title", "Lead."), attempts=1, attempted_at=now)


def refused(sender: SlackBot | SlackWebhook) -> NotifyError:
    with pytest.raises(NotifyError) as raised:
        sender.send(notification())
    assert TOKEN not in str(raised.value)
    assert WEBHOOK_PATH not in str(raised.value)
    return raised.value


FAULTS = [
    (Fault(cut="drop"), Outcome.DOUBTFUL),
    (Fault(cut="reset"), Outcome.DOUBTFUL),
    (Fault(cut="drop", commit=True), Outcome.DOUBTFUL),
    (Fault(cut="reset", commit=True), Outcome.DOUBTFUL),
    (Fault(body=HTML), Outcome.DOUBTFUL),
    (Fault(body=HTML, commit=True), Outcome.DOUBTFUL),
    (Fault(body="[]"), Outcome.DOUBTFUL),
    (Fault(body="null"), Outcome.DOUBTFUL),
    (Fault(body='{"ok":tru'), Outcome.DOUBTFUL),
    (Fault(body="[" * 100_000), Outcome.DOUBTFUL),
    (Fault(body=b"\x1f\x8b\x08\x00\xff\xfe"), Outcome.DOUBTFUL),
    (Fault(body="ö", headers={"Content-Type": "application/json; charset=klingon"}), Outcome.DOUBTFUL),
    (Fault(), Outcome.DOUBTFUL),
    (Fault(500, HTML), Outcome.DOUBTFUL),
    (Fault(500, HTML, commit=True), Outcome.DOUBTFUL),
    (Fault(502), Outcome.DOUBTFUL),
    (Fault(503, "", {"Retry-After": "5"}), Outcome.DOUBTFUL),
    (Fault(504), Outcome.DOUBTFUL),
    (Fault(429, LIMITED, {"Retry-After": "1"}), Outcome.RETRY),
    (Fault(429, WEBHOOK_LIMITED), Outcome.RETRY),
    (Fault(429, HTML), Outcome.RETRY),
    (Fault(200, LIMITED), Outcome.RETRY),
    (Fault(200, WEBHOOK_LIMITED), Outcome.RETRY),
]


@pytest.mark.parametrize("method", ["chat.postMessage", "webhook"])
@pytest.mark.parametrize(("fault", "outcome"), FAULTS, ids=[str(number) for number in range(len(FAULTS))])
def test_a_fault_has_one_outcome_and_is_not_retried_in_secret(
    slack: SlackServer, method: str, fault: Fault, outcome: Outcome
) -> None:
    slack.script(Fault(fault.status, fault.body, fault.headers, fault.commit, cut=fault.cut, method=method))
    assert refused(senders(slack)[method]).outcome is outcome
    assert slack.methods() == [method]
    assert len(slack.posted) == fault.commit


@pytest.mark.parametrize(("fault", "outcome"), FAULTS, ids=[str(number) for number in range(len(FAULTS))])
def test_a_fault_in_an_edit_has_the_same_outcome_and_no_edit_is_a_message(
    slack: SlackServer, fault: Fault, outcome: Outcome
) -> None:
    sender = SlackBot(TOKEN, slack.api_url)
    edited = replace(notification(), edits=sender.send(notification()))
    slack.script(replace(fault, method="chat.update"))
    with pytest.raises(NotifyError) as raised:
        sender.edit(edited)
    assert raised.value.outcome is outcome
    assert slack.methods() == ["chat.postMessage", "chat.update"]
    assert sender.edit(edited)  # doing it twice does no harm
    assert len(slack.posted) == 1


@pytest.mark.parametrize("method", ["chat.postMessage", "webhook"])
def test_half_an_answer_is_doubtful(slack: SlackServer, method: str) -> None:
    slack.script(Fault(commit=True, cut="half", method=method))
    assert refused(senders(slack)[method]).outcome is Outcome.DOUBTFUL
    assert len(slack.posted) == 1


@pytest.mark.parametrize("method", ["chat.postMessage", "webhook"])
def test_an_answer_that_drips_ends_at_the_deadline(slack: SlackServer, method: str) -> None:
    slack.script(Fault(cut="drip", method=method))
    began = monotonic()
    assert refused(senders(slack, seconds=0.4)[method]).outcome is Outcome.DOUBTFUL
    assert 0.3 < monotonic() - began < 4


def test_nothing_goes_on_after_the_deadline(slack: SlackServer) -> None:
    slack.script(Fault(cut="drip"))
    refused(senders(slack, seconds=0.2)["chat.postMessage"])
    left = [thread for thread in threading.enumerate() if thread.name == "guarded-request"]
    for thread in left:
        thread.join(2)
    assert not any(thread.is_alive() for thread in left)


@pytest.mark.parametrize("method", ["chat.postMessage", "webhook"])
def test_an_answer_longer_than_slack_gives_is_not_read(slack: SlackServer, method: str) -> None:
    slack.script(Fault(body=b" " * 9_000_000, method=method))
    error = refused(senders(slack)[method])
    assert error.outcome is Outcome.DOUBTFUL
    assert "TooLong" in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["chat.postMessage", "webhook"])
def test_a_redirect_is_not_followed_and_gets_no_token(slack: SlackServer, method: str, status: int) -> None:
    with SlackServer() as thief:
        slack.script(Fault(status, "", {"Location": f"{thief.url}/steal"}, method=method))
        error = refused(senders(slack)[method])
    assert error.outcome is Outcome.RETRY
    assert "redirect" in str(error)
    assert thief.asked == []


def test_a_refused_connection_is_surely_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = refused(SlackBot(TOKEN, f"http://127.0.0.1:{port}/api/"))
    assert error.outcome is Outcome.RETRY
    assert "connection refused" in str(error)
    assert refused(SlackWebhook(f"http://127.0.0.1:{port}/hook")).outcome is Outcome.RETRY


def test_a_server_without_tls_is_surely_not_sent_to(slack: SlackServer) -> None:
    error = refused(SlackBot(TOKEN, slack.api_url.replace("http:", "https:"), timedelta(seconds=2)))
    assert error.outcome is Outcome.RETRY
    assert slack.asked == []


def test_a_server_that_takes_the_connection_and_is_silent_is_doubtful() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/api/"
        assert refused(SlackBot(TOKEN, url, timedelta(seconds=0.3))).outcome is Outcome.DOUBTFUL


def test_a_proxy_that_refuses_the_tunnel_is_surely_not_sent_through(monkeypatch: pytest.MonkeyPatch) -> None:
    with _proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as (url, seen):
        monkeypatch.setenv("HTTPS_PROXY", url)
        error = refused(SlackBot(TOKEN, "https://slack.example.org/api/", timedelta(seconds=2)))
    assert error.outcome is Outcome.RETRY
    assert "407" in str(error)
    assert seen[0].startswith(b"CONNECT slack.example.org:443 ")
    assert TOKEN.encode() not in seen[0]


def test_what_came_late_is_found_by_the_next_look(slack: SlackServer) -> None:
    sender, note = SlackBot(TOKEN, slack.api_url, timedelta(seconds=5)), notification()
    slack.script(Fault(cut="drop", late=0.2))
    with pytest.raises(NotifyError):
        sender.send(note)
    assert sender.find(note) is None
    threading.Event().wait(0.4)
    assert sender.find(note) == f"C0000000001/{slack.posted[0]['ts']}"


@pytest.mark.parametrize("method", ["chat.postMessage", "webhook"])
def test_an_accepted_message_whose_answer_was_lost_is_posted_once(slack: SlackServer, method: str) -> None:
    slack.script(Fault(cut="drop", commit=True, method=method))
    sender = senders(slack)[method]
    assert refused(sender).outcome is Outcome.DOUBTFUL
    if isinstance(sender, SlackBot):
        assert sender.find(notification()) is not None
    assert len(slack.posted) == 1


def test_no_log_line_holds_the_webhooks_address(slack: SlackServer, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("slack_sdk").setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG):
        senders(slack)["webhook"].send(notification())
        slack.script(Fault(cut="drop", method="webhook"), Fault(404, "no_service", method="webhook"))
        refused(senders(slack)["webhook"])
        assert "new incoming webhook" in str(refused(senders(slack)["webhook"]))
    logging.getLogger("slack_sdk").setLevel(logging.NOTSET)
    assert "abcdefSECRET" not in caplog.text


@pytest.mark.parametrize("filled", range(40, 90, 7))
def test_no_part_of_a_secret_that_slack_says_back_to_us_is_said(slack: SlackServer, filled: int) -> None:
    for method, secret in (("chat.postMessage", TOKEN), ("webhook", WEBHOOK_PATH)):
        body: dict | str = "x" * filled + f" {secret} {secret.rpartition('/')[2]}"
        if method == "chat.postMessage":
            body = {"ok": False, "error": body}
        slack.script(Fault(400, body, method=method))
        said = str(refused(senders(slack)[method]))
        for part in (secret, secret.rpartition("/")[2]):
            assert part[:9] not in said


def test_a_webhook_posts_and_gives_no_reference(slack: SlackServer) -> None:
    assert senders(slack)["webhook"].send(notification()) == ""
    assert slack.posted[0]["blocks"][0]["text"]["text"] == "Title"


@contextmanager
def _proxy(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Answer one request with these bytes; yield the address and what was asked."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                seen.append(connection.recv(65_536))
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", seen
        thread.join(5)
