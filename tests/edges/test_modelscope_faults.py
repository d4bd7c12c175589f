"""What a ModelScope that misbehaves costs us: one HubError, never an empty or a short listing."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest

from modelscope_server import ModelScopeServer, enveloped, failed, model, models
from monitor.core.types import Account, Listing, Look, Sight
from monitor.demo.server import Answer, Request
from monitor.errors import HubError, HubPaused, Trouble
from monitor.hubs.modelscope import ModelScope
from servers import (
    Clock,
    ScriptedServer,
    cut_short,
    drip,
    gzip_bomb,
    html_answer,
    json_answer,
    refused_url,
    stall,
)

ACME = Account("acme", "modelscope", "acme")


def page(rows: object, total: object) -> Answer:
    return enveloped({"models": rows, "total_count": total, "page_number": 1, "page_size": 50})


def failure(server: ModelScopeServer | ScriptedServer, token: str | None = None) -> HubError:
    with server:
        hub = ModelScope(server.url, token, Clock(), timedelta(seconds=0.6))
        began = time.monotonic()
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME)
        assert time.monotonic() - began < 1.5
        hub.close()
    assert "ms-" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (html_answer(), Trouble.SHAPE),
        (json_answer(""), Trouble.SHAPE),
        (json_answer("null"), Trouble.SHAPE),
        (json_answer("[]"), Trouble.SHAPE),
        (json_answer('{"success": true}'), Trouble.SHAPE),
        (json_answer('{"success": true, "data": null}'), Trouble.SHAPE),
        (json_answer('{"success": true, "data": []}'), Trouble.SHAPE),
        (json_answer('{"success": "true", "data": {"models": [], "total_count": 0}}'), Trouble.SHAPE),
        (json_answer('{"success": 1, "data": {"models": [], "total_count": 0}}'), Trouble.SHAPE),
        (json_answer('{"data": {"models": [], "total_count": 0}}'), Trouble.SHAPE),
        (failed(200, "InternalError"), Trouble.SHAPE),
        (failed(400, "InvalidParameter"), Trouble.SHAPE),
        (failed(404, "NotFound"), Trouble.SHAPE),
        (page(None, 0), Trouble.SHAPE),
        (page({}, 0), Trouble.SHAPE),
        (page([], None), Trouble.SHAPE),
        (page([], "0"), Trouble.SHAPE),
        (page([], False), Trouble.SHAPE),
        (page([], -1), Trouble.SHAPE),
        (enveloped({"models": []}), Trouble.SHAPE),
        (page([], 0), Trouble.NOT_FOUND),
        (page([], 7), Trouble.INCOMPLETE),
        (page([model("acme/One")], 2), Trouble.INCOMPLETE),
        (page([model("acme/One")] * 2, 2), Trouble.INCOMPLETE),
        (page([{"id": 7}, 7, None], 3), Trouble.SHAPE),
        (page([model("other/One")], 1), Trouble.SHAPE),
        (page([model("Acme/One")], 1), Trouble.NOT_FOUND),
        (Answer(304), Trouble.SHAPE),
        (failed(401, "InvalidAuthentication"), Trouble.REFUSED),
        (failed(403, "Forbidden"), Trouble.REFUSED),
        (failed(403, "QuotaLimitExceed"), Trouble.QUOTA),
        (failed(429, "TooManyRequests"), Trouble.QUOTA),
        (html_answer(500), Trouble.SERVER),
        (html_answer(502), Trouble.SERVER),
        (gzip_bomb(70 * 2**20), Trouble.SHAPE),
        (cut_short(b'{"success": true', 1000), Trouble.UNREACHABLE),
        (json_answer("{}", 302, ("Location", "http://169.254.169.254/latest")), Trouble.SHAPE),
        (json_answer("{}", 302, ("Location", "/openapi/v1/models")), Trouble.SHAPE),
        (json_answer("{}", 302, ("Location", "http://xn--ls8h.la/")), Trouble.SHAPE),
    ],
)
def test_a_wrong_answer_is_an_error_of_its_kind_and_never_an_empty_listing(
    answer: Answer, trouble: Trouble
) -> None:
    with ScriptedServer(answer) as server:
        hub = ModelScope(server.url, None, Clock())
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME)
        hub.close()
    assert caught.value.trouble is trouble


def test_the_hubs_own_words_are_told() -> None:
    assert "InternalError: see the manual" in str(failure(ScriptedServer(failed(200, "InternalError"))))


def test_an_account_that_the_hub_spells_differently_is_named() -> None:
    error = failure(ScriptedServer(page([model("Acme/One")], 1)))
    assert "'Acme'" in str(error)


def test_a_stray_row_is_set_aside() -> None:
    with ScriptedServer(page([model("acme/One"), model("other/Two")], 2)) as server:
        hub = ModelScope(server.url, None, Clock())
        listing = hub.list_repos(ACME)
        hub.close()
    assert isinstance(listing, Listing)
    assert [each.name for each in listing.repos] == ["acme/One"]
    assert [each.reason for each in listing.set_aside] == ["belongs to another account"]


@pytest.mark.parametrize("at", [1, 4])
@pytest.mark.parametrize("fault", [html_answer(), html_answer(500), cut_short(b"{", 9), page(None, 500)])
def test_a_lost_page_is_never_a_short_listing(at: int, fault: Answer) -> None:
    assert failure(ModelScopeServer(models(250), faults=[*[None] * at, fault])).trouble in Trouble


@pytest.mark.parametrize("counted", [0, 50])
def test_a_count_that_only_counts_the_page_is_not_believed(counted: int) -> None:
    def answer(request: Request) -> Answer:
        number = int(request.first("page_number") or 1)
        return page(models(120)[(number - 1) * 50 : number * 50], counted)

    error = failure(ScriptedServer(answer))
    assert (error.trouble, f"counts {counted}" in str(error)) == (Trouble.INCOMPLETE, True)
    assert "lists 120" in str(error)


@pytest.mark.parametrize("status", [400, 404])
def test_a_hub_that_refuses_the_page_behind_the_last_one_has_shown_them_all(status: int) -> None:
    with ModelScopeServer(models(100), faults=[None, None, failed(status, "InvalidParameter")]) as server:
        hub = ModelScope(server.url, None, Clock())
        listing = hub.list_repos(ACME)
        hub.close()
    assert isinstance(listing, Listing)
    assert (len(listing.repos), len(server.requests)) == (100, 3)


@pytest.mark.parametrize(
    "fault", [html_answer(), html_answer(502), failed(403, "Forbidden"), cut_short(b"{", 9)]
)
def test_any_other_answer_for_the_page_behind_the_last_one_is_an_error(fault: Answer) -> None:
    assert failure(ModelScopeServer(models(100), faults=[None, None, fault])).trouble in Trouble


def test_a_page_that_is_empty_before_the_count_is_reached_is_incomplete() -> None:
    server = ModelScopeServer(models(120), faults=[None, page([], 120), None, page([], 120)])
    error = failure(server)
    assert (error.trouble, "50 of the 120" in str(error)) == (Trouble.INCOMPLETE, True)
    assert len(server.requests) == 4


def test_a_hub_that_repeats_its_first_page_for_ever_ends() -> None:
    server = ScriptedServer(page(models(50), 120))
    assert failure(server).trouble is Trouble.INCOMPLETE
    assert len(server.requests) == 4


def test_a_hub_whose_pages_have_no_end_is_asked_for_sixty() -> None:
    counter = iter(range(10_000))
    with ScriptedServer(lambda _: page([model(f"acme/M{next(counter)}")], 3000)) as server:
        hub = ModelScope(server.url, None, Clock())
        with pytest.raises(HubError, match="no end") as caught:
            hub.list_repos(ACME)
        hub.close()
    assert (caught.value.trouble, len(server.requests)) == (Trouble.SHAPE, 60)


def test_more_models_than_the_hub_shows_are_said_so_at_once() -> None:
    server = ModelScopeServer(models(3001))
    error = failure(server)
    assert (error.trouble, len(server.requests)) == (Trouble.SHAPE, 1)
    assert "3001" in str(error)
    assert "another hub" in str(error)


def test_a_hub_that_is_not_there_is_unreachable() -> None:
    hub = ModelScope(refused_url(), None, Clock())
    for ask in (lambda: hub.list_repos(ACME), lambda: hub.look("acme/One"), lambda: hub.exists("acme")):
        with pytest.raises(HubError) as caught:
            ask()
        assert caught.value.trouble is Trouble.UNREACHABLE
    hub.close()


@pytest.mark.parametrize("slow", [stall, drip])
def test_a_hub_that_drips_or_stalls_ends_with_the_time_out(slow: Callable[[Event], Answer]) -> None:
    released = Event()
    try:
        assert failure(ScriptedServer(slow(released))).trouble is Trouble.UNREACHABLE
    finally:
        released.set()


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (failed(429, "TooManyRequests", ("Retry-After", "17")), 17),
        (failed(429, "TooManyRequests", ("Retry-After", "Fri, 12 Jun 2026 00:02:00 GMT")), 120),
        (failed(429, "TooManyRequests"), 60),
        (failed(403, "QuotaLimitExceed"), 60),
    ],
)
def test_after_a_refusal_nothing_is_asked_until_the_hub_allows_it(refusal: Answer, seconds: int) -> None:
    clock = Clock()
    with ModelScopeServer(models(3), faults=[refusal]) as server:
        hub = ModelScope(server.url, None, clock)
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME)
        assert (caught.value.trouble, caught.value.retry_after) == (Trouble.QUOTA, timedelta(seconds=seconds))
        for ask in (lambda: hub.list_repos(ACME), lambda: hub.look("acme/M0")):
            with pytest.raises(HubPaused):
                ask()
        assert (len(server.requests), hub.paused_until) == (1, clock.now + timedelta(seconds=seconds))
        clock.now += timedelta(seconds=seconds)
        assert isinstance(hub.list_repos(ACME), Listing)
        hub.close()


def test_a_quota_that_ends_in_mid_walk_is_no_short_listing() -> None:
    error = failure(ModelScopeServer(models(500), granted=4))
    assert (error.trouble, error.retry_after) == (Trouble.QUOTA, timedelta(seconds=17))


def test_a_broken_token_is_named_as_the_cause() -> None:
    error = failure(ModelScopeServer(models(3), token="ms-good"), token="ms-bad")
    assert (error.trouble, "MODELSCOPE_TOKEN" in str(error)) == (Trouble.REFUSED, True)


def test_a_token_that_cannot_be_sent_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="spaces") as caught:
        ModelScope("http://127.0.0.1", "ms-sec ret", Clock())
    assert "sec ret" not in str(caught.value)


def test_the_token_never_reaches_another_host() -> None:
    with ModelScopeServer(models(3)) as foreign:
        away = json_answer("", 302, ("Location", f"{foreign.url}/openapi/v1/models?owner=acme"))
        error = failure(ScriptedServer(away), token="ms-secret")
        assert foreign.requests == []
    assert (error.trouble, "another host" in str(error)) == (Trouble.SHAPE, True)


@pytest.mark.parametrize(
    "answer",
    [
        failed(401, "InvalidAuthentication"),
        failed(403, "Forbidden"),
        failed(400, "InvalidParameter"),
        failed(200, "NotFound"),
        html_answer(),
        html_answer(500),
        json_answer("null"),
        enveloped({}),
        enveloped({"id": "a/../b"}),
        enveloped(model("acme/One", private="perhaps")),
    ],
)
def test_a_look_that_shows_neither_is_unsure(answer: Answer) -> None:
    with ScriptedServer(answer) as server:
        hub = ModelScope(server.url, None, Clock())
        assert hub.look("acme/One") == Look(Sight.UNSURE)
        hub.close()


@pytest.mark.parametrize("status", [404, 410])
def test_only_a_404_or_a_410_says_gone(status: int) -> None:
    with ScriptedServer(failed(status, "ModelNotFound")) as server:
        hub = ModelScope(server.url, None, Clock())
        assert hub.look("acme/One") == Look(Sight.GONE)
        hub.close()


def test_a_row_with_a_key_that_stands_twice_costs_itself_alone() -> None:
    good = json.dumps(model("acme/One"))
    twice = good.replace('"acme/One"', '"acme/Two", "id": "acme/Three"', 1)
    body = f'{{"success": true, "data": {{"models": [{good}, {twice}], "total_count": 2}}}}'
    with ScriptedServer(json_answer(body)) as server:
        hub = ModelScope(server.url, None, Clock())
        listing = hub.list_repos(ACME)
        hub.close()
    assert isinstance(listing, Listing)
    assert ([each.name for each in listing.repos], len(listing.set_aside)) == (["acme/One"], 1)
