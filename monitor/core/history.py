"""What was known before a poll, what was looked at besides the listing, and by which rules it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.core.contents import Inspection
from monitor.core.corrections import Correction
from monitor.core.routing import Mode, Routing, Topic
from monitor.core.timetable import Timetable
from monitor.core.types import Account, Budgets, KnownRepo, Look, Organization


@dataclass(frozen=True, slots=True)
class Rules:
    """How to judge: the settings that decisions depend on.

    `settle` is how long a launch is gathered before it is announced; `routing` says who is told.
    """

    budgets: Budgets = field(default_factory=Budgets)
    settle: timedelta = timedelta(minutes=5)
    routing: Routing = field(default_factory=Routing)
    timetable: Timetable = field(default_factory=Timetable)

    def turn(self, topic: Topic, raised_at: datetime, due_at: datetime) -> "Turn | None":
        """Return when an alert goes out; None where its kind is off.

        `due_at` is when it may at the earliest. A digest is the first one after it was raised.
        """
        mode = self.routing.mode_of(topic)
        if mode is Mode.DIGEST:
            return Turn(self.timetable.next_digest(raised_at), in_digest=True)
        return None if mode is Mode.OFF else Turn(due_at)


@dataclass(frozen=True, slots=True)
class Turn:
    """When an alert goes out, and whether in a digest."""

    at: datetime
    in_digest: bool = False


@dataclass(frozen=True, slots=True)
class Gathering:
    """A launch whose alert can still say more: the alert's key, what it tells of so far, since when."""

    key: str
    repos: tuple[tuple[str, str], ...]
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked at besides the listing, by hub id.

    `inspections` has None for a repository into which the hub let nobody look. `postponed` are those that were to be
    looked into and were not: their next revision is not taken note of, so that it is done later.
    """

    looks: Mapping[str, Look] = field(default_factory=dict)
    inspections: Mapping[str, Inspection | None] = field(default_factory=dict)
    postponed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class History:
    """What the store knew of an organisation when one of its accounts was polled.

    `repos` are all of the organisation's, on all hubs; `corrections` is what people said of their grouping.
    `listed_at` has the last complete listing of each account that was ever seen; `asked_since` is when this one was
    first asked for, where it never was. `unseen_since` is set where the account was out of sight before this listing.
    `elsewhere` are ids on this hub that belong to another watched organisation. `gathering` maps a release to the
    alert that its new repositories still join; `announced` to the alert that was sent.
    """

    organization: Organization
    account: Account
    repos: tuple[KnownRepo, ...] = ()
    corrections: tuple[Correction, ...] = ()
    listed_at: Mapping[Account, datetime] = field(default_factory=dict)
    asked_since: datetime | None = None
    unseen_since: datetime | None = None
    elsewhere: frozenset[str] = frozenset()
    gathering: Mapping[int, Gathering] = field(default_factory=dict)
    announced: Mapping[int, Gathering] = field(default_factory=dict)

    @property
    def previous_at(self) -> datetime | None:
        """When this account was last listed whole; None before its baseline."""
        return self.listed_at.get(self.account)
