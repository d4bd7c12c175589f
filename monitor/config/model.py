"""What the configuration says, as frozen values with their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from monitor.core.routing import Mode, Route
from monitor.core.telling import AlertKind
from monitor.core.timetable import Timetable
from monitor.core.types import Account, Budgets, Level, Organization

# The hubs that an organisation may have accounts on: adding one here makes it a key of organizations.toml.
HUBS = ("huggingface", "modelscope", "github", "openrouter")


@dataclass(frozen=True, slots=True)
class PollSettings:
    """How often each account is listed, and how often a hub is asked for its newest repositories.

    `every` None is "auto": as often as the hub's quota allows. `newest_every` None is "off".
    """

    every: timedelta | None = None
    newest_every: timedelta | None = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """How alerts of each kind go out, how long a launch may settle before it is announced, and when is when."""

    releases: Mode = Mode.EACH
    cadence: Mode = Mode.EACH
    changes: Mode = Mode.EACH
    health: Mode = Mode.EACH
    watching: Mode = Mode.DIGEST
    settle: timedelta = timedelta(minutes=5)
    timetable: Timetable = field(default_factory=Timetable)

    @property
    def modes(self) -> Mapping[str, Mode]:
        """The mode of each kind of alert, and of "watching": possible changes."""
        return {
            AlertKind.RELEASE.value: self.releases,
            AlertKind.CADENCE.value: self.cadence,
            AlertKind.CHANGE.value: self.changes,
            AlertKind.HEALTH.value: self.health,
            Level.WATCHING.value: self.watching,
        }


class Charts(StrEnum):
    """How Slack is shown a chart."""

    NATIVE = "native"  # drawn by Slack
    PNG = "png"  # a picture, into the thread of its message
    OFF = "off"


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """What Slack is shown, and who may change things from there, by their ids; everybody may read."""

    charts: Charts = Charts.NATIVE
    permitted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the pages are served, and whom they are open to.

    `public_url` is their address as readers know it, for links in messages. `open` lets everybody read who reaches
    an address that is not of this machine alone; without it such an address needs a token for reading.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything in settings.toml; as it stands, what an empty file means."""

    poll: PollSettings = field(default_factory=PollSettings)
    cadence: Budgets = field(default_factory=Budgets)
    notify: NotifySettings = field(default_factory=NotifySettings)
    routes: tuple[Route, ...] = ()
    slack: SlackSettings = field(default_factory=SlackSettings)
    web: WebSettings = field(default_factory=WebSettings)


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
