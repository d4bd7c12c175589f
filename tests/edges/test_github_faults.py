"""What goes wrong with GitHub is one clear error each, and nothing is taken for an empty account."""

import json
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest

from github_server import Code, StandInGitHub, github, said
from monitor.core.types import Account, Listing
from monitor.demo.server import Answer, Request
from monitor.errors import HubError, HubPaused, Trouble
from monitor.hubs.github import GitHub
from servers import (
    Clock,
    ScriptedServer,
    cut_chunks,
    cut_short,
    drip,
    gzip_bomb,
    html_answer,
    json_answer,
    refused_url,
    stall,
)

ACME = Account("acme", "github", "acme")
NEXT = '</organizations/7/repos?page={}>; rel="next"'
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


def page(*numbers: int, link: str = "") -> Answer:
    rows = [Code(number, f"acme/C{number}").row() for number in numbers]
    return json_answer(json.dumps(rows), 200, *([("Link", link)] if link else []))


def failure(*answers: Answer | Callable[[Request], Answer], token: str | None = None) -> HubError:
    with (
        ScriptedServer(*answers) as server,
        github(server.url, token, seconds=0.5) as hub,
        pytest.raises(HubError) as caught,
    ):
        hub.list_repos(ACME)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (html_answer(), Trouble.SHAPE),
        (json_answer('{"total_count": 0, "items": []}'), Trouble.SHAPE),
        (json_answer("null"), Trouble.SHAPE),
        (json_answer('"[]"'), Trouble.SHAPE),
        (json_answer(""), Trouble.SHAPE),
        (json_answer("[" * 100_000), Trouble.SHAPE),
        (json_answer("[1, 2]"), Trouble.SHAPE),
        (Answer(304), Trouble.SHAPE),
        (json_answer("[]", 202), Trouble.SHAPE),
        (json_answer("[]", 422), Trouble.SHAPE),
        (said("Not Found", 404), Trouble.NOT_FOUND),
        (said("Requires authentication", 401), Trouble.REFUSED),
        (said("Resource protected by organization SAML enforcement.", 403), Trouble.REFUSED),
        (html_answer(403), Trouble.REFUSED),
        (said("Too many", 429), Trouble.QUOTA),
        (said(SECONDARY, 403), Trouble.QUOTA),
        (html_answer(502), Trouble.SERVER),
        (gzip_bomb(70 * 2**20), Trouble.SHAPE),
        (cut_short(b"[]", 1000), Trouble.UNREACHABLE),
        (cut_chunks(b"[]"), Trouble.UNREACHABLE),
        (Answer(301), Trouble.SHAPE),
        (json_answer("[]", 301, ("Location", "/orgs/acme/repos")), Trouble.SHAPE),
        (json_answer("[]", 302, ("Location", "https://[oops")), Trouble.SHAPE),
        (json_answer("[]", 302, ("Location", "/\u00e9")), Trouble.SHAPE),
        (json_answer("[]", 302, ("Location", "http://169.254.169.254/latest")), Trouble.SHAPE),
        (json_answer("[]", 302, ("Location", "http://xn--ls8h.la/")), Trouble.SHAPE),
        (page(1, link="<https://[oops>; rel=next"), Trouble.SHAPE),
        (page(1, link="<http://xn--ls8h.la/>; rel=next"), Trouble.SHAPE),
        (page(1, link="<\x80>; rel=next"), Trouble.SHAPE),
    ],
)
def test_a_wrong_answer_is_an_error_of_its_kind(answer: Answer, trouble: Trouble) -> None:
    assert failure(answer).trouble is trouble


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_hub_that_drips_or_stalls_ends_with_the_time_out(head: bytes) -> None:
    released = Event()
    try:
        assert failure(drip(released, head) if head else stall(released)).trouble is Trouble.UNREACHABLE
    finally:
        released.set()


def test_a_hub_that_is_not_there_is_unreachable() -> None:
    with github(refused_url()) as hub, pytest.raises(HubError) as caught:
        hub.list_repos(ACME)
    assert caught.value.trouble is Trouble.UNREACHABLE


@pytest.mark.parametrize(
    "second",
    [html_answer(), html_answer(500), json_answer("{}"), said("Not Found", 404), cut_short(b"[", 99)],
)
def test_half_a_listing_is_no_listing(second: Answer) -> None:
    assert failure(page(1, 2, link=NEXT.format(2)), second).trouble is not Trouble.NOT_FOUND


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: page(1, link=NEXT.format("same")),
        lambda request: page(1, link=NEXT.format(int(request.first("page") or 1) + 1)),
        lambda _: json_answer("[]", 200, ("Link", NEXT.format("more"))),
    ],
)
def test_pages_that_go_in_circles_end(answer: Callable[[Request], Answer]) -> None:
    assert "circles" in str(failure(answer))


def test_the_page_that_has_changed_is_no_listing_if_the_walk_then_fails() -> None:
    repos = [Code(number, f"acme/C{number}") for number in range(1, 151)]
    with StandInGitHub(Clock(), repos) as server, github(server.url) as hub:
        listing = hub.list_repos(ACME)
        assert isinstance(listing, Listing)
        repos[0].licence = "MIT"
        server.faults = [None, html_answer(500)]
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME, listing.validator)
    assert caught.value.trouble is Trouble.SERVER


def test_a_broken_token_is_named_as_the_cause_and_never_shown() -> None:
    with (
        StandInGitHub(Clock(), [Code(1, "acme/One")], tokens=["ghp_good"]) as server,
        github(server.url, "ghp_bad") as hub,
        pytest.raises(HubError, match="GITHUB_TOKEN") as caught,
    ):
        hub.list_repos(ACME)
    assert (caught.value.trouble, "ghp_bad" in str(caught.value)) == (Trouble.REFUSED, False)


@pytest.mark.parametrize("kind", ["link", "redirect"])
def test_the_token_never_reaches_another_host(kind: str) -> None:
    with ScriptedServer(page(2)) as foreign:
        link = page(1, link=f'<{foreign.url}/organizations/7/repos?page=2>; rel="next"')
        redirect = said("Moved Permanently", 301, ("Location", f"{foreign.url}/orgs/acme/repos"))
        error = failure(link if kind == "link" else redirect, token="ghp_secret")
        assert foreign.requests == []
    assert (error.trouble, "another host" in str(error)) == (Trouble.SHAPE, True)


def test_a_token_or_contact_that_cannot_be_sent_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="spaces") as caught:
        GitHub("http://127.0.0.1", "ghp_sec ret", Clock())
    assert "ret" not in str(caught.value).replace("secret", "")
    with pytest.raises(ValueError, match="address"):
        GitHub("http://127.0.0.1", None, Clock(), contact="a\r\nX-Evil: 1")


def test_a_used_up_quota_is_a_pause_until_the_window_ends() -> None:
    clock = Clock()
    with (
        StandInGitHub(clock, [Code(1, "acme/One")], quota=4) as server,
        github(server.url, clock=clock) as hub,
    ):
        for _ in range(3):
            hub.list_repos(ACME)
        with pytest.raises(HubPaused) as caught:
            hub.list_repos(ACME)
        assert server.charged == 3
        assert caught.value.retry_after is not None
        assert timedelta(minutes=59) < caught.value.retry_after <= timedelta(hours=1, seconds=1)
        clock.now += timedelta(hours=1, seconds=2)
        hub.list_repos(ACME)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ((("Retry-After", "55"),), 55),
        ((), 60),
        ((("X-RateLimit-Remaining", "4321"), ("X-RateLimit-Reset", "1781222400")), 60),
    ],
)
def test_a_secondary_limit_stops_everything_for_the_time_that_is_asked(
    headers: tuple[tuple[str, str], ...], wait: int
) -> None:
    clock = Clock()
    refusal = json_answer(json.dumps({"message": SECONDARY}), 403, *headers)
    with ScriptedServer(refusal, page(1)) as server, github(server.url, clock=clock) as hub:
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME)
        assert (caught.value.trouble, caught.value.retry_after) == (Trouble.QUOTA, timedelta(seconds=wait))
        with pytest.raises(HubPaused):
            hub.list_repos(ACME)
        assert len(server.requests) == 1
        clock.now += timedelta(seconds=wait + 1)
        assert isinstance(hub.list_repos(ACME), Listing)


def test_a_first_limit_that_others_used_up_is_told_with_its_end() -> None:
    with StandInGitHub(Clock(), [Code(1, "acme/One")], quota=2) as server:
        server.charged, server._ends = 2, Clock()() + timedelta(minutes=20)
        with github(server.url) as hub, pytest.raises(HubError) as caught:
            hub.list_repos(ACME)
    assert (caught.value.trouble, caught.value.retry_after) == (
        Trouble.QUOTA,
        timedelta(minutes=20, seconds=1),
    )


def test_a_hub_that_recovers_is_seen_again() -> None:
    faults = [html_answer(), html_answer(500), cut_short(b"[", 9), None]
    with StandInGitHub(Clock(), [Code(1, "acme/One")], faults=faults) as server, github(server.url) as hub:
        for _ in range(3):
            with pytest.raises(HubError):
                hub.list_repos(ACME)
        assert isinstance(hub.list_repos(ACME), Listing)
