"""The service as a process talks with people in Slack, through kills and stops, with several workers."""

import signal
from pathlib import Path
from time import monotonic

from processes import SETTINGS, Surroundings

from servers import repo
from socket_server import APP_TOKEN, PERSON, SocketServer
from talking import shown
from world import until


def test_two_workers_answer_each_command_once_and_end_cleanly_or_killed(
    tmp_path: Path, postgres_url: str
) -> None:
    with SocketServer() as slack, Surroundings(tmp_path, postgres_url) as here:
        here.hub.repos = (repo("acme/Old-7B", here.now()),)
        (here.config / "settings.toml").write_text(f'{SETTINGS}[slack]\npermitted = ["{PERSON}"]\n')
        tokens = {"SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": slack.api_url}
        workers = [here.start("worker", **tokens), here.start("worker", **tokens)]
        until(lambda: len(slack.links) == 2 and slack.workspace.posted)
        envelope = slack.command("/releases", link=0)
        slack.command("/releases", envelope=envelope, link=1)
        assert "Old-7B" in shown(slack.answer_to(envelope))
        muted = slack.click("mute", "7d|acme", chosen=True, link=1)
        assert "acme is muted until" in shown(slack.answer_to(muted))
        assert [mute["organization"] for mute in here.read("status")["muted"]] == ["acme"]
        workers[0].kill()
        until(lambda: len(slack.links) == 1)
        assert "How to use" in shown(slack.ask("/releases help"))
        began = monotonic()
        workers[1].send_signal(signal.SIGTERM)
        assert workers[1].wait(10) == 0
        assert monotonic() - began < 5
        until(lambda: not slack.links)
        assert len(slack.answers_to(envelope)) == 1
        assert max(slack.acks.values()) < 3
        assert all(
            "Traceback" not in here.log_of(worker) and APP_TOKEN not in here.log_of(worker)
            for worker in workers
        )


def test_a_slack_that_refuses_the_app_level_token_stops_nothing(here: Surroundings) -> None:
    with SocketServer() as slack:
        here.hub.repos = (repo("acme/Old-7B", here.now()),)
        service = here.start("run", SLACK_APP_TOKEN="xapp-1-wrong", SLACK_API_URL=slack.api_url)
        until(lambda: here.read("status")["slack_commands"])
        assert "invalid_auth" in here.read("status")["slack_commands"]["problem"]
        until(lambda: [post for post in slack.workspace.posted if "do not reach the monitor" in post["text"]])
        assert here.read("status")["accounts"][0]["state"] == "ok"
        service.send_signal(signal.SIGTERM)
        assert service.wait(10) == 0
        assert here.log_of(service).count("slack_does_not_reach_us") == 1
