"""A listing of the Hugging Face Hub that came before is recognised without being read, and never by mistake."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.core.types import Account, Listing, Unchanged
from monitor.demo.server import Answer, Request
from monitor.errors import HubError, Trouble
from servers import Clock, ScriptedServer, StandInHub, html_answer, huggingface, json_answer, page, repo

ACME = Account("acme", "huggingface", "acme")
MAY = datetime(2026, 5, 2, tzinfo=UTC)
now = Clock()
SAME = Unchanged(ACME, now())
NEXT = ("Link", '</api/models?cursor=b>; rel="next"')


def models(count: int) -> list[Any]:
    return [repo(f"acme/M{i}", MAY + timedelta(minutes=i)) for i in range(count)]


def tagged(answer: Answer, etag: str, *more: tuple[str, str]) -> Answer:
    return replace(answer, headers=(*answer.headers, ("ETag", etag), *more))


def second_look(*answers: Answer | Callable[[Request], Answer]) -> tuple[Listing | Unchanged, list[Request]]:
    """List once, then again as known; return what came of it, and what was asked the second time."""
    with ScriptedServer(*answers) as server, huggingface(server.url) as hub:
        first = hub.list_repos(ACME)
        asked = len(server.requests)
        second = hub.list_repos(ACME, first.validator)
    return second, server.requests[asked:]


def names(listing: Listing | Unchanged) -> list[str]:
    assert isinstance(listing, Listing)
    return [each.short_name for each in listing.repos]


@pytest.mark.parametrize("etags", [True, False])
@pytest.mark.parametrize("count", [3, 1002])
def test_what_did_not_change_is_recognised_with_one_request_a_page(count: int, etags: bool) -> None:
    with StandInHub(now, models(count), etags=etags) as server, huggingface(server.url) as hub:
        validator = hub.list_repos(ACME).validator
        server.requests.clear()
        assert hub.list_repos(ACME, validator) == SAME
    assert len(server.requests) == (1 if count < 1000 else 2)
    assert all(("if-none-match" in request.headers) == etags for request in server.requests)


@pytest.mark.parametrize("etags", [True, False])
@pytest.mark.parametrize("count", [3, 1002])
@pytest.mark.parametrize("position", [0, -1])
def test_a_change_on_any_page_is_seen(count: int, etags: bool, position: int) -> None:
    with StandInHub(now, models(count), etags=etags) as server, huggingface(server.url) as hub:
        validator = hub.list_repos(ACME).validator
        changed = list(server.repos)
        changed[position] = replace(changed[position], gated="manual")
        server.repos = tuple(changed)
        listing = hub.list_repos(ACME, validator)
    assert isinstance(listing, Listing)
    assert [each.gated for each in listing.repos].count("manual") == 1
    assert len(listing.repos) == count
    assert listing.validator not in (None, validator)


@pytest.mark.parametrize("etags", [True, False])
def test_a_page_that_follows_a_full_last_page_is_seen(etags: bool) -> None:
    with StandInHub(now, models(1000), etags=etags) as server, huggingface(server.url) as hub:
        validator = hub.list_repos(ACME).validator
        assert hub.list_repos(ACME, validator) == SAME
        assert "if-none-match" not in server.requests[-1].headers
        # Older than all: the first page, which was the last, stays byte for byte as it was.
        server.repos = (*server.repos, repo("acme/Late", MAY - timedelta(days=1)))
        assert "Late" in names(hub.list_repos(ACME, validator))


def test_a_last_page_as_full_as_those_of_a_hub_that_shows_fewer_is_never_trusted() -> None:
    def shown(request: Request) -> Answer:
        if "if-none-match" in request.headers:
            return Answer(304)
        if request.first("cursor"):
            return tagged(page(3, 4), '"two"')
        return tagged(page(1, 2), '"one"', NEXT)

    again, asked = second_look(shown)
    assert again == SAME
    assert [request.headers.get("if-none-match") for request in asked] == ['"one"', None]


def test_a_changed_account_of_one_page_costs_one_request() -> None:
    again, asked = second_look(tagged(page(1), '"a"'), tagged(page(1, 2), '"b"'))
    assert (names(again), len(asked)) == (["M1", "M2"], 1)


def test_the_walk_goes_on_from_the_pages_that_were_read_anew() -> None:
    again, asked = second_look(page(1, 2, link=NEXT[1]), page(3), page(1, 2, link=NEXT[1]), page(3, 4))
    assert (names(again), len(asked)) == (["M1", "M2", "M3", "M4"], 2)


def test_a_first_page_that_was_spared_is_read_when_the_second_has_changed() -> None:
    def shown(request: Request) -> Answer:
        if request.first("cursor"):
            return page(3) if len(server.requests) < 3 else page(4)
        return Answer(304) if "if-none-match" in request.headers else tagged(page(1, 2), '"one"', NEXT)

    with ScriptedServer(shown) as server, huggingface(server.url) as hub:
        first = hub.list_repos(ACME)
        assert names(hub.list_repos(ACME, first.validator)) == ["M1", "M2", "M4"]
    assert ["if-none-match" in request.headers for request in server.requests[2:]] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("link", [(), (("Link", '</api/models?cursor=else>; rel="next"'),)])
def test_the_same_bytes_that_lead_elsewhere_are_not_the_same(link: tuple[tuple[str, str], ...]) -> None:
    def shown(request: Request) -> Answer:
        if request.first("cursor"):
            return page(3) if request.first("cursor") == "b" else page(9)
        return page(1, 2, link=NEXT[1]) if len(server.requests) == 1 else replace(page(1, 2), headers=link)

    with ScriptedServer(shown) as server, huggingface(server.url) as hub:
        first = hub.list_repos(ACME)
        assert names(hub.list_repos(ACME, first.validator)) == (["M1", "M2", "M9"] if link else ["M1", "M2"])


def test_a_304_that_leads_elsewhere_is_not_the_same() -> None:
    def shown(request: Request) -> Answer:
        if request.first("cursor"):
            return page(9)
        is_spared = "if-none-match" in request.headers
        if len(server.requests) == 1:
            return tagged(page(1), '"one"')
        return Answer(304, (NEXT,)) if is_spared else tagged(page(1), '"one"', NEXT)

    with ScriptedServer(shown) as server, huggingface(server.url) as hub:
        first = hub.list_repos(ACME)
        assert names(hub.list_repos(ACME, first.validator)) == ["M1", "M9"]


def test_a_304_that_nobody_asked_for_is_an_error_and_not_the_same() -> None:
    with ScriptedServer(page(1), Answer(304)) as server, huggingface(server.url) as hub:
        first = hub.list_repos(ACME)
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME, first.validator)
    assert caught.value.trouble is Trouble.SHAPE


def test_a_weak_etag_is_given_back_as_it_is() -> None:
    again, asked = second_look(tagged(page(1), 'W/"a27-vndQ"'), Answer(304))
    assert (again, [request.headers["if-none-match"] for request in asked]) == (SAME, ['W/"a27-vndQ"'])


@pytest.mark.parametrize("etag", ["", "bare", '"in"side"', '"' + "x" * 5000 + '"', '"a b"', '"\u00e9"'])
def test_an_etag_that_is_none_is_never_sent(etag: str) -> None:
    again, asked = second_look(tagged(page(1), etag))
    assert (again, len(asked), "if-none-match" in asked[0].headers) == (SAME, 1, False)


@pytest.mark.parametrize(
    ("second", "trouble"),
    [
        (html_answer(), Trouble.SHAPE),
        (html_answer(500), Trouble.SERVER),
        (html_answer(429), Trouble.QUOTA),
        (json_answer("", 401), Trouble.REFUSED),
        (json_answer("{}"), Trouble.SHAPE),
        (json_answer("", 404), Trouble.SHAPE),
        (page(1, link='<https://[oops>; rel="next"'), Trouble.SHAPE),
    ],
)
def test_an_error_is_never_taken_for_the_same(second: Answer, trouble: Trouble) -> None:
    with ScriptedServer(page(1), second) as server, huggingface(server.url) as hub:
        first = hub.list_repos(ACME)
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME, first.validator)
    assert caught.value.trouble is trouble


def test_a_redirect_to_the_same_list_is_followed() -> None:
    def moved(request: Request) -> Answer:
        if request.path == "/elsewhere":
            return page(1)
        return page(1) if len(server.requests) == 1 else Answer(307, (("Location", "/elsewhere"),))

    with ScriptedServer(moved) as server, huggingface(server.url) as hub:
        first = hub.list_repos(ACME)
        assert names(hub.list_repos(ACME, first.validator)) == ["M1"]


@pytest.mark.parametrize("body", ['[{"_id": null}]', '[{"_id": "%s", "id": "other/X"}]' % ("a" * 24)])
def test_a_listing_with_rows_set_aside_is_read_anew_each_time(body: str) -> None:
    rows = json.loads(page(1).body) + json.loads(body)
    with ScriptedServer(json_answer(json.dumps(rows))) as server, huggingface(server.url) as hub:
        listing = hub.list_repos(ACME)
    assert (len(listing.set_aside), listing.validator) == (1, None)


def test_an_empty_listing_is_read_anew_each_time() -> None:
    with StandInHub(now, organizations=["acme"]) as server, huggingface(server.url) as hub:
        assert hub.list_repos(ACME).validator is None


def spoilt(validator: str, **changes: Any) -> str:
    return json.dumps(json.loads(validator) | changes)


def garbage(validator: str) -> Iterable[str]:
    (known,) = json.loads(validator)["pages"]
    yield from ("", "null", "7", "[]", "{}", "\x00", "[" * 100_000, validator[:-1], "é" * 9)
    yield spoilt(validator, version=0)
    for pages in ([], {}, None, "abc", [known] * 201, [known[:2]], [[*known, 1]], [7], [["", *known[1:]]]):
        yield spoilt(validator, pages=pages)
    yield spoilt(validator, pages=[[known[0], 'bad\r\nX-Evil: "1"', known[2]]])
    yield spoilt(validator, pages=[[known[0], 7, known[2]]])
    yield spoilt(validator, pages=[[known[0], None, None]])
    yield spoilt(validator, pages=[["https://evil.invalid/api/models", *known[1:]]])


def test_a_validator_that_is_garbage_or_another_versions_is_ignored() -> None:
    with StandInHub(now, models(1)) as server, huggingface(server.url) as hub:
        validator = hub.list_repos(ACME).validator
        assert validator is not None
        for text in garbage(validator):
            assert names(hub.list_repos(ACME, text)) == ["M0"]


def test_a_validator_of_another_account_is_ignored() -> None:
    others = [repo("other/One", MAY), *models(1)]
    with StandInHub(now, others) as server, huggingface(server.url) as hub:
        validator = hub.list_repos(replace(ACME, name="other")).validator
        assert names(hub.list_repos(ACME, validator)) == ["M0"]


def test_known_pages_are_asked_on_the_address_as_the_hub_may_be_written() -> None:
    with StandInHub(now, models(2)) as server, huggingface(server.url + "/") as hub:
        validator = hub.list_repos(replace(ACME, name="acme")).validator
        assert hub.list_repos(ACME, validator) == SAME
