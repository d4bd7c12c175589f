"""Remind of what is wrong with the monitor itself, once a day for as long as it lasts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.core.telling import Alert, AlertKind, Message
from monitor.core.text import counted

DAY = timedelta(days=1)

# What ends the keys of the alerts that say that something is over.
ENDED = ":ended"


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that was told of and is not over; `told_at` is when it was told of last, reminders included."""

    key: str
    message: Message
    raised_at: datetime
    told_at: datetime
    spared: tuple[str, ...] = ()


def reminder(standing: Standing, now: datetime) -> Alert | None:
    """Return the alert that reminds of something a day after it was told of last; None before that.

    Its key has the number of days, so that of several workers one reminds.
    """
    if now - standing.told_at < DAY:
        return None
    days = (now - standing.raised_at) // DAY
    message = replace(
        standing.message,
        title=f"{standing.message.title} (still, after {counted(days, 'day', 'days')})",
        facts=(("Since", f"{standing.raised_at:%Y-%m-%d %H:%M} UTC"), *standing.message.facts),
    )
    alert = health_alert(f"reminder:{days}:{standing.key}", message, now, answers=standing.key)
    return replace(alert, spared=standing.spared)


def health_alert(key: str, message: Message, now: datetime, answers: str | None = None) -> Alert:
    """Return an alert about the monitor itself, that is due at once."""
    return Alert(
        key=key,
        organization=None,
        kind=AlertKind.HEALTH,
        message=message,
        raised_at=now,
        due_at=now,
        answers=answers,
    )
