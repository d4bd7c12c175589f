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
class Pace:
    """A stretch of a chart with one regime: months from `start` to `end` (places in `Chart.months`, fractions of a
    month allowed), release days a month with a 95% interval, and the regime's name."""

    start: float
    end: float
    rate: float
    low: float
    high: float
    regime: str


@dataclass(frozen=True, slots=True)
class Chart:
    """An organisation's launches by month with its regimes: what every receiver and the page draw.

    `months` are "2025-07" and so on, the oldest first, the last one still running; `launches`, `release_days` and
    `since` have one number for each. Places count months from the beginning of the first one.
    """

    title: str
    months: tuple[str, ...]
    launches: tuple[int, ...]
    release_days: tuple[int, ...]  # days with a launch: the unit of the paces
    until: float  # the place at which what is known ends: the end of today
    paces: tuple[Pace, ...] = ()
    changed_at: float | None = None  # the place of the change
    change: str = ""  # what changed, and when: "faster since 2025-07-21"
    since: tuple[int, ...] = ()  # launches since the change; () where there is nothing to compare
    blind: tuple[tuple[float, float], ...] = ()  # stretches that could not be seen
    described: str = ""  # what one sees, in a sentence, for who cannot see it


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
    chart: Chart | None = None


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
    of a launch, the accounts that cannot be seen. `answers` is the key of the alert whose thread it continues: the
    silence that ends, the launch that grows. `topic` is what routes ask for besides the organisation: "brief" among
    health; `change` is the kind of a change, `names` are repositories without their owner. `spared` are receivers
    that are not told: it is about what goes wrong with them.
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
    answers: str | None = None
    topic: str | None = None
    change: str | None = None
    names: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()


class NotificationState(StrEnum):
    """How far a notification has come."""

    WAITING = "waiting"
    SENDING = "sending"  # claimed; after the lease has run out it may have been sent
    SENT = "sent"
    CARRIED = "carried"  # goes out within another notification, a digest, and fares like it
    FAILED = "failed"  # for good


@dataclass(frozen=True, slots=True)
class Notification:
    """One message for one receiver.

    `plainness` grows when the receiver refuses its shape: 0 full, 1 without its chart, 2 plain sections, 3 one line.
    `token` is the claim under which it is ours. `alert`, `organization`, `release` and `kind` say what it is about,
    for buttons; they are None for a digest. `thread` is the receiver's reference to the message that it answers.
    `edits` is the reference to what was sent before, where this replaces it.
    """

    id: str
    receiver: str
    message: Message
    attempts: int
    attempted_at: datetime | None = None
    plainness: int = 0
    doubtful: bool = False
    token: str = ""
    alert: int | None = None
    organization: str | None = None
    release: int | None = None
    kind: str | None = None
    thread: str | None = None
    edits: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiverHealth:
    """How a receiver fares: whether it waits for a person since `parked_at`, and why; what waits for it; what failed
    for good."""

    name: str
    parked_at: datetime | None
    error: str | None
    waiting: int
    failed: int
