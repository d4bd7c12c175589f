"""How often a receiver is tried that seems to be away."""

from datetime import timedelta

import pytest

from monitor.core.schedule import IN_ORDER, hold_after, is_away, next_turn, tries_another


def test_a_receiver_is_away_once_the_oldest_message_may_hold_up_the_others_no_longer() -> None:
    assert not is_away(IN_ORDER)
    assert is_away(IN_ORDER + 1)


def test_the_oldest_message_and_another_take_turns_and_then_the_receiver_rests() -> None:
    assert [tries_another(n) for n in range(6, 10)] == [True, False, True, False]
    assert [hold_after(n, 0).total_seconds() for n in range(6, 18)] == [
        *(1, 15, 1, 60, 1, 120, 1, 300, 1, 600, 1, 900),
    ]
    assert hold_after(10_001, 0) == timedelta(minutes=15)


def test_a_message_that_failed_has_its_turn_again_when_the_receiver_has_rested() -> None:
    assert next_turn(6, 0) == next_turn(7, 0) == hold_after(7, 0)


@pytest.mark.parametrize("waiting", [0, 10, 100, 334, 550])
def test_after_the_longest_rest_there_is_time_for_what_waits_within_a_quarter_of_an_hour(
    waiting: int,
) -> None:
    assert hold_after(10_001, waiting) + waiting * timedelta(seconds=1) <= timedelta(minutes=15)
    assert hold_after(10_001, 10 * waiting) >= timedelta(minutes=5)
