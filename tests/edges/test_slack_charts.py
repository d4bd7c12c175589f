"""Charts on Slack: its own, a picture, or none; and the text whatever becomes of the chart."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from builders import ACME
from every_message import cadence
from monitor.config.model import Charts, SlackSettings
from monitor.core.telling import Notification
from monitor.core.types import Direction, Level
from monitor.notify.slack import SlackBot, SlackWebhook
from monitor.store import Store
from outbox import Outbox
from servers import Clock
from slack_files import FilesWorkspace
from slack_server import Fault, SlackServer
from slack_workspace import SCOPES, TOKEN

MESSAGE = cadence("Acme", ACME, Direction.FASTER, Level.ALERT)


@pytest.fixture
def workspace() -> Iterator[FilesWorkspace]:
    with FilesWorkspace() as files:
        yield files


@pytest.fixture
def slack(workspace: FilesWorkspace) -> Iterator[SlackServer]:
    with SlackServer(workspace) as server:
        yield server


def send(slack: SlackServer, charts: str, plainness: int = 0, seconds: float = 5, **fields: Any) -> list[str]:
    """Send the message and return what was logged."""
    now = datetime.now(UTC)  # noqa: TID251 - the server's messages are dated by the real clock
    bot = SlackBot(TOKEN, slack.api_url, timedelta(seconds=seconds), charts=lambda: charts)
    note = Notification("d", "slack:C0000000001", MESSAGE, 1, now, plainness=plainness, **fields)
    with capture_logs() as logs:
        reference = bot.send(note)
    assert reference == f"C0000000001/{slack.posted[-1]['ts']}"
    return [str(entry["event"]) for entry in logs]


def kinds(slack: SlackServer) -> list[str]:
    return [block["type"] for block in slack.posted[-1]["blocks"]]


def test_slack_draws_the_chart_itself_unless_told_otherwise(
    slack: SlackServer, workspace: FilesWorkspace
) -> None:
    send(slack, "native")
    assert kinds(slack).count("data_visualization") == 1
    assert workspace.pictures == []


def test_a_picture_comes_after_the_text_into_its_thread(
    slack: SlackServer, workspace: FilesWorkspace
) -> None:
    assert send(slack, "png") == []
    assert "data_visualization" not in kinds(slack)
    assert slack.methods() == [
        "chat.postMessage",
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
    ]
    (picture,) = workspace.pictures
    assert (picture["channel"], picture["thread"]) == ("C0000000001", slack.posted[0]["ts"])
    assert picture["title"] == "Acme: launches a month"
    assert picture["bytes"].startswith(b"\x89PNG\r\n")


def test_a_picture_of_a_reply_goes_where_the_reply_goes(
    slack: SlackServer, workspace: FilesWorkspace
) -> None:
    send(slack, "off")
    parent = f"C0000000001/{slack.posted[0]['ts']}"
    send(slack, "png", thread=parent)
    assert workspace.pictures[0]["thread"] == slack.posted[0]["ts"]


def test_charts_can_be_switched_off(slack: SlackServer, workspace: FilesWorkspace) -> None:
    send(slack, "off")
    assert "data_visualization" not in kinds(slack)
    assert slack.methods() == ["chat.postMessage"]


def test_a_chart_that_was_refused_becomes_a_picture(slack: SlackServer, workspace: FilesWorkspace) -> None:
    send(slack, "native", plainness=1)
    assert "data_visualization" not in kinds(slack)
    assert len(workspace.pictures) == 1


def test_a_webhook_shows_slacks_own_chart_or_none() -> None:
    with SlackServer() as slack:
        for charts, drawn in (("native", 1), ("png", 0), ("off", 0)):
            webhook = SlackWebhook(slack.webhook_url, slack.api_url, charts=lambda charts=charts: charts)
            webhook.send(Notification("d", "slack-webhook", MESSAGE, 1))
            assert kinds(slack).count("data_visualization") == drawn


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/upload",
        "http://files.slack.com/x",
        "https://slack.com.evil.test/",
        "https://[x",
        "x",
    ],
)
def test_a_picture_goes_nowhere_but_to_slack(slack: SlackServer, workspace: FilesWorkspace, url: str) -> None:
    workspace.upload_url = url
    assert send(slack, "png") == ["chart_not_shown"]
    assert slack.methods() == ["chat.postMessage", "files.getUploadURLExternal"]


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
@pytest.mark.parametrize(
    "fault",
    [
        {"cut": "drop"}, {"cut": "reset"}, {"cut": "half"}, {"cut": "drip"}, {"status": 500}, {"status": 429},
        {"body": "<html>"}, {"body": b"[]"}, {"body": {"ok": False, "error": "internal_error"}},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_becomes_of_the_picture_the_text_is_there_once(
    slack: SlackServer, workspace: FilesWorkspace, method: str, fault: dict[str, Any]
) -> None:
    slack.script(Fault(method=method, **fault))
    assert send(slack, "png", seconds=0.5) == ["chart_not_shown"]
    assert (len(slack.posted), workspace.pictures) == (1, [])


def test_an_upload_that_is_refused_is_said(slack: SlackServer, workspace: FilesWorkspace) -> None:
    workspace.upload_status = 500
    assert send(slack, "png") == ["chart_not_shown"]


def test_a_missing_scope_is_said_and_costs_no_more_than_the_picture(
    slack: SlackServer, workspace: FilesWorkspace
) -> None:
    workspace.scopes = set(SCOPES.split())
    assert send(slack, "png") == ["chart_not_shown"]
    assert len(slack.posted) == 1


def test_a_chart_that_slack_refuses_costs_one_attempt_and_no_second(
    store: Store, clock: Clock, slack: SlackServer, workspace: FilesWorkspace
) -> None:
    workspace.draws = False
    out = Outbox(store, clock, slack)
    out.raise_alerts(replace(out.alert("x"), message=MESSAGE))
    out.tell("y")
    out.deliver()
    assert (out.said, out.counts()) == ([MESSAGE.title, "y"], (0, 0))
    assert slack.posted[0]["blocks"][0]["type"] == "header"  # all the rest is as it was
    assert len(workspace.pictures) == 1
    assert slack.methods().count("chat.postMessage") == 3


def test_a_message_without_a_chart_goes_from_full_to_plain_sections(
    store: Store, clock: Clock, slack: SlackServer
) -> None:
    slack.script(Fault(body={"ok": False, "error": "invalid_blocks"}))
    out = Outbox(store, clock, slack)
    out.tell("y")
    out.deliver()
    assert set(kinds(slack)) == {"section"}
    assert len(slack.asked) == 2


def test_settings_decide_about_charts_from_the_next_message_on(
    store: Store, clock: Clock, slack: SlackServer, workspace: FilesWorkspace
) -> None:
    out = Outbox(store, clock, slack)
    deliverer = out.app.deliverer()
    drawn = []
    for number, charts in enumerate(Charts):
        out.app.settings = replace(out.app.settings, slack=SlackSettings(charts))
        out.raise_alerts(replace(out.alert(f"x{number}"), message=MESSAGE))
        deliverer.deliver_all(out.wait, timedelta(seconds=2))
        drawn.append((charts, kinds(slack).count("data_visualization"), len(workspace.pictures)))
    assert drawn == [("native", 1, 0), ("png", 0, 1), ("off", 0, 1)]
