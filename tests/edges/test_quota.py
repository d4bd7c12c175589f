"""How much of a quota is used, in which bucket, by whom, and how fast."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from monitor.core.types import Quota
from monitor.errors import HubPaused
from monitor.hubs.politeness import Politeness

NOW = datetime(2026, 6, 12, tzinfo=UTC)


def told(remaining: int, quota: int = 500, seconds: int = 300, bucket: str = "api") -> dict[str, str]:
    return {
        "ratelimit": f'"{bucket}";r={remaining};t={seconds}',
        "ratelimit-policy": f'"fixed window";"{bucket}";q={quota};w=300',
    }


def github(remaining: int, resource: str = "core", limit: int = 60) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-used": str(limit - remaining),
        "x-ratelimit-reset": str(int(NOW.timestamp()) + 600),
        "x-ratelimit-resource": resource,
    }


def granted(politeness: Politeness, now: datetime = NOW, urgent: bool = False, bucket: str = "") -> int:
    """How many requests may begin, none of which ends; 1000 where that has no end."""
    for count in range(1000):
        try:
            politeness.begin(now, urgent, bucket)
        except HubPaused:
            return count
    return 1000


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("ahead", [-90, -20, -1, 0, 1, 5, 20, 61])
def test_a_wrong_clock_of_ours_uses_no_more_of_a_window_that_ends_by_the_hubs_clock(
    ahead: int, dated: bool
) -> None:
    politeness = Politeness("github", assumed=Quota(60, timedelta(hours=1)), window=timedelta(hours=1))
    reset, used, real = NOW + timedelta(minutes=40), 0, NOW
    while real < reset:
        ours = real + timedelta(minutes=ahead)
        try:
            politeness.begin(ours)
        except HubPaused:
            pass
        else:
            used += 1
            date = {"date": format_datetime(real, usegmt=True)} if dated else {}
            told = github(60 - used) | {"x-ratelimit-reset": str(int(reset.timestamp()))}
            assert politeness.heed(200, told | date, ours) is None
            politeness.end()
        real += timedelta(seconds=5)
    assert used == 52
    if dated:
        assert granted(politeness, reset + timedelta(minutes=ahead, seconds=2)) == 52


def test_a_window_that_is_always_over_already_is_no_reason_for_a_new_one() -> None:
    politeness = Politeness("github", assumed=Quota(60, timedelta(hours=1)), window=timedelta(hours=1))
    used = 0
    for minute in range(59):
        now = NOW + timedelta(minutes=minute)
        used += (asked := granted(politeness, now))
        for _ in range(asked):
            politeness.heed(200, github(60) | {"x-ratelimit-reset": "1500000000"}, now)
            politeness.end()
    assert used == 52


@pytest.mark.parametrize(
    ("left", "policy", "ordinary"),
    [
        # The one that is nearest binds, with its own limit: of 10 two are left over, of 500 sixty.
        ('"burst";r=9;t=1, "api";r=400;t=200', '"burst";q=10;w=1, "api";q=500;w=300', 7),
        ('"burst";r=9;t=1, "api";r=65;t=200', '"burst";q=10;w=1, "api";q=500;w=300', 5),
        ('"api";r=65;t=200, "burst";r=9;t=1', '"api";q=500;w=300, "burst";q=10;w=1', 5),
        ('"api";r=61;t=200', '"default";q=500;w=300, "burst";q=10;w=1', 1),
    ],
)
def test_of_two_limits_in_one_header_each_keeps_its_own_numbers(
    left: str, policy: str, ordinary: int
) -> None:
    politeness = Politeness("hub")
    politeness.heed(200, {"ratelimit": left, "ratelimit-policy": policy}, NOW)
    assert granted(politeness) == ordinary
    assert politeness.quota == Quota(500, timedelta(minutes=5))  # the slowest


@pytest.mark.parametrize(
    ("quota", "ordinary", "urgent"), [(500, 440, 10), (1000, 880, 20), (60, 52, 2), (5, 4, 0), (1, 0, 0)]
)
def test_never_more_than_nine_tenths_are_used_and_the_last_of_them_by_the_urgent(
    quota: int, ordinary: int, urgent: int
) -> None:
    politeness = Politeness("hub")
    politeness.heed(200, told(quota, quota), NOW)
    assert granted(politeness) == ordinary
    assert granted(politeness, urgent=True) == urgent
    assert ordinary + urgent <= 0.9 * quota
    assert politeness.paused_until == NOW + timedelta(seconds=301)


def test_the_urgent_pass_where_the_ordinary_must_wait_and_all_wait_after_a_refusal() -> None:
    politeness = Politeness("hub")
    politeness.heed(200, told(60), NOW)
    assert (granted(politeness), granted(politeness, urgent=True)) == (0, 10)
    politeness.heed(429, {"retry-after": "5"}, NOW)
    later = NOW + timedelta(seconds=4)
    assert granted(politeness, later, urgent=True) == 0


def test_a_quota_known_from_before_sets_the_reserve_where_an_answer_does_not_tell_it() -> None:
    politeness = Politeness("hub", quota=Quota(500, timedelta(minutes=5)))
    politeness.heed(200, {"ratelimit": '"api";r=61;t=100'}, NOW)
    assert granted(politeness) == 1


@pytest.mark.parametrize(
    "headers",
    [told(0, bucket="resolvers"), told(0, bucket="pages"), github(0, "search"), github(0, "graphql")],
)
def test_a_used_up_side_bucket_stops_only_those_who_draw_on_it(headers: dict[str, str]) -> None:
    politeness = Politeness("hub", window=timedelta(hours=1))
    politeness.heed(200, headers, NOW)
    politeness.begin(NOW)
    bucket = "resolvers" if "resolvers" in headers.get("ratelimit", "") else ""
    assert (politeness.paused_until, politeness.quota) == (None, None)
    if bucket:
        assert granted(politeness, bucket=bucket) == 0


def test_each_bucket_is_counted_by_itself() -> None:
    politeness = Politeness("hub")
    politeness.heed(200, told(500), NOW)
    politeness.heed(200, told(100, 100, bucket="resolvers"), NOW)
    assert (granted(politeness, bucket="resolvers"), granted(politeness)) == (88, 440)


def test_a_refused_side_bucket_does_not_pause_the_rest_and_a_bare_refusal_does() -> None:
    politeness = Politeness("hub")
    politeness.heed(429, told(0, bucket="resolvers"), NOW, bucket="resolvers")
    assert (granted(politeness, bucket="resolvers"), politeness.paused_until) == (0, None)
    politeness.begin(NOW)
    politeness.heed(429, {}, NOW, bucket="resolvers")
    assert granted(politeness) == 0


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (403, github(0), 601),
        (429, github(0), 601),
        (403, github(30) | {"retry-after": "60"}, 60),
        (429, github(30), 60),
        (403, {"retry-after": "Fri, 12 Jun 2026 00:02:00 GMT"}, 120),
        (503, {"retry-after": "7"}, 7),
        (403, github(30), None),
        (403, {}, None),
        (503, {}, None),
        (404, {"retry-after": "60"}, None),
        (200, {"retry-after": "60"}, None),
    ],
)
def test_a_refusal_for_quota_is_told_from_any_other(
    status: int, headers: dict[str, str], seconds: int | None
) -> None:
    politeness = Politeness("github", window=timedelta(hours=1))
    wait = politeness.heed(status, headers, NOW)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))
    assert (granted(politeness) == 0) is (seconds is not None)


def test_a_limit_without_a_window_is_a_quota_where_the_window_is_known() -> None:
    hourly = Politeness("github", window=timedelta(hours=1))
    hourly.heed(200, github(60), NOW)
    assert (hourly.quota, granted(hourly), granted(hourly, urgent=True)) == (
        Quota(60, timedelta(hours=1)),
        52,
        2,
    )
    unknown = Politeness("hub")
    unknown.heed(200, github(60), NOW)
    assert (unknown.quota, granted(unknown)) == (None, 52)


def test_what_a_hub_does_not_tell_is_counted_in_windows_of_the_assumed_quota() -> None:
    minute = timedelta(minutes=1)
    politeness = Politeness("hub", assumed=Quota(20, minute))
    for _ in range(17):
        politeness.begin(NOW)
        politeness.heed(200, {}, NOW)
        politeness.end()
    assert (granted(politeness), granted(politeness, urgent=True)) == (0, 1)
    assert (politeness.paused_until, politeness.quota) == (NOW + minute, Quota(20, minute))
    assert granted(politeness, NOW + minute) == 17


def test_what_a_hub_tells_rules_over_what_we_assume() -> None:
    politeness = Politeness("hub", assumed=Quota(20, timedelta(minutes=1)))
    politeness.begin(NOW)
    politeness.heed(200, told(499), NOW)
    politeness.end()
    assert granted(politeness) == 439


def test_starts_keep_their_distance_and_nobody_waits_long_for_it() -> None:
    ticks = [100.0]
    politeness = Politeness("hub", gap=timedelta(seconds=2), ticks=lambda: ticks[0])
    waits = [politeness.begin(NOW).total_seconds() for _ in range(3)]
    with pytest.raises(HubPaused) as caught:
        politeness.begin(NOW)
    assert (waits, caught.value.retry_after) == ([0, 2, 4], timedelta(seconds=6))
    ticks[0] += 60
    assert politeness.begin(NOW) == timedelta(0)
