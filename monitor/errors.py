"""Every error that the monitor raises on purpose.

MonitorError
├── ConfigError           a file or a variable is wrong; `problems` says each with its place
│   ├── NotWritableError  a file of the configuration cannot be written
│   └── ChangedMeanwhileError  a file of the configuration is not as it was when somebody looked at it
├── StoreError            the database cannot be used as it is
├── HubError              an account could not be seen; nothing may be concluded from it
│   └── HubPaused         the hub asked for a pause; not the account's fault
└── NotifyError           a notification was not, or perhaps not, delivered
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum


class MonitorError(Exception):
    """The root: whatever is caught at the command line and said in one line."""


class ConfigError(MonitorError):
    """The configuration is wrong; all problems at once, one line each, with file and key."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class NotWritableError(ConfigError):
    """A file of the configuration cannot be written: its folder is read-only, its disk is full."""


class ChangedMeanwhileError(ConfigError):
    """A file of the configuration was changed by somebody else since it was looked at."""


class StoreError(MonitorError):
    """The database is missing, too old, too new or damaged; the message names the remedy."""


class Trouble(StrEnum):
    """Why an account could not be seen; accounts with the same trouble on one hub are one incident."""

    UNREACHABLE = "unreachable"  # no connection, a time-out, a cut answer
    REFUSED = "refused"  # 401, 403: usually a bad token
    SERVER = "server error"  # 5xx
    QUOTA = "quota"  # 429
    SHAPE = "wrong shape"  # HTML with 200, an object where a list belongs, endless pages
    EMPTY = "empty"  # no repository where there were some
    INCOMPLETE = "incomplete"  # fewer rows than the hub itself says or shows one by one
    NOT_FOUND = "not found"  # the hub does not know the account
    BUSY = "busy"  # another worker polls it: nothing is wrong with it


# Troubles that all accounts of a hub share, whichever of them shows it.
OF_THE_HUB = frozenset({Trouble.UNREACHABLE, Trouble.REFUSED, Trouble.SERVER, Trouble.QUOTA})


class HubError(MonitorError):
    """A hub did not show an account whole.

    `trouble` classes it; `retry_after` is the wait that the hub itself asked for.
    """

    def __init__(self, message: str, trouble: Trouble, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.trouble = trouble
        self.retry_after = retry_after


class HubPaused(HubError):
    """The hub's quota is used up: nothing was asked, `retry_after` says when to ask again."""

    def __init__(self, hub: str, retry_after: timedelta) -> None:
        super().__init__(f"{hub} asked for a pause", Trouble.QUOTA, retry_after)


class Outcome(StrEnum):
    """What an undelivered notification needs next."""

    RETRY = "retry"  # surely not delivered; try again
    DOUBTFUL = "doubtful"  # perhaps delivered; look before sending again
    BAD_MESSAGE = "bad message"  # the receiver refuses this message; send it plainer
    BAD_DESTINATION = "bad destination"  # nothing can be delivered there until a person acts


class NotifyError(MonitorError):
    """A notification was not delivered, or may not have been.

    `outcome` says what to do; `retry_after` is the wait that the receiver itself asked for.
    """

    def __init__(self, message: str, outcome: Outcome, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.retry_after = retry_after
