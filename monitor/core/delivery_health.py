"""Decide what to tell about receivers that cannot be reached: to the others, for it cannot be told to them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.standing import DAY, ENDED, health_alert
from monitor.core.telling import Alert, Message, ReceiverHealth
from monitor.core.text import counted

# Begins the keys of the alerts about a receiver, which its name follows.
KEY = "delivery:"
LOST = "undelivered:"


@dataclass(frozen=True, slots=True)
class Lost:
    """How many messages to a receiver had failed for good when that was told last, and when that was."""

    failed: int
    told_at: datetime


def judge_delivery(
    receivers: Iterable[ReceiverHealth],
    in_use: Collection[str],
    standing: Mapping[str, str],
    lost: Mapping[str, Lost],
    now: datetime,
) -> tuple[tuple[Alert, ...], tuple[str, ...]]:
    """Return the alerts to raise, and the keys of those that are over.

    1. A receiver that waits for a person is told once, and once more when messages reach it again. `standing` has
       the keys of what was told, by receiver. One that is not in use any more needs no person.
    2. What failed for good is told when there is more of it than was told last, once a day at most.
    """
    raised: list[Alert] = []
    ended: list[str] = []
    for health in receivers:
        key = standing.get(health.name)
        is_held = health.parked_at is not None and health.name in in_use
        if is_held and key is None:
            raised.append(_held(health, now))
        elif key is not None and not is_held:
            ended.append(key)
            raised += [_reached(key, health, now)] if health.parked_at is None else []
        if health.name in in_use and _is_news(health, lost.get(health.name), now):
            raised.append(_lost(health, now))
    return tuple(raised), tuple(ended)


def spared_by(key: str) -> tuple[str, ...]:
    """Return the receiver that an alert of this key is about: it is not told of itself."""
    for prefix in (KEY, LOST):
        if key.startswith(prefix):
            return (key.removeprefix(prefix).rpartition("@")[0],)
    return ()


def _held(health: ReceiverHealth, now: datetime) -> Alert:
    message = Message(
        title=f"Messages do not reach {health.name}: a person is needed",
        lead=f"{health.error or 'It refuses them'}. Nothing is lost: they wait, and go out once this is mended.",
        facts=(("Waiting", counted(health.waiting, "message", "messages")),),
        note="`release-monitor notify test` shows whether it is mended. It is tried again every ten minutes.",
    )
    return _about(f"{KEY}{health.name}@{health.parked_at or now:%Y-%m-%dT%H:%M:%S}", health, message, now)


def _reached(key: str, health: ReceiverHealth, now: datetime) -> Alert:
    message = Message(
        title=f"Messages reach {health.name} again",
        lead=f"What waited is being sent; {counted(health.waiting, 'message', 'messages')} to go.",
    )
    return replace(health_alert(f"{key}{ENDED}", message, now, answers=key), spared=(health.name,))


def _lost(health: ReceiverHealth, now: datetime) -> Alert:
    number = counted(health.failed, "message", "messages")
    message = Message(
        title=f"{number} could not be delivered to {health.name}",
        lead="Tried for a week, or refused in every shape: they are not tried again. What comes after them goes on.",
        note="`release-monitor alerts` has each of them in full, with the reason.",
    )
    return _about(f"{LOST}{health.name}@{health.failed}", health, message, now)


def _about(key: str, health: ReceiverHealth, message: Message, now: datetime) -> Alert:
    return replace(health_alert(key, message, now), spared=(health.name,))


def _is_news(health: ReceiverHealth, lost: Lost | None, now: datetime) -> bool:
    if lost is None:
        return health.failed > 0
    return health.failed > lost.failed and now - lost.told_at >= DAY
