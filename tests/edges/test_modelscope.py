"""What a listing of ModelScope becomes, and how one request tells that it has not changed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from modelscope_server import ModelScopeServer, model, models
from monitor.core.types import Account, Listing, Look, Quota, Sight, Unchanged
from monitor.errors import HubError, HubPaused, Trouble
from monitor.hubs import Hub, Looker, Metered
from monitor.hubs.modelscope import ModelScope
from servers import Clock

ACME = Account("acme", "modelscope", "acme")
MAY = datetime(2026, 5, 2, tzinfo=UTC)


@contextmanager
def modelscope(url: str, token: str | None = None, clock: Clock | None = None) -> Iterator[ModelScope]:
    hub = ModelScope(url, token, clock or Clock(), timedelta(seconds=5))
    yield hub
    hub.close()


def listed(*rows: dict[str, object], token: str | None = None) -> Listing:
    with ModelScopeServer(rows, token=token) as server, modelscope(server.url, token) as hub:
        listing = hub.list_repos(ACME)
    assert isinstance(listing, Listing)
    return listing


def test_it_is_a_hub_that_can_look_and_tells_its_limits() -> None:
    with modelscope("http://127.0.0.1:9") as hub:
        seen: Hub = hub
        assert isinstance(seen, Looker)
        assert isinstance(seen, Metered)
        assert hub.quota == Quota(300, timedelta(minutes=5))


def test_a_private_model_is_left_out_whoever_may_see_it() -> None:
    listing = listed(model("acme/One"), model("acme/Secret", private=True), token="ms-good")
    assert [each.name for each in listing.repos] == ["acme/One"]
    assert listing.set_aside == ()


@pytest.mark.parametrize(
    ("count", "requests"), [(1, 1), (49, 1), (50, 2), (51, 2), (120, 3), (500, 11), (3000, 60)]
)
def test_a_listing_of_many_pages_is_walked_to_its_end(count: int, requests: int) -> None:
    with ModelScopeServer(models(count)) as server, modelscope(server.url) as hub:
        listing = hub.list_repos(ACME)
    assert isinstance(listing, Listing)
    assert ({each.name for each in listing.repos}, len(listing.repos)) == (
        {f"acme/M{i}" for i in range(count)},
        count,
    )
    assert len(server.requests) == requests
    assert {request.first("page_size") for request in server.requests} == {"50"}


def test_a_model_that_moves_to_the_front_while_we_walk_hides_no_other() -> None:
    def touch(number: int) -> None:
        if number == 2:
            server.rows[110] |= {"last_modified": "2026-06-01T00:00:00Z"}

    with ModelScopeServer(models(120), before=touch) as server, modelscope(server.url) as hub:
        listing = hub.list_repos(ACME)
    assert isinstance(listing, Listing)
    assert len({each.name for each in listing.repos}) == 120
    assert len(server.requests) == 4 + 3  # once more from the start


def test_a_model_withdrawn_while_we_walk_hides_no_other() -> None:
    def withdraw(number: int) -> None:
        if number == 2:
            del server.rows[3]

    with ModelScopeServer(models(120), before=withdraw) as server, modelscope(server.url) as hub:
        listing = hub.list_repos(ACME)
    assert isinstance(listing, Listing)
    assert {each.name for each in listing.repos} == {f"acme/M{i}" for i in range(120)} - {"acme/M3"}


def known(hub: ModelScope) -> str:
    listing = hub.list_repos(ACME)
    assert isinstance(listing, Listing)
    assert listing.validator is not None
    return listing.validator


@pytest.mark.parametrize("count", [1, 50, 120])
def test_an_unchanged_account_costs_one_request(count: int) -> None:
    clock = Clock()
    with ModelScopeServer(models(count)) as server, modelscope(server.url, clock=clock) as hub:
        validator = known(hub)
        server.requests.clear()
        server.rows[0] |= {"downloads": 10**6, "likes": 7}
        clock.now += timedelta(hours=5)
        assert hub.list_repos(ACME, validator) == Unchanged(ACME, clock.now)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"license": "mit"},
        {"gated": True},
        {"tags": []},
        {"params": 8},
        {"params": 0, "file_size": 5},
        {"last_modified": "2026-06-01T00:00:00Z"},
        {"id": "acme/Renamed"},
    ],
)
def test_any_change_on_the_first_page_is_seen(change: dict[str, object]) -> None:
    with ModelScopeServer(models(60)) as server, modelscope(server.url) as hub:
        validator = known(hub)
        server.rows[10] |= change
        assert isinstance(hub.list_repos(ACME, validator), Listing)


def test_a_late_publication_and_a_withdrawal_deep_in_the_list_show_in_the_count() -> None:
    late = model("acme/Late", MAY - timedelta(days=300))
    with ModelScopeServer(models(120)) as server, modelscope(server.url) as hub:
        validator = known(hub)
        server.rows.append(late)
        listing = hub.list_repos(ACME, validator)
        assert isinstance(listing, Listing)
        assert listing.repos[-1].name == "acme/Late"
        server.rows.remove(late)
        assert isinstance(hub.list_repos(ACME, listing.validator), Listing)


def test_what_the_first_page_and_the_count_cannot_show_is_seen_within_six_hours() -> None:
    clock = Clock()
    with ModelScopeServer(models(120)) as server, modelscope(server.url, clock=clock) as hub:
        validator = known(hub)
        server.rows[-1] = model("acme/Swapped", MAY - timedelta(days=300))
        assert isinstance(hub.list_repos(ACME, validator), Unchanged)
        clock.now += timedelta(hours=6)
        listing = hub.list_repos(ACME, validator)
        assert isinstance(listing, Listing)
        assert listing.repos[-1].name == "acme/Swapped"


def test_an_account_of_one_page_is_always_certain() -> None:
    clock = Clock()
    with ModelScopeServer(models(49)) as server, modelscope(server.url, clock=clock) as hub:
        validator = known(hub)
        clock.now += timedelta(days=300)
        assert isinstance(hub.list_repos(ACME, validator), Unchanged)


def test_an_account_of_one_full_page_is_read_anew_after_six_hours() -> None:
    clock = Clock()
    with ModelScopeServer(models(50)) as server, modelscope(server.url, clock=clock) as hub:
        validator = known(hub)
        clock.now += timedelta(hours=6)
        assert isinstance(hub.list_repos(ACME, validator), Listing)


def test_a_listing_that_a_clock_which_ran_ahead_has_dated_is_read_anew() -> None:
    clock = Clock()
    with ModelScopeServer(models(120)) as server, modelscope(server.url, clock=clock) as hub:
        clock.now += timedelta(days=1460)
        validator = known(hub)
        clock.now -= timedelta(days=1460)
        assert isinstance(hub.list_repos(ACME, validator), Listing)


@pytest.mark.parametrize(
    "validator", ["", "{}", "null", "[[", '{"state": 7, "swept_at": 7}', '"x"', 'W/"etag"']
)
def test_a_validator_that_is_none_of_ours_is_a_full_walk(validator: str) -> None:
    with ModelScopeServer(models(3)) as server, modelscope(server.url) as hub:
        assert isinstance(hub.list_repos(ACME, validator), Listing)


def test_a_direct_look_tells_public_from_gone() -> None:
    rows = [model("acme/One"), model("acme/Secret", private=True)]
    with ModelScopeServer(rows, token="ms-good") as server:
        with modelscope(server.url) as hub:
            assert hub.look("acme/One") == Look(Sight.PUBLIC, "acme/One", "acme/One")
            assert hub.look("acme/Two") == hub.look("acme/Secret") == Look(Sight.GONE)
        with modelscope(server.url, "ms-good") as hub:
            assert hub.look("acme/Secret") == Look(Sight.GONE)


def test_an_account_is_known_by_the_hubs_own_spelling() -> None:
    with ModelScopeServer(models(3)) as server, modelscope(server.url) as hub:
        assert (hub.exists("acme"), hub.exists("Acme"), hub.exists("ac")) == ("acme", None, None)


def test_an_unknown_account_is_not_an_empty_listing() -> None:
    with (
        ModelScopeServer(models(3)) as server,
        modelscope(server.url) as hub,
        pytest.raises(HubError, match="case-sensitive") as caught,
    ):
        hub.list_repos(Account("acme", "modelscope", "Acme"))
    assert caught.value.trouble is Trouble.NOT_FOUND


def test_requests_keep_their_distance() -> None:
    with ModelScopeServer(models(1)) as server, modelscope(server.url) as hub:
        began = time.monotonic()
        for _ in range(5):
            hub.look("acme/M0")
        assert 0.2 <= time.monotonic() - began < 2


def test_a_pause_outlives_a_restart() -> None:
    clock = Clock()
    until = clock.now + timedelta(seconds=90)
    with ModelScopeServer(models(1)) as server:
        hub = ModelScope(server.url, None, clock, paused_until=until, quota=Quota(40, timedelta(minutes=1)))
        with pytest.raises(HubPaused) as caught:
            hub.list_repos(ACME)
        hub.close()
        assert server.requests == []
    assert (caught.value.retry_after, hub.quota) == (timedelta(seconds=90), Quota(40, timedelta(minutes=1)))


def test_the_token_goes_to_the_hub_with_our_name_and_contact() -> None:
    with ModelScopeServer(models(1), token="ms-good") as server:
        hub = ModelScope(server.url, "ms-good", Clock(), contact="https://models.example.org")
        hub.list_repos(ACME)
        hub.close()
        with modelscope(server.url) as anonymous:
            anonymous.list_repos(ACME)
    assert server.requests[0].headers["authorization"] == "Bearer ms-good"
    assert server.requests[0].headers["user-agent"].endswith("(+https://models.example.org)")
    assert "authorization" not in server.requests[1].headers
