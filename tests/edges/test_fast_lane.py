"""The fast lane: what is newest on a hub has its account listed at once; it concludes nothing and harms nothing."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from several import errors
from structlog.testing import capture_logs

from monitor.core.types import Quota
from monitor.demo.server import Answer, Request
from monitor.store import Store, limits
from servers import Clock, StandInHub, html_answer, json_answer, repo
from world import World, listed, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)  # where the clock stands at first
MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    repos = [repo("acme/Lyra-7B", MAY), repo("zenith/Peak-7B", MAY), repo("crowd/Noise-7B", MAY)]
    with StandInHub(clock, repos) as hub:
        yield hub


@pytest.fixture
def world(sqlite_store: Store, clock: Clock, hub: StandInHub) -> World:
    return _watching(sqlite_store, clock, hub)


@pytest.fixture
def world_on_both(store: Store, clock: Clock, hub: StandInHub) -> World:
    return _watching(store, clock, hub)


def _watching(store: Store, clock: Clock, hub: StandInHub) -> World:
    world = World(store, clock, hub, organization("acme"), organization("zenith"))
    world.poll_due()
    assert world.look_at_newest() == 0
    return world


def add(world: World, *names: str, created_at: datetime | None = None, **settings: Any) -> None:
    world.hub.repos = (
        *world.hub.repos,
        *(repo(name, created_at or world.clock.now + SECOND, **settings) for name in names),
    )


def listings(world: World) -> list[str]:
    """The accounts that were listed, one after another."""
    return [
        author
        for request in world.hub.requests
        if request.path == "/api/models" and (author := request.first("author"))
    ]


def of_the_newest(fault: Answer) -> Callable[[Request, Answer], Answer]:
    """Spoil what is said of the whole hub alone."""
    return lambda request, answer: (
        fault if request.path == "/api/models" and not request.first("author") else answer
    )


def test_a_new_repository_is_in_the_outbox_after_one_look_without_waiting_for_the_sweep(
    world_on_both: World,
) -> None:
    world = world_on_both
    add(world, "acme/Nova-9-8B")
    asked = len(listings(world))
    assert world.look_at_newest(after=30 * SECOND) == 1
    assert [str(polled.account) for polled in world.poll_due()] == ["huggingface:acme"]
    assert listings(world)[asked:] == ["acme"]
    assert world.alerts("release") == ["Acme released Nova-9-8B"]
    assert len(world.dump()["notification"]) == len(world.dump()["alert"]) == 2  # the other one is hello
    assert world.look_at_newest(after=30 * SECOND) == 0
    assert world.poll_due() == []
    (launched,) = [each for each in world.log() if each["name"] == "Nova-9-8B"]
    assert launched["released_at"] == JUNE + SECOND


def test_one_look_covers_every_account_and_many_repositories_of_one_are_one_listing(world: World) -> None:
    add(world, "acme/Nova-9-8B", "acme/Nova-9-70B", "acme/Nova-9-8B-GGUF", "zenith/Summit-7B")
    looks = len(world.hub.requests)
    world.look_at_newest(after=30 * SECOND)
    assert len(world.hub.requests) == looks + 1
    assert len(world.poll_due()) == 2
    assert sorted(world.alerts("release")) == ["Acme released Nova-9", "Zenith released Summit-7B"]


def test_what_somebody_else_publishes_is_nobodys_business(world: World) -> None:
    world.poll_due()  # judges the cadences of the baseline
    before = world.dump()
    add(world, "crowd/More-Noise-7B", "Acme/Not-Ours-7B", "stranger/acme-7B")
    assert world.look_at_newest(after=30 * SECOND) == 0
    assert world.poll_due() == []
    assert world.dump() == before


def test_what_was_made_in_private_is_not_seen_by_it_and_is_by_the_sweep(world: World) -> None:
    add(world, "acme/Hidden-7B", created_at=MAY, public_from=JUNE + 10 * SECOND)
    for _ in range(4):
        assert world.look_at_newest(after=MINUTE) == 0
        assert world.poll_due() == []
    world.poll_due(after=7 * MINUTE)
    assert world.alerts("release") == ["Acme released Hidden-7B"]


@pytest.mark.parametrize(
    "fault",
    [Answer(500), Answer(404), html_answer(), json_answer("{}"), json_answer('[{"_id": 7}]')],
    ids=["500", "404", "HTML", "an object", "rows of nothing"],
)
def test_a_list_of_the_newest_that_fails_is_said_once_and_harms_nothing(fault: Answer, world: World) -> None:
    before = world.dump()
    world.hub.spoil = of_the_newest(fault)
    with world.process(), capture_logs() as logs:
        for _ in range(40):
            assert world.look_at_newest(after=30 * SECOND) == 0
    warnings = [entry for entry in logs if entry["log_level"] == "warning"]
    assert [entry["event"] for entry in warnings] == ["newest_not_seen"]
    assert world.dump() == before
    assert world.account("acme")["state"] == "ok"
    add(world, "acme/Nova-9-8B")
    assert errors(world.poll_due(after=MINUTE)) == []  # the sweep has it all the same
    assert world.alerts("release") == ["Acme released Nova-9-8B"]
    world.hub.spoil = None
    add(world, "acme/Vega-7B")
    world.look_at_newest(after=11 * MINUTE)
    world.poll_due()
    assert world.alerts("release")[1:] == ["Acme released Vega-7B"]


def test_a_listing_that_lacks_the_newest_is_asked_for_three_times_and_no_more(world: World) -> None:
    def without_nova(request: Request, answer: Answer) -> Answer:
        rows = listed(answer)
        kept = [row for row in rows if request.first("author") is None or row["id"] != "acme/Nova-9-8B"]
        return json_answer(json.dumps(kept)) if kept != rows else answer

    add(world, "acme/Nova-9-8B")
    world.hub.spoil = without_nova
    asked = len(listings(world))
    with world.process():
        for _ in range(12):
            world.look_at_newest(after=30 * SECOND)
            world.poll_due()
    assert listings(world)[asked:] == ["acme"] * 3
    world.hub.spoil = None
    world.poll_due(after=10 * MINUTE)
    assert world.alerts("release") == ["Acme released Nova-9-8B"]


def test_what_a_crowd_has_pushed_to_a_further_page_is_seen(world: World) -> None:
    add(world, "acme/Nova-9-8B")
    add(world, *(f"crowd/Noise-{n}-7B" for n in range(350)), created_at=JUNE + 2 * SECOND)
    assert world.look_at_newest(after=30 * SECOND) == 1
    world.poll_due()
    assert world.alerts("release") == ["Acme released Nova-9-8B"]


def test_what_was_created_while_nobody_looked_is_seen_by_the_next_look(world: World) -> None:
    add(world, "acme/Nova-9-8B")
    assert world.look_at_newest(after=9 * MINUTE) == 1
    assert len(world.poll_due()) >= 1
    assert world.alerts("release") == ["Acme released Nova-9-8B"]


def test_what_is_shown_a_little_late_is_seen(world: World) -> None:
    """The hub shows a repository after others that were created later."""
    add(world, "crowd/Noise-8B", created_at=JUNE + 90 * SECOND)
    world.look_at_newest(after=2 * MINUTE)
    add(world, "acme/Nova-9-8B", created_at=JUNE + 60 * SECOND)
    assert world.look_at_newest(after=30 * SECOND) == 1


def test_a_creation_in_the_future_does_not_blind_it(world: World) -> None:
    add(world, "crowd/Noise-8B", created_at=JUNE + 20 * HOUR, public_from=JUNE)
    world.look_at_newest(after=MINUTE)
    add(world, "acme/Nova-9-8B")
    assert world.look_at_newest(after=MINUTE) == 1


def test_an_account_without_a_baseline_is_left_to_it(
    sqlite_store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = World(sqlite_store, clock, hub, organization("acme"))
    world.watch()
    world.look_at_newest()
    add(world, "acme/Nova-9-8B")
    assert world.look_at_newest(after=30 * SECOND) == 0
    world.poll()
    assert world.quiet()
    assert "acme/Nova-9-8B" in world.repos()


def test_an_account_that_was_renamed_is_known_by_its_new_name(world: World) -> None:
    old = world.hub.repos[0]
    moved = replace(old, name="acme-ai/Lyra-7B", former_names=(old.name,), hub_id=old.object_id)
    world.hub.repos = (moved, *world.hub.repos[1:])
    world.poll(after=MINUTE)
    add(world, "acme-ai/Nova-9-8B")
    assert world.look_at_newest(after=30 * SECOND) == 1
    world.poll_due()
    assert world.alerts("release") == ["Acme released Nova-9-8B"]


def test_two_processes_look_once_between_them(world: World) -> None:
    asked = len(world.hub.requests)
    for _ in range(4):
        world.look_at_newest(after=20 * SECOND)
    assert len(world.hub.requests) - asked == 2  # 30 seconds lie between two looks, whoever takes them


def test_looks_and_sweeps_share_one_quota_and_nine_tenths_of_it(sqlite_store: Store, clock: Clock) -> None:
    quota = Quota(40, 5 * MINUTE)
    repos = [repo(f"acme-{n}/Lyra-7B", MAY) for n in range(12)]
    refused: list[int] = []

    def note(request: Request, answer: Answer) -> Answer:
        refused.extend([answer.status] if answer.status == 429 else [])
        return answer

    with StandInHub(clock, repos, quota=quota, spoil=note, etags=False) as hub:
        world = World(sqlite_store, clock, hub, *(organization(f"acme-{n}") for n in range(12)))
        world.settings = replace(world.settings, poll=replace(world.settings.poll, every=None))
        with world.process():
            world.poll()
            began = clock.now
            asked: list[int] = []
            for _ in range(4):
                before = len(hub.requests)
                while clock.now - began < 5 * MINUTE:
                    world.look_at_newest(after=15 * SECOND)
                    world.poll_due()
                began = clock.now
                asked.append(len(hub.requests) - before)
    assert refused == []
    assert max(asked) <= 36
    assert min(asked) >= 20
    assert {world.account(f"acme-{n}")["state"] for n in range(12)} == {"ok"}


def test_one_hiccup_of_the_newest_list_costs_one_turn_and_an_outage_ever_fewer_requests(world: World) -> None:
    asked: list[datetime] = []

    def failing(request: Request, answer: Answer) -> Answer:
        if request.path != "/api/models" or request.first("author"):
            return answer
        asked.append(world.clock.now)
        return Answer(502) if len(asked) < 5 else answer

    world.hub.spoil = failing
    with world.process():
        for _ in range(40):
            world.look_at_newest(30 * SECOND)
    waits = [int((after - before) / SECOND) for before, after in pairwise(asked)]
    assert waits[:6] == [30, 60, 120, 240, 30, 30]


def test_what_a_wrong_clock_put_far_into_the_future_is_asked_all_the_same(world: World) -> None:
    world.clock.now += timedelta(days=400)
    world.poll()
    world.look_at_newest()
    world.clock.now -= timedelta(days=400)
    add(world, "acme/Late-7B")
    assert world.look_at_newest(2 * SECOND) == 1
    assert [result.published for result in world.poll_due()] == [1, 0]


def test_another_token_is_not_held_to_the_pause_of_the_one_before(world: World) -> None:
    app = world.app()
    with world.store.writing() as tx:
        limits.enter_access(tx, {"huggingface": "anonymous"})
        limits.note_hub(tx, "huggingface", world.clock.now + HOUR, Quota(500, 5 * MINUTE), world.clock.now)
    with app.hubs(), world.store.reading() as tx:
        told = limits.hub_limits(tx, "huggingface", world.clock.now)
    assert (told.paused_until, told.quota) == (None, None)
