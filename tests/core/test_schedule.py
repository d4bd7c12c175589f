"""When to ask, and when to ask again."""

from datetime import timedelta

import pytest

from builders import NOW
from monitor.core.schedule import next_poll, retry_after_attempt, sweep_every, wait_after_failure
from monitor.core.types import Quota


def test_a_sweep_uses_half_of_the_quota_and_asks_at_most_once_a_minute() -> None:
    assert sweep_every(1_000, Quota(500, timedelta(minutes=5))) == timedelta(minutes=20)
    assert sweep_every(1, Quota(500, timedelta(minutes=5))) == timedelta(minutes=1)


def test_polls_are_spread_over_a_tenth_of_the_interval() -> None:
    every = timedelta(minutes=10)
    assert next_poll(NOW, every, 0.0) == NOW + timedelta(minutes=9.5)
    assert next_poll(NOW, every, 0.999) < NOW + timedelta(minutes=10.5)


def test_a_failing_account_is_asked_more_and_more_rarely_up_to_once_an_hour() -> None:
    waits = [wait_after_failure(timedelta(seconds=1), failures, None, 0.0) for failures in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=30)
    assert waits[-1] == timedelta(hours=1)


@pytest.mark.parametrize("wish", [None, timedelta(seconds=1)])
def test_a_failing_account_is_never_asked_more_often_than_a_healthy_one(wish: timedelta | None) -> None:
    assert wait_after_failure(timedelta(minutes=20), 1, wish, 0.0) == timedelta(minutes=20)


def test_the_hub_is_never_asked_sooner_than_it_wishes() -> None:
    wish = timedelta(minutes=30)
    assert wait_after_failure(timedelta(minutes=1), 5, wish, 0.0) == wish
    assert wish < wait_after_failure(timedelta(minutes=1), 5, wish, 0.5) < 1.1 * wish


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 5), (3, 15), (4, 60), (8, 900), (99, 900)])
def test_a_delivery_is_tried_again_after_growing_steps(attempts: int, seconds: int) -> None:
    assert retry_after_attempt(attempts) == timedelta(seconds=seconds)
