"""Say that Slack's commands and buttons do not reach the monitor, and that they do again: once each way."""

from datetime import datetime

from monitor.core.standing import ENDED, health_alert
from monitor.core.telling import Alert, Message

# Begins the keys of these alerts.
KEY = "conversation:"


def unreachable(reason: str, since: datetime, now: datetime) -> Alert:
    """Return the alert for commands and buttons that nobody hears; what is posted is not concerned."""
    message = Message(
        title="Slack's commands and buttons do not reach the monitor",
        lead=f"{reason}.",
        note="Messages are posted as ever; commands and clicks are lost until this is mended. The monitor keeps "
        "trying and says so when it works again.",
    )
    return health_alert(f"{KEY}{since.isoformat()}", message, now)


def reachable(key: str, now: datetime) -> Alert:
    """Return the alert that ends the one of this key, in its thread."""
    message = Message(
        title="Slack's commands and buttons reach the monitor again",
        lead="What was typed or clicked meanwhile is not made up for: do it again.",
    )
    return health_alert(f"{key}{ENDED}", message, now, answers=key)
