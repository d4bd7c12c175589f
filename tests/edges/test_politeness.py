"""How the hubs' own words about quota and waiting are read, and obeyed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.types import Account, Quota
from monitor.demo.server import Answer
from monitor.errors import HubError, HubPaused, Trouble
from monitor.hubs.huggingface import HuggingFace
from monitor.hubs.limit_headers import wait_asked_for
from monitor.hubs.politeness import Politeness
from servers import Clock, ScriptedServer, StandInHub, huggingface, page, repo

NOW = datetime(2026, 6, 12, tzinfo=UTC)
MAY = datetime(2026, 5, 2, tzinfo=UTC)
ACME = Account("acme", "huggingface", "acme")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("55", 55),
        ("1.5", 1.5),
        ("0", 1),
        ("Fri, 12 Jun 2026 00:02:00 GMT", 120),
        ("Fri, 12 Jun 2026 00:02:00 -0000", 120),
        ("Thu, 11 Jun 2026 00:00:00 GMT", 60),
        ("86400", 3600),
        ("9" * 400, 3600),
        ("-5", 60),
        ("soon", 60),
        ("", 60),
        ("²", 60),
        ("nan", 60),
    ],
)
def test_a_wait_is_read_and_bounded(value: str, seconds: float) -> None:
    assert wait_asked_for({"retry-after": value}, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "Fri, 12 Jun 2026 00:02:00 GMT", "date": "Fri, 12 Jun 2026 00:01:30 GMT"}, 30),
        ({"retry-after": "Fri, 12 Jun 2026 00:02:00 GMT", "date": "Thu, 11 Jun 2026 23:02:00 GMT"}, 3600),
        ({"retry-after": "Thu, 11 Jun 2026 00:01:00 GMT", "date": "Thu, 11 Jun 2026 00:00:00 GMT"}, 60),
        ({"retry-after": "Fri, 12 Jun 2026 00:02:00 GMT", "date": "today"}, 120),
        ({"retry-after": "Fri, 12 Jun 2026 00:02:00 GMT", "date": "Fri, 12 Jun 2026 00:03:00 GMT"}, 60),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) - 1)}, 60),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()))}, 1),
    ],
)
def test_a_moment_is_read_by_the_hubs_own_clock(headers: dict[str, str], seconds: int) -> None:
    assert wait_asked_for(headers, NOW) == timedelta(seconds=seconds)


def test_a_refusal_that_only_tells_the_window_waits_for_its_end() -> None:
    assert wait_asked_for({"ratelimit": '"api";r=0;t=55'}, NOW) == timedelta(seconds=56)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit": '"api";r=1;t=100'}, 101),
        ({"ratelimit": '"pages";r=50;t=9, "api";r=0;t=100'}, 101),
        ({"ratelimit": '"api";r=0;t=86400'}, 3600),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 30)}, 31),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "30"}, 31),
    ],
)
def test_a_quota_almost_used_up_pauses_until_it_is_full_again(headers: dict[str, str], seconds: int) -> None:
    politeness = Politeness("hub")
    politeness.heed(200, headers, NOW)
    with pytest.raises(HubPaused) as caught:
        politeness.begin(NOW)
    assert caught.value.retry_after == timedelta(seconds=seconds)
    politeness.begin(NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ratelimit": '"api";r=2;t=100'},
        {"ratelimit": "full"},
        {"x-ratelimit-remaining": "0"},
        {"x-ratelimit-remaining": "²", "x-ratelimit-reset": "5"},
        {"retry-after": "99"},
    ],
)
def test_whatever_else_a_hub_says_pauses_nothing(headers: dict[str, str]) -> None:
    politeness = Politeness("hub")
    politeness.heed(200, headers, NOW)
    politeness.begin(NOW)
    assert politeness.paused_until is None


def test_requests_under_way_count_as_used() -> None:
    politeness = Politeness("hub")
    politeness.heed(200, {"ratelimit": '"api";r=3;t=100'}, NOW)
    politeness.begin(NOW)
    politeness.begin(NOW)
    with pytest.raises(HubPaused):
        politeness.begin(NOW)


def test_an_overtaken_answer_does_not_raise_what_is_left() -> None:
    politeness = Politeness("hub")
    politeness.heed(200, {"ratelimit": '"api";r=1;t=100'}, NOW)
    politeness.heed(200, {"ratelimit": '"api";r=9;t=100'}, NOW)
    with pytest.raises(HubPaused):
        politeness.begin(NOW)


def test_the_pause_is_obeyed_before_the_hub_refuses() -> None:
    clock = Clock()
    with (
        StandInHub(clock, [repo("acme/One", MAY)], quota=Quota(5, timedelta(seconds=300))) as server,
        huggingface(server.url, clock=clock) as hub,
    ):
        for _ in range(4):
            hub.list_repos(ACME)
        with pytest.raises(HubPaused) as caught:
            hub.list_repos(ACME)
        assert (len(server.requests), hub.quota) == (4, Quota(5, timedelta(seconds=300)))
        assert caught.value.retry_after == timedelta(seconds=301)
        assert hub.paused_until == clock.now + timedelta(seconds=301)
        clock.now += timedelta(seconds=301)
        assert len(hub.list_repos(ACME).repos) == 1


def test_eight_threads_together_keep_the_quota() -> None:
    clock = Clock()
    with (
        StandInHub(clock, [repo("acme/One", MAY)], quota=Quota(20, timedelta(seconds=300))) as server,
        huggingface(server.url, clock=clock) as hub,
        ThreadPoolExecutor(8) as pool,
    ):
        hub.list_repos(ACME)
        ended = [pool.submit(hub.list_repos, ACME).exception for _ in range(60)]
        errors = [error for wait in ended if (error := wait()) is not None]
    assert 0 < len(server.requests) <= 18
    assert len(errors) == 61 - len(server.requests)
    assert all(isinstance(error, HubPaused) for error in errors)


def test_after_a_refusal_nothing_is_asked_until_the_hub_allows_it() -> None:
    clock = Clock()
    refusal = Answer(429, (("Retry-After", "55"),), b"slow down")
    with ScriptedServer(refusal, page(1)) as server, huggingface(server.url, clock=clock) as hub:
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME)
        assert (caught.value.trouble, caught.value.retry_after) == (Trouble.QUOTA, timedelta(seconds=55))
        with pytest.raises(HubPaused):
            hub.list_repos(ACME)
        assert len(server.requests) == 1
        clock.now += timedelta(seconds=55)
        assert len(hub.list_repos(ACME).repos) == 1


def test_a_pause_outlives_a_restart() -> None:
    clock = Clock()
    until = clock.now + timedelta(seconds=90)
    with ScriptedServer(page(1)) as server:
        hub = HuggingFace(server.url, None, clock, paused_until=until, quota=Quota(500, timedelta(minutes=5)))
        with pytest.raises(HubPaused) as caught:
            hub.look("acme/One")
        hub.close()
        assert server.requests == []
    assert (caught.value.retry_after, hub.quota) == (timedelta(seconds=90), Quota(500, timedelta(minutes=5)))


def test_a_pause_that_a_clock_put_into_the_far_future_is_cut_to_an_hour() -> None:
    hour = timedelta(hours=1)
    politeness = Politeness("hub", paused_until=NOW + timedelta(days=1460))
    with pytest.raises(HubPaused) as caught:
        politeness.begin(NOW)
    assert (caught.value.retry_after, politeness.paused_until) == (hour, NOW + hour)
    politeness.begin(NOW + hour)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"retry-after": "60"}),
        (200, {"ratelimit": '"api";r=0;t=60'}),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}),
    ],
)
def test_a_clock_that_ran_ahead_and_is_set_right_stops_nothing_for_longer_than_an_hour(
    status: int, headers: dict[str, str]
) -> None:
    politeness = Politeness("hub", assumed=Quota(20, timedelta(minutes=5)))
    ahead = NOW + timedelta(days=1460)
    politeness.begin(ahead)
    politeness.heed(status, headers, ahead)
    politeness.end()
    with pytest.raises(HubPaused):
        politeness.begin(ahead)
    try:
        politeness.begin(NOW)
    except HubPaused:
        politeness.begin(NOW + timedelta(hours=1))
