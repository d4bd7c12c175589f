"""The commands as processes: what they print where, and with which exit code they end."""

import sqlite3
from datetime import timedelta

from processes import SETTINGS, Surroundings

from servers import html_answer, refused_url, repo

HOUR = timedelta(hours=1)


def test_from_a_hub_to_slack_by_single_commands(here: Surroundings) -> None:
    here.hub.repos = (repo("acme/Old-7B", here.now() - 100 * HOUR),)
    polled = here.call("poll")
    assert (polled.returncode, polled.stdout) == (
        0,
        "1 of 1 account seen: 0 repositories published, 0 other changes, 0 alerts\n",
    )
    assert "new database: " in polled.stderr
    here.hub.repos = (*here.hub.repos, repo("acme/Nova-7B", here.now()))
    assert "1 repository published, 0 other changes, 1 alert" in here.call("poll", "acme").stdout
    assert here.slack.posted == []  # polling sends nothing

    newest, oldest = here.read("log")
    assert (newest["name"], newest["basis"], oldest["name"], oldest["basis"]) == (
        "Nova-7B",
        "observed",
        "Old-7B",
        "created",
    )
    assert newest["repos"][0]["id"] == "acme/Nova-7B"
    release, hello = here.read("alerts")
    assert (release["kind"], hello["kind"]) == ("release", "health")
    assert [n["state"] for alert in (release, hello) for n in alert["notifications"]] == ["waiting"] * 2

    delivered = here.call("deliver")
    assert (delivered.returncode, delivered.stdout) == (0, "")
    assert len(set(here.delivered())) == len(here.delivered()) == 2
    assert "Nova-7B" in here.said()[1]
    assert here.call("deliver").returncode == 0
    assert len(here.delivered()) == 2
    assert {n["state"] for alert in here.read("alerts") for n in alert["notifications"]} == {"sent"}
    status = here.read("status")
    assert (status["accounts"][0]["state"], status["outbox"]) == ("ok", {"waiting": 0, "failed": 0})


def test_an_account_that_cannot_be_seen_is_exit_code_1_and_one_line_on_stderr(here: Surroundings) -> None:
    here.hub.spoil = lambda request, answer: html_answer()
    done = here.call("poll")
    assert (done.returncode, done.stdout.startswith("0 of 1 account seen")) == (1, True)
    assert done.stderr.count("huggingface:acme: an answer that is no JSON") == 1
    (account,) = here.read("status")["accounts"]
    assert account["state"] == "failing"
    assert "no JSON" in account["last_error"]


def test_what_cannot_be_delivered_is_exit_code_1_until_it_was_mended(here: Surroundings) -> None:
    here.hub.repos = (repo("acme/Old-7B", here.now() - 100 * HOUR),)
    here.call("poll")
    here.slack.workspace.tokens.clear()
    done = here.call("deliver")
    assert (done.returncode, done.stdout) == (1, "")
    assert "invalid_auth" in done.stderr
    here.slack.workspace.tokens.add(here.environ()["SLACK_BOT_TOKEN"])
    assert here.call("deliver").returncode == 0
    assert len(here.delivered()) == 1


def test_wrong_usage_and_configuration_are_exit_code_2_and_leave_stdout_empty(here: Surroundings) -> None:
    for arguments in (
        ("poll", "acmee"),
        ("poll", "--hub", "hugginface"),
        ("log", "--since", "yesterday"),
        ("x",),
    ):
        done = here.call(*arguments)
        assert (done.returncode, done.stdout, done.stderr != "") == (2, "", True), arguments
    assert "did you mean `acme`?" in here.call("poll", "acmee").stderr
    done = here.call("status", SLACK_CHANNEL="")
    assert (done.returncode, done.stdout) == (2, "")
    assert "SLACK_CHANNEL" in done.stderr
    (here.config / "settings.toml").write_text("[poll]\nevry = 1\n")
    done = here.call("poll")
    assert (done.returncode, done.stdout) == (2, "")
    assert "evry" in done.stderr


def test_a_database_of_a_newer_version_is_exit_code_1_and_says_so_in_one_line(here: Surroundings) -> None:
    here.call("status")
    with sqlite3.connect(here.folder / "monitor.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    done = here.call("log")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "newer version" in done.stderr


def test_a_hub_that_cannot_be_reached_is_exit_code_1(here: Surroundings) -> None:
    done = here.call("poll", HF_ENDPOINT=refused_url())
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr


def test_an_organisation_that_is_no_longer_watched_can_still_be_read(here: Surroundings) -> None:
    here.hub.repos = (repo("acme/Old-7B", here.now() - 100 * HOUR),)
    here.call("poll")
    (here.config / "organizations.toml").write_text('[zenith]\nhuggingface = ["zenith"]\n')
    here.call("poll")
    assert [row["organization"] for row in here.read("cadence")] == ["zenith"]
    assert [row["organization"] for row in here.read("cadence", "acme", "zenith")] == ["acme", "zenith"]
    assert [row["name"] for row in here.read("log", "--org", "acme")] == ["Old-7B"]
    unknown = here.call("cadence", "acne")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "ORG: no organisation 'acne'; did you mean" in unknown.stderr


def test_in_quiet_hours_deliver_says_until_when_it_holds_everything(here: Surroundings) -> None:
    here.hub.repos = (repo("acme/Old-7B", here.now() - 100 * HOUR),)
    here.call("poll")
    now = here.now()
    begin, end = (f"{now + hours * HOUR:%H:%M}" for hours in (-2, 2))
    quiet = SETTINGS.replace("[notify]", f'[notify]\nquiet_hours = "{begin}-{end}"')
    (here.config / "settings.toml").write_text(quiet)
    held = here.call("deliver")
    assert (held.returncode, held.stdout, here.slack.posted) == (0, "", [])
    assert "1 notification waits until" in held.stderr
    assert f"{end} UTC: these are quiet hours" in held.stderr
