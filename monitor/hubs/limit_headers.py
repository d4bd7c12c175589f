"""What the headers of an answer say about a hub's limits: what is left, until when, and how long to wait."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.core.schedule import LONGEST_PAUSE
from monitor.core.types import Quota

USUAL_PAUSE = timedelta(seconds=60)  # on a refusal that names no time
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
    """What is left of one quota, and when its window ends. `limit` is the whole quota, None if untold.

    `is_sure` says that the end was told in seconds, or by the hub's own clock: ours may be wrong.
    """

    remaining: int
    resets_at: datetime
    limit: int | None = None
    is_sure: bool = True

    def spare(self, urgent: bool = False) -> int:
        """How many requests may be sent: what is left but a tenth of the quota and a little more, at least one."""
        share = _URGENT_RESERVE if urgent else _RESERVE
        return self.remaining - max(1, -(-(self.limit or 0) * share // 100))


def read_allowances(headers: Mapping[str, str], now: datetime) -> dict[str, Allowance]:
    """Return what the headers tell is left, by bucket; of several limits of one bucket the one that is nearest."""
    policies = _POLICY.findall(headers.get("ratelimit-policy", ""))
    found: dict[str, Allowance] = {}
    for name, left, seconds in _REMAINING.findall(headers.get("ratelimit", "")):
        # One second more: the hub rounds its own clock down.
        ends = now + min(timedelta(seconds=int(seconds) + 1), LONGEST_PAUSE)
        bucket, told = _bucket(name), Allowance(int(left), ends, _limit(name, policies))
        if bucket not in found or told.spare() < found[bucket].spare():
            found[bucket] = told
    return found or _older_allowance(headers, now)


def read_quota(headers: Mapping[str, str], window: timedelta | None) -> Quota | None:
    """Return the quota of listings, of several the slowest; `window` is that of a limit which is told without one."""
    policies = _POLICY.findall(headers.get("ratelimit-policy", ""))
    told = [
        Quota(int(requests), timedelta(seconds=int(seconds)))
        for name, requests, seconds in policies
        if not _bucket(name) and int(requests) and int(seconds or 0)
    ]
    if told:
        return min(told, key=lambda quota: quota.requests / quota.window.total_seconds())
    limit = _number(headers, "x-ratelimit-limit")
    main = headers.get("x-ratelimit-resource", "") in _MAIN_RESOURCES
    return Quota(limit, window) if limit and window and main else None


def is_refusal(status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer says "too many": GitHub says so with 403 too (docs.github.com/rest, rate limits)."""
    if status == 403:
        return "retry-after" in headers or headers.get("x-ratelimit-remaining", "").strip() == "0"
    return status == 429 or (status == 503 and "retry-after" in headers)


def wait_asked_for(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return how long a refused caller is to wait: 1 second to 1 hour, a minute where nothing readable is said.

    `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3); some servers send a decimal.
    """
    value = headers.get("retry-after", "").strip()
    if value[:1].isdigit():
        wait = _seconds(value)
    else:
        moment = _date(value)
        wait = moment - (_date(headers.get("date", "")) or now) if moment else None
    if wait is None:
        ends = [each.resets_at for each in read_allowances(headers, now).values() if each.remaining == 0]
        wait = max(ends) - now if ends else USUAL_PAUSE
    if wait < timedelta(0):
        wait = USUAL_PAUSE
    return min(max(wait, timedelta(seconds=1)), LONGEST_PAUSE)


def _older_allowance(headers: Mapping[str, str], now: datetime) -> dict[str, Allowance]:
    left, reset = _number(headers, "x-ratelimit-remaining"), _number(headers, "x-ratelimit-reset")
    if left is None or reset is None:
        return {}
    wait, is_sure = _until(reset, headers, now)
    resource = headers.get("x-ratelimit-resource", "")
    bucket = "" if resource in _MAIN_RESOURCES else resource[:40]
    limit = _number(headers, "x-ratelimit-limit")
    return {bucket: Allowance(left, now + min(wait, LONGEST_PAUSE), limit, is_sure)}


def _until(reset: int, headers: Mapping[str, str], now: datetime) -> tuple[timedelta, bool]:
    """Return how long a window still lasts, and whether that is sure. One that is over already tells nothing."""
    hubs_own = _date(headers.get("date", ""))
    begins = (hubs_own or now).timestamp() if reset > _EPOCH else 0
    wait = timedelta(seconds=reset - begins + 1)
    if wait <= timedelta(0):
        return USUAL_PAUSE, False
    return wait, reset <= _EPOCH or hubs_own is not None


def _limit(name: str, policies: list[tuple[str, str, str]]) -> int | None:
    """Return the limit of the policy of that name; where none has it, of the first one of the same bucket."""
    same = [limit for policy, limit, _ in policies if policy == name]
    akin = [limit for policy, limit, _ in policies if _bucket(policy) == _bucket(name)]
    return next((int(limit) for limit in same + akin), None)


def _seconds(value: str) -> timedelta | None:
    if not re.fullmatch(r"\d+(\.\d*)?", value, re.ASCII):
        return None
    return timedelta(seconds=min(float(value), LONGEST_PAUSE.total_seconds()))


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "").strip()
    return int(value) if re.fullmatch(r"[0-9]{1,10}", value) else None


def _bucket(name: str) -> str:
    return name if name in _SIDE_BUCKETS else ""
