"""`doctor` and `notify test`: what is wrong with a set-up is named, with what to click, and nothing is changed."""

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.checkup import checked_database, checked_hubs
from monitor.cli import cli
from monitor.config import load
from monitor.config.environment import read
from monitor.core.checkup import State
from monitor.errors import ConfigError
from monitor.hubs.huggingface import HuggingFace
from servers import StandInHub, html_answer, refused_url, repo
from slack_server import Fault, SlackServer
from slack_workspace import APP_TOKEN, SCOPES, TOKEN

PUBLIC, ELSEWHERE, PRIVATE, CLOSED = "C0000000001", "C0000000002", "G0000000003", "G0000000004"
ARCHIVED = "C0000000005"


class SetUp:
    """A configuration, a hub and a Slack; the commands are called in this process."""

    def __init__(self, folder: Path, hub: StandInHub, slack: SlackServer) -> None:
        self.folder, self.hub, self.slack = folder, hub, slack
        self.environ: dict[str, str] = {
            "MONITOR_CONFIG": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/data/monitor.db",
            "HF_ENDPOINT": hub.url,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_CHANNEL": PUBLIC,
            "SLACK_API_URL": slack.api_url,
        }
        (folder / "organizations.toml").write_text('[acme]\nhuggingface = ["acme"]\n')
        self.settings("")

    def settings(self, text: str) -> None:
        (self.folder / "settings.toml").write_text(text)

    def route(self, *channels: str) -> None:
        self.settings(f'[[routes]]\nmatch = {{ kind = ["change"] }}\nchannels = {json.dumps(channels)}\n')

    def call(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, env=self.environ)

    def findings(self) -> list[dict[str, Any]]:
        done = self.call("doctor", "--format", "json")
        found: list[dict[str, Any]] = json.loads(done.stdout)
        assert done.exit_code == any(one["state"] == "problem" for one in found)
        return found

    def of(self, subject: str) -> dict[str, Any]:
        """The one finding about this."""
        (found,) = [one for one in self.findings() if one["subject"] == subject]
        return found


@pytest.fixture
def here(tmp_path: Path, clock: Any) -> Iterator[SetUp]:
    with StandInHub(clock, organizations=["acme"]) as hub, SlackServer() as slack:
        yield SetUp(tmp_path, hub, slack)


def test_a_good_set_up_is_ok_throughout_and_nothing_is_sent_or_made(here: SetUp) -> None:
    here.environ["SLACK_APP_TOKEN"] = APP_TOKEN
    here.hub.repos = (repo("acme/Old-7B", datetime(2026, 5, 2, tzinfo=UTC)),)
    found = here.findings()
    assert [one for one in found if one["state"] != "ok"] == []
    assert {one["subject"] for one in found} == {
        *("configuration", "times", "database", "disk", "Hugging Face"),
        *("Slack: token", "Slack: scopes", f"Slack: channel {PUBLIC}", "Slack: commands", "Slack: messages"),
    }
    assert here.slack.posted == []
    assert not (here.folder / "data").exists()


@pytest.mark.parametrize("scope", SCOPES.split())
def test_each_missing_scope_is_named_by_doctor_and_by_notify_test(here: SetUp, scope: str) -> None:
    here.environ["SLACK_APP_TOKEN"] = APP_TOKEN
    here.slack.workspace.scopes.discard(scope)
    found = here.of("Slack: scopes")
    assert found["text"].startswith(f"{scope} is missing")
    assert f"Add an OAuth Scope → {scope}" in found["remedy"]
    tested = here.call("notify", "test")
    assert f"Add an OAuth Scope → {scope}; then Reinstall" in tested.stderr
    assert tested.exit_code == (1 if scope == "chat:write" else 0)


def test_pictures_need_a_scope_of_their_own(here: SetUp) -> None:
    here.settings('[slack]\ncharts = "png"\n')
    assert here.of("Slack: scopes")["text"].startswith("files:write is missing")


@pytest.mark.parametrize(
    ("channel", "state", "said"),
    [
        (PUBLIC, "ok", "can be read"),
        (PRIVATE, "ok", "can be read"),
        (ELSEWHERE, "warning", "the bot is not in it"),
        (CLOSED, "problem", "there is no such channel, or it is private"),
        (ARCHIVED, "problem", "is archived: nothing can be posted"),
        ("C0000000099", "problem", "there is no such channel"),
    ],
)
def test_each_channel_is_looked_at_those_of_routes_too(
    here: SetUp, channel: str, state: str, said: str
) -> None:
    here.route(channel)
    found = here.of(f"Slack: channel {channel}")
    assert (found["state"], found["text"].startswith(said)) == (state, True)
    assert (found["remedy"] is None) == (state == "ok")


def test_without_its_scope_an_archived_channel_is_no_good_channel_either(here: SetUp) -> None:
    here.route(ARCHIVED)
    here.slack.workspace.scopes.discard("channels:read")
    assert here.of(f"Slack: channel {ARCHIVED}")["state"] == "warning"
    assert "archived one looks like" in here.of("Slack: scopes")["text"]


def test_a_private_channel_that_nothing_is_told_of_is_judged_by_its_history(here: SetUp) -> None:
    here.route(PRIVATE)
    here.slack.script(Fault(body={"ok": False, "error": "channel_not_found"}, method="conversations.info"))
    assert here.of(f"Slack: channel {PRIVATE}")["state"] == "ok"


def test_a_channel_that_may_not_be_read_is_a_warning(here: SetUp) -> None:
    here.slack.workspace.scopes.discard("channels:history")
    found = here.of(f"Slack: channel {PUBLIC}")
    assert (found["state"], "may come twice" in found["text"]) == ("warning", True)


@pytest.mark.parametrize(
    ("fault", "said", "remedy"),
    [
        (
            Fault(body={"ok": False, "error": "token_revoked"}, method="auth.test"),
            "token_revoked",
            "OAuth & Permi",
        ),
        (Fault(status=500, method="auth.test"), "HTTP 500", "check this machine's network"),
        (
            Fault(status=200, body="<html>", method="auth.test"),
            "no clear answer",
            "check this machine's network",
        ),
        (Fault(cut="drop", method="auth.test"), "", "check this machine's network"),
    ],
)
def test_with_a_token_that_does_not_work_nothing_else_is_asked_of_slack(
    here: SetUp, fault: Fault, said: str, remedy: str
) -> None:
    here.slack.script(fault)
    found = [one for one in here.findings() if one["subject"].startswith("Slack")]
    assert [one["state"] for one in found] == ["problem"]
    assert remedy in found[0]["remedy"]
    assert here.slack.methods() == ["auth.test"]


def test_a_bad_app_level_token_is_told_where_it_is_made(here: SetUp) -> None:
    here.environ["SLACK_APP_TOKEN"] = "xapp-2-wrong"
    found = here.of("Slack: commands")
    assert (found["state"], "invalid_auth" in found["text"]) == ("problem", True)
    assert "connections:write" in found["remedy"]
    assert "xapp-2-wrong" not in str(found)


def test_a_token_in_the_wrong_place_is_told_apart(here: SetUp) -> None:
    here.environ |= {"SLACK_BOT_TOKEN": "xapp-1-A1-b", "SLACK_APP_TOKEN": "xoxb-1"}
    found = here.findings()
    assert [one["subject"] for one in found] == ["environment", "environment"]
    assert "is an app-level token" in found[0]["text"]
    assert "is no app-level token" in found[1]["text"]


def test_an_older_slack_that_validates_nothing_is_passed_over(here: SetUp) -> None:
    here.slack.script(Fault(body={"ok": False, "error": "unknown_method"}, method="blocks.validate"))
    assert [one for one in here.findings() if one["subject"] == "Slack: messages"] == []


def test_a_message_that_slack_would_refuse_is_a_warning(here: SetUp) -> None:
    here.slack.script(Fault(body={"ok": False, "error": "invalid_blocks"}, method="blocks.validate"))
    found = here.of("Slack: messages")
    assert (found["state"], "invalid_blocks" in found["text"]) == ("warning", True)


def test_a_hub_that_fails_or_cannot_be_reached_is_a_problem(here: SetUp) -> None:
    here.hub.spoil = lambda request, answer: html_answer()
    assert here.of("Hugging Face")["state"] == "problem"
    here.environ["HF_ENDPOINT"] = refused_url()
    assert here.of("Hugging Face")["state"] == "problem"


def test_a_hub_that_never_answers_holds_nobody_up(here: SetUp) -> None:
    released, config = Event(), load(here.folder)
    here.hub.spoil = lambda request, answer: (released.wait(5), answer)[1]
    with closing(HuggingFace(here.hub.url, None, here.hub.clock)) as hub:
        began = monotonic()
        (found,) = checked_hubs(config, {"huggingface": hub}, timedelta(seconds=0.3))
        assert monotonic() - began < 2
        released.set()
    assert (found.state, found.text) == (State.PROBLEM, "no answer within 0.3 s")
    assert found.remedy


def test_an_account_that_its_hub_does_not_know_is_a_warning(here: SetUp) -> None:
    (here.folder / "organizations.toml").write_text('[other]\nhuggingface = ["nobody-here"]\n')
    found = here.of("Hugging Face")
    assert (found["state"], "knows no such account" in found["text"]) == ("warning", True)


def test_every_problem_of_the_files_and_the_environment_is_said_at_once(here: SetUp) -> None:
    here.settings("[notify]\nsettle = 5\n")
    here.environ["HF_ENDPOINT"] = "nowhere"
    found = here.findings()
    assert [(one["subject"], one["state"]) for one in found] == [
        ("configuration", "problem"),
        ("environment", "problem"),
    ]


def test_an_old_database_is_told_apart_from_one_of_something_else_and_neither_is_touched(here: SetUp) -> None:
    data = here.folder / "data"
    data.mkdir()
    path = data / "monitor.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    connection.close()
    assert "the next start copies and migrates it" in here.of("database")["text"]
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert here.of("database")["state"] == "problem"
    assert [file.name for file in data.iterdir() if "before" in file.name] == []


def test_a_database_server_that_never_answers_holds_nobody_up(here: SetUp) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        here.environ["DATABASE_URL"] = f"postgresql://monitor@127.0.0.1:{silent.getsockname()[1]}/monitor"
        (found,) = checked_database(read(here.environ), timedelta(seconds=0.3))
    assert (found.state, "no answer within 0.3 s" in found.text) == (State.PROBLEM, True)


def test_other_receivers_are_named_and_not_sent_to(here: SetUp) -> None:
    here.environ |= {
        "MONITOR_WEBHOOK_URL": "http://127.0.0.1:9/",
        "MONITOR_WEBHOOK_SECRET": "whsec_" + "QUJD" * 8,
    }
    assert "notify test" in here.of("webhook")["text"]


def test_the_table_has_a_line_each_and_the_remedy_below_it(here: SetUp) -> None:
    here.route(CLOSED)
    done = here.call("doctor")
    lines = done.stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("problem  "))
    assert lines[place].startswith(f"problem  Slack: channel {CLOSED}: there is no such channel")
    assert lines[place + 1].startswith("    → copy its id")
    assert (done.exit_code, done.stderr) == (1, "1 problem; see the lines that begin with “problem”\n")


def test_notify_test_sends_to_the_channels_of_routes_too_or_to_one_alone(here: SetUp) -> None:
    here.route(PRIVATE)
    assert here.call("notify", "test").exit_code == 0
    assert [message["channel"] for message in here.slack.posted] == [PUBLIC, PRIVATE]
    here.slack.workspace.scopes.discard("channels:join")
    assert here.call("notify", "test").stderr.count("channels:join is missing") == 1
    here.slack.posted.clear()
    assert here.call("notify", "test", f"slack:{PRIVATE}").exit_code == 0
    assert [message["channel"] for message in here.slack.posted] == [PRIVATE]


def test_notify_test_goes_on_after_a_receiver_that_fails(here: SetUp) -> None:
    here.route(CLOSED, PRIVATE)
    done = here.call("notify", "test")
    assert done.exit_code == 1
    assert f"slack:{CLOSED}: not sent" in done.stderr
    assert [message["channel"] for message in here.slack.posted] == [PUBLIC, PRIVATE]


def test_notify_test_refuses_a_receiver_that_is_not_set_up(here: SetUp) -> None:
    refused = here.call("notify", "test", "slack:C0000000oo1").exception
    assert isinstance(refused, ConfigError)
    assert f"did you mean `slack:{PUBLIC}`?" in str(refused)
