"""When to ask, and when to ask again. All functions are pure; jitter is an argument."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.types import Quota

# Automatic sweeps use this share of a hub's quota. Of the rest a tenth is never used at all; what is between is for
# the newest repositories and for direct looks.
SWEEP_SHARE = 0.86

# However long a hub asks us to wait, it is asked again after this.
LONGEST_PAUSE = timedelta(hours=1)

FASTEST_SWEEP = timedelta(minutes=1)

# An account that published within this time is swept this many times as often as another.
ACTIVE = timedelta(days=30)
ACTIVE_WEIGHT = 2.0

# After a pause, and at the start, so much of a quota's requests may go out at once.
_BURST = 0.2

_BACK_OFF = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 1800, 3600))

# After so many attempts a notification no longer holds up those behind it.
IN_ORDER = 5

# A receiver that was away has everything so soon after it is back. A message takes a second, and some are looked up
# first.
_ALL_TOLD = timedelta(minutes=15)
_A_MESSAGE = timedelta(seconds=1.5)
_LEAST_HOLD = timedelta(minutes=5)

# A notification is tried again after these waits, then every quarter of an hour.
_RETRIES = tuple(timedelta(seconds=s) for s in (2, 5, 15, 60, 120, 300, 600, 900))


def sweep_every(weights: float, quota: Quota, weight: float = 1.0) -> timedelta:
    """Return how often an account of some weight can be listed within the sweeps' share of the hub's quota.

    `weights` is the sum over all accounts. The account's share of the requests is its share of that.

    >>> sweep_every(1000, Quota(500, timedelta(minutes=5)))
    datetime.timedelta(seconds=697, microseconds=674419)
    """
    return max(FASTEST_SWEEP, quota.window * weights / (quota.requests * SWEEP_SHARE * weight))


@dataclass(frozen=True, slots=True)
class Delays:
    """How long after it happened we see something, at most, while the hub answers."""

    new: timedelta  # a repository that is public from the start
    made_public: timedelta  # one that was private
    changed: timedelta  # another licence, gate, name or weights
    withdrawn: timedelta


def delays(every: timedelta, newest_every: timedelta | None) -> Delays:
    """Return the delays to expect where an account is listed `every` so often.

    A new repository is seen by the fast lane where there is one; a withdrawal takes two listings.

    >>> delays(timedelta(minutes=1), timedelta(seconds=30)).withdrawn
    datetime.timedelta(seconds=120)
    """
    return Delays(min(every, newest_every) if newest_every else every, every, every, 2 * every)


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many sweeps may begin now, so that they are spread evenly over a quota's window."""

    tokens: float
    at: datetime


def refilled(bucket: Bucket | None, quota: Quota, now: datetime) -> Bucket:
    """Return the bucket as it is now: it fills at the sweeps' share of the quota, up to one burst."""
    most = max(1.0, _BURST * quota.requests)
    if bucket is None:
        return Bucket(most, now)
    passed = max(now - bucket.at, timedelta(0)) / quota.window
    return Bucket(min(most, bucket.tokens + passed * quota.requests * SWEEP_SHARE), now)


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


def is_away(failures: int) -> bool:
    """Tell whether a receiver, not one message, seems to be the trouble, after failures in a row.

    The oldest message is tried in order first, for as long as one may hold up the others.
    """
    return failures > IN_ORDER


def tries_another(failures: int) -> bool:
    """Tell whether it is the turn of a message that was tried less often than the oldest one.

    While a receiver seems to be away the two take turns: what comes back with the oldest one gets everything in
    order, and what refuses only that one soon gets the others.
    """
    return is_away(failures) and failures % 2 == 0


def hold_after(failures: int, waiting: int) -> timedelta:
    """Return how long a receiver that seems to be away is left alone: little until both messages were tried.

    The steps grow to a quarter of an hour, less the time that so many `waiting` messages will take.
    """
    if tries_another(failures):
        return timedelta(seconds=1)
    longest = max(_LEAST_HOLD, _ALL_TOLD - waiting * _A_MESSAGE)
    return min(retry_after_attempt(failures // 2), longest)


def next_turn(failures: int, waiting: int) -> timedelta:
    """Return in how long a message that just failed has its turn again while its receiver is away."""
    return hold_after(failures | 1, waiting)
