"""What is told to people: alerts, what their messages say, and the notifications that bring them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.types import Direction, Level


@dataclass(frozen=True, slots=True)
class Link:
    """A text with the address that it leads to, if any."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What an alert says, independent of how a receiver shows it. All strings are plain text."""

    title: str  # about ten words
    lead: str  # one or two sentences
    facts: tuple[tuple[str, str], ...] = ()  # label and value
    links: tuple[Link, ...] = ()  # the repositories behind it: the first ten
    more: int = 0  # how many further ones are not named
    note: str = ""  # how sure, on what evidence
    url: str | None = None  # where to read on
    links_title: str = ""  # what the links are, e.g. "Repositories"


class AlertKind(StrEnum):
    """What an alert is about."""

    RELEASE = "release"
    CADENCE = "cadence"
    CHANGE = "change"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Alert:
    """A fact worth telling, with a key that makes it unique for ever.

    `due_at` is when its notifications may go out. `subjects` are what it tells of, as hub and id: the repositories
    of a launch, the accounts that cannot be seen.
    """

    key: str
    organization: str | None
    kind: AlertKind
    message: Message
    raised_at: datetime
    due_at: datetime
    level: Level = Level.ALERT
    direction: Direction | None = None
    changed_at: datetime | None = None
    subjects: tuple[tuple[str, str], ...] = ()


class NotificationState(StrEnum):
    """How far a notification has come."""

    WAITING = "waiting"
    SENDING = "sending"  # claimed; after the lease has run out it may have been sent
    SENT = "sent"
    FAILED = "failed"  # for good


@dataclass(frozen=True, slots=True)
class Notification:
    """One message for one receiver.

    `plainness` counts how often the receiver refused its shape: 0 full, 1 plain sections, 2 one line of text.
    `token` is the claim under which it is ours.
    """

    id: str
    receiver: str
    message: Message
    attempts: int
    attempted_at: datetime | None = None
    plainness: int = 0
    doubtful: bool = False
    token: str = ""
