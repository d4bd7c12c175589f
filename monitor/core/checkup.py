"""What a check of the set-up finds: a line each, with what to do about it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARNING = "warning"  # it works, yet not as well as it could
    PROBLEM = "problem"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, in a sentence, and what a person is to do."""

    subject: str
    state: State
    text: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """What the monitor asks Slack for in general, as far as that decides which scopes it needs."""

    commands: bool  # it hears commands and clicks
    pictures: bool  # charts go up as files


@dataclass(frozen=True, slots=True)
class _Scope:
    name: str
    purpose: str
    without: str
    state: State = State.WARNING


_SCOPES = (
    _Scope("chat:write", "posting", "no message can be sent", State.PROBLEM),
    _Scope(
        "chat:write.public",
        "posting in public channels that the bot is not in",
        "the bot must be invited to each channel, or join it",
    ),
    _Scope(
        "channels:read",
        "seeing whether a channel is archived",
        "an archived one looks like one that the bot is not in",
    ),
    _Scope("channels:join", "joining a public channel", "invite the bot: /invite @release-monitor"),
    _Scope(
        "channels:history",
        "looking whether a doubtful message arrived in a public channel",
        "after a network fault a message may come twice",
    ),
    _Scope(
        "groups:history",
        "the same in private channels",
        "after a network fault a message may come twice in a private channel",
    ),
)
_COMMANDS = _Scope("commands", "hearing /releases, /cadence and /watch", "Slack knows no such commands")
_PICTURES = _Scope("files:write", 'charts = "png"', "messages come without their chart")

SUBJECT = "Slack: scopes"


def scopes_used(use: Use) -> tuple[str, ...]:
    """Return the scopes that the bot needs, by their names at Slack (https://docs.slack.dev/reference/scopes)."""
    return tuple(scope.name for scope in _scopes(use))


def missing_scopes(granted: Collection[str], use: Use) -> Iterator[Finding]:
    """Yield a finding for each scope that the app was not given: what it is for, and what to click."""
    for scope in _scopes(use):
        if scope.name not in granted:
            yield Finding(
                SUBJECT,
                scope.state,
                f"{scope.name} is missing, for {scope.purpose}: {scope.without}",
                "api.slack.com/apps → your app → OAuth & Permissions → Bot Token Scopes → Add an OAuth Scope → "
                f"{scope.name}; then Reinstall to Workspace",
            )


def _scopes(use: Use) -> Iterator[_Scope]:
    yield from _SCOPES
    if use.commands:
        yield _COMMANDS
    if use.pictures:
        yield _PICTURES
