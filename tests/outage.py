"""A day without Slack, on a clock that is moved: what piles up meanwhile, and how it goes out afterwards."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from monitor.core.telling import Alert, AlertKind, Link, Message
from monitor.store import outbox
from outbox import Outbox
from slack_server import Fault
from world import CHANNEL

SECOND = timedelta(seconds=1)

# How Slack is away, each for an equal part of the time.
WAYS = (
    Fault(cut="drop"),
    Fault(503),
    Fault(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "600"}),
    Fault(200, b"<html>We are working on it</html>"),
    Fault(body={"ok": False, "error": "internal_error"}),
    Fault(cut="reset"),
)


@dataclass(frozen=True)
class Figures:
    """What became of an outage."""

    items: int
    attempts: int  # requests during the outage
    told: list[int]  # the number of each alert, in the order in which the channel shows them
    messages: int
    drained: timedelta  # from the moment in which Slack was back
    shortest_pause: timedelta  # between two messages in the channel
    impatient: int  # requests inside a wait that was asked for


def live_through(out: Outbox, items: int, length: timedelta) -> Figures:
    """Raise alerts evenly over an outage, and deliver until nothing waits: each step goes to the next thing due."""
    slack, began = out.slack, out.clock.now
    back = began + length
    moments = [began + length * number / items for number in range(items)]
    for number, fault in enumerate(WAYS):
        slack.outage = fault
        part = [n for n, at in enumerate(moments) if number <= (at - began) * len(WAYS) / length < number + 1]
        for at, numbers in _together(part, moments):
            _deliver_until(out, at)
            out.raise_alerts(*(_alert(n, out.clock.now) for n in numbers))
        _deliver_until(out, began + length * (number + 1) / len(WAYS))
    attempts, slack.outage = len(slack.asked), None
    _deliver_until(out, back + timedelta(days=1))
    times = slack.workspace.times[CHANNEL]
    return Figures(
        items=items,
        attempts=attempts,
        told=[int(n) for message in slack.posted for n in re.findall(r"Nova-(\d+)!", str(message["blocks"]))],
        messages=len(slack.posted),
        drained=times[-1] - back,
        shortest_pause=min(b - a for a, b in pairwise(times)),
        impatient=len(slack.impatient),
    )


def _together(part: Iterable[int], moments: list[datetime]) -> Iterator[tuple[datetime, list[int]]]:
    """Take alerts in tens, as polls find them."""
    numbers = list(part)
    for start in range(0, len(numbers), 10):
        few = numbers[start : start + 10]
        yield moments[few[-1]], few


def _alert(number: int, now: datetime) -> Alert:
    message = Message(f"Nova-{number}!", "1 repository.", links=(Link("acme", f"https://x.test/{number}"),))
    return Alert(f"release:{number}", None, AlertKind.RELEASE, message, now, now)


def _deliver_until(out: Outbox, end: datetime) -> None:
    deliverer = out.app.deliverer()
    while out.clock.now < end:
        if deliverer.deliver_one() is not None:
            continue
        with out.store.reading() as tx:
            due = outbox.next_due(tx, out.rules.routing.receivers)
        out.clock.now = end if due is None else min(end, max(due, out.clock.now + SECOND / 10))
