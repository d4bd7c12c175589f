"""Repositories and accounts that are renamed, withdrawn or return keep their history."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.types import Account, Organization
from monitor.demo.hub import DemoRepo
from monitor.demo.repo import DemoCommit
from monitor.demo.server import Answer, Request
from monitor.store import Store
from servers import Clock, StandInHub, json_answer, repo
from world import World, listed, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)
MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    repos = [repo(f"acme/Model{n}-7B", MAY + n * HOUR) for n in range(5)]
    with StandInHub(clock, repos, organizations=["acme-ai"]) as hub:
        yield hub


@pytest.fixture
def world(sqlite_store: Store, clock: Clock, hub: StandInHub) -> World:
    world = World(sqlite_store, clock, hub, organization("acme"))
    world.poll()
    return world


@pytest.fixture
def world_on_both(store: Store, clock: Clock, hub: StandInHub) -> World:
    world = World(store, clock, hub, organization("acme"))
    world.poll()
    return world


def renamed(old: DemoRepo, name: str) -> DemoRepo:
    return replace(old, name=name, former_names=(old.name, *old.former_names), hub_id=old.object_id)


def rename_account(world: World, name: str) -> None:
    world.hub.repos = tuple(renamed(each, each.name.replace("acme/", f"{name}/")) for each in world.hub.repos)


def hide(world: World, *numbers: int) -> None:
    """Make repositories private from now on."""
    world.hub.repos = tuple(
        replace(each, public_until=world.clock.now) if number in numbers else each
        for number, each in enumerate(world.hub.repos)
    )


def forget_old_overview(request: Request, answer: Answer) -> Answer:
    """Answer for the old name as if it had never been."""
    if request.path.startswith("/api/organizations/acme/") or request.path.startswith("/api/users/acme/"):
        return json_answer('{"error": "This organization does not exist"}', 404)
    return answer


def ids(world: World) -> dict[str, int]:
    """The release of each repository, by the hub's own id."""
    return {repo["hub_id"]: release["id"] for release in world.log() for repo in release["repos"]}


def test_a_renamed_repository_keeps_its_history_and_is_told_once(world: World) -> None:
    before = ids(world)
    first, *others = world.hub.repos
    world.hub.repos = (renamed(first, "acme/Better-Name-7B"), *others)
    for _ in range(3):
        world.poll(after=HOUR)
    assert ids(world) == before
    (change,) = world.changes("renamed")
    assert (change["before"], change["after"]) == ("acme/Model0-7B", "acme/Better-Name-7B")
    assert world.alerts("change") == ["Acme renamed acme/Better-Name-7B"]
    assert world.alerts("release") == []


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_renamed_account_is_followed_and_keeps_its_history(
    world_on_both: World, is_forgotten: bool
) -> None:
    world = world_on_both
    before = ids(world)
    rename_account(world, "acme-ai")
    world.hub.spoil = forget_old_overview if is_forgotten else None
    for _ in range(3):
        (result,) = world.poll(after=HOUR)
        assert result.error is None
    assert ids(world) == before
    assert (world.account("acme")["state"], world.account("acme")["listed_as"]) == ("ok", "acme-ai")
    assert len(world.changes("renamed")) == 5
    assert world.alerts("change") == ["Acme renamed 5 repositories"]
    assert world.alerts("release") == []


def test_what_a_renamed_account_publishes_is_announced(world: World) -> None:
    rename_account(world, "acme-ai")
    world.hub.repos = (*world.hub.repos, repo("acme-ai/Nova-7B", JUNE + 30 * MINUTE))
    world.poll(after=HOUR)
    world.hub.repos = (*world.hub.repos, repo("acme-ai/Quasar-7B", JUNE + 90 * MINUTE))
    world.poll(after=HOUR)
    assert world.alerts("release") == ["Acme released Nova-7B", "Acme released Quasar-7B"]


@pytest.mark.parametrize("was_followed", [False, True])
def test_the_configuration_may_take_up_the_new_name_without_a_second_announcement(
    world: World, was_followed: bool
) -> None:
    before = ids(world)
    rename_account(world, "acme-ai")
    if was_followed:
        world.poll(after=HOUR)
    world.organizations = (organization("acme", "acme-ai"),)
    world.hub.repos = (*world.hub.repos, repo("acme-ai/Nova-7B", world.clock.now + 30 * MINUTE))
    world.poll(after=HOUR)
    world.poll(after=HOUR)
    assert world.alerts("release") == ["Acme released Nova-7B"]
    assert {hub_id: ids(world)[hub_id] for hub_id in before} == before
    assert len(world.changes("renamed")) == 5
    assert world.alerts("change") == ["Acme renamed 5 repositories"]


def test_what_vanishes_after_the_new_name_was_taken_up_is_noticed(world: World) -> None:
    rename_account(world, "acme-ai")
    world.organizations = (organization("acme", "acme-ai"),)
    world.poll(after=HOUR)
    hide(world, 0)
    world.poll(after=HOUR)
    world.poll(after=HOUR)
    assert [change["repo"] for change in world.changes("withdrawn")] == ["acme-ai/Model0-7B"]


def test_a_repository_is_withdrawn_after_two_listings_and_a_direct_look(world: World) -> None:
    hide(world, 0)
    world.poll(after=HOUR)
    assert world.changes("withdrawn") == []
    asked = len(world.hub.requests)
    world.poll(after=MINUTE)
    assert [request.path for request in world.hub.requests[asked:]] == [
        "/api/models",
        "/api/models/acme/Model0-7B",
    ]
    assert [change["repo"] for change in world.changes("withdrawn")] == ["acme/Model0-7B"]
    assert world.repos()["acme/Model0-7B"]["state"] == "withdrawn"
    assert world.alerts("change") == ["Acme withdrew acme/Model0-7B"]
    world.poll(after=HOUR)
    assert len(world.changes("withdrawn")) == 1


def test_a_repository_that_is_missed_once_and_seen_again_is_no_news(world: World) -> None:
    repos = world.hub.repos
    for _ in range(2):
        hide(world, 0)
        world.poll(after=HOUR)
        world.hub.repos = repos
        world.poll(after=HOUR)
    assert world.changes("withdrawn") == world.changes("returned") == []


def test_a_direct_look_that_is_unsure_withdraws_nothing(world: World) -> None:
    hide(world, 0)
    world.hub.spoil = lambda request, answer: Answer(500) if "Model0" in request.path else answer
    for _ in range(4):
        assert world.poll(after=HOUR)[0].error is None
    assert world.changes("withdrawn") == []


def test_a_repository_that_a_direct_look_still_shows_is_not_withdrawn_and_blinds_nothing(
    world: World,
) -> None:
    def without_first(request: Request, answer: Answer) -> Answer:
        if request.path != "/api/models":
            return answer
        return json_answer(json.dumps([row for row in listed(answer) if row["id"] != "acme/Model0-7B"]))

    world.hub.spoil = without_first
    results = [world.poll(after=HOUR)[0] for _ in range(3)]
    assert [result.error for result in results] == [None, None, None]
    assert world.changes("withdrawn") == []
    assert world.repos()["acme/Model0-7B"]["state"] == "public"


def test_most_of_an_account_that_vanishes_at_once_is_believed_the_second_time_and_is_one_alert(
    world_on_both: World,
) -> None:
    world = world_on_both
    hide(world, 0, 1, 2, 3)
    (result,) = world.poll(after=HOUR)
    assert "missing at once" in str(result.error)
    (result,) = world.poll(after=HOUR)
    assert result.error is None
    assert len(world.changes("withdrawn")) == 4
    assert world.alerts("change") == ["Acme withdrew 4 repositories"]


def test_a_repository_that_returns_is_returned_and_never_new(world_on_both: World) -> None:
    world = world_on_both
    before, repos = ids(world), world.hub.repos
    hide(world, 0)
    world.poll(after=HOUR)
    world.poll(after=HOUR)
    world.hub.repos = repos
    world.poll(after=HOUR)
    world.poll(after=HOUR)
    assert [change["repo"] for change in world.changes("returned")] == ["acme/Model0-7B"]
    assert world.repos()["acme/Model0-7B"]["state"] == "public"
    assert world.alerts("change") == ["Acme withdrew acme/Model0-7B", "Acme made acme/Model0-7B public again"]
    assert (world.alerts("release"), world.changes("published")) == ([], [])
    assert ids(world) == before


def test_a_repository_made_anew_under_an_old_name_is_a_new_one(world: World) -> None:
    first, *others = world.hub.repos
    again = repo(first.name, JUNE + 30 * MINUTE)
    world.hub.repos = (again, *others)
    for _ in range(3):
        world.poll(after=HOUR)
    assert [change["repo"] for change in world.changes("published")] == [first.name]
    assert [change["repo"] for change in world.changes("withdrawn")] == [first.name]


def test_a_changed_licence_and_gate_are_told_once_each(world: World) -> None:
    first, *others = world.hub.repos
    world.hub.repos = (replace(first, tags=("license:mit",)), *others)
    world.poll(after=HOUR)  # from not stated to stated: not a change
    world.hub.repos = (replace(first, tags=("license:other",), gated="auto"), *others)
    world.poll(after=HOUR)
    world.poll(after=HOUR)
    (licence,), (gating,) = world.changes("licence"), world.changes("gating")
    assert (licence["before"], licence["after"]) == ("mit", "other")
    assert (gating["before"], gating["after"]) == ("no", "auto")
    assert len(world.alerts("change")) == 2


def test_an_organisation_whose_key_is_renamed_keeps_its_log_its_ids_and_its_silence(
    world_on_both: World,
) -> None:
    world = world_on_both
    before = [(row["id"], row["name"]) for row in world.log()]
    world.organizations = (Organization("acme-two", "Acme", (Account("acme-two", "huggingface", "acme"),)),)
    assert [polled.error for polled in world.poll(after=HOUR)] == [None]
    assert [(row["id"], row["name"]) for row in world.log()] == before
    assert {row["organization"] for row in world.log()} == {"acme-two"}
    assert world.alerts("release") == []


def test_an_account_that_changes_hands_takes_its_repositories_along(world_on_both: World) -> None:
    world = world_on_both
    world.organizations = (
        organization("acme", "acme-ai"),
        Organization("other", "Other", (Account("other", "huggingface", "acme"),)),
    )
    world.poll(after=HOUR)
    assert {row["organization"] for row in world.log()} == {"other"}
    assert world.alerts("release") == []


def test_a_merge_of_accounts_of_which_one_existed_is_a_silent_baseline(world: World) -> None:
    add(world, *(repo(f"acme-labs/Old{n}-7B", MAY) for n in range(30)))
    world.hub.repos = (renamed(world.hub.repos[0], "acme-labs/Model0-7B"), *world.hub.repos[1:])
    world.organizations = (organization("acme", "acme-labs"),)
    assert [result.published for result in world.poll(after=MINUTE)] == [0]
    assert world.alerts("release") == []


def test_the_first_poll_under_an_accounts_new_name_looks_into_what_is_new(world: World) -> None:
    rename_account(world, "neo")
    world.poll(after=MINUTE)
    created = world.clock.now + MINUTE / 2
    readme = (DemoCommit(created, {"README.md": "soon"}),)
    add(world, replace(repo("neo/Empty-7B", created), commits=readme))
    world.organizations = (organization("acme", "neo"),)
    world.poll(after=MINUTE)
    assert world.alerts("release") == []
    assert [each["weights"] for each in world.log() if each["name"] == "Empty-7B"] == ["pending"]


def add(world: World, *repos: DemoRepo) -> None:
    world.hub.repos = (*world.hub.repos, *repos)


def test_an_account_is_followed_though_somebody_else_took_its_name_at_once(world: World) -> None:
    rename_account(world, "acme-labs")
    add(world, repo("acme/Fake-1B", world.clock.now + MINUTE / 2))
    for _ in range(3):
        world.poll(after=MINUTE)
    assert world.account("acme")["listed_as"] == "acme-labs"
    assert world.alerts("release") == []
    assert "huggingface:acme is now called acme-labs" in world.alerts("health")
    add(world, repo("acme-labs/Real-70B", world.clock.now + MINUTE / 2))
    world.poll(after=MINUTE)
    assert world.alerts("release") == ["Acme released Real-70B"]


def test_rows_that_cannot_be_read_are_told_of_once(world: World) -> None:
    world.hub.spoil = lambda request, answer: (
        json_answer(json.dumps([*listed(answer), {"_id": 7}])) if request.first("author") else answer
    )
    for _ in range(3):
        world.poll(after=MINUTE)
    assert world.alerts("health").count("1 row of huggingface:acme cannot be read") == 1
