"""Polling over HTTP with the real adapter and store: the baseline, launches, and how they are dated."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.demo.recorded import load_recorded
from monitor.store import Store
from servers import Clock, StandInHub, repo
from world import World, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)  # where the clock stands at first
MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RECORDED = ("deepseek-ai", "Qwen", "mistralai", "openai", "moonshotai", "01-ai")


def add(world: World, *repos: object) -> None:
    world.hub.repos = (*world.hub.repos, *repos)  # type: ignore[assignment]


def recorded_world(store: Store, clock: Clock, hub: StandInHub) -> World:
    hub.repos = tuple(each for each in load_recorded() if each.owner in RECORDED)
    keys = [name.lower() for name in RECORDED]
    return World(
        store, clock, hub, *(organization(key, name) for key, name in zip(keys, RECORDED, strict=True))
    )


def test_a_recorded_baseline_logs_every_repository_and_says_hello_and_nothing_else(
    store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = recorded_world(store, clock, hub)
    assert [result.error for result in world.poll()] == [None] * 6
    logged = [repo["id"] for release in world.log() for repo in release["repos"]]
    assert sorted(logged) == sorted(each.name for each in hub.repos)
    assert world.alerts("health") == ["The release monitor is watching"]
    assert [world.alerts(kind) for kind in ("release", "cadence", "change")] == [[], [], []]
    world.poll(after=DAY)
    assert world.alerts("health") == ["The release monitor is watching"]
    assert world.changes("published") == []


def test_new_repositories_after_a_recorded_baseline_are_one_release_and_one_alert_a_launch(
    store: Store, clock: Clock, hub: StandInHub
) -> None:
    world = recorded_world(store, clock, hub)
    world.poll()
    before = {release["id"] for release in world.log()}
    launched = JUNE + 5 * MINUTE
    add(
        world,
        *(
            repo(f"{owner}/Nova-9-{size}", launched)
            for owner in RECORDED
            for size in ("8B", "70B", "8B-GGUF")
        ),
    )
    world.poll(after=10 * MINUTE)
    new = [release for release in world.log() if release["id"] not in before]
    assert sorted(release["organization"] for release in new) == sorted(name.lower() for name in RECORDED)
    assert {len(release["repos"]) for release in new} == {3}
    assert {(release["released_at"], release["basis"]) for release in new} == {(launched, "observed")}
    assert len(world.alerts("release")) == 6
    world.poll(after=10 * MINUTE)
    assert len(world.alerts("release")) == 6
    assert len(world.log()) == len(before) + 6


def test_a_launch_that_settles_gathers_what_follows_into_one_message(world_on_both: World) -> None:
    world = world_on_both
    world.settings = replace(
        world.settings, notify=replace(world.settings.notify, settle=timedelta(minutes=30))
    )
    world.poll()
    add(world, repo("acme/Nova-8B", JUNE + MINUTE), repo("acme/Nova-70B", JUNE + 12 * MINUTE))
    world.poll(after=10 * MINUTE)
    world.poll(after=10 * MINUTE)
    (alert,) = world.alerts("release")
    assert alert == "Acme released Nova"
    (release,) = [each for each in world.log() if each["name"] == "Nova"]
    assert [each["id"] for each in release["repos"]] == ["acme/Nova-8B", "acme/Nova-70B"]


def test_what_joins_a_launch_after_it_was_told_is_told_by_itself(world: World) -> None:
    world.poll()
    add(world, repo("acme/Nova-8B", JUNE + MINUTE), repo("acme/Nova-70B", JUNE + 12 * MINUTE))
    world.poll(after=10 * MINUTE)
    world.poll(after=10 * MINUTE)
    assert world.alerts("release") == ["Acme released Nova-8B", "Acme added Nova-70B to Nova"]
    assert [each["name"] for each in world.log()] == ["One-7B", "Two-7B", "Nova"]


def test_a_repository_made_in_private_in_may_and_public_in_june_is_a_june_release(
    world_on_both: World,
) -> None:
    world = world_on_both
    add(world, repo("acme/Hidden-7B", MAY, public_from=JUNE + 3 * HOUR))
    world.poll()
    world.poll(after=HOUR)
    world.poll(after=9 * HOUR)
    bracket = [JUNE + HOUR, JUNE + 10 * HOUR]
    hidden = world.repos()["acme/Hidden-7B"]
    assert (hidden["created_at"], hidden["published_between"]) == (MAY, bracket)
    (release,) = [each for each in world.log() if each["name"] == "Hidden-7B"]
    assert (release["released_at"], release["basis"]) == (bracket[1], "observed")
    assert [change["repo"] for change in world.changes("published")] == ["acme/Hidden-7B"]
    assert world.alerts("release") == ["Acme released Hidden-7B"]


def test_a_repository_created_between_two_polls_is_dated_by_its_creation(world: World) -> None:
    world.poll()
    add(world, repo("acme/Nova-7B", JUNE + 2 * HOUR))
    world.poll(after=10 * HOUR)
    (release,) = [each for each in world.log() if each["name"] == "Nova-7B"]
    assert (release["released_at"], release["basis"]) == (JUNE + 2 * HOUR, "observed")


def test_what_was_public_before_the_hub_knew_dates_is_logged_without_one(world: World) -> None:
    add(world, repo("acme/Ancient", datetime(2022, 3, 2, 23, 29, 4, tzinfo=UTC)))
    world.poll()
    (release,) = [each for each in world.log() if each["name"] == "Ancient"]
    assert (release["released_at"], release["basis"]) == (None, "unknown")


def test_an_account_that_is_added_later_has_a_silent_baseline_of_its_own(world: World) -> None:
    world.poll()
    add(world, repo("acme-vision/Eye-7B", MAY), repo("acme-vision/Eye-Pro-7B", JUNE + MINUTE))
    world.organizations = (organization("acme", "acme", "acme-vision"),)
    world.poll(after=HOUR)
    assert world.repos()["acme-vision/Eye-7B"]["published_between"] is None
    assert [world.alerts(kind) for kind in ("release", "cadence", "change")] == [[], [], []]
    add(world, repo("acme-vision/Look-7B", JUNE + 90 * MINUTE))
    world.poll(after=HOUR)
    assert world.alerts("release") == ["Acme released Look-7B"]


def test_an_account_that_was_not_watched_for_long_begins_with_a_silent_baseline(world: World) -> None:
    world.poll()
    organizations, world.organizations = world.organizations, ()
    world.poll(after=HOUR)
    add(world, repo("acme/Nova-7B", JUNE + 2 * HOUR))
    world.organizations = organizations
    world.poll(after=48 * HOUR)
    assert world.alerts("release") == []
    assert "acme/Nova-7B" in world.repos()
    add(world, repo("acme/Stella-7B", JUNE + 50 * HOUR))
    world.poll(after=2 * HOUR)
    assert world.alerts("release") == ["Acme released Stella-7B"]


def test_an_account_that_was_missing_from_the_file_for_a_moment_misses_nothing(world: World) -> None:
    world.poll()
    organizations, world.organizations = world.organizations, ()
    world.poll(after=MINUTE)
    add(world, repo("acme/Nova-7B", world.clock.now))
    world.organizations = organizations
    world.poll(after=MINUTE)
    assert world.alerts("release") == ["Acme released Nova-7B"]


def test_an_empty_account_that_publishes_its_first_repository_announces_it(
    store: Store, clock: Clock
) -> None:
    with StandInHub(clock, organizations=["acme"]) as hub:
        world = World(store, clock, hub, organization("acme"))
        assert world.poll()[0].error is None
        add(world, repo("acme/First-7B", JUNE + MINUTE))
        world.poll(after=HOUR)
        assert world.alerts("release") == ["Acme released First-7B"]


def test_globs_decide_which_repositories_are_logged(world: World) -> None:
    world.organizations = (organization("acme", include=("Nova*", "One*"), exclude=("*-GGUF",)),)
    world.poll()
    add(world, *(repo(f"acme/{name}", JUNE + MINUTE) for name in ("Nova-7B", "Nova-7B-GGUF", "Other-7B")))
    world.poll(after=HOUR)
    assert set(world.repos()) == {"acme/One-7B", "acme/Nova-7B"}
    assert world.alerts("release") == ["Acme released Nova-7B"]


def test_a_repository_of_one_organisation_is_not_taken_by_another(world_on_both: World) -> None:
    world = world_on_both
    world.poll()
    (one, two) = world.hub.repos
    world.hub.repos = (
        one,
        replace(two, name="zenith/Two-7B", former_names=(two.name,), hub_id=two.object_id),
    )
    world.organizations = (*world.organizations, organization("zenith"))
    for _ in range(3):
        world.poll(after=HOUR)
    assert {release["organization"] for release in world.log()} == {"acme"}
    assert set(world.repos()) == {"acme/One-7B", "zenith/Two-7B"}
    assert world.alerts("release") == []
    assert [(c["before"], c["after"]) for c in world.changes("renamed")] == [("acme/Two-7B", "zenith/Two-7B")]


def test_rows_that_cannot_be_read_are_counted_and_confirm_nothing(world_on_both: World) -> None:
    world = world_on_both
    world.poll()
    (one, two) = world.hub.repos
    world.hub.repos = (one, replace(two, extra={"tags": "not a list"}))
    add(world, repo("acme/Nova-7B", JUNE + MINUTE))
    for _ in range(3):
        world.poll(after=HOUR)
    assert world.account("acme")["rows_set_aside"] == 1
    assert world.account("acme")["state"] == "ok"
    assert world.repos()["acme/Two-7B"]["state"] == "public"
    assert [change["kind"] for kind in ("withdrawn", "published") for change in world.changes(kind)] == [
        "published"
    ]
    world.hub.repos = (one, two)
    world.poll(after=HOUR)
    assert world.account("acme")["rows_set_aside"] == 0
