"""The same models on several hubs are one release each: what comes first dates it, and nothing is told twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from several import cadences, dates, errors, everywhere, on_both, on_huggingface, on_modelscope, release

import openrouter_server
from github_server import Code
from github_server import release as github_release
from monitor.core.types import Organization
from monitor.store import Store
from servers import Clock
from world import Hubs, World, four_hubs, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)  # where the clock stands at first
MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hubs(clock: Clock) -> Iterator[Hubs]:
    with four_hubs(clock) as hubs:
        yield hubs


def watching(store: Store, clock: Clock, hubs: Hubs, *organizations: Organization) -> World:
    """Two models on both model hubs, and something of another name on each of the others."""
    world = World(store, clock, hubs, *organizations)
    on_huggingface(world, "Lyra-1-7B", MAY)
    on_huggingface(world, "Lyra-2-7B", MAY + 20 * DAY)
    on_modelscope(world, "Lyra-1-7B", MAY + 3 * HOUR)
    on_modelscope(world, "Lyra-2-7B", MAY + 20 * DAY - 5 * HOUR)
    hubs.github.repos = [Code(7, "acme-code/website", MAY)]
    hubs.openrouter.rows = [openrouter_server.model("acme/unrelated-api")]
    return world


@pytest.fixture
def world(sqlite_store: Store, clock: Clock, hubs: Hubs) -> World:
    world = watching(sqlite_store, clock, hubs, everywhere())
    assert errors(world.poll()) == []
    return world


@pytest.fixture
def world_on_both(store: Store, clock: Clock, hubs: Hubs) -> World:
    world = watching(store, clock, hubs, everywhere())
    assert errors(world.poll()) == []
    return world


def test_the_same_models_on_two_hubs_are_one_release_each_with_a_first_appearance_on_both(
    world: World,
) -> None:
    one, two = world.log()
    assert (one["name"], one["hubs"], one["released_at"]) == (
        "Lyra-1-7B",
        ["huggingface", "modelscope"],
        MAY,
    )
    assert one["first_on"] == {"huggingface": MAY, "modelscope": MAY + 3 * HOUR}
    assert (two["name"], two["hubs"]) == ("Lyra-2-7B", ["modelscope", "huggingface"])
    assert [len(each["repos"]) for each in (one, two)] == [2, 2]
    assert len(world.launches()) == 2
    assert world.quiet()


def test_modelscope_first_is_one_alert_that_is_amended_when_hugging_face_follows(
    world_on_both: World,
) -> None:
    world = world_on_both
    on_modelscope(world, "Nova-9-8B", JUNE + 30 * MINUTE)
    world.poll(after=HOUR)
    (text,) = world.texts("release")
    assert "ModelScope first; Hugging Face pending" in text
    id_before = release(world, "Nova-9-8B")["id"]
    on_huggingface(world, "Nova-9-8B", JUNE + 9 * HOUR + 30 * MINUTE)
    for _ in range(2):
        world.poll(after=9 * HOUR)
        (text,) = world.texts("release")
        assert "ModelScope first, Hugging Face 9 h later" in text
        assert "pending" not in text
        assert "acme/Nova-9-8B" in text
        assert "acme-ms/Nova-9-8B" in text
    launched = release(world, "Nova-9-8B")
    assert launched["id"] == id_before
    assert launched["hubs"] == ["modelscope", "huggingface"]
    assert (launched["released_at"], launched["basis"]) == (JUNE + 30 * MINUTE, "observed")
    assert len(world.changes("published")) == 2


def test_hugging_face_first_is_told_the_other_way_round(world: World) -> None:
    on_huggingface(world, "Nova-9-8B", JUNE + 30 * MINUTE)
    world.poll(after=HOUR)
    assert "Hugging Face first; ModelScope pending" in world.texts("release")[0]
    on_modelscope(world, "Nova-9-8B", JUNE + 3 * DAY)
    world.poll(after=3 * DAY)
    (text,) = world.texts("release")
    assert "Hugging Face first, ModelScope 3 days later" in text
    assert release(world, "Nova-9-8B")["released_at"] == JUNE + 30 * MINUTE


def test_a_model_that_lands_on_both_hubs_between_two_polls_is_one_alert(world: World) -> None:
    on_huggingface(world, "Nova-9-8B", JUNE + 30 * MINUTE)
    on_modelscope(world, "Nova-9-8B", JUNE + 40 * MINUTE)
    world.poll(after=HOUR)
    (text,) = world.texts("release")
    assert "Hugging Face and ModelScope at about the same time" in text
    assert release(world, "Nova-9-8B")["hubs"] == ["huggingface", "modelscope"]


def test_a_model_that_is_on_modelscope_alone_is_a_release(world: World) -> None:
    on_modelscope(world, "Only-Here-8B", JUNE + 30 * MINUTE)
    world.poll(after=HOUR)
    assert world.alerts("release") == ["Acme released Only-Here-8B"]
    assert release(world, "Only-Here-8B")["first_on"] == {"modelscope": JUNE + 30 * MINUTE}


def test_official_conversions_on_another_hub_join_their_release(world: World) -> None:
    on_huggingface(world, "Nova-9-8B", JUNE + 30 * MINUTE)
    world.poll(after=HOUR)
    on_modelscope(world, "Nova-9-8B-GGUF", JUNE + 20 * DAY)
    world.poll(after=21 * DAY)
    assert [each["id"] for each in release(world, "Nova-9-8B")["repos"]] == [
        "acme/Nova-9-8B",
        "acme-ms/Nova-9-8B-GGUF",
    ]
    assert len(world.alerts("release")) == 1


@pytest.mark.parametrize("added", ["modelscope", "github", "openrouter"])
def test_an_account_on_another_hub_that_is_added_re_announces_nothing_and_moves_no_date(
    added: str, sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = watching(sqlite_store, clock, hubs, organization("acme", "acme"))
    world.poll()
    on_huggingface(world, "Lyra-3-7B", JUNE + 30 * MINUTE)
    world.poll(after=HOUR)
    # On the other hubs there is a copy of everything, and each is a day late there.
    hubs.modelscope.rows.clear()
    for name, at in (("Lyra-1-7B", MAY), ("Lyra-2-7B", MAY + 20 * DAY), ("Lyra-3-7B", JUNE)):
        on_modelscope(world, name, at + DAY)
        hubs.github.repos.append(Code(len(hubs.github.repos) + 1, f"acme-code/{name[:6]}", at + DAY))
        hubs.openrouter.rows.append(openrouter_server.model(f"acme/{name.lower()}"))
    before, told, cadence, launches = dates(world), world.alerts("release"), cadences(world), world.launches()
    accounts = {"modelscope": {"modelscope": "acme-ms"}, "github": {"github": "acme-code"}}
    world.organizations = (organization("acme", "acme", **accounts.get(added, {"openrouter": "acme"})),)
    for _ in range(2):
        assert errors(world.poll(after=2 * DAY)) == []
    assert dates(world) == before
    assert all(added in each["hubs"] for each in world.log())
    assert (world.alerts("release"), world.alerts("change")) == (told, [])
    assert [launch[:2] for launch in world.launches()] == [launch[:2] for launch in launches]
    if added != "modelscope":
        assert world.launches() == launches
        assert cadences(world)[0][1:2] == cadence[0][1:2]


def test_a_hub_that_is_added_does_not_date_back_what_was_seen_to_be_launched(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = World(sqlite_store, clock, hubs, organization("acme", "acme"))
    on_huggingface(world, "Lyra-1-7B", MAY)
    world.poll()
    on_huggingface(world, "Nova-9-8B", JUNE + 30 * MINUTE)
    on_huggingface(world, "Nova-9-70B", JUNE + 31 * MINUTE)
    world.poll(after=HOUR)
    before, told = dates(world), world.texts("release")
    on_modelscope(world, "Nova-9-8B", JUNE - 20 * DAY)  # made there, in private or not, weeks before
    world.organizations = (on_both(),)
    for _ in range(2):
        world.poll(after=DAY)
    assert dates(world) == before
    assert world.texts("release") == told
    assert len(release(world, "Nova-9")["repos"]) == 3


def test_a_bulk_copy_to_modelscope_is_no_release_moves_none_and_tells_nothing(
    store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = World(store, clock, hubs, on_both())
    for n in range(30):
        on_huggingface(world, f"Lyra-{n}-7B", JUNE - (5 * n + 4) * DAY)
    on_modelscope(world, "Lyra-0-7B", JUNE - 3 * DAY)
    for _ in range(3):
        assert errors(world.poll(after=DAY)) == []
    before, cadence, days = dates(world), cadences(world), {day for day, *_ in world.launches()}
    hubs.modelscope.rows.clear()
    for n in range(30):
        on_modelscope(world, f"Lyra-{n}-7B", clock.now + 30 * MINUTE if n else JUNE - 3 * DAY)
    for _ in range(2):
        assert errors(world.poll(after=HOUR)) == []
    assert dates(world) == before
    assert {day for day, *_ in world.launches()} == days
    assert cadences(world) == cadence
    assert len(world.changes("published")) == 29
    assert world.quiet()


def test_a_bulk_copy_that_was_there_before_dates_nothing_that_no_other_hub_has(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = World(sqlite_store, clock, hubs, on_both())
    for n in range(30):
        on_huggingface(world, f"Lyra-{n}-7B", JUNE - 5 * n * DAY)
        on_modelscope(world, f"Lyra-{n}-7B", JUNE)
    on_modelscope(world, "Older-8B", JUNE)
    world.poll(after=DAY)
    assert [release(world, f"Lyra-{n}-7B")["released_at"] for n in (3, 29)] == [
        JUNE - 15 * DAY,
        JUNE - 145 * DAY,
    ]
    older = release(world, "Older-8B")
    assert (older["released_at"], older["basis"]) == (None, "unknown")
    assert world.quiet()


def test_code_on_github_and_a_service_on_openrouter_link_a_release_and_never_make_or_date_one(
    world_on_both: World,
) -> None:
    world = world_on_both
    git, router = world.hubs.github, world.hubs.openrouter
    launches = world.launches()
    attached = github_release("v3", JUNE + 2 * HOUR, ("nova-9-8b.gguf", 4 * 10**9))
    git.repos.append(Code(9, "acme-code/Nova-9", JUNE + 10 * MINUTE, JUNE + 2 * HOUR, releases=(attached,)))
    router.rows.append(
        openrouter_server.model(
            "acme/nova-9", created=int((JUNE + 20 * MINUTE).timestamp()), hugging_face_id="acme/Nova-9-8B"
        )
    )
    world.poll(after=2 * HOUR)
    assert (world.quiet(), world.launches()) == (True, launches)
    assert [each["name"] for each in world.log()] == ["Lyra-1-7B", "Lyra-2-7B"]
    on_huggingface(world, "Nova-9-8B", JUNE + 150 * MINUTE)
    for _ in range(3):
        world.poll(after=HOUR)
    nova = release(world, "Nova-9-8B")
    assert (nova["released_at"], nova["hubs"]) == (
        JUNE + 150 * MINUTE,
        ["github", "openrouter", "huggingface"],
    )
    assert {(link["hub"], link["kind"], link["at"]) for link in nova["links"]} == {
        ("github", "code", JUNE + 10 * MINUTE),
        ("github", "code", JUNE + 2 * HOUR),  # the release of the code
        ("github", "weights", JUNE + 2 * HOUR),
        ("openrouter", "served", JUNE + 20 * MINUTE),
    }
    assert world.alerts("release") == ["Acme released Nova-9-8B"]
    assert world.launches() == [*launches, (JUNE.date(), "acme", 1)]
    assert world.alerts("change") == []


def test_weights_on_github_are_linked_to_a_release_that_was_there_before(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = watching(sqlite_store, clock, hubs, everywhere())
    attached = github_release("v1", MAY + DAY, ("lyra-1-7b.gguf", 4 * 10**9))
    hubs.github.repos = [Code(7, "acme-code/Lyra-1", MAY, MAY + DAY, releases=(attached,))]
    for _ in range(2):
        world.poll(after=HOUR)
    links = release(world, "Lyra-1-7B")["links"]
    assert [link["at"] for link in links if link["kind"] == "weights"] == [MAY + DAY]
    asked = len(hubs.github.requests)
    world.poll(after=HOUR)
    assert len(hubs.github.requests) == asked + 1  # and then the account is unchanged
    assert world.quiet()


def test_what_vanishes_on_a_witness_is_never_told(world: World) -> None:
    world.hubs.github.repos = [Code(8, "acme-code/Lyra-1", MAY), Code(7, "acme-code/website", MAY)]
    world.poll(after=HOUR)
    assert "github" in release(world, "Lyra-1-7B")["hubs"]
    del world.hubs.github.repos[0]
    for _ in range(3):
        world.poll(after=HOUR)
    assert world.quiet()
    assert release(world, "Lyra-1-7B")["released_at"] == MAY


def test_one_hub_that_fails_blinds_no_other(world: World) -> None:
    rows, world.hubs.modelscope.rows = world.hubs.modelscope.rows, []
    on_huggingface(world, "Nova-9-8B", JUNE + 30 * MINUTE)
    polled = world.poll(after=HOUR)
    assert [each.account.hub for each in polled if each.error] == ["modelscope"]
    assert world.alerts("release") == ["Acme released Nova-9-8B"]
    assert {each["state"] for each in world.repos().values()} == {"public"}
    world.hubs.modelscope.rows = rows
    assert errors(world.poll(after=HOUR)) == []
    assert world.alerts("change") == []
