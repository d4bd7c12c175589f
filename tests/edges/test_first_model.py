"""The first model of an account that was empty so far is a launch, on hubs that cannot tell empty from unknown too."""

from datetime import UTC, datetime, timedelta

import pytest
from several import on_both, on_huggingface, on_modelscope

from monitor.store import Store
from servers import Clock
from world import World, four_hubs

JUNE = datetime(2026, 6, 12, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize("days", [0, 20])
def test_what_is_made_on_an_account_after_we_asked_for_it_is_no_baseline(
    sqlite_store: Store, clock: Clock, days: int
) -> None:
    with four_hubs(clock) as hubs:
        world = World(sqlite_store, clock, hubs, on_both())
        on_huggingface(world, "Lyra-7B", JUNE - 40 * DAY)
        for _ in range(2):
            world.poll(after=HOUR)
        on_modelscope(world, "Vega-9B", clock.now + days * DAY + MINUTE)
        world.poll(after=days * DAY + HOUR)
        assert world.alerts("release") == ["Acme released Vega-9B"]
        assert [change["repo"] for change in world.changes("published")] == ["acme-ms/Vega-9B"]
        (vega,) = [each for each in world.log() if each["name"] == "Vega-9B"]
        assert vega["basis"] == "observed"


def test_what_was_there_before_we_first_asked_is_one(sqlite_store: Store, clock: Clock) -> None:
    with four_hubs(clock) as hubs:
        world = World(sqlite_store, clock, hubs, on_both())
        on_huggingface(world, "Lyra-7B", JUNE - 40 * DAY)
        world.poll()
        on_modelscope(world, "Old-9B", JUNE - 30 * DAY)  # made in private, say
        world.poll(after=HOUR)
        assert world.alerts("release") == []
