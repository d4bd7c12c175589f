"""What a message about a cadence says once it is over."""

from datetime import date

import pytest

from monitor.core.endings import Told, ended_message, open_again
from monitor.core.telling import Message
from monitor.core.types import Direction, Level

DAY = date(2026, 6, 1)
MESSAGE = Message("Acme has changed", "Why.", (("Before", "2.0"),))


def told(direction: Direction, level: Level = Level.ALERT) -> Told:
    return Told(MESSAGE, level, direction)


def test_a_silence_ends_as_releases_resume() -> None:
    ended = ended_message(told(Direction.SILENT), Direction.RESUMED, DAY)
    assert ended is not None
    assert ended.title == "Over: Acme has changed"
    assert ended.facts == (("Over since", "2026-06-01: releases resumed"), ("Before", "2.0"))
    assert open_again(ended) == MESSAGE


def test_what_was_possible_becomes_a_change_or_nothing() -> None:
    became = ended_message(told(Direction.FASTER, Level.WATCHING), Direction.FASTER, DAY)
    faded = ended_message(told(Direction.SILENT, Level.WATCHING), None, DAY)
    assert became is not None
    assert faded is not None
    assert (became.title, became.facts[0]) == ("Acme has changed", ("Became a change", "2026-06-01"))
    assert faded.facts[0] == ("Over since", "2026-06-01: it did not become a silence")


@pytest.mark.parametrize("direction", [Direction.FASTER, Direction.SLOWER, Direction.RESUMED])
def test_a_change_of_pace_is_never_over(direction: Direction) -> None:
    assert ended_message(told(direction), None, DAY) is None
