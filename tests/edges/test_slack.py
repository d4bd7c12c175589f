"""The bot posts, finds and explains, against a strict Slack on this machine."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.telling import Link, Message, Notification
from monitor.errors import NotifyError, Outcome
from monitor.notify.slack import SlackBot
from slack_server import Fault, SlackServer
from slack_workspace import TOKEN, Workspace

MESSAGE = Message(
    "DeepSeek released V4",
    "1 repository.",
    (("Licence", "mit"),),
    (Link("deepseek-ai/V4", "https://x.test/V4"),),
)
LIMITED = {"ok": False, "error": "ratelimited"}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def bot(slack: SlackServer, seconds: float = 5) -> SlackBot:
    return SlackBot(TOKEN, slack.api_url, timedelta(seconds=seconds))


def notification(channel: str = "C0000000001", id: str = "d-1", plainness: int = 0) -> Notification:
    now = datetime.now(UTC)  # noqa: TID251 - the server's messages are dated by the real clock
    return Notification(id, f"slack:{channel}", MESSAGE, attempts=1, attempted_at=now, plainness=plainness)


def test_a_message_is_posted_once_and_its_place_returned(slack: SlackServer) -> None:
    reference = bot(slack).send(notification())
    assert reference == f"C0000000001/{slack.posted[0]['ts']}"
    assert slack.methods() == ["chat.postMessage"]
    sent = slack.asked[0].body
    assert sent["metadata"] == {"event_type": "relmon_delivery", "event_payload": {"d": "d-1"}}
    assert (sent["parse"], sent["mrkdwn"], sent["unfurl_links"], sent["unfurl_media"]) == (
        "none",
        False,
        False,
        False,
    )
    assert "link_names" not in sent


def test_the_plainest_message_has_no_blocks(slack: SlackServer) -> None:
    bot(slack).send(notification(plainness=3))
    assert "blocks" not in slack.posted[0]
    assert slack.posted[0]["text"].startswith("DeepSeek released V4")


def test_a_channel_may_be_given_by_name(slack: SlackServer) -> None:
    assert bot(slack).send(notification("#releases")).startswith("C0000000001/")


def test_what_was_posted_is_found_again_among_many(slack: SlackServer) -> None:
    sender = bot(slack)
    wanted = notification(id="wanted")
    reference = sender.send(wanted)
    for number in range(7):
        sender.send(notification(id=f"other-{number}"))
    slack.workspace.page_limit = 3
    assert sender.find(wanted) == reference
    assert slack.methods()[-3:] == ["conversations.history"] * 3
    look = slack.asked[-1].body
    assert (look["include_all_metadata"], look["inclusive"], look["cursor"]) == ("1", "1", "6")
    assert float(look["oldest"]) < wanted.attempted_at.timestamp() - 5  # type: ignore[union-attr]


def test_what_was_not_posted_is_surely_not_found(slack: SlackServer) -> None:
    bot(slack).send(notification(id="another"))
    assert bot(slack).find(notification()) is None
    assert "cursor" not in slack.asked[-1].body


def test_what_was_never_tried_is_not_looked_for(slack: SlackServer) -> None:
    never = Notification("d-1", "slack:C0000000001", MESSAGE, attempts=0)
    assert bot(slack).find(never) is None
    assert slack.asked == []


@pytest.mark.parametrize(
    ("messages", "outcome"),
    [
        (
            [{"metadata": {"event_payload": []}}, {"metadata": 3}, "x", {"metadata": {"event_payload": {}}}],
            None,
        ),
        ({}, Outcome.RETRY),
        (None, Outcome.RETRY),
    ],
)
def test_strange_history_is_no_proof(slack: SlackServer, messages: object, outcome: Outcome | None) -> None:
    slack.script(Fault(body={"ok": True, "messages": messages}, method="conversations.history"))
    if outcome is None:
        assert bot(slack).find(notification()) is None
        return
    with pytest.raises(NotifyError) as raised:
        bot(slack).find(notification())
    assert raised.value.outcome is outcome


def test_half_a_history_is_no_proof(slack: SlackServer) -> None:
    slack.script(Fault(body={"ok": True, "messages": [], "has_more": True}, method="conversations.history"))
    with pytest.raises(NotifyError) as raised:
        bot(slack).find(notification())
    assert raised.value.outcome is Outcome.RETRY


def test_a_history_without_end_is_given_up(slack: SlackServer) -> None:
    page = {"ok": True, "messages": [], "has_more": True, "response_metadata": {"next_cursor": "again"}}
    slack.script(*[Fault(body=page, method="conversations.history")] * 40)
    with pytest.raises(NotifyError) as raised:
        bot(slack).find(notification())
    assert raised.value.outcome is Outcome.BAD_DESTINATION
    assert len(slack.asked) == 25


@pytest.mark.parametrize(
    ("fault", "outcome", "wait"),
    [
        (Fault(429, LIMITED, {"Retry-After": "30"}), Outcome.RETRY, 30),
        (Fault(500), Outcome.RETRY, None),
        (Fault(cut="drop"), Outcome.RETRY, None),
        (Fault(body="<html>"), Outcome.RETRY, None),
        (Fault(body={"ok": False, "error": "missing_scope"}), Outcome.BAD_DESTINATION, None),
        (Fault(body={"ok": False, "error": "channel_not_found"}), Outcome.BAD_DESTINATION, None),
        (Fault(body={"ok": False, "error": "invalid_arguments"}), Outcome.BAD_DESTINATION, None),
    ],
)
def test_a_look_that_fails_comes_again_or_is_impossible(
    slack: SlackServer, fault: Fault, outcome: Outcome, wait: int | None
) -> None:
    slack.script(
        Fault(fault.status, fault.body, fault.headers, cut=fault.cut, method="conversations.history")
    )
    with pytest.raises(NotifyError) as raised:
        bot(slack).find(notification())
    assert raised.value.outcome is outcome
    assert raised.value.retry_after == (None if wait is None else timedelta(seconds=wait))


def test_no_look_is_possible_in_a_channel_given_by_name(slack: SlackServer) -> None:
    with pytest.raises(NotifyError, match="by its id") as raised:
        bot(slack).find(notification("#releases"))
    assert raised.value.outcome is Outcome.BAD_DESTINATION
    assert slack.asked == []


def test_the_bot_joins_a_public_channel_and_posts_once(slack: SlackServer) -> None:
    slack.workspace.scopes.remove("chat:write.public")
    bot(slack).send(notification("C0000000002"))
    assert slack.methods() == ["chat.postMessage", "conversations.join", "chat.postMessage"]
    assert len(slack.posted) == 1


def test_the_bot_joins_a_public_channel_to_read_its_history(slack: SlackServer) -> None:
    posted = bot(slack).send(notification("C0000000002"))
    assert bot(slack).find(notification("C0000000002")) == posted
    assert slack.methods()[1:] == ["conversations.history", "conversations.join", "conversations.history"]


def test_a_channel_that_cannot_be_joined_needs_an_invitation(slack: SlackServer) -> None:
    slack.workspace.scopes -= {"chat:write.public", "channels:join"}
    with pytest.raises(NotifyError, match="/invite") as raised:
        bot(slack).send(notification("C0000000002"))
    assert raised.value.outcome is Outcome.BAD_DESTINATION


@pytest.mark.parametrize("fault", [Fault(429, LIMITED, {"Retry-After": "7"}), Fault(503), Fault(cut="drop")])
def test_a_join_that_fails_for_now_is_tried_again_because_nothing_was_posted(
    slack: SlackServer, fault: Fault
) -> None:
    slack.workspace.scopes.remove("chat:write.public")
    slack.script(Fault(fault.status, fault.body, fault.headers, cut=fault.cut, method="conversations.join"))
    with pytest.raises(NotifyError) as raised:
        bot(slack).send(notification("C0000000002"))
    assert raised.value.outcome is Outcome.RETRY
    assert slack.posted == []


def test_refused_metadata_is_left_out(slack: SlackServer) -> None:
    slack.script(Fault(body={"ok": False, "error": "metadata_too_large"}))
    bot(slack).send(notification())
    assert [("metadata" in asked.body) for asked in slack.asked] == [True, False]
    assert len(slack.posted) == 1


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("C9999999999", "channel_not_found"),
        ("G0000000004", "invite the bot"),
        ("C0000000005", "unarchive the channel"),
    ],
)
def test_a_channel_that_takes_no_message_is_a_bad_destination(
    slack: SlackServer, channel: str, words: str
) -> None:
    with pytest.raises(NotifyError, match=words) as raised:
        bot(slack).send(notification(channel))
    assert raised.value.outcome is Outcome.BAD_DESTINATION


def test_a_revoked_token_is_told_and_never_repeated(slack: SlackServer) -> None:
    slack.script(Fault(body={"ok": False, "error": f"strange {TOKEN}"}))
    with pytest.raises(NotifyError) as raised:
        bot(slack).send(notification())
    assert TOKEN not in str(raised.value)
    slack.workspace.tokens.clear()
    with pytest.raises(NotifyError, match="check SLACK_BOT_TOKEN") as raised:
        bot(slack).send(notification())
    assert raised.value.outcome is Outcome.BAD_DESTINATION


def test_a_second_message_in_a_second_is_told_to_wait() -> None:
    with SlackServer(Workspace(paced=True)) as slack:
        bot(slack).send(notification(id="a"))
        with pytest.raises(NotifyError) as raised:
            bot(slack).send(notification(id="b"))
    assert raised.value.outcome is Outcome.RETRY
    assert raised.value.retry_after == timedelta(seconds=1)


def test_a_missing_scope_is_named(slack: SlackServer) -> None:
    slack.workspace.scopes.clear()
    with pytest.raises(NotifyError, match="chat:write: add the scope"):
        bot(slack).send(notification())


def test_the_check_says_who_the_bot_is_and_where(slack: SlackServer) -> None:
    assert bot(slack).check() == "@release-monitor in Acme"


def test_nothing_that_slack_sdk_logs_holds_the_token(
    slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        bot(slack).send(notification())
        slack.script(Fault(cut="drop"))
        with pytest.raises(NotifyError):
            bot(slack).send(notification())
    assert TOKEN not in caplog.text


def test_a_bot_does_not_show_its_token(slack: SlackServer) -> None:
    assert TOKEN not in repr(bot(slack))
    with pytest.raises(ValueError, match="unencrypted"):
        SlackBot(TOKEN, "http://slack.example.org/api/")


def test_hostile_names_reach_slack_as_text(slack: SlackServer) -> None:
    hostile = Message(
        "<!channel> & <@U1>", "<!here>", links=(Link("<https://evil.test|x>", "https://x.test/a|b"),)
    )
    bot(slack).send(Notification("d", "slack:C0000000001", hostile, attempts=1))
    assert "<!" not in json.dumps(slack.posted)
    assert "<https://evil" not in json.dumps(slack.posted)
