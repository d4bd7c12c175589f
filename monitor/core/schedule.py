"""When to ask, and when to ask again. All functions are pure; jitter is an argument."""

from datetime import datetime, timedelta

from monitor.core.types import Quota

# An automatic sweep uses this share of a hub's quota: the rest is for direct looks and for people.
QUOTA_SHARE = 0.5

FASTEST_SWEEP = timedelta(minutes=1)

_BACK_OFF = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 1800, 3600))

# A notification is tried again after these waits, then every quarter of an hour.
_RETRIES = tuple(timedelta(seconds=s) for s in (2, 5, 15, 60, 120, 300, 600, 900))


def sweep_every(accounts: int, quota: Quota) -> timedelta:
    """Return how often each of `accounts` can be listed within a share of the hub's quota.

    >>> sweep_every(60, Quota(500, timedelta(minutes=5)))
    datetime.timedelta(seconds=72)
    """
    return max(FASTEST_SWEEP, quota.window * accounts / (quota.requests * QUOTA_SHARE))


def next_poll(now: datetime, every: timedelta, jitter: float) -> datetime:
    """Return when to list an account again; `jitter` in [0, 1) spreads the accounts over a tenth of the interval."""
    return now + every * (0.95 + 0.1 * jitter)


def wait_after_failure(
    every: timedelta, failures: int, retry_after: timedelta | None, jitter: float
) -> timedelta:
    """Return how long to wait after the `failures`-th failure in a row.

    What the hub asked for, else a growing step; never sooner than an ordinary poll would come, so that a failing
    hub is not asked more often than a healthy one. `jitter` in [0, 1) keeps the accounts from coming back together.
    """
    step = _BACK_OFF[min(failures, len(_BACK_OFF)) - 1] if retry_after is None else retry_after
    return max(step, min(every, _BACK_OFF[-1])) * (1 + 0.1 * jitter)


def retry_after_attempt(attempts: int) -> timedelta:
    """Return how long to wait after the `attempts`-th failed attempt to deliver a notification."""
    return _RETRIES[min(attempts, len(_RETRIES)) - 1]
