"""People ask in Slack and are answered: commands through a real socket, whatever comes through it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from bad_names import BAD_NAMES
from monitor.store import Store
from servers import Clock, StandInHub, repo
from socket_server import BINARY, STRANGER, TEXT, SocketServer
from talking import Talk, shown, talk, texts
from world import until

MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def slack() -> Iterator[SocketServer]:
    with SocketServer() as slack:
        yield slack


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    names = ["Lyra-7B", "Lyra-7B-GGUF", *(f"Vega-{n}-Base" for n in range(1, 12))]
    with StandInHub(clock, [repo(f"acme/{name}", MAY + n * DAY) for n, name in enumerate(names)]) as hub:
        yield hub


@pytest.fixture
def here(sqlite_store: Store, clock: Clock, hub: StandInHub, slack: SocketServer, tmp_path: Path) -> Talk:
    return talk(sqlite_store, clock, hub, slack, tmp_path)


@pytest.fixture
def on_both(store: Store, clock: Clock, hub: StandInHub, slack: SocketServer, tmp_path: Path) -> Talk:
    return talk(store, clock, hub, slack, tmp_path)


def test_releases_shows_the_newest_ten_to_the_person_who_asked_and_counts_the_rest(here: Talk) -> None:
    here.poll()
    with here.listening():
        answer = here.slack.ask("/releases", STRANGER)
    lines = shown(answer)
    assert answer["response_type"] == "ephemeral"
    assert "2026-05-14 Acme AI: Vega-11" in lines
    assert f"<{here.hub.url}/acme/Vega-11-Base|" in lines
    assert lines.count("\n•") + lines.startswith("•") == 10
    assert "and 2 more" in lines


@pytest.mark.parametrize("line", ["/releases acme", "/releases ACME AI", "/releases  acme "])
def test_releases_of_an_organisation_by_its_key_or_name(here: Talk, line: str) -> None:
    here.poll()
    with here.listening():
        assert "The newest releases of Acme AI" in shown(here.slack.ask(line))


def test_releases_are_found_by_a_part_of_a_name_and_none_is_said_with_an_example(here: Talk) -> None:
    here.poll()
    with here.listening():
        found, none = shown(here.slack.ask("/releases lyra")), shown(here.slack.ask("/releases acne"))
    assert "2026-05-02 Acme AI: Lyra-7B (2 repositories)" in found
    assert "Vega" not in found
    assert "called “acne”; did you mean `acme`?" in none
    assert "/releases deepseek" in none


@pytest.mark.parametrize("command", ["/releases", "/cadence", "/watch"])
def test_help_says_how_to_use_a_command(here: Talk, command: str) -> None:
    with here.listening():
        assert f"How to use {command}" in shown(here.slack.ask(f"{command} help"))


def test_cadence_shows_everybody_in_a_line_and_one_with_the_evidence(here: Talk) -> None:
    here.poll()
    with here.listening():
        everybody, one, nobody = (
            shown(here.slack.ask(f"/cadence {who}".strip())) for who in ("", "acme ai", "acmee")
        )
    assert "Acme AI: " in everybody
    assert "last 29 days ago" in everybody
    assert "Release days a month" in one
    assert "12, was 0" in one
    assert "2026-05-14 Vega-11" in one
    assert "did you mean" in nobody


def test_no_text_that_somebody_types_pings_anybody_or_makes_a_link(here: Talk) -> None:
    """Whatever is typed comes back as text: 4,000 characters with mentions, and every bad name."""
    here.poll()
    typed = [*BAD_NAMES.values(), "<!channel> <@U123ABC> @here " * 200, "&lt;!channel&gt;"]
    with here.listening():
        for command in ("/releases", "/cadence", "/watch add"):
            for what in typed:
                for said in texts(here.slack.ask(f"{command} {what}")):
                    links = said.replace(f"<{here.hub.url}/acme/", "")
                    assert "<" not in links, said


def test_an_envelope_that_comes_twice_is_answered_once_whichever_worker_gets_it(on_both: Talk) -> None:
    slack = on_both.slack
    with on_both.listening(), on_both.listening():
        first = slack.command("/releases", link=0)
        slack.answer_to(first)
        for link in (0, 1, 1):
            slack.command("/releases", envelope=first, link=link)
        for link in (0, 1):
            slack.answer_to(slack.command("/releases", link=link))
        twins = [slack.command("/watch", envelope=f"twin-{n}", link=n % 2) for n in range(20) for _ in (0, 1)]
        until(lambda: len({envelope for envelope, _ in slack.answers} & set(twins)) == 20)
    assert len(slack.answers_to(first)) == 1
    assert all(len(slack.answers_to(twin)) == 1 for twin in twins)


def test_everything_is_acknowledged_at_once_while_answers_take_long(here: Talk) -> None:
    slack = here.slack
    with here.listening():
        slack.may_answer.clear()  # each answer hangs; there are four who answer
        sent = [slack.command("/watch") for _ in range(12)]
        until(lambda: set(sent) <= slack.acks.keys(), seconds=3)
        slack.may_answer.set()
        until(lambda: len(slack.answers) == len(sent))
    assert max(slack.acks.values()) < 1


def test_a_new_connection_is_opened_when_slack_asks_for_one(here: Talk) -> None:
    slack = here.slack
    with here.listening() as tick:
        for _ in range(2):
            slack.refresh()
            tick()
            assert "How to" in shown(slack.ask("/releases help"))
        assert slack.opened == 3


def test_a_connection_that_is_cut_is_opened_again_within_seconds(here: Talk) -> None:
    slack = here.slack
    with here.listening() as tick:
        slack.links[-1].drop()
        until(lambda: not slack.links)
        until(lambda: tick() or slack.links, seconds=10)
        assert "How to" in shown(slack.ask("/releases help"))
    assert not here.alerts("health")


@pytest.mark.parametrize(
    "frame",
    [
        b"not JSON",
        b"{not JSON",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe",
        b'{"type":"slash_commands"}',
        b'{"type":"slash_commands","envelope_id":5,"payload":{}}',
        b'{"type":"slash_commands","envelope_id":"","payload":{}}',
        b'{"type":"slash_commands","envelope_id":"x","payload":[]}',
        b'{"type":"interactive","envelope_id":"x","payload":{"type":"block_actions","actions":5,"user":[]}}',
        b'{"type":"interactive","envelope_id":"x","payload":{"type":"block_actions","actions":[{"action_id":[]}]}}',
        b'{"type":"events_api","envelope_id":"x","payload":{"event":{"type":"message"}}}',
        b'{"type":"slash_commands","envelope_id":"x","payload":{"command":"/releases","response_url":"http://["}}',
        b'{"type":"slash_commands","envelope_id":"x","payload":{"command":"/releases","text":7}}',
        b'{"type":"slash_commands","envelope_id":"x","payload":"text"}',
        b'{"type":"nothing of the kind"}',
        b"{" * 70_000,
    ],
)
def test_a_frame_that_makes_no_sense_is_passed_over(here: Talk, frame: bytes) -> None:
    slack = here.slack
    with here.listening():
        slack._sent["x"] = 0.0
        for opcode in (TEXT, BINARY):
            slack.links[-1].frame(opcode, frame)
        Event().wait(0.1)  # what came with it in one packet, slack_sdk may lose
        assert "How to" in shown(slack.ask("/releases help"))


def test_an_answer_goes_to_slack_alone(here: Talk) -> None:
    """A response_url elsewhere is not asked: what is said there would leave Slack."""
    slack = here.slack
    with SocketServer() as elsewhere, here.listening():
        body = {"command": "/releases", "user_id": "U1", "team_id": "T1"}
        for url in (
            f"http://localhost:{elsewhere.host.rpartition(':')[2]}/answers/x",
            "https://evil.test/x",
            "file:///x",
        ):
            slack.send("slash_commands", {**body, "response_url": url})
        slack.ask("/releases help")
        assert not elsewhere.answers
