"""Say that the service refuses the configuration, and that it took a good one up."""

from collections.abc import Sequence
from datetime import datetime

from monitor.core.standing import ENDED, health_alert
from monitor.core.telling import Alert, Link, Message
from monitor.core.text import counted

# Begins the keys of these alerts.
KEY = "config:"

_NAMED = 10


def refused(problems: Sequence[str], now: datetime) -> Alert:
    """Return the alert for files that changed and cannot be used; a problem is a line of its own."""
    message = Message(
        title=f"The configuration has {counted(len(problems), 'problem', 'problems')} and is not used",
        lead="The monitor goes on with the last good one. It must be mended before the next start: then there is "
        "none to go on with.",
        links_title="Problems",
        links=tuple(map(Link, problems[:_NAMED])),
        more=max(0, len(problems) - _NAMED),
        note="`release-monitor config check` says everything that is wrong at once.",
    )
    return health_alert(f"{KEY}{now.isoformat()}", message, now)


def taken_up(key: str, now: datetime) -> Alert:
    """Return the alert that ends the one of this key."""
    message = Message(
        title="The configuration is good again and in use",
        lead="What was changed meanwhile holds from now on.",
    )
    return health_alert(f"{key}{ENDED}", message, now, answers=key)
