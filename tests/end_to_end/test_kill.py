"""kill -9 or SIGTERM at named steps and at random instants, then a restart: nothing is lost and nothing repeated."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from processes import Surroundings

from servers import repo, stall
from slack_server import Fault
from world import until

ACCOUNTS = ("acme", "zenith", "apex")
# Beyond every lease: an account's of 60 s, a send's of 30 s.
LATER = 61


def publish(here: Surroundings, *names: str) -> None:
    here.hub.repos = (*here.hub.repos, *(repo(name, here.now()) for name in names))


def baseline(here: Surroundings) -> None:
    """Log what is there, and say hello."""
    publish(here, "acme/Old-7B", "acme/Older-7B", "zenith/Old-7B", "apex/Old-7B")
    here.poll()
    here.deliver()


def restart_and_finish(here: Surroundings, messages: int = 0, told: list[str] | None = None) -> None:
    """Start the service after a kill, and stop it when everything was delivered and nothing more comes."""
    service = here.start_late(LATER)
    until(lambda: len(here.slack.posted) >= messages and all(times_told(here, told or [])))
    before = here.listings()
    until(lambda: here.listings() > before)
    service.terminate()
    assert service.wait(10) == 0


def times_told(here: Surroundings, published: list[str]) -> list[int]:
    """How often each is told of, by itself or in a digest."""
    shown = str([message["blocks"] for message in here.slack.posted])
    return [shown.count(f"released {name.partition('/')[2]}") for name in published]


def check(here: Surroundings, published: list[str]) -> None:
    """Everything that was published is logged once, alerted once, and told once."""
    logged = [each["id"] for release in here.log() for each in release["repos"]]
    assert sorted(logged) == sorted(each.name for each in here.hub.repos)
    changes = [change["repo"] for change in here.changes() if change["kind"] == "published"]
    assert sorted(changes) == sorted(published)
    alerts = [alert for alert in here.alerts() if alert["kind"] == "release"]
    for name in published:
        assert sum(name in alert["text"] for alert in alerts) == 1, name
    assert len(alerts) == len(published)
    assert all(n["state"] == "sent" for alert in alerts for n in alert["notifications"])
    assert times_told(here, published) == [1] * len(published)
    # And one hello. What piled up while the service was dead may go out in digests.
    assert len(set(here.delivered())) == len(here.delivered()) <= len(published) + 1


def killed_while_the_first_listing_is_under_way(here: Surroundings) -> None:
    released = Event()
    publish(here, "acme/Old-7B", "zenith/Old-7B", "apex/Old-7B")
    here.hub.faults = [stall(released)]
    service = here.start_late()
    until(lambda: here.hub.requests)
    service.kill()
    restart_and_finish(here, messages=1)
    released.set()
    check(here, [])


def killed_while_a_listing_that_holds_something_new_is_under_way(here: Surroundings) -> None:
    released = Event()
    baseline(here)
    publish(here, "acme/Nova-7B")
    here.hub.faults = [stall(released)]
    asked = len(here.hub.requests)
    service = here.start_late()
    until(lambda: len(here.hub.requests) > asked)
    service.kill()
    restart_and_finish(here, messages=2)
    released.set()
    check(here, ["acme/Nova-7B"])


def killed_while_a_missing_repository_is_looked_at(here: Surroundings) -> None:
    released = Event()
    baseline(here)
    old, *others = here.hub.repos
    here.hub.repos = (replace(old, public_until=here.now()), *others)
    here.poll()
    look = "/api/models/acme/Old-7B"
    here.hub.spoil = lambda request, truth: stall(released) if request.path == look else truth
    service = here.start_late()
    until(lambda: look in [request.path for request in here.hub.requests])
    service.kill()
    here.hub.spoil = None
    assert [change["kind"] for change in here.changes()] == []
    restart_and_finish(here, messages=2)
    released.set()
    assert [change["kind"] for change in here.changes()] == ["withdrawn"]
    assert sum("withdrew" in text for text in here.said()) == 1


def killed_before_slack_took_a_message(here: Surroundings) -> None:
    killed_while_slack_says_nothing(here, Fault(cut="drip"), in_channel=1)


def killed_after_slack_took_a_message_and_before_it_said_so(here: Surroundings) -> None:
    killed_while_slack_says_nothing(here, Fault(commit=True, cut="drip"), in_channel=2)


def killed_while_slack_says_nothing(here: Surroundings, step: Fault, in_channel: int) -> None:
    baseline(here)
    publish(here, "acme/Nova-7B", "acme/Quasar-7B")
    here.slack.script(step)
    asked = len(here.slack.asked)
    service = here.start_late()
    until(lambda: len(here.slack.asked) > asked and len(here.slack.posted) == in_channel)
    service.kill()
    restart_and_finish(here, messages=3)
    check(here, ["acme/Nova-7B", "acme/Quasar-7B"])


def killed_while_a_doubtful_message_is_looked_up(here: Surroundings) -> None:
    baseline(here)
    publish(here, "acme/Nova-7B")
    here.slack.script(Fault(commit=True, cut="drop"), Fault(method="conversations.history", cut="drip"))
    service = here.start_late()
    until(lambda: "notification_not_sent" in here.log_of(service))
    service.kill()
    looking = here.start_late(LATER)
    until(lambda: here.slack.methods()[-1] == "conversations.history")
    looking.kill()
    restart_and_finish(here, messages=2)
    check(here, ["acme/Nova-7B"])


def killed_after_slack_took_a_digest_and_before_it_said_so(here: Surroundings) -> None:
    killed_while_slack_says_nothing_to_a_digest(here, Fault(commit=True, cut="drip"), in_channel=2)


def killed_before_slack_took_a_digest(here: Surroundings) -> None:
    killed_while_slack_says_nothing_to_a_digest(here, Fault(cut="drip"), in_channel=1)


def killed_while_slack_says_nothing_to_a_digest(here: Surroundings, step: Fault, in_channel: int) -> None:
    """Of 24 launches 15 go out in a digest and nine by themselves, whatever happens meanwhile."""
    baseline(here)
    names = [f"acme/Nova{number}x" for number in range(24)]
    publish(here, *names)
    here.poll()
    here.slack.script(step)
    asked = len(here.slack.asked)
    service = here.start_late()
    until(lambda: len(here.slack.asked) > asked and len(here.slack.posted) == in_channel)
    service.kill()
    restart_and_finish(here, messages=1 + 1 + 9)
    assert len(set(here.delivered())) == len(here.delivered()) == 1 + 1 + 9
    assert times_told(here, names) == [1] * 24
    told = [alert for alert in here.alerts() if alert["kind"] == "release"]
    assert [n["state"] for alert in told for n in alert["notifications"]] == ["sent"] * 24


def stopped_while_hub_and_slack_say_nothing(here: Surroundings) -> None:
    released = Event()
    baseline(here)
    publish(here, "acme/Nova-7B")
    here.poll()
    publish(here, "acme/Quasar-7B")
    here.hub.faults = [stall(released) for _ in range(9)]
    here.slack.script(Fault(commit=True, cut="drip"))
    asked = len(here.hub.requests)
    service = here.start("run")
    until(lambda: len(here.hub.requests) > asked and len(here.slack.posted) == 2)
    service.terminate()
    assert service.wait(10) == 0
    released.set()
    here.hub.faults = []
    restart_and_finish(here, messages=3)
    check(here, ["acme/Nova-7B", "acme/Quasar-7B"])


class Laboratory(Thread):
    """Publishes a repository every so often until it is told to stop."""

    def __init__(self, here: Surroundings, every: float) -> None:
        super().__init__(daemon=True)
        self._here, self._every = here, every
        self._stopping = Event()
        self.published: list[str] = []

    def run(self) -> None:
        while not self._stopping.wait(self._every):
            number = len(self.published)
            name = f"{ACCOUNTS[number % len(ACCOUNTS)]}/Nova{number}x"
            publish(self._here, name)
            self.published.append(name)

    def stop(self) -> list[str]:
        self._stopping.set()
        self.join(5)
        return self.published


def killed_at_random_instants(here: Surroundings, kills: int) -> None:
    chance, pause = random.Random(kills), Event()
    baseline(here)
    laboratory = Laboratory(here, every=0.3)
    laboratory.start()
    lives = lives_that_delivered = 0
    longest = 0.6
    while lives < kills or not lives_that_delivered:  # without one that delivered, no kill hit anything
        assert lives < kills + 10
        before = len(here.slack.posted)
        service = here.start_late(LATER)
        pause.wait(chance.uniform(0, longest))
        service.kill()
        service.wait()
        lives += 1
        if len(here.slack.posted) > before:
            lives_that_delivered += 1
        else:
            longest += 0.6  # a busy machine takes longer to start it
    published = laboratory.stop()
    restart_and_finish(here, told=published)
    check(here, published)


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Surroundings]:
    """Three accounts, on either database."""
    with Surroundings(tmp_path, database_url, ACCOUNTS) as here:
        here.create_database()
        yield here


@pytest.mark.parametrize("kills", [3, pytest.param(15, marks=pytest.mark.thorough)])
def test_nothing_is_lost_or_repeated_when_killed_again_and_again_at_random_instants(
    here: Surroundings, kills: int
) -> None:
    killed_at_random_instants(here, kills)
    file = here.folder / "monitor.db"
    if file.exists():
        with sqlite3.connect(file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "killed",
    [
        killed_while_the_first_listing_is_under_way,
        killed_while_a_listing_that_holds_something_new_is_under_way,
        killed_while_a_missing_repository_is_looked_at,
        killed_before_slack_took_a_message,
        killed_after_slack_took_a_message_and_before_it_said_so,
        killed_while_a_doubtful_message_is_looked_up,
        killed_after_slack_took_a_digest_and_before_it_said_so,
        killed_before_slack_took_a_digest,
        stopped_while_hub_and_slack_say_nothing,
    ],
    ids=lambda killed: killed.__name__,
)
def test_nothing_is_lost_or_repeated_when(killed: Callable[[Surroundings], None], here: Surroundings) -> None:
    killed(here)
