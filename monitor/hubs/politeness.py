"""When a hub may be asked again: its quota as it tells it, and the pauses that follow."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from monitor.core.schedule import LONGEST_PAUSE
from monitor.core.types import Quota
from monitor.errors import HubPaused
from monitor.hubs.limit_headers import (
    Allowance,
    is_refusal,
    read_allowances,
    read_quota,
    wait_asked_for,
)

LONGEST_GAP_WAIT = 5.0  # seconds; whoever would wait longer comes back later
# Two answers that tell ends so close to one another speak of one window: an answer takes that long at most.
_ONE_WINDOW = timedelta(seconds=30)


class Politeness:
    """One hub's wishes, kept for all threads that ask it.

    It pauses before more than nine tenths of the quota are used up, so that a refusal never happens. Every request
    goes through `begin` (which may refuse), `heed` (with the answer's headers) and `end`.

    `assumed` is the quota by which we count ourselves, window after window, while the hub tells none. `window` is the
    length of the window where the hub tells a limit without one, as GitHub does (an hour). `gap` is the least time
    between the starts of two requests. Quotas have buckets: "" is the one that listings use; a side bucket that is
    used up ("resolvers", "pages"; "search", "graphql") stops only the requests that say that they draw on it.
    """

    def __init__(
        self,
        hub: str,
        paused_until: datetime | None = None,
        quota: Quota | None = None,
        *,
        assumed: Quota | None = None,
        window: timedelta | None = None,
        gap: timedelta = timedelta(0),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hub = hub
        self._paused_until = paused_until
        self._refused_until = {"": paused_until} if paused_until else {}
        self._quota = quota
        self._assumed = assumed
        self._window = window
        self._told: dict[str, Allowance] = {}
        self._counted: dict[str, Allowance] = {}  # by us, against what we assume
        self._under_way: Counter[str] = Counter()
        self._gap = gap.total_seconds()
        self._ticks = ticks
        self._next_start = 0.0
        self._lock = Lock()

    @property
    def paused_until(self) -> datetime | None:
        """Until when the hub is not to be asked for listings; may lie in the past, None if it always could."""
        return self._paused_until

    @property
    def quota(self) -> Quota | None:
        """The hub's own statement of its quota; until it made one, what we assume, or None."""
        return self._quota or self._assumed

    def begin(self, now: datetime, urgent: bool = False, bucket: str = "") -> timedelta:
        """Enter one request that is about to be sent, and return how long to wait before it is.

        Raises HubPaused if it must not be sent: then there is nothing to end. `urgent` requests may use the last
        two hundredths of the nine tenths.
        """
        with self._lock:
            self._cut_pauses(now + LONGEST_PAUSE)
            self._refuse_if_refused(bucket, now)
            self._refuse_if_used_up(bucket, urgent, now)
            wait = self._wait_for_the_gap()
            self._count(bucket)
            return wait

    def end(self, bucket: str = "") -> None:
        """Enter that a request is over, however it ended."""
        with self._lock:
            self._under_way[bucket] -= 1

    def heed(
        self, status: int, headers: Mapping[str, str], now: datetime, bucket: str = ""
    ) -> timedelta | None:
        """Learn from the answer to a request; return how long a refusal asks us to wait, None if it is none.

        `headers` looks names up in lower case at least. A refusal stops the bucket of the request and those that it
        names; one that names none stops everything.
        """
        told = read_allowances(headers, now)
        with self._lock:
            self._quota = read_quota(headers, self._window) or self._quota
            for name, allowance in told.items():
                self._learn(name, allowance)
            if not is_refusal(status, headers):
                return None
            wait = wait_asked_for(headers, now)
            for name in {bucket, *told} if told else {""}:
                self._pause(name, now + wait)
            return wait

    def refuse(self, wait: timedelta, now: datetime) -> None:
        """Enter a refusal that the headers do not show."""
        with self._lock:
            self._pause("", now + min(wait, LONGEST_PAUSE))

    def _cut_pauses(self, latest: datetime) -> None:
        """Bring back what a clock that ran ahead, of ours or of an earlier process, has put into the far future."""
        self._refused_until = {name: min(until, latest) for name, until in self._refused_until.items()}
        if self._paused_until is not None:
            self._paused_until = min(self._paused_until, latest)

    def _refuse_if_refused(self, bucket: str, now: datetime) -> None:
        for name in ("", bucket):
            until = self._refused_until.get(name)
            if until is not None and now < until:
                raise HubPaused(self._hub, until - now)

    def _refuse_if_used_up(self, bucket: str, urgent: bool, now: datetime) -> None:
        allowance = self._told_now(bucket, now)
        under_way = self._under_way[bucket]
        if allowance is None:
            # What we count ourselves has counted those under way already.
            allowance, under_way = self._counted_now(bucket, now), 0
        if allowance is not None and allowance.spare(urgent) <= under_way:
            self._note_pause(bucket, allowance.resets_at)
            raise HubPaused(self._hub, allowance.resets_at - now)

    def _told_now(self, bucket: str, now: datetime) -> Allowance | None:
        """Return what the hub said is left in the window that lasts now."""
        told = self._told.get(bucket)
        # An end further off than any pause is of a clock that ran ahead.
        if told is None or now < told.resets_at <= now + LONGEST_PAUSE:
            return told
        del self._told[bucket]
        if told.is_sure and told.resets_at <= now:  # else the quota may be as used up as we know it
            self._counted.pop(bucket, None)
        return None

    def _counted_now(self, bucket: str, now: datetime) -> Allowance | None:
        """Return what is left of the quota that we assume; all of it only where a window begins."""
        if self._assumed is None:
            return None
        limit, ends = self._assumed.requests, now + self._assumed.window
        known = self._counted.get(bucket)
        if known is None or not now < known.resets_at <= ends:
            self._counted[bucket] = known = Allowance(limit, ends, limit)
        return known

    def _count(self, bucket: str) -> None:
        self._under_way[bucket] += 1
        counted = self._counted.get(bucket)
        if counted is not None:
            self._counted[bucket] = replace(counted, remaining=counted.remaining - 1)

    def _wait_for_the_gap(self) -> timedelta:
        ticks = self._ticks()
        wait = max(self._next_start - ticks, 0.0)
        if wait > LONGEST_GAP_WAIT:
            raise HubPaused(self._hub, timedelta(seconds=wait))
        self._next_start = ticks + wait + self._gap
        return timedelta(seconds=wait)

    def _learn(self, bucket: str, told: Allowance) -> None:
        known = self._told.get(bucket)
        if told.limit is None and not bucket and self._quota is not None:
            told = replace(told, limit=self._quota.requests)
        # Answers overtake one another: within one window the smaller number is the later one.
        if known is None or not _in_one_window(told, known) or told.remaining <= known.remaining:
            self._told[bucket] = told
            if told.spare() <= 0:
                self._note_pause(bucket, told.resets_at)

    def _pause(self, bucket: str, until: datetime) -> None:
        self._refused_until[bucket] = max(until, self._refused_until.get(bucket, until))
        self._note_pause(bucket, until)

    def _note_pause(self, bucket: str, until: datetime) -> None:
        if not bucket:
            self._paused_until = max(until, self._paused_until or until)


def _in_one_window(one: Allowance, other: Allowance) -> bool:
    return abs(one.resets_at - other.resets_at) <= _ONE_WINDOW
