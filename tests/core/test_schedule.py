"""When to ask, and when to ask again."""

from datetime import timedelta

import pytest

from builders import NOW
from monitor.core.schedule import (
    ACTIVE_WEIGHT,
    FASTEST_SWEEP,
    SWEEP_SHARE,
    Bucket,
    next_poll,
    refilled,
    retry_after_attempt,
    sweep_every,
    wait_after_failure,
)
from monitor.core.types import Quota

ANONYMOUS = Quota(500, timedelta(minutes=5))  # what the Hugging Face Hub grants an address
SECOND = timedelta(seconds=1)


def test_a_thousand_accounts_are_swept_in_less_than_twelve_minutes_without_a_token() -> None:
    assert timedelta(minutes=11.6) < sweep_every(1_000, ANONYMOUS) < timedelta(minutes=11.7)


def test_an_active_account_is_swept_twice_as_often_as_another() -> None:
    usual = sweep_every(1_000, ANONYMOUS)
    assert abs(sweep_every(1_000, ANONYMOUS, ACTIVE_WEIGHT) - usual / 2) < SECOND


@pytest.mark.parametrize(
    ("usual", "active"), [(1, 0), (100, 0), (1_000, 0), (900, 100), (0, 1_000), (60, 40)]
)
def test_all_sweeps_together_never_use_more_than_their_share(usual: int, active: int) -> None:
    weights = usual + ACTIVE_WEIGHT * active
    requests = usual * (ANONYMOUS.window / sweep_every(weights, ANONYMOUS))
    requests += active * (ANONYMOUS.window / sweep_every(weights, ANONYMOUS, ACTIVE_WEIGHT))
    assert requests <= 0.9 * 500
    assert requests <= SWEEP_SHARE * 500 + 0.001


def test_however_few_accounts_there_are_none_is_swept_more_than_once_a_minute() -> None:
    assert sweep_every(1, ANONYMOUS) == FASTEST_SWEEP == timedelta(minutes=1)


def sweeps(seconds: int, step: int = 1, quota: Quota = ANONYMOUS) -> list[int]:
    """How many sweeps begin at each step where more than enough accounts are due."""
    begun, bucket = list[int](), None
    for second in range(0, seconds, step):
        bucket = refilled(bucket, quota, NOW + second * SECOND)
        begun.append(int(bucket.tokens))
        bucket = Bucket(bucket.tokens - begun[-1], bucket.at)
    return begun


def test_sweeps_are_spread_evenly_after_a_first_burst() -> None:
    first, *others = sweeps(3600)
    assert first == 100
    assert max(others) == 2
    assert abs(sum(others) - 12 * 430) <= 2


def test_what_was_not_used_is_kept_for_one_burst_at_most() -> None:
    assert refilled(Bucket(0.0, NOW), ANONYMOUS, NOW + timedelta(days=9)) == Bucket(
        100.0, NOW + timedelta(days=9)
    )


def test_a_small_quota_lets_one_sweep_through_at_a_time() -> None:
    assert max(sweeps(7200, quota=Quota(3, timedelta(hours=1)))) == 1
    assert sum(sweeps(7200, quota=Quota(3, timedelta(hours=1)))) == 1 + 5


def test_a_clock_that_goes_back_grants_nothing_and_takes_nothing() -> None:
    assert refilled(Bucket(7.0, NOW), ANONYMOUS, NOW - timedelta(hours=1)).tokens == 7.0


def test_what_was_begun_beyond_the_grant_is_owed() -> None:
    assert refilled(Bucket(-10.0, NOW), ANONYMOUS, NOW + SECOND).tokens < -8


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
