"""What the configuration says, as frozen values with their defaults."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from monitor.core.telling import AlertKind
from monitor.core.types import Account, Budgets, Level, Organization

# The hubs that an organisation may have accounts on: adding one here makes it a key of organizations.toml.
HUBS = ("huggingface", "modelscope", "github", "openrouter")


class Delivery(StrEnum):
    """Whether alerts of one kind become notifications."""

    EACH = "each"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class PollSettings:
    """How often each account is listed, and how often a hub is asked for its newest repositories.

    `every` None is "auto": as often as the hub's quota allows. `newest_every` None is "off".
    """

    every: timedelta | None = None
    newest_every: timedelta | None = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Which alerts become notifications, and how long a launch may settle before it is announced."""

    releases: Delivery = Delivery.EACH
    cadence: Delivery = Delivery.EACH
    changes: Delivery = Delivery.EACH
    health: Delivery = Delivery.EACH
    watching: Delivery = Delivery.OFF
    settle: timedelta = timedelta(minutes=5)

    @property
    def muted(self) -> frozenset[str]:
        """The kinds of alerts (and "watching": possible changes) that become no notification; all are recorded."""
        deliveries = {
            AlertKind.RELEASE: self.releases,
            AlertKind.CADENCE: self.cadence,
            AlertKind.CHANGE: self.changes,
            AlertKind.HEALTH: self.health,
            Level.WATCHING: self.watching,
        }
        return frozenset(kind.value for kind, delivery in deliveries.items() if delivery is Delivery.OFF)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything in settings.toml; as it stands, what an empty file means."""

    poll: PollSettings = field(default_factory=PollSettings)
    cadence: Budgets = field(default_factory=Budgets)
    notify: NotifySettings = field(default_factory=NotifySettings)


@dataclass(frozen=True, slots=True)
class Config:
    """Both files, valid, as they were at one moment.

    `fingerprint` tells these contents from any others; `warnings` are sentences for the person who runs it.
    """

    organizations: tuple[Organization, ...]
    settings: Settings
    directory: Path
    fingerprint: str
    warnings: tuple[str, ...] = ()

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account that is watched, in the order of the file."""
        return tuple(account for organization in self.organizations for account in organization.accounts)
