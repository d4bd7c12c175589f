"""A week of real polls, replayed: a model that leaves a list of popular ones has not left the hub."""

from collections import Counter
from collections.abc import Iterator

import pytest

from monitor.errors import Trouble
from monitor.store import Store
from recorded_polls import RECORDING, RecordedPoll, load_polls, show
from servers import Clock, StandInHub
from world import World, organization

# Laboratories in China, and some to compare them with.
ACCOUNTS = (
    *(
        "Qwen",
        "deepseek-ai",
        "tencent",
        "zai-org",
        "moonshotai",
    ),
    *("nvidia", "google", "mistralai", "openai"),
)


@pytest.fixture(scope="module")
def polls() -> list[RecordedPoll]:
    if not RECORDING.exists():
        pytest.skip(f"{RECORDING.name} is not there: it is recorded data that does not come with the program")
    return load_polls(ACCOUNTS)


@pytest.fixture
def world(sqlite_store: Store, clock: Clock, polls: list[RecordedPoll]) -> Iterator[World]:
    clock.now = polls[0].at
    ever = {repo.name: repo for poll in polls for repo in poll.repos}
    with StandInHub(clock, ever.values()) as hub:
        yield World(sqlite_store, clock, hub, *(organization(name.casefold(), name) for name in ACCOUNTS))


def is_logged_once(world: World) -> bool:
    """Whether each repository is in one release, once, and was published at most once."""
    logged = Counter((repo["hub"], repo["id"]) for each in world.log() for repo in each["repos"])
    published = Counter(each["repo"] for each in world.changes("published"))
    return set(logged.values()) == {1} and set(published.values()) <= {1}


def test_what_leaves_a_list_of_popular_models_is_not_withdrawn_and_what_comes_back_is_not_new(
    world: World, polls: list[RecordedPoll]
) -> None:
    believed: set[str] = set()
    troubles: set[Trouble] = set()
    with world.process():
        for poll in polls:
            world.clock.now = poll.at
            show(world.hub, poll)
            polled = world.poll()
            troubles |= {each.error.trouble for each in polled if each.error}
            seen = {each.account.name for each in polled if each.error is None}
            believed |= {repo.name for repo in poll.repos if repo.owner in seen}
    left = {repo.name for poll in polls for repo in poll.repos} - {repo.name for repo in polls[-1].repos}
    assert len(left) > 30  # or nothing would be shown here
    for kind in ("withdrawn", "returned", "renamed"):
        assert world.changes(kind) == []
    assert is_logged_once(world)
    assert believed <= world.repos().keys()
    assert {repo["state"] for repo in world.repos().values()} == {"public"}
    # What was half a list is said to be that, and nothing else went wrong.
    assert troubles <= {Trouble.INCOMPLETE, Trouble.EMPTY}


def test_a_hub_that_shows_everything_is_believed_at_every_poll(
    world: World, polls: list[RecordedPoll]
) -> None:
    """As the hub itself was: what was on the list once stays public."""
    first = next(n for n, poll in enumerate(polls) if {repo.owner for repo in poll.repos} >= set(ACCOUNTS))
    world.hub.repos = ()
    polls = polls[first::4]
    with world.process():
        for poll in polls:
            world.clock.now = poll.at
            show(world.hub, poll)
            world.hub.spoil = None
            assert [each.error for each in world.poll() if each.error] == []
    public = {repo.name for poll in polls for repo in poll.repos}
    assert world.repos().keys() == public
    assert is_logged_once(world)
    baseline = {repo.name for repo in polls[0].repos}
    assert {each["repo"] for each in world.changes("published")} == public - baseline
    assert world.changes("withdrawn") == world.changes("returned") == []
