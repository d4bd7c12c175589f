"""A hub that fails, lies or asks for a pause: only the account's health changes, and it is told once."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from monitor.demo.server import Answer, Request
from monitor.store import Store
from servers import (
    Clock,
    StandInHub,
    cut_chunks,
    cut_short,
    html_answer,
    json_answer,
    refused_url,
    repo,
)
from world import World, listed, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)
MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

Spoil = Callable[[Request, Answer], Answer]


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    repos = [repo(f"acme/Model{n}-7B", MAY + n * HOUR) for n in range(20)]
    with StandInHub(clock, [*repos, repo("zenith/Peak-7B", MAY)]) as hub:
        yield hub


@pytest.fixture
def world(sqlite_store: Store, clock: Clock, hub: StandInHub) -> World:
    return _watching(sqlite_store, clock, hub)


@pytest.fixture
def world_on_both(store: Store, clock: Clock, hub: StandInHub) -> World:
    return _watching(store, clock, hub)


def _watching(store: Store, clock: Clock, hub: StandInHub) -> World:
    world = World(store, clock, hub, organization("acme"), organization("zenith"))
    world.poll()
    return world


def of_acme(fault: Spoil) -> Spoil:
    """Spoil what is said of one account; everything else is true."""

    def spoil(request: Request, answer: Answer) -> Answer:
        is_acme = request.first("author") == "acme" or "acme" in request.path
        return fault(request, answer) if is_acme else answer

    return spoil


def always(answer: Answer) -> Spoil:
    return lambda request, truth: answer


def only_listings(answer: Answer) -> Spoil:
    return lambda request, truth: answer if request.path == "/api/models" else truth


def half(request: Request, answer: Answer) -> Answer:
    """Show half of a listing and say that this is all."""
    if request.path != "/api/models":
        return answer
    return json_answer(json.dumps(listed(answer)[:10]))


def lost_page(request: Request, answer: Answer) -> Answer:
    """Show a first page, and fail at the second."""
    if request.path != "/api/models":
        return answer
    if request.first("cursor"):
        return Answer(500)
    cursor = base64.b64encode(b'{"_id":{"$lt":"0"}}').decode()
    link = f'<http://{request.headers["host"]}/api/models?author=acme&cursor={cursor}>; rel="next"'
    return json_answer(json.dumps(listed(answer)[:10]), 200, ("Link", link))


def short_count(request: Request, answer: Answer) -> Answer:
    """Show a part and, in a header, how many there are."""
    if request.path != "/api/models":
        return answer
    return json_answer(json.dumps(listed(answer)[:19]), 200, ("X-Total-Count", "20"))


def nothing_at_all(request: Request, answer: Answer) -> Answer:
    """Show no repository, and count none either: as after a mishap of the hub, the direct looks say the same."""
    if request.path == "/api/models":
        return json_answer("[]")
    if "overview" in request.path:
        return json_answer('{"name": "acme", "numModels": 0}')
    return json_answer('{"error": "Invalid username or password."}', 401)


FAULTS = {
    "an empty list": only_listings(json_answer("[]")),
    "an empty list that all else agrees with": nothing_at_all,
    "a lost second page": lost_page,
    "fewer rows than the hub counts": short_count,
    "a server error": always(Answer(500)),
    "a gateway's page": always(html_answer(502)),
    "too many requests": always(Answer(429, (("Retry-After", "55"),))),
    "HTML with 200": always(html_answer()),
    "an object": always(json_answer('{"error": "no"}')),
    "no JSON": always(json_answer("[{")),
    "no body": always(json_answer("")),
    "rows of nobody": only_listings(json_answer("[1, null, {}]")),
    "a refusal": always(json_answer('{"error": "Invalid username or password."}', 401)),
    "not found": always(json_answer('{"error": "gone"}', 404)),
    "a cut body": always(cut_short(b'[{"_id": "1"}', 5000)),
    "cut chunks": always(cut_chunks(b"[]")),
    "a redirect to another host": always(Answer(302, (("Location", "http://example.org/api/models"),))),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_changes_nothing_but_the_health_of_the_account(
    name: str, sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = World(sqlite_store, clock, hub, organization("acme"), organization("zenith"))
    world.poll()
    before = world.dump()
    hub.spoil = of_acme(FAULTS[name])
    for _ in range(2):
        (result,) = world.poll("acme", after=HOUR)
        assert result.error
    assert world.dump() == before
    assert world.account("acme")["state"] in ("failing", "unknown")
    assert world.account("acme")["blind_since"] == JUNE
    assert world.account("acme")["last_error"]
    assert world.account("zenith")["state"] == "ok"
    hub.spoil = None
    world.poll(after=2 * HOUR)
    assert world.dump() == before
    assert (world.account("acme")["state"], world.account("acme")["last_error"]) == ("ok", None)


def test_the_same_holds_on_both_databases(world_on_both: World) -> None:
    world = world_on_both
    before = world.dump()
    world.hub.spoil = of_acme(FAULTS["a lost second page"])
    acme, zenith = sorted(world.poll(after=HOUR), key=lambda result: str(result.account))
    assert (acme.error is None, zenith.error) == (False, None)
    assert world.dump() == before
    assert "500" in world.account("acme")["last_error"]


def test_a_hub_that_cannot_be_reached_changes_nothing_but_the_health(world: World) -> None:
    before = world.dump()
    world.endpoint = refused_url()
    assert all(result.error for result in world.poll(after=HOUR))
    assert world.dump() == before
    assert "cannot be reached" in world.account("acme")["last_error"]


def test_half_a_listing_is_doubted_however_often_it_comes(world_on_both: World) -> None:
    world = world_on_both
    before = world.dump(without="missing_since")
    world.hub.spoil = of_acme(half)
    for _ in range(2):
        assert any(result.error for result in world.poll(after=HOUR))
    assert world.dump(without="missing_since") == before
    assert world.account("acme")["state"] == "failing"
    world.hub.spoil = None
    world.poll(after=2 * HOUR)
    assert world.account("acme")["state"] == "ok"
    assert {repo["state"] for repo in world.repos().values()} == {"public"}


def test_what_is_published_while_the_hub_fails_is_found_and_dated_afterwards(world: World) -> None:
    world.hub.spoil = of_acme(always(Answer(503)))
    world.hub.repos = (*world.hub.repos, repo("acme/Nova-7B", MAY, public_from=JUNE + 90 * MINUTE))
    for _ in range(2):
        world.poll(after=HOUR)
    world.hub.spoil = None
    world.poll(after=HOUR)
    assert world.alerts("release") == ["Acme released Nova-7B"]
    assert world.repos()["acme/Nova-7B"]["published_between"] == [JUNE, JUNE + 3 * HOUR]


def test_trouble_is_told_once_after_three_failures_and_so_is_its_end(world_on_both: World) -> None:
    world = world_on_both
    world.hub.spoil = always(Answer(500))
    for told in (0, 0, 1, 1, 1):
        world.poll(after=HOUR)
        assert len(world.alerts("health")) == 1 + told  # the first one is hello
    world.hub.spoil = None
    for _ in range(2):
        world.poll(after=2 * HOUR)
        assert world.alerts("health")[1:] == [
            "Over: The monitor cannot see 2 accounts on Hugging Face",
            "The monitor sees 2 accounts on Hugging Face again",
        ]


def test_a_second_incident_is_told_again(world: World) -> None:
    for _ in range(2):
        world.hub.spoil = of_acme(always(Answer(500)))
        for _ in range(3):
            world.poll(after=HOUR)
        world.hub.spoil = None
        world.poll(after=2 * HOUR)
    assert (
        world.alerts("health")[1:]
        == [
            "Over: The monitor cannot see huggingface:acme",
            "The monitor sees huggingface:acme again",
        ]
        * 2
    )


def test_a_pause_that_the_hub_asked_for_is_obeyed_by_every_poll(world_on_both: World) -> None:
    world = world_on_both
    world.hub.spoil = of_acme(always(Answer(429, (("Retry-After", "300"),))))
    world.poll("acme", after=HOUR)
    asked = len(world.hub.requests)
    world.hub.spoil = None
    for _ in range(4):
        assert all(
            result.error and "asked for a pause" in str(result.error) for result in world.poll(after=MINUTE)
        )
        assert world.poll_due() == []
    assert len(world.hub.requests) == asked
    assert all(result.error is None for result in world.poll(after=2 * MINUTE))


def test_an_account_that_fails_is_asked_more_and_more_rarely(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = World(sqlite_store, clock, hub, organization("acme"))
    hub.spoil = always(Answer(500))
    asked: list[int] = []
    for _ in range(8):
        before = len(hub.requests)
        for _ in range(12):
            world.poll_due(after=5 * MINUTE)
        asked.append(len(hub.requests) - before)
    assert asked[0] > asked[-1] == 1


def test_an_account_that_the_hub_does_not_know_is_shown_as_unknown(
    store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = World(store, clock, hub, organization("acme"), organization("typo", "Acme"))
    world.poll()
    assert world.account("Acme")["state"] == "unknown"
    assert "case-sensitive" in world.account("Acme")["last_error"]
    assert world.alerts("health") == ["The release monitor is watching"]
