"""Threads and edits in a strict Slack: what continues a message, and what a message says once it is old news."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.app import App
from monitor.config import read_environment
from monitor.core.history import Rules
from monitor.core.routing import Mode, Routing
from monitor.core.telling import AlertKind
from monitor.core.types import Direction, Level
from monitor.store import Store, alerts, watchlist
from outbox import MINUTE, PATIENCE, SECOND, Outbox
from servers import Clock
from slack_server import Fault, SlackServer
from slack_workspace import Workspace
from world import CHANNEL, organization

REFUSED = Fault(body={"ok": False, "error": "invalid_blocks"}, method="chat.update")


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(Workspace(paced=True)) as server:
        yield server


@pytest.fixture
def out(sqlite_store: Store, clock: Clock, slack: SlackServer) -> Outbox:
    return Outbox(sqlite_store, clock, slack)


@pytest.fixture
def out_on_both(store: Store, clock: Clock, slack: SlackServer) -> Outbox:
    return Outbox(store, clock, slack)


def messages(out: Outbox) -> list[dict[str, Any]]:
    return out.slack.workspace.channels[CHANNEL].messages


def threads(out: Outbox) -> list[str | None]:
    """The title of the message in whose thread each one is."""
    titles = {message["ts"]: title for message, title in zip(messages(out), out.said, strict=True)}
    return [titles.get(message.get("thread_ts")) for message in messages(out)]


def tell(out: Outbox, title: str, answers: str | None = None, **settings: Any) -> None:
    kind = settings.pop("kind", AlertKind.RELEASE)
    out.raise_alerts(out.alert(title, kind, answers=answers, **settings))


def silence(out: Outbox) -> None:
    """Tell that acme has fallen silent."""
    with out.store.writing() as tx:
        watchlist.watch(tx, [organization("acme", "acme")], out.clock.now)
    alert = out.alert("silent", AlertKind.CADENCE, direction=Direction.SILENT)
    out.raise_alerts(replace(alert, organization="acme"))
    out.deliver()


def end_silence(out: Outbox) -> None:
    with out.store.writing() as tx:
        alerts.resolve_cadence(tx, "acme", frozenset(), out.clock.now)


def test_what_continues_an_alert_is_a_reply_to_its_message(out_on_both: Outbox) -> None:
    out = out_on_both
    tell(out, "Nova")
    tell(out, "more", answers="Nova")
    tell(out, "other")
    tell(out, "still-more", answers="more")
    out.deliver()
    assert out.said == ["Nova", "more", "other", "still-more"]
    assert threads(out) == [None, "Nova", None, "Nova"]  # a thread hangs on its first message


def test_a_reply_about_a_cadence_is_shown_in_the_channel_too(out: Outbox) -> None:
    tell(out, "silent", kind=AlertKind.CADENCE)
    tell(out, "resumed", answers="silent", kind=AlertKind.CADENCE)
    out.deliver()
    assert [message.get("subtype") for message in messages(out)] == [None, "thread_broadcast"]


@pytest.mark.parametrize("why", ["deleted", "locked"])
def test_a_reply_that_the_thread_does_not_take_stands_on_its_own(out: Outbox, why: str) -> None:
    tell(out, "Nova")
    out.deliver()
    channel = out.slack.workspace.channels[CHANNEL]
    if why == "deleted":
        out.slack.workspace.delete(f"{CHANNEL}/{messages(out)[0]['ts']}")
    else:
        channel.locked.add(messages(out)[0]["ts"])
    tell(out, "more", answers="Nova")
    out.deliver(after=MINUTE)
    assert (out.posted, out.counts()) == (["Nova", "more"], (0, 0))
    assert "thread_ts" not in messages(out)[-1]


def test_what_was_told_in_a_digest_or_never_begins_no_thread(out: Outbox) -> None:
    out.modes(release=Mode.DIGEST, cadence=Mode.OFF)
    tell(out, "one")
    tell(out, "two")
    tell(out, "untold", kind=AlertKind.CADENCE)
    out.deliver(after=timedelta(days=1))
    out.modes()
    tell(out, "after-one", answers="one")
    tell(out, "after-two", answers="two")
    tell(out, "after-three", answers="untold")
    out.deliver()
    assert out.said[1:] == ["after-one", "after-two", "after-three"]
    assert threads(out)[1:] == [None] * 3


def test_a_reply_whose_answer_was_lost_is_found_in_its_thread(out_on_both: Outbox) -> None:
    out = out_on_both
    tell(out, "Nova")
    out.deliver()
    tell(out, "more", answers="Nova")
    out.slack.script(Fault(commit=True, cut="drop"))
    out.deliver(after=SECOND)
    out.deliver(after=12 * SECOND)
    assert (out.said, out.counts()) == (["Nova", "more"], (0, 0))
    assert out.slack.methods()[-1] == "conversations.replies"


def test_a_reply_that_went_outside_its_thread_is_found_there(out: Outbox) -> None:
    tell(out, "Nova")
    out.deliver()
    out.slack.workspace.delete(f"{CHANNEL}/{messages(out)[0]['ts']}")
    tell(out, "more", answers="Nova")
    refusal = Fault(body={"ok": False, "error": "cannot_reply_to_message"})
    out.slack.script(refusal, Fault(commit=True, cut="drop"))
    out.deliver(after=SECOND)
    out.deliver(after=12 * SECOND)
    assert (out.said, out.counts()) == (["more"], (0, 0))


def test_a_message_that_says_something_else_by_now_is_edited_after_what_is_new(out_on_both: Outbox) -> None:
    out = out_on_both
    tell(out, "Nova")
    out.deliver()
    out.say_instead("Nova", "Nova-here-and-there")
    tell(out, "new")
    began = out.clock.now
    out.deliver(after=SECOND)
    assert out.slack.methods() == ["chat.postMessage", "chat.postMessage", "chat.update"]
    assert out.said == ["Nova-here-and-there", "new"]
    assert out.clock.now - began == 2 * SECOND  # an edit keeps the pace too
    assert messages(out)[0]["metadata"]["event_payload"]["d"]  # by which it is found
    assert out.deliver(after=MINUTE) == 0


def test_a_message_that_would_say_the_same_is_not_edited(out: Outbox) -> None:
    tell(out, "Nova")
    out.deliver()
    out.say_instead("Nova", "Nova")
    assert out.deliver(after=MINUTE) == 0


def test_what_changes_before_it_is_sent_is_sent_as_it_is_then(out: Outbox) -> None:
    tell(out, "Nova")
    out.say_instead("Nova", "Nova-all-of-it")
    out.deliver()
    assert (out.said, out.slack.methods()) == (["Nova-all-of-it"], ["chat.postMessage"])


def test_what_changes_while_it_is_in_doubt_is_edited_once_it_is_found(out: Outbox) -> None:
    tell(out, "Nova")
    out.slack.script(Fault(commit=True, cut="drop"))
    out.deliver()
    out.say_instead("Nova", "Nova-all-of-it")
    out.deliver(after=12 * SECOND)
    assert (out.said, len(messages(out))) == (["Nova-all-of-it"], 1)


@pytest.mark.parametrize("word", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_an_edit_that_is_possible_no_more_is_given_up(out: Outbox, word: str) -> None:
    tell(out, "Nova")
    out.deliver()
    out.say_instead("Nova", "other")
    out.slack.script(Fault(body={"ok": False, "error": word}, method="chat.update"))
    out.deliver(after=MINUTE)
    assert out.deliver(after=timedelta(days=1)) == 0
    assert out.slack.methods() == ["chat.postMessage", "chat.update"]
    assert out.counts() == (0, 0)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"}, method="chat.update"),
        Fault(commit=True, cut="drop", method="chat.update"),
        Fault(500, method="chat.update"),
        Fault(body={"ok": False, "error": "token_revoked"}, method="chat.update"),
        REFUSED,
    ],
)
def test_an_edit_that_fails_is_done_again(out: Outbox, fault: Fault) -> None:
    tell(out, "Nova")
    out.deliver()
    out.say_instead("Nova", "other")
    out.slack.script(fault)
    out.deliver(after=MINUTE)
    out.deliver(after=31 * SECOND)
    assert out.slack.methods() == ["chat.postMessage", "chat.update", "chat.update"]
    assert "other" in messages(out)[0]["text"]


def test_an_edit_that_is_refused_in_every_shape_is_given_up(out: Outbox) -> None:
    tell(out, "Nova")
    out.deliver()
    out.say_instead("Nova", "other")
    out.slack.script(*[REFUSED] * 9)
    for _ in range(9):
        out.deliver(after=MINUTE)
    assert 2 <= out.slack.methods().count("chat.update") <= 5
    assert (out.said, out.counts()) == (["Nova"], (0, 0))


def test_a_new_message_does_not_wait_for_an_edit_that_fails(out: Outbox) -> None:
    tell(out, "Nova")
    out.deliver()
    out.say_instead("Nova", "other")
    out.slack.script(*[Fault(500, method="chat.update")] * 9)
    out.deliver(after=MINUTE)
    tell(out, "new")
    out.deliver(after=2 * SECOND)
    assert out.said == ["Nova", "new"]


def test_a_digest_is_never_edited(out: Outbox) -> None:
    out.modes(release=Mode.DIGEST)
    tell(out, "one")
    tell(out, "two")
    out.deliver(after=timedelta(days=1))
    for key in ("one", "two"):
        out.say_instead(key, "other")
    assert out.deliver(after=MINUTE) == 0
    assert out.said == ["Daily digest: 2 releases"]


def test_a_receiver_that_cannot_edit_is_left_alone(
    sqlite_store: Store, clock: Clock, slack: SlackServer
) -> None:
    settings = {"DATABASE_URL": "sqlite:////unused", "SLACK_WEBHOOK_URL": slack.webhook_url}
    app = App(read_environment(settings | {"SLACK_API_URL": slack.api_url}), sqlite_store, clock)
    out = Outbox(sqlite_store, clock, slack)
    out.app, out.rules = app, Rules(routing=Routing(("slack-webhook",)))
    tell(out, "Nova")
    out.deliver()
    out.say_instead("Nova", "other")
    tell(out, "more", answers="Nova")
    out.deliver(after=SECOND)
    out.deliver(after=SECOND)
    assert app.deliverer().deliver_all(out.wait, PATIENCE) == 0
    assert out.slack.methods() == ["webhook", "webhook"]
    assert all("thread_ts" not in asked.body for asked in slack.asked)


def test_a_silence_that_ends_is_answered_in_its_thread_and_said_to_be_over(out_on_both: Outbox) -> None:
    out = out_on_both
    silence(out)
    out.clock.now = datetime(2026, 7, 2, 9, tzinfo=UTC)
    resumed = out.alert("resumed", AlertKind.CADENCE, direction=Direction.RESUMED, answers="silent")
    out.raise_alerts(replace(resumed, organization="acme", changed_at=datetime(2026, 7, 1, tzinfo=UTC)))
    end_silence(out)
    out.deliver()
    assert out.said == ["Over: silent", "resumed"]
    assert threads(out) == [None, "Over: silent"]
    assert "2026-07-01: releases resumed" in str(messages(out)[0]["blocks"])
    end_silence(out)
    assert out.deliver(after=MINUTE) == 0


def test_what_was_possible_is_said_to_have_become_a_change(out: Outbox) -> None:
    with out.store.writing() as tx:
        watchlist.watch(tx, [organization("acme", "acme")], out.clock.now)
    maybe = out.alert("maybe", AlertKind.CADENCE, direction=Direction.FASTER, level=Level.WATCHING)
    sure = out.alert("sure", AlertKind.CADENCE, direction=Direction.FASTER, answers="maybe")
    out.raise_alerts(replace(maybe, organization="acme"))
    out.deliver()
    out.raise_alerts(replace(sure, organization="acme"))
    with out.store.writing() as tx:
        alerts.resolve_cadence(tx, "acme", frozenset({"sure"}), out.clock.now)
    out.deliver(after=SECOND)
    assert out.said == ["maybe", "sure"]
    assert "Became a change" in str(messages(out)[0]["blocks"])


def test_a_blind_spot_that_ended_is_said_to_be_over(out: Outbox) -> None:
    key = "health:huggingface:acme:2026"
    out.raise_alerts(replace(out.alert("blind", subjects=(("huggingface", "acme"),)), key=key))
    out.deliver()
    out.raise_alerts(replace(out.alert("seeing", answers=key), key=f"{key}:ended"))
    with out.store.writing() as tx:
        ended = alerts.open_incidents(tx)
        alerts.end_incidents(tx, ended, out.clock.now)
        alerts.end_incidents(tx, ended, out.clock.now)  # another worker saw the same
    out.deliver(after=SECOND)
    assert out.said == ["Over: blind", "seeing"]
    assert threads(out) == [None, "Over: blind"]
