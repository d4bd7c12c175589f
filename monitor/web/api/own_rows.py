"""What the monitor tells of itself, field by field as `--format json` prints it: alerts, and how it fares."""

from typing import Literal

from pydantic import BaseModel

from monitor.core.telling import AlertKind
from monitor.core.types import Direction, Level
from monitor.web.api.shapes import Moment


class Delivery(BaseModel):
    """What became of an alert's message to one receiver."""

    receiver: str
    state: str
    attempts: int
    sent_at: Moment | None
    error: str | None


class Alert(BaseModel):
    """A row of `alerts`."""

    id: int
    organization: str | None
    kind: AlertKind
    level: Level
    direction: Direction | None
    raised_at: Moment
    resolved_at: Moment | None
    changed_at: Moment | None
    text: str
    notifications: list[Delivery]


class Account(BaseModel):
    """How an account fares."""

    organization: str
    hub: str
    account: str
    state: Literal["ok", "failing", "unknown", "learning"]
    last_seen_at: Moment | None
    last_error: str | None
    blind_since: Moment | None
    repos: int | None
    rows_set_aside: int
    listed_as: str
    next_poll_at: Moment


class BlindSpot(BaseModel):
    """A stretch in which an account could not be seen."""

    organization: str
    hub: str
    account: str
    began_at: Moment
    ended_at: Moment | None
    reason: str


class Delays(BaseModel):
    """How long after it happened something is seen on a hub, at most, in seconds."""

    new: int
    made_public: int
    changed: int
    withdrawn: int


class HubQuota(BaseModel):
    """How many requests a hub allows in how many seconds, and until when it asked for a pause; null: it did not say."""

    requests: int | None
    window_seconds: int | None
    paused_until: Moment | None


class Outbox(BaseModel):
    """How many messages wait, and how many failed for good."""

    waiting: int
    failed: int


class Mute(BaseModel):
    """An organisation of which nobody is told for a while."""

    organization: str
    until: Moment | None
    since: Moment
    by: str | None


class Deaf(BaseModel):
    """Since when commands and buttons of Slack are not heard."""

    failing_since: Moment
    problem: str


class Status(BaseModel):
    """What `status` prints."""

    accounts: list[Account]
    blind_spots: list[BlindSpot]
    delays: dict[str, Delays]
    quotas: dict[str, HubQuota]
    outbox: Outbox
    parked: dict[str, str]
    muted: list[Mute]
    slack_commands: Deaf | None
    expected_false_alerts_per_month: float
    database: str
    config: str
