"""What a message says once what it tells of is over: it is edited, so that nobody takes old news for new."""

from dataclasses import dataclass, replace
from datetime import date

from monitor.core.telling import Message
from monitor.core.types import Direction, Level

_OVER, _OVER_SINCE = "Over: ", "Over since"
_CORRECTED = "Corrected"


@dataclass(frozen=True, slots=True)
class Told:
    """What an alert about a cadence told."""

    message: Message
    level: Level
    direction: Direction | None


def ended_message(told: Told, by: Direction | None, on: date) -> Message | None:
    """Return the message of a cadence alert that is over; None where it stays as it was.

    `by` is the direction of the alert that answers it, if any, and `on` the day: a silence ends as releases resume,
    what was possible becomes a change or nothing. A change of pace is not over: in time it is no news any more.
    """
    if told.direction is Direction.RESUMED:
        return None
    if by is Direction.RESUMED:
        return over(told.message, f"{on}: releases resumed")
    if told.level is Level.WATCHING:
        what = "a silence" if told.direction is Direction.SILENT else "a change"
        if by is not None:
            return _with(told.message, (f"Became {what}", f"{on}"))
        return over(told.message, f"{on}: it did not become {what}")
    return over(told.message, f"{on}") if told.direction is Direction.SILENT else None


def over(message: Message, since: str) -> Message:
    """Say that what a message tells of is over: since when, and how it ended."""
    return _with(replace(message, title=f"{_OVER}{message.title}"), (_OVER_SINCE, since))


def open_again(message: Message) -> Message:
    """Take back that what a message tells of is over."""
    facts = tuple(fact for fact in message.facts if fact[0] != _OVER_SINCE)
    return replace(message, title=message.title.removeprefix(_OVER), facts=facts)


def corrected(message: Message, said: str) -> Message:
    """Say that people corrected what a message tells of."""
    return _with(message, (_CORRECTED, said))


def not_corrected(message: Message, mark: str) -> Message:
    """Take back what `corrected` said, where it has this mark in it."""
    return replace(
        message, facts=tuple(fact for fact in message.facts if fact[0] != _CORRECTED or mark not in fact[1])
    )


def _with(message: Message, fact: tuple[str, str]) -> Message:
    return replace(message, facts=(fact, *message.facts))
