"""What is in a repository is told from what is said about it: weights, licence texts, gates, switches."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from several import errors

from monitor.demo.hub import DemoRepo
from monitor.demo.repo import DemoCommit
from monitor.demo.server import Answer, Request
from monitor.store import Store
from servers import Clock, StandInHub, html_answer, repo
from world import World, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)  # where the clock stands at first
MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

README = {"README.md": "# Lyra"}
WEIGHTS = {f"model-0000{n}-of-00003.safetensors": f"weights {n}" for n in (1, 2, 3)}
LICENCE = {"LICENSE": "You may use it.\nIn any country.\nAt your own risk."}
FILES = README | WEIGHTS | LICENCE


def lyra(*later: tuple[datetime, Mapping[str, str]], first: Mapping[str, str] = FILES) -> DemoRepo:
    """A repository with the files that it has at first, and from each later moment on."""
    commits = tuple(DemoCommit(at, files) for at, files in ((MAY, first), *later))
    return repo("acme/Lyra-7B", MAY, commits=commits, tags=("license:other",))


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    with StandInHub(clock, [lyra()]) as hub:
        yield hub


@pytest.fixture
def world(sqlite_store: Store, clock: Clock, hub: StandInHub) -> World:
    return _watching(sqlite_store, clock, hub)


@pytest.fixture
def world_on_both(store: Store, clock: Clock, hub: StandInHub) -> World:
    return _watching(store, clock, hub)


def _watching(store: Store, clock: Clock, hub: StandInHub) -> World:
    world = World(store, clock, hub, organization("acme"))
    world.poll()
    return world


def change_files(world: World, *later: Mapping[str, str]) -> None:
    """Make the commits one after another from now on, a minute apart, and poll an hour later."""
    (old,) = world.hub.repos
    now = world.clock.now
    commits = [DemoCommit(now + n * MINUTE, files) for n, files in enumerate(later, start=1)]
    world.hub.repos = (replace(old, commits=(*old.commits, *commits)),)
    assert errors(world.poll(after=HOUR)) == []


def test_weights_that_are_replaced_in_place_are_told_with_the_commits_before_and_after(
    world_on_both: World,
) -> None:
    world = world_on_both
    before = next(iter(world.hub.repos[0].history(world.clock.now)))
    change_files(world, FILES | {"model-00002-of-00003.safetensors": "others"})
    world.poll(after=HOUR)
    (change,) = world.changes("weights")
    assert change["before"] == f"3 files at {before[:10]}"
    after = list(world.hub.repos[0].history(world.clock.now))[-1]
    assert change["after"] == f"3 files at {after[:10]}, 1 replaced or removed"
    assert change["detail"] == "model-00002-of-00003.safetensors"
    (text,) = world.texts("change")
    assert text.startswith("Acme replaced the weights of acme/Lyra-7B")
    assert (before[:10] in text, after[:10] in text) == (True, True)
    assert world.alerts("release") == []


@pytest.mark.parametrize(
    "files",
    [
        FILES | {"README.md": "# Lyra, with a table"},
        FILES | {"model.gguf": "converted"},
        {name.replace("model-", "lyra-"): text for name, text in FILES.items()},
        FILES | {"training_args.bin": "0.1"},
    ],
    ids=["a README", "a format beside the others", "files that have other names", "what training left"],
)
def test_a_commit_that_replaces_no_weights_is_no_change(files: Mapping[str, str], world: World) -> None:
    change_files(world, files)
    world.poll(after=HOUR)
    assert world.quiet()
    assert world.changes("weights") == world.changes("licence") == []


def test_weights_that_are_replaced_and_then_only_described_are_told_once(world: World) -> None:
    others = FILES | {"model-00001-of-00003.safetensors": "others"}
    change_files(world, others)
    change_files(world, others | {"README.md": "# Sorry"})
    assert len(world.changes("weights")) == 1


def test_a_weight_change_that_a_squash_hides_is_found_by_what_was_known(world: World) -> None:
    """The old commit is gone from the hub after a super-squash; what we saw there is not."""
    change_files(world, FILES | {"README.md": "# 2"})  # looked into: its files are known now
    (old,) = world.hub.repos
    squashed = FILES | {"model-00003-of-00003.safetensors": "others"}
    world.hub.repos = (replace(old, commits=(DemoCommit(world.clock.now + MINUTE, squashed),)),)
    world.poll(after=HOUR)
    (change,) = world.changes("weights")
    assert change["detail"] == "model-00003-of-00003.safetensors"


def test_a_repository_that_is_renamed_and_holds_other_weights_with_its_old_commits_gone_is_told_as_both(
    world: World,
) -> None:
    change_files(world, FILES | {"README.md": "# 2"})  # looked into: its files are known now
    (old,) = world.hub.repos
    commit = DemoCommit(world.clock.now + MINUTE, {name: f"{text}, anew" for name, text in WEIGHTS.items()})
    world.hub.repos = (
        replace(
            old, name="acme/Lyra-7B-v2", former_names=(old.name,), hub_id=old.object_id, commits=(commit,)
        ),
    )
    for _ in range(2):
        world.poll(after=HOUR)
    assert [each["after"] for each in world.changes("renamed")] == ["acme/Lyra-7B-v2"]
    (change,) = world.changes("weights")
    assert change["after"].endswith("3 replaced or removed")
    assert world.changes("published") == []
    assert world.alerts("release") == []


def test_a_squash_of_what_was_never_looked_into_claims_nothing(world: World) -> None:
    (old,) = world.hub.repos
    world.hub.repos = (replace(old, commits=(DemoCommit(world.clock.now + MINUTE, FILES | {"a.md": "x"}),)),)
    for _ in range(2):
        assert errors(world.poll(after=HOUR)) == []
    assert world.changes("weights") == world.changes("licence") == []
    change_files(world, FILES | {"model-00001-of-00003.safetensors": "others"})
    assert len(world.changes("weights")) == 1


def test_an_empty_repository_is_pending_and_becomes_a_release_when_its_weights_arrive(
    world_on_both: World,
) -> None:
    world = world_on_both
    nova = repo(
        "acme/Nova-9-8B",
        JUNE + MINUTE,
        commits=(
            DemoCommit(JUNE + MINUTE, README),
            DemoCommit(JUNE + 170 * MINUTE, README | WEIGHTS),
        ),
    )
    world.hub.repos = (*world.hub.repos, nova)
    launches = world.launches()
    for _ in range(2):
        world.poll(after=HOUR)
        (pending,) = [each for each in world.log() if each["name"] == "Nova-9-8B"]
        assert pending["weights"] == "pending"
        assert (world.quiet(), world.launches()) == (True, launches)
    for _ in range(2):
        world.poll(after=HOUR)
    (launched,) = [each for each in world.log() if each["name"] == "Nova-9-8B"]
    assert (launched["id"], launched["weights"]) == (pending["id"], "yes")
    assert (launched["released_at"], launched["basis"]) == (JUNE + 3 * HOUR, "observed")
    assert world.alerts("release") == ["Acme released Nova-9-8B"]
    assert world.alerts("change") == []
    (change,) = world.changes("weights")
    assert (change["before"], change["after"]) == ("pending", "3 files")
    assert len(world.launches()) == len(launches) + 1


def test_a_repository_that_is_emptied_is_told_and_counts_as_before(world: World) -> None:
    launches = world.launches()
    change_files(world, README | LICENCE)
    world.poll(after=HOUR)
    (change,) = world.changes("weights")
    assert (change["before"], change["after"]) == ("yes", "none")
    assert world.alerts("change") == ["Acme removed the weights of acme/Lyra-7B"]
    assert [each["weights"] for each in world.log()] == ["none"]
    assert world.launches() == launches
    change_files(world, FILES)
    assert world.alerts("change")[1:] == ["Acme added the weights of acme/Lyra-7B"]
    assert world.alerts("release") == []


def test_a_licence_text_that_is_edited_after_upload_is_shown_with_the_difference(
    world_on_both: World,
) -> None:
    world = world_on_both
    edited = LICENCE["LICENSE"].replace("In any country.", "Not in the European Union.")
    change_files(world, FILES | {"LICENSE": edited})
    world.poll(after=HOUR)
    (change,) = world.changes("licence")
    assert change["detail"] == "-In any country.\n+Not in the European Union."
    assert (change["before"][:11], change["after"][:11]) == ("LICENSE at ", "LICENSE at ")
    assert change["before"] != change["after"]
    (text,) = world.texts("change")
    assert "Acme changed the licence of acme/Lyra-7B" in text
    assert "Not in the European Union." in text
    assert world.changes("weights") == []


def test_a_licence_file_that_is_added_or_taken_away_is_told(world: World) -> None:
    change_files(world, README | WEIGHTS)
    change_files(world, FILES)
    gone, back = world.changes("licence")
    assert (gone["before"][:10], gone["after"]) == ("LICENSE at", "no LICENSE")
    assert (back["before"], back["after"][:10]) == ("no LICENSE", "LICENSE at")


def test_the_licence_of_a_gated_repository_is_known_to_differ_though_nobody_can_read_it(
    world: World,
) -> None:
    (old,) = world.hub.repos
    world.hub.repos = (replace(old, gated="manual"),)
    world.poll(after=HOUR)
    change_files(world, FILES | {"LICENSE": "Other words"})
    (change,) = world.changes("licence")
    assert (change["before"] != change["after"], change["detail"]) == (True, None)


def test_a_licence_without_an_id_is_told_by_its_name_and_link(world: World) -> None:
    (old,) = world.hub.repos
    card = {"license": "other", "license_name": "lyra-1", "license_link": "https://acme.test/1"}
    for name, after in (("lyra-1", HOUR), ("lyra-2", HOUR), ("lyra-2", HOUR)):
        world.hub.repos = (replace(old, extra={"cardData": card | {"license_name": name}}),)
        world.poll(after=after)
    last = world.changes("licence")[-1]
    assert last["before"] == "other (lyra-1, https://acme.test/1)"
    assert last["after"] == "other (lyra-2, https://acme.test/1)"
    assert len([each for each in world.changes("licence") if "lyra-2" in each["after"]]) == 1


def test_what_the_hub_switches_off_and_what_is_gated_are_told_once_each_way(world: World) -> None:
    (old,) = world.hub.repos
    for extra in ({"disabled": True}, {"disabled": True}, {"disabled": False}):
        world.hub.repos = (replace(old, extra=extra),)
        world.poll(after=HOUR)
    assert [(c["before"], c["after"]) for c in world.changes("disabled")] == [("no", "yes"), ("yes", "no")]
    for gated in ("manual", False):
        world.hub.repos = (replace(old, gated=gated),)
        world.poll(after=HOUR)
    assert [(c["before"], c["after"]) for c in world.changes("gating")] == [
        ("no", "manual"),
        ("manual", "no"),
    ]
    assert world.alerts("change") == [
        "Acme: Hugging Face disabled acme/Lyra-7B",
        "Acme: Hugging Face enabled acme/Lyra-7B again",
        "Acme gated acme/Lyra-7B",
        "Acme opened acme/Lyra-7B",
    ]


def trees(fault: Answer) -> object:
    """Spoil the lists of files alone."""

    def spoil(request: Request, answer: Answer) -> Answer:
        return fault if "/tree/" in request.path else answer

    return spoil


@pytest.mark.parametrize("fault", [Answer(500), html_answer(), Answer(429)], ids=["500", "HTML", "429"])
def test_files_that_cannot_be_listed_lose_no_change(fault: Answer, world: World) -> None:
    change_files(world, FILES | {"README.md": "# 2"})  # looked into: its files are known now
    (old,) = world.hub.repos
    others = DemoCommit(world.clock.now + MINUTE, FILES | {"model-00001-of-00003.safetensors": "others"})
    world.hub.repos = (replace(old, commits=(*old.commits, others)),)
    world.hub.spoil = trees(fault)  # type: ignore[assignment]
    for _ in range(2):
        world.poll(after=HOUR)
        assert world.changes("weights") == []
    world.hub.spoil = None
    for _ in range(2):
        assert errors(world.poll(after=2 * HOUR)) == []
    assert [each["detail"] for each in world.changes("weights")] == ["model-00001-of-00003.safetensors"]


@pytest.mark.parametrize("fault", [Answer(500), html_answer(), Answer(429)], ids=["500", "HTML", "429"])
def test_a_new_repository_whose_files_cannot_be_listed_is_not_lost(fault: Answer, world: World) -> None:
    world.hub.repos = (*world.hub.repos, repo("acme/Nova-9-8B", JUNE + MINUTE))
    world.hub.spoil = trees(fault)  # type: ignore[assignment]
    assert errors(world.poll(after=HOUR)) != []
    assert world.alerts("release") == []
    world.hub.spoil = None
    assert errors(world.poll(after=2 * HOUR)) == []
    assert world.alerts("release") == ["Acme released Nova-9-8B"]
    (launched,) = [each for each in world.log() if each["name"] == "Nova-9-8B"]
    assert launched["released_at"] == JUNE + MINUTE


def test_a_new_repository_into_which_nobody_is_ever_let_is_a_release_in_the_end(world: World) -> None:
    world.hub.repos = (*world.hub.repos, repo("acme/Nova-9-8B", JUNE + MINUTE))
    world.hub.spoil = trees(Answer(500))  # type: ignore[assignment]
    for _ in range(5):
        world.poll(after=2 * HOUR)
    assert world.alerts("release") == ["Acme released Nova-9-8B"]
