"""What goes wrong with OpenRouter is one clear error each, shared by those who wait for the same answer."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from monitor.core.types import Account, Unchanged
from monitor.demo.server import Answer, Request
from monitor.errors import HubError, HubPaused, Trouble
from openrouter_server import StandInOpenRouter, model, openrouter, whole
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

ACME = Account("acme", "openrouter", "acme")


def failure(*answers: Answer | Callable[[Request], Answer]) -> HubError:
    with (
        ScriptedServer(*answers) as server,
        openrouter(server.url, seconds=0.5) as hub,
        pytest.raises(HubError) as caught,
    ):
        hub.list_repos(ACME)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (json_answer('{"data": []}'), Trouble.EMPTY),
        (json_answer('{"data": [7]}'), Trouble.SHAPE),
        (json_answer('{"data": {}}'), Trouble.SHAPE),
        (json_answer('{"data": null}'), Trouble.SHAPE),
        (json_answer('{"error": {"message": "Internal", "code": 500}}'), Trouble.SHAPE),
        (json_answer("[]"), Trouble.SHAPE),
        (html_answer(), Trouble.SHAPE),
        (json_answer(""), Trouble.SHAPE),
        (Answer(304), Trouble.SHAPE),
        (json_answer("", 404), Trouble.SHAPE),
        (json_answer("", 401), Trouble.REFUSED),
        (html_answer(403), Trouble.REFUSED),
        (html_answer(429), Trouble.QUOTA),
        (html_answer(524), Trouble.SERVER),
        (gzip_bomb(70 * 2**20), Trouble.SHAPE),
        (cut_short(b'{"data":[', 1000), Trouble.UNREACHABLE),
        (cut_chunks(b'{"data":['), Trouble.UNREACHABLE),
        (json_answer("", 302, ("Location", "https://elsewhere.example/models")), Trouble.SHAPE),
        (json_answer("", 302, ("Location", "https://[oops")), Trouble.SHAPE),
        (json_answer("", 302, ("Location", "http://xn--ls8h.la/")), Trouble.SHAPE),
        (json_answer('{"data": [], "links": {"next": "http://xn--ls8h.la/"}}'), Trouble.SHAPE),
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
    with openrouter(refused_url()) as hub, pytest.raises(HubError) as caught:
        hub.list_repos(ACME)
    assert caught.value.trouble is Trouble.UNREACHABLE


def test_a_stall_costs_those_who_wait_for_the_same_answer_no_further_time() -> None:
    released, clock = Event(), Clock()
    with (
        StandInOpenRouter([model("acme/one")], faults=[stall(released)]) as server,
        openrouter(server.url, clock, seconds=0.5) as hub,
        ThreadPoolExecutor(8) as pool,
    ):
        waiting = [pool.submit(hub.list_repos, ACME) for _ in range(8)]
        assert {type(each.exception()) for each in waiting} == {HubError}
        assert len(server.requests) == 1
        released.set()
        clock.now += timedelta(minutes=1)
        assert len(whole(hub.list_repos(ACME)).repos) == 1


def test_a_limit_is_a_pause_for_the_time_that_is_asked() -> None:
    clock = Clock()
    limit = json_answer('{"error":{"code":429}}', 429, ("Retry-After", "30"))
    with (
        StandInOpenRouter([model("acme/one")], faults=[limit]) as server,
        openrouter(server.url, clock) as hub,
    ):
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME)
        assert (caught.value.trouble, caught.value.retry_after) == (Trouble.QUOTA, timedelta(seconds=30))
        with pytest.raises(HubPaused):
            hub.list_repos(ACME)
        assert len(server.requests) == 1
        clock.now += timedelta(seconds=31)
        assert len(whole(hub.list_repos(ACME)).repos) == 1


def test_a_catalogue_in_pages_is_walked_to_its_end() -> None:
    def paged(request: Request) -> Answer:
        offset = int(request.first("offset") or 0)
        following = f"/models?output_modalities=all&offset={offset + 2}" if offset < 4 else None
        rows = [model(f"acme/m{offset + n}") for n in range(2)]
        return json_answer(json.dumps({"data": rows, "total_count": 6, "links": {"next": following}}))

    with ScriptedServer(paged) as server, openrouter(server.url) as hub:
        assert len(whole(hub.list_repos(ACME)).repos) == 6


def test_half_a_catalogue_is_no_catalogue() -> None:
    half = json_answer(json.dumps({"data": [model("acme/one")], "total": 2}))
    assert failure(half).trouble is Trouble.INCOMPLETE
    body = {"data": [model("acme/one")], "links": {"next": "/models?offset=1"}}
    assert failure(json_answer(json.dumps(body)), html_answer()).trouble is Trouble.SHAPE
    assert "no end" in str(failure(json_answer(json.dumps(body))))
    body["links"] = {"next": "http://169.254.169.254/latest"}
    assert "another host" in str(failure(json_answer(json.dumps(body))))


def test_what_a_clock_that_ran_ahead_has_kept_is_not_kept_when_it_is_set_right() -> None:
    clock = Clock()
    with StandInOpenRouter([model("acme/one")]) as server, openrouter(server.url, clock) as hub:
        for fault in (None, html_answer()):
            clock.now += timedelta(hours=5)
            server.faults = [fault] if fault else []
            try:
                hub.list_repos(ACME)
            except HubError:
                assert fault
            clock.now -= timedelta(hours=4)
            assert whole(hub.list_repos(ACME)).seen_at == clock.now
    assert len(server.requests) == 4


def test_a_kept_catalogue_is_not_replaced_by_a_failure_for_good() -> None:
    clock = Clock()
    with StandInOpenRouter([model("acme/one")]) as server, openrouter(server.url, clock) as hub:
        known = whole(hub.list_repos(ACME)).validator
        clock.now += timedelta(minutes=5)
        server.faults = [json_answer('{"data": []}')]
        with pytest.raises(HubError):
            hub.list_repos(ACME, known)
        clock.now += timedelta(minutes=1)
        assert hub.list_repos(ACME, known) == Unchanged(ACME, clock.now)
