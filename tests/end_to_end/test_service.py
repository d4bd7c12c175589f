"""The service as a process: from a hub to Slack, stopped by SIGTERM, and several workers on one PostgreSQL."""

import re
import signal
from datetime import timedelta
from pathlib import Path

from processes import Surroundings

from servers import refused_url, repo
from world import until

HOUR = timedelta(hours=1)


def test_the_service_watches_and_tells_and_ends_cleanly_on_sigterm(here: Surroundings) -> None:
    here.hub.repos = (repo("acme/Old-7B", here.now() - 100 * HOUR),)
    service = here.start("run")
    until(lambda: len(here.slack.posted) == 1)
    here.hub.repos = (*here.hub.repos, repo("acme/Nova-7B", here.now()))
    until(lambda: len(here.slack.posted) == 2)
    assert "Nova-7B" in here.said()[1]
    service.send_signal(signal.SIGTERM)
    assert service.wait(10) == 0
    assert "Traceback" not in here.log_of(service)
    assert {account["state"] for account in here.read("status")["accounts"]} == {"ok"}


def test_a_hub_that_cannot_be_reached_is_said_once_and_the_demo_named(here: Surroundings) -> None:
    service = here.start("run", HF_ENDPOINT=refused_url())
    until(lambda: "release-monitor demo" in here.log_of(service))
    until(lambda: here.read("status")["accounts"][0]["state"] == "failing")
    service.send_signal(signal.SIGTERM)
    assert service.wait(10) == 0
    assert here.log_of(service).count("release-monitor demo") == 1
    assert here.log_of(service).count("account_not_seen") == 1


def test_a_changed_configuration_is_taken_up_and_a_bad_one_is_refused_once(here: Surroundings) -> None:
    here.hub.repos = (repo("acme/Old-7B", here.now()), repo("zenith/Peak-7B", here.now()))
    service = here.start("run")
    until(lambda: here.listings() > 0)
    file = here.config / "organizations.toml"
    good = file.read_text()
    file.write_text(good + "[Zenith]\n")
    until(lambda: "config_refused" in here.log_of(service))
    before = here.listings()
    until(lambda: here.listings() > before)  # it goes on with the last good one
    file.write_text(good + '[zenith]\nhuggingface = ["zenith"]\n')
    until(lambda: any(request.first("author") == "zenith" for request in here.hub.requests))
    service.send_signal(signal.SIGTERM)
    assert service.wait(10) == 0
    assert here.log_of(service).count("config_refused") == 1


def test_two_workers_on_one_postgresql_share_the_work_and_deliver_each_message_once(
    tmp_path: Path, postgres_url: str
) -> None:
    names = tuple(f"org{number}" for number in range(48))
    with Surroundings(tmp_path, postgres_url, names) as here:
        here.hub.repos = tuple(repo(f"{name}/Old-7B", here.now() - 100 * HOUR) for name in names)
        workers = [here.start("-v", "worker"), here.start("-v", "worker")]
        until(lambda: len(here.slack.posted) == 1)
        new = [repo(f"{name}/Nova-7B", here.now()) for name in names[:3]]
        here.hub.repos = (*here.hub.repos, *new)
        until(lambda: len(here.slack.posted) == 4)
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(10) for worker in workers] == [0, 0]
        assert len(set(here.delivered())) == len(here.delivered()) == 4
        assert all(re.search(" (polled|unchanged) ", here.log_of(worker)) for worker in workers)
        assert all("Traceback" not in here.log_of(worker) for worker in workers)
        assert {account["state"] for account in here.read("status")["accounts"]} == {"ok"}
