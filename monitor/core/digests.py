"""Say many alerts in one message: the digest of the day, or what piled up while nobody could be told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import ceil

from monitor.core.appearances import listed
from monitor.core.telling import AlertKind, Link, Message
from monitor.core.text import counted, named
from monitor.core.types import Level

# What one digest holds: as many lines as every receiver shows.
MOST = 15

# More alerts than these that are due at once go out in digests.
BACKLOG = 20


class Why(StrEnum):
    """Why alerts go out together. The value completes "12 alerts …"."""

    HOURLY = "of the last hours"
    DAILY = "of the day"
    UNREACHED = "that could not be delivered before"
    QUIET = "of the quiet hours"
    BURST = "at once"


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert of a digest."""

    kind: AlertKind
    level: Level
    raised_at: datetime
    message: Message

    @property
    def is_change_of_cadence(self) -> bool:
        """Whether it is what the monitor is for: a cadence that changed, not one that may have."""
        return self.kind is AlertKind.CADENCE and self.level is Level.ALERT


# What is counted, in the order in which it is told.
_GROUPS = (
    ("change of cadence", "changes of cadence"),
    ("release", "releases"),
    ("other change", "other changes"),
    ("possible change of cadence", "possible changes of cadence"),
    ("notice of health", "notices of health"),
)
_PLACES = {AlertKind.RELEASE: 1, AlertKind.CHANGE: 2, AlertKind.HEALTH: 4}


def messages(waiting: int) -> int:
    """Return in how many messages so many alerts go out that are due at once.

    >>> messages(20), messages(21), messages(5_000)
    (20, 2, 334)
    """
    return waiting if waiting <= BACKLOG else ceil(waiting / MOST)


def share(waiting: int) -> int:
    """Return how many of so many alerts the next digest of a day holds, so that its parts are of one size.

    >>> share(16), share(15), share(40)
    (8, 15, 14)
    """
    return ceil(waiting / max(1, ceil(waiting / MOST)))


def digest_message(entries: Sequence[Entry], why: Why, following: int = 0) -> Message:
    """Say alerts in one message: a line each, by kind and then as they were raised; `following` come in the next ones.

    A cadence that changed is told first, and in the title: nobody should miss it among fifty releases.
    """
    told = sorted(entries, key=_place)
    return Message(
        title=_title(told, why),
        lead=_lead(told, why),
        links_title="Alerts",
        links=tuple(_line(entry.message) for entry in told),
        note=_note(following),
    )


def _place(entry: Entry) -> int:
    if entry.kind is AlertKind.CADENCE:
        return 0 if entry.is_change_of_cadence else 3
    return _PLACES[entry.kind]


def _title(told: Sequence[Entry], why: Why) -> str:
    if told[0].is_change_of_cadence:
        others = counted(len(told) - 1, "other alert", "other alerts")
        return f"{named(told[0].message.title)}; and {others}"
    if why in (Why.DAILY, Why.HOURLY):
        return f"{'Daily' if why is Why.DAILY else 'Hourly'} digest: {_kinds(told)}"
    return f"{_kinds(told)} {why}"


def _kinds(told: Sequence[Entry]) -> str:
    numbers = Counter(map(_place, told))
    return listed([counted(numbers[place], *_GROUPS[place]) for place in sorted(numbers)])


def _lead(told: Sequence[Entry], why: Why) -> str:
    """Say what stands behind a title that is a headline, and from when to when the alerts are."""
    first, last = (
        f"{moment(e.raised_at for e in told).astimezone(UTC):%Y-%m-%d %H:%M}" for moment in (min, max)
    )
    when = f"from {first} to {last} UTC" if first != last else f"of {first} UTC"
    if told[0].is_change_of_cadence:
        return f"{told[0].message.lead} In all {_kinds(told)} {why}, {when}."
    return f"{_kinds(told)}, {when}."


def _line(message: Message) -> Link:
    urls = (message.url, *(link.url for link in message.links))
    return Link(message.title, next(filter(None, urls), None))


def _note(following: int) -> str:
    how = "`release-monitor alerts` has each in full."
    return f"{counted(following, 'more alert follows', 'more alerts follow')}. {how}" if following else how
