"""When a hub may be asked again: its quota as it tells it, and the pauses that follow."""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock

from monitor.core.types import Quota
from monitor.errors import HubPaused

LONGEST_PAUSE = timedelta(hours=1)
USUAL_PAUSE = timedelta(seconds=60)  # on a refusal that names no time
LONGEST_GAP_WAIT = 5.0  # seconds; whoever would wait longer comes back later
# Left over of a quota, in hundredths. The difference is what urgent requests have for themselves.
_RESERVE, _URGENT_RESERVE = 12, 10

# RateLimit: "api";r=499;t=293 and RateLimit-Policy: "fixed window";"api";q=500;w=300
# Source: huggingface.co/docs/hub/rate-limits, after IETF draft-ietf-httpapi-ratelimit-headers.
_REMAINING = re.compile(r'(?:"([^"]*)"\s*;\s*)?r\s*=\s*(\d{1,9})\s*;\s*t\s*=\s*(\d{1,9})', re.ASCII)
_POLICY = re.compile(r'(?:"([^"]*)"\s*;\s*)?q\s*=\s*(\d{1,9})(?:\s*;\s*w\s*=\s*(\d{1,9}))?', re.ASCII)
_EPOCH = 1_000_000_000  # a larger "reset" is a moment, a smaller one a number of seconds
# Quotas beside the one that listings use. A name that is not known is taken for the main one, to be on the safe side.
_SIDE_BUCKETS = frozenset({"resolvers", "pages"})
_MAIN_RESOURCES = frozenset({"", "core"})  # GitHub's names: docs.github.com/rest/rate-limit


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of one quota, and when its window ends. `limit` is the whole quota, None if untold."""

    remaining: int
    resets_at: datetime
    limit: int | None = None
    ours: bool = False  # counted by us, because the hub tells nothing

    def reserve(self, urgent: bool) -> int:
        """How many requests are left over: a tenth of the quota and a little more, at least one."""
        share = _URGENT_RESERVE if urgent else _RESERVE
        return max(1, -(-(self.limit or 0) * share // 100))


class Politeness:
    """One hub's wishes, kept for all threads that ask it.

    It pauses before more than nine tenths of the quota are used up, so that a refusal never happens. Every request
    goes through `begin` (which may refuse), `heed` (with the answer's headers) and `end`.

    `assumed` is the quota by which we count ourselves as long as the hub tells none. `window` is the length of the
    window where the hub tells a limit without one, as GitHub does (an hour). `gap` is the least time between the
    starts of two requests. Quotas have buckets: "" is the one that listings use; a side bucket that is used up
    ("resolvers", "pages"; "search", "graphql") stops only the requests that say that they draw on it.
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
        self._allowances: dict[str, Allowance] = {}
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
        told = _allowances(headers, now)
        with self._lock:
            self._quota = _quota(headers, self._window) or self._quota
            for name, allowance in told.items():
                self._learn(name, allowance)
            if not _is_refusal(status, headers):
                return None
            wait = wait_asked_for(headers, now)
            for name in {bucket, *told} if told else {""}:
                self._pause(name, now + wait)
            return wait

    def refuse(self, wait: timedelta, now: datetime) -> None:
        """Enter a refusal that the headers do not show."""
        with self._lock:
            self._pause("", now + min(wait, LONGEST_PAUSE))

    def _refuse_if_refused(self, bucket: str, now: datetime) -> None:
        for name in ("", bucket):
            until = self._refused_until.get(name)
            if until is not None and now < until:
                raise HubPaused(self._hub, until - now)

    def _refuse_if_used_up(self, bucket: str, urgent: bool, now: datetime) -> None:
        allowance = self._allowance(bucket, now)
        if allowance is None:
            return
        # What we count ourselves has counted those under way already.
        under_way = 0 if allowance.ours else self._under_way[bucket]
        if allowance.remaining - under_way <= allowance.reserve(urgent):
            self._note_pause(bucket, allowance.resets_at)
            raise HubPaused(self._hub, allowance.resets_at - now)

    def _allowance(self, bucket: str, now: datetime) -> Allowance | None:
        """Return what is left in the window that lasts now; where nothing is told, what we assume."""
        known = self._allowances.get(bucket)
        if known is not None and now < known.resets_at:
            return known
        self._allowances.pop(bucket, None)
        if self._assumed is None:
            return None
        limit, ends = self._assumed.requests, now + self._assumed.window
        self._allowances[bucket] = assumed = Allowance(limit, ends, limit, ours=True)
        return assumed

    def _count(self, bucket: str) -> None:
        self._under_way[bucket] += 1
        known = self._allowances.get(bucket)
        if known is not None and known.ours:
            self._allowances[bucket] = replace(known, remaining=known.remaining - 1)

    def _wait_for_the_gap(self) -> timedelta:
        ticks = self._ticks()
        wait = max(self._next_start - ticks, 0.0)
        if wait > LONGEST_GAP_WAIT:
            raise HubPaused(self._hub, timedelta(seconds=wait))
        self._next_start = ticks + wait + self._gap
        return timedelta(seconds=wait)

    def _learn(self, bucket: str, told: Allowance) -> None:
        known = self._allowances.get(bucket)
        if told.limit is None and not bucket and self._quota is not None:
            told = replace(told, limit=self._quota.requests)
        # Answers overtake one another: within one window the smaller number is the later one.
        if (
            known is None
            or known.ours
            or not _in_one_window(told, known)
            or told.remaining <= known.remaining
        ):
            self._allowances[bucket] = told
            if told.remaining <= told.reserve(urgent=False):
                self._note_pause(bucket, told.resets_at)

    def _pause(self, bucket: str, until: datetime) -> None:
        self._refused_until[bucket] = max(until, self._refused_until.get(bucket, until))
        self._note_pause(bucket, until)

    def _note_pause(self, bucket: str, until: datetime) -> None:
        if not bucket:
            self._paused_until = max(until, self._paused_until or until)


def wait_asked_for(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return how long a refused caller is to wait: 1 second to 1 hour, a minute where nothing readable is said.

    `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3); some servers send a decimal.
    """
    value = headers.get("retry-after", "").strip()
    wait = _seconds(value) if value[:1].isdigit() else _until_date(value, now)
    if wait is None:
        ends = [each.resets_at for each in _allowances(headers, now).values() if each.remaining == 0]
        wait = max(ends) - now if ends else USUAL_PAUSE
    if wait < timedelta(0):
        wait = USUAL_PAUSE
    return min(max(wait, timedelta(seconds=1)), LONGEST_PAUSE)


def _seconds(value: str) -> timedelta | None:
    if not re.fullmatch(r"\d+(\.\d*)?", value, re.ASCII):
        return None
    return timedelta(seconds=min(float(value), LONGEST_PAUSE.total_seconds()))


def _until_date(value: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_refusal(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer says "too many": GitHub says so with 403 too (docs.github.com/rest, rate limits)."""
    if status == 403:
        return "retry-after" in headers or headers.get("x-ratelimit-remaining", "").strip() == "0"
    return status == 429 or (status == 503 and "retry-after" in headers)


def _allowances(headers: Mapping[str, str], now: datetime) -> dict[str, Allowance]:
    """Return what the headers tell is left, by bucket; of several numbers for one bucket the smallest."""
    limits = {
        _bucket(name): int(limit) for name, limit, _ in _POLICY.findall(headers.get("ratelimit-policy", ""))
    }
    found: dict[str, Allowance] = {}
    for name, left, seconds in _REMAINING.findall(headers.get("ratelimit", "")):
        # One second more: the hub rounds its own clock down.
        ends = now + min(timedelta(seconds=int(seconds) + 1), LONGEST_PAUSE)
        bucket = _bucket(name)
        if bucket not in found or int(left) < found[bucket].remaining:
            found[bucket] = Allowance(int(left), ends, limits.get(bucket))
    return found or _older_allowance(headers, now)


def _older_allowance(headers: Mapping[str, str], now: datetime) -> dict[str, Allowance]:
    left, reset = _number(headers, "x-ratelimit-remaining"), _number(headers, "x-ratelimit-reset")
    if left is None or reset is None:
        return {}
    wait = timedelta(seconds=reset - (now.timestamp() if reset > _EPOCH else 0) + 1)
    ends = now + min(max(wait, timedelta(0)), LONGEST_PAUSE)
    resource = headers.get("x-ratelimit-resource", "")
    bucket = "" if resource in _MAIN_RESOURCES else resource[:40]
    return {bucket: Allowance(left, ends, _number(headers, "x-ratelimit-limit"))}


def _quota(headers: Mapping[str, str], window: timedelta | None) -> Quota | None:
    for name, requests, seconds in _POLICY.findall(headers.get("ratelimit-policy", "")):
        if not _bucket(name) and int(requests) and int(seconds or 0):
            return Quota(int(requests), timedelta(seconds=int(seconds)))
    limit = _number(headers, "x-ratelimit-limit")
    main = headers.get("x-ratelimit-resource", "") in _MAIN_RESOURCES
    return Quota(limit, window) if limit and window and main else None


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "").strip()
    return int(value) if re.fullmatch(r"[0-9]{1,10}", value) else None


def _bucket(name: str) -> str:
    return name if name in _SIDE_BUCKETS else ""


def _in_one_window(one: Allowance, other: Allowance) -> bool:
    return abs(one.resets_at - other.resets_at) <= timedelta(seconds=2)
