"""A receiver that is away for long: tried rarely, and then told everything, in order, once and not too fast."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitor.store import Store
from outage import live_through
from outbox import MINUTE, Outbox
from servers import Clock
from slack_server import SlackServer
from slack_workspace import Workspace


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(Workspace(paced=True)) as server:
        yield server


@pytest.fixture
def out(sqlite_store: Store, clock: Clock, slack: SlackServer) -> Outbox:
    return Outbox(sqlite_store, clock, slack)


def test_what_piled_up_over_a_night_without_slack_goes_out_within_a_quarter_of_an_hour(out: Outbox) -> None:
    # A day with 5,000 of them: python -m benchmarks.slack_backlog.
    figures = live_through(out, items=120, length=timedelta(hours=8))
    assert figures.told == list(range(120))  # each once, and in order
    assert out.counts() == (0, 0)
    assert figures.drained <= timedelta(minutes=15)
    assert figures.shortest_pause >= timedelta(seconds=1)
    assert figures.impatient == 0
    assert figures.attempts < 500
    assert "that could not be delivered before" in str(out.slack.posted)


@pytest.mark.parametrize(("bad", "minutes"), [(1, 8), (3, 25)])
def test_messages_that_never_get_a_clear_answer_hold_up_the_others_for_minutes_only(
    out: Outbox, bad: int, minutes: int
) -> None:
    out.slack.poison = "bad"
    out.tell(*(f"bad{n}" for n in range(bad)), "good")
    for _ in range(minutes):
        out.deliver(after=MINUTE)
    assert out.posted == ["good"]
    out.tell("later")
    for _ in range(6):
        out.deliver(after=MINUTE)
    assert out.posted == ["good", "later"]
    out.slack.poison = ""
    for _ in range(16):
        out.deliver(after=MINUTE)
    assert (sorted(out.posted), out.counts()) == ([*["bad0", "bad1", "bad2"][:bad], "good", "later"], (0, 0))
