"""Slack's commands and buttons do not work, or work again: told once each way, and nothing else is concerned."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.conversation import Conversation, conversation
from monitor.conversation.link import Link, LinkError
from monitor.conversation.slack import SlackClient
from monitor.store import Store
from monitor.store.envelopes import forget, take
from monitor.store.slack_health import outage
from servers import Clock, StandInHub, refused_url
from slack_workspace import TOKEN
from socket_server import APP_TOKEN, SocketServer
from talking import RULES, Talk, shown, talk
from world import until

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NO_TOKEN = {"ok": False, "error": "invalid_auth"}


@pytest.fixture
def slack() -> Iterator[SocketServer]:
    with SocketServer() as slack:
        yield slack


@pytest.fixture
def here(store: Store, clock: Clock, hub: StandInHub, slack: SocketServer, tmp_path: Path) -> Talk:
    return talk(store, clock, hub, slack, tmp_path)


def ticking(here: Talk) -> Iterator[Conversation]:
    with here.app.hubs() as hubs, conversation(here.app, here.folder, hubs, lambda: RULES) as tick:
        yield tick


def test_a_refused_token_is_told_at_once_and_that_it_works_again_once(here: Talk) -> None:
    here.slack.refusals.extend([NO_TOKEN] * 3)
    for tick in ticking(here):
        with capture_logs() as logged:
            for _ in range(200):
                here.clock.now += SECOND
                tick()
        assert "How to" in shown(here.slack.ask("/releases help"))
    told = [alert["text"].splitlines()[:2] for alert in here.alerts("health")]
    assert [title for title, _ in told] == [
        "Slack's commands and buttons do not reach the monitor",
        "Slack's commands and buttons reach the monitor again",
    ]
    assert "invalid_auth: make a new app-level token" in told[0][1]
    assert all(alert["resolved_at"] for alert in here.alerts("health"))
    events = [line["event"] for line in logged]
    assert events == ["slack_does_not_reach_us", "slack_reaches_us_again"]


def test_a_short_outage_is_not_told_and_one_of_five_minutes_is_with_its_reason_on_status(here: Talk) -> None:
    here.app.environment = replace(here.app.environment, slack_api_url=f"{refused_url()}/api/")
    for tick in ticking(here):
        for _ in range(4):
            tick()
            here.clock.now += MINUTE
        assert not here.alerts("health")
        for _ in range(4):
            tick()
            here.clock.now += MINUTE
    assert [alert["resolved_at"] for alert in here.alerts("health")] == [None]
    with here.app.store.reading() as tx:
        told = outage(tx)
    assert told
    assert "connection refused" in told.reason


def test_another_worker_that_is_connected_does_not_end_the_outage_of_this_one_and_it_is_told_once(
    here: Talk,
) -> None:
    with here.listening() as connected:
        here.slack.refusals.extend([NO_TOKEN] * 9)
        for cut_off in ticking(here):
            for tick in (cut_off, connected, cut_off, connected):
                here.clock.now += MINUTE
                tick()
    assert [alert["resolved_at"] for alert in here.alerts("health")] == [None]


def test_a_process_that_starts_and_connects_ends_the_outage_of_an_earlier_one(here: Talk) -> None:
    here.slack.refusals.append(NO_TOKEN)
    for tick in ticking(here):
        tick()
    with here.listening():
        pass
    assert len(here.alerts("health")) == 2


@pytest.mark.parametrize(
    "url", ["ws://127.0.0.2.nip.test/", "http://[", "wss://slack.test:8443/", "ftp://x", ""]
)
def test_a_socket_that_is_not_encrypted_is_not_opened(here: Talk, url: str) -> None:
    here.slack.url_given = url or "nothing"
    link = Link(APP_TOKEN, SlackClient(TOKEN, here.slack.api_url), lambda *_: None)
    try:
        with pytest.raises(LinkError) as refused:
            link.connect()
    finally:
        link.close()
    assert not refused.value.needs_a_person


def test_no_error_shows_a_token_or_a_ticket(here: Talk) -> None:
    here.slack.refusals.append({"ok": False, "error": f"bad {APP_TOKEN[:8]} \x1b[31m" + "x" * 500})
    here.slack.url_given = "wss://127.0.0.1:1/?ticket=SECRET"
    link = Link(APP_TOKEN, SlackClient(TOKEN, here.slack.api_url), lambda *_: None)
    try:
        said = []
        for _ in range(2):
            with pytest.raises(LinkError) as refused:
                link.connect()
            said.append(str(refused.value))
    finally:
        link.close()
    assert all(len(text) < 120 and "SECRET" not in text and "\x1b" not in text for text in said)


def test_old_envelopes_are_forgotten_and_young_ones_kept(here: Talk) -> None:
    now = here.clock.now
    with here.app.store.writing() as tx:
        take(tx, "old", now - timedelta(days=2))
        take(tx, "young", now)
    for tick in ticking(here):
        tick()
        until(lambda: here.slack.links)
    with here.app.store.writing() as tx:
        forget(tx, now)
        assert (take(tx, "old", now), take(tx, "young", now)) == (True, False)


def test_the_service_talks_and_stops_within_seconds(here: Talk) -> None:
    """The whole service in this process: its tick connects, and a stop closes the connection."""
    from monitor.config import load
    from monitor.worker import ticks

    with ticks(here.app, load(here.folder), pace=SECOND) as service:
        service["converse"]()
        until(lambda: here.slack.links)
        service["converse"].stop()
    until(lambda: not here.slack.links, seconds=3)
