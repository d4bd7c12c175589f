"""What was known before a poll, and by which rules it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from monitor.core.cadence.state import CadenceState
from monitor.core.types import Account, AlertKind, Budgets, KnownRepo, Level, Organization


@dataclass(frozen=True, slots=True)
class Rules:
    """How to judge: the settings that decisions depend on.

    `muted` are the kinds (and "watching") for which no notification is made; their alerts are recorded all the same.
    `settle` is how long a launch is gathered before it is announced.
    """

    budgets: Budgets = field(default_factory=Budgets)
    settle: timedelta = timedelta(minutes=5)
    muted: frozenset[str] = frozenset()
    receivers: tuple[str, ...] = ()

    def receivers_of(self, kind: AlertKind, level: Level) -> tuple[str, ...]:
        """Return who is told of an alert of this kind and level."""
        name = "watching" if level is Level.WATCHING else kind.value
        return () if name in self.muted else self.receivers


@dataclass(frozen=True, slots=True)
class Gathering:
    """A launch that is still being gathered: the key of its alert, and the repositories that it tells of so far."""

    key: str
    repos: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class History:
    """What the store knew of an organisation when one of its accounts was polled.

    `repos` are all of the organisation's, on all hubs. `listed_at` has the last complete listing of each account
    that was ever seen; `watched` are those in the configuration, `blind` those of them that cannot be seen now.
    `unseen` are stretches of whole days, [from, to), on which one of the accounts could not be seen, up to this poll.
    `elsewhere` are ids on this hub that belong to another watched organisation. `gathering` maps a release to the
    alert that its new repositories still join.
    """

    organization: Organization
    account: Account
    repos: tuple[KnownRepo, ...] = ()
    listed_at: Mapping[Account, datetime] = field(default_factory=dict)
    watched: frozenset[Account] = frozenset()
    blind: frozenset[Account] = frozenset()
    unseen: tuple[tuple[date, date], ...] = ()
    elsewhere: frozenset[str] = frozenset()
    gathering: Mapping[int, Gathering] = field(default_factory=dict)
    cadence: CadenceState | None = None
    fleet: float = 1.2  # dispersion of the watched organisations, see core.cadence

    @property
    def previous_at(self) -> datetime | None:
        """When this account was last listed whole; None before its baseline."""
        return self.listed_at.get(self.account)
