"""When a hub may be asked again: its quota as it tells it, and the pauses that follow."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock

from monitor.core.types import Quota
from monitor.errors import HubPaused

LONGEST_PAUSE = timedelta(hours=1)
USUAL_PAUSE = timedelta(seconds=60)  # on a refusal that names no time
_RESERVE = 1  # requests that are left over

# RateLimit: "api";r=499;t=293 and RateLimit-Policy: "fixed window";"api";q=500;w=300
# Source: huggingface.co/docs/hub/rate-limits, after IETF draft-ietf-httpapi-ratelimit-headers.
_REMAINING = re.compile(r"r\s*=\s*(\d{1,9})\s*;\s*t\s*=\s*(\d{1,9})")
_POLICY = re.compile(r"q\s*=\s*(\d{1,9})\s*;\s*w\s*=\s*(\d{1,9})")
_EPOCH = 1_000_000_000  # a larger "reset" is a moment, a smaller one a number of seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the quota, and when the window ends."""

    remaining: int
    resets_at: datetime


class Politeness:
    """One hub's wishes, kept for all threads that ask it.

    It pauses before the quota is quite used up, so that the refusal itself never happens. Every request
    goes through `begin` (which may refuse), `heed` (with the answer's headers) and `end`.
    """

    def __init__(
        self,
        hub: str,
        paused_until: datetime | None = None,
        quota: Quota | None = None,
    ) -> None:
        self._hub = hub
        self._paused_until = paused_until
        self._quota = quota
        self._allowance: Allowance | None = None
        self._under_way = 0
        self._lock = Lock()

    @property
    def paused_until(self) -> datetime | None:
        """Until when the hub asked not to be asked; may lie in the past, None if it never did."""
        return self._paused_until

    @property
    def quota(self) -> Quota | None:
        """The hub's own statement of its quota, None until it made one."""
        return self._quota

    def begin(self, now: datetime) -> None:
        """Enter one request that is about to be sent. Raises HubPaused if it must not be."""
        with self._lock:
            self._pause_if_used_up(now)
            if self._paused_until is not None and now < self._paused_until:
                raise HubPaused(self._hub, self._paused_until - now)
            self._under_way += 1

    def end(self) -> None:
        """Enter that a request is over, however it ended."""
        with self._lock:
            self._under_way -= 1

    def heed(self, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """Learn from an answer. `headers` looks names up without regard to case, as HTTP libraries' do."""
        with self._lock:
            self._quota = _quota(headers) or self._quota
            self._learn(_allowance(headers, now))
            if status == 429 or (status == 503 and "retry-after" in headers):
                self._pause(now + wait_asked_for(headers, now))
            elif self._allowance is not None and self._allowance.remaining <= _RESERVE:
                self._pause(self._allowance.resets_at)

    def _learn(self, told: Allowance | None) -> None:
        known = self._allowance
        if told is None:
            return
        # Answers overtake one another: within one window the smaller number is the later one.
        same_window = known is not None and abs(told.resets_at - known.resets_at) <= timedelta(seconds=2)
        if known is None or not same_window or told.remaining <= known.remaining:
            self._allowance = told

    def _pause_if_used_up(self, now: datetime) -> None:
        if self._allowance is None:
            return
        if now >= self._allowance.resets_at:
            self._allowance = None
        elif self._allowance.remaining - self._under_way <= _RESERVE:
            self._pause(self._allowance.resets_at)

    def _pause(self, until: datetime) -> None:
        if self._paused_until is None or until > self._paused_until:
            self._paused_until = until


def wait_asked_for(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return how long a refused caller is to wait: 1 second to 1 hour, a minute where nothing readable is said.

    `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3); some servers send a decimal.
    """
    value = headers.get("retry-after", "").strip()
    wait = _seconds(value) if value[:1].isdigit() else _until_date(value, now)
    if wait is None and (allowance := _allowance(headers, now)) is not None and allowance.remaining == 0:
        wait = allowance.resets_at - now
    if wait is None or wait < timedelta(0):
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


def _allowance(headers: Mapping[str, str], now: datetime) -> Allowance | None:
    if found := _REMAINING.findall(headers.get("ratelimit", "")):
        remaining, seconds = min((int(r), int(t)) for r, t in found)
        # One second more: the hub rounds its own clock down.
        return Allowance(remaining, now + min(timedelta(seconds=seconds + 1), LONGEST_PAUSE))
    left, reset = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
    if not (re.fullmatch(r"[0-9]{1,9}", left) and re.fullmatch(r"[0-9]{1,10}", reset)):
        return None
    wait = timedelta(seconds=int(reset) - (now.timestamp() if int(reset) > _EPOCH else 0) + 1)
    return Allowance(int(left), now + min(max(wait, timedelta(0)), LONGEST_PAUSE))


def _quota(headers: Mapping[str, str]) -> Quota | None:
    found = _POLICY.search(headers.get("ratelimit-policy", ""))
    if found is None:
        return None
    requests, seconds = int(found[1]), int(found[2])
    return Quota(requests, timedelta(seconds=seconds)) if requests and seconds else None
