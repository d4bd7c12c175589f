"""Which repositories one poll looks into: none waits for ever because others cannot be looked into."""

from datetime import UTC, datetime, timedelta

from monitor.demo.repo import DemoCommit
from monitor.demo.server import Answer
from monitor.store import Store
from servers import Clock, StandInHub, repo
from world import World, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_file_lists_that_fail_for_ever_keep_no_others_from_their_turn(
    sqlite_store: Store, clock: Clock
) -> None:
    before, after = {"model.safetensors": "one"}, {"model.safetensors": "two"}
    created = JUNE - timedelta(days=30)
    repos = [
        repo(
            f"acme/Lyra-{n}-7B",
            created,
            commits=(DemoCommit(created, before), DemoCommit(JUNE + MINUTE, after)),
        )
        for n in range(25)
    ]
    broken = tuple(f"/{each.name}/" for each in repos[5:])
    with StandInHub(clock, repos) as hub:
        world = World(sqlite_store, clock, hub, organization("acme"))
        world.poll()
        hub.spoil = lambda request, answer: (
            Answer(500)
            if "/tree/" in request.path and any(name in request.path for name in broken)
            else answer
        )
        for _ in range(12):
            world.poll(after=2 * MINUTE)
        assert {change["repo"] for change in world.changes("weights")} == {each.name for each in repos[:5]}
        hub.spoil = None
        for _ in range(2):
            world.poll(after=2 * MINUTE)
        assert len(world.changes("weights")) == 25
