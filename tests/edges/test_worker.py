"""What one tick of the service does besides polling: it follows the files, and tells the dead man's switch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from monitor.config import load
from monitor.demo.server import Answer
from monitor.errors import StoreError
from monitor.store import Store
from monitor.worker import PollTick
from servers import Clock, ScriptedServer, StandInHub, html_answer, repo
from world import World

ACME = '[acme]\nhuggingface = ["acme"]\n'
MANY = tuple(f"org{number}" for number in range(20))
ZENITH = '[zenith]\nhuggingface = ["zenith"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "organizations.toml").write_text(ACME)
    return tmp_path


@pytest.fixture
def world(sqlite_store: Store, clock: Clock) -> Iterator[World]:
    names = ("acme", "zenith", *MANY)
    with StandInHub(clock, [repo(f"{name}/One-7B", clock.now) for name in names]) as hub:
        yield World(sqlite_store, clock, hub)


@contextmanager
def ticking(world: World, folder: Path, ping_url: str | None = None) -> Iterator[PollTick]:
    app = world.app()
    app.environment = replace(app.environment, ping_url=ping_url)
    with app.hubs() as hubs, app.poller(hubs) as poller:
        yield PollTick(app, poller, load(folder))


def asked_for(world: World) -> set[str | None]:
    return {request.first("author") for request in world.hub.requests} - {None}


def test_a_configuration_that_came_while_the_database_was_away_is_taken_up_when_it_is_back(
    world: World, folder: Path
) -> None:
    with ticking(world, folder) as tick:
        (folder / "organizations.toml").write_text(ACME + ZENITH)
        rename(world.store, "organization", "away")
        with pytest.raises(StoreError):
            tick()
        rename(world.store, "away", "organization")
        tick()
    assert asked_for(world) == {"acme", "zenith"}


def rename(store: Store, table: str, name: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


def test_a_file_that_cannot_be_used_is_said_once_until_something_else_is_wrong_with_it(
    world: World, folder: Path
) -> None:
    settings = folder / "settings.toml"
    with ticking(world, folder) as tick, capture_logs() as logged:
        settings.mkdir()  # there, and cannot be read
        tick()
        tick()
        settings.rmdir()
        settings.write_text("x = 1\n")
        tick()
        settings.write_text("x = 2\n")
        tick()
        settings.unlink()
        tick()
        settings.mkdir()
        tick()
    refused = [line["problems"][0] for line in logged if line["event"] == "config_refused"]
    assert ["cannot be read" in problem for problem in refused] == [True, False, True]


def test_the_dead_mans_switch_is_told_once_a_tick_and_only_if_some_account_was_seen(
    world: World, folder: Path
) -> None:
    (folder / "organizations.toml").write_text("".join(ACME.replace("acme", name) for name in MANY))
    with ScriptedServer(Answer(200)) as switch, ticking(world, folder, f"{switch.url}/alive") as tick:
        tick()
        assert [request.path for request in switch.requests] == ["/alive"]
        assert asked_for(world) == set(MANY)
        world.hub.faults = [html_answer(500)] * 99
        world.clock.now += timedelta(hours=1)
        tick()
        assert len(switch.requests) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://a..b/", "http://[", "http://x:y/"])
def test_a_dead_mans_switch_that_cannot_be_told_stops_nothing(world: World, folder: Path, url: str) -> None:
    with ticking(world, folder, url) as tick, capture_logs() as logged:
        tick()
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == ["ping_failed"]
    assert asked_for(world) == {"acme"}
