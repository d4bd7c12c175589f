"""What one tick of the service does besides polling: it follows the files, and tells the dead man's switch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from monitor.app import App
from monitor.config import Charts, load
from monitor.core.routing import Mode, Topic
from monitor.core.telling import Alert, AlertKind, Message
from monitor.core.types import Account
from monitor.demo.server import Answer
from monitor.errors import HubError, HubPaused, StoreError, Trouble
from monitor.record import Polled
from monitor.store import Store
from monitor.store.alerts import raise_alerts
from monitor.worker import Network, PollTick
from servers import Clock, ScriptedServer, StandInHub, html_answer, refused_url, repo
from world import World

NOON = datetime(2026, 6, 12, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BOTH = frozenset({"huggingface", "modelscope", "github"})
CUT = HubError("cut", Trouble.UNREACHABLE)

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
def ticking(
    world: World, folder: Path, ping_url: str | None = None, app: App | None = None
) -> Iterator[PollTick]:
    app = app or world.app()
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


def test_changed_routes_modes_and_times_hold_from_the_next_tick_on(world: World, folder: Path) -> None:
    settings, app = folder / "settings.toml", world.app()
    with ticking(world, folder, app=app) as tick:
        tick()
        assert tick.watch.rules.routing.receivers_of(Topic("release")) == ("terminal",)
        settings.write_text(
            '[notify]\nreleases = "off"\nquiet_hours = "00:00-23:59"\n[slack]\ncharts = "off"\n'
            '[[routes]]\nmatch = { kind = ["health"] }\nchannels = ["terminal"]\n'
        )
        tick()
        rules = tick.watch.rules
        assert rules.routing.mode_of(Topic("release")) is Mode.OFF
        assert rules.routing.place_of(Topic("health")) == 0
        assert app.settings.slack.charts is Charts.OFF
        with world.store.writing() as tx:
            now = world.clock.now
            raise_alerts(tx, [Alert("one", None, AlertKind.HEALTH, Message("One", "Why."), now, now)], rules)
        deliverer = app.deliverer()
        assert deliverer.deliver_one() is None  # it is quiet
        settings.write_text("")
        tick()
        assert deliverer.deliver_one() is not None


def test_a_route_that_leads_nowhere_is_said_when_it_is_taken_up(world: World, folder: Path) -> None:
    with ticking(world, folder) as tick, capture_logs() as logged:
        (folder / "settings.toml").write_text('[[routes]]\nchannels = ["webhook"]\n')
        tick()
        tick()
    (doubt,) = [line["doubt"] for line in logged if line["event"] == "config_doubtful"]
    assert doubt.startswith("route 1: webhook is not set up")


def test_the_dead_mans_switch_is_told_if_some_account_was_seen_and_once_a_minute_at_most(
    world: World, folder: Path
) -> None:
    (folder / "organizations.toml").write_text("".join(ACME.replace("acme", name) for name in MANY))
    (folder / "settings.toml").write_text('[poll]\nevery = "10s"\n')
    with ScriptedServer(Answer(200)) as switch, ticking(world, folder, f"{switch.url}/alive") as tick:
        tick()
        assert [request.path for request in switch.requests] == ["/alive"]
        assert asked_for(world) == set(MANY)
        for told in (1, 1, 2, 2):
            asked = len(world.hub.requests)
            world.clock.now += timedelta(seconds=20)
            tick()
            assert len(world.hub.requests) > asked
            assert len(switch.requests) == told
        world.hub.faults = [html_answer(500)] * 99
        world.clock.now += timedelta(hours=1)
        tick()
        assert len(switch.requests) == 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://a..b/", "http://[", "http://x:y/"])
def test_a_dead_mans_switch_that_cannot_be_told_stops_nothing(world: World, folder: Path, url: str) -> None:
    with ticking(world, folder, url) as tick, capture_logs() as logged:
        tick()
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == ["ping_failed"]
    assert asked_for(world) == {"acme"}


def came_of(hub: str, error: HubError | None = None) -> list[Polled]:
    return [Polled(Account("acme", hub, "acme"), error)]


def test_that_no_hub_can_be_reached_is_said_once_when_all_that_host_models_were_tried_at_the_start() -> None:
    network = Network()
    assert network.news(came_of("modelscope", CUT), BOTH, NOON) == ()
    assert network.news(came_of("huggingface", CUT), BOTH, NOON) == ("huggingface", "modelscope")
    assert network.news(came_of("huggingface", CUT), BOTH, NOON + 99 * SECOND) == ()
    assert network.news(came_of("openrouter", CUT), frozenset({"openrouter"}), NOON) == ()


def test_a_cut_connection_of_one_account_is_no_news_of_the_network() -> None:
    network = Network()
    assert network.news(came_of("openrouter"), BOTH, NOON) == ()
    for second in range(0, 600, 10):
        assert network.news(came_of("huggingface", CUT), BOTH, NOON + second * SECOND) == ()


def test_a_network_that_goes_away_later_is_said_after_a_minute_and_again_the_next_time() -> None:
    network = Network()
    for start in (NOON, NOON + 999 * SECOND):
        network.news(came_of("modelscope"), BOTH, start)
        for second in (1, 30, 60):
            for hub in ("huggingface", "modelscope"):
                assert network.news(came_of(hub, CUT), BOTH, start + second * SECOND) == ()
        found = network.news(came_of("huggingface", CUT), BOTH, start + 61 * SECOND)
        assert found == ("huggingface", "modelscope")


@pytest.mark.parametrize(
    "error", [HubPaused("huggingface", SECOND), HubError("another worker took it over", Trouble.BUSY)]
)
def test_a_poll_that_asked_nothing_tells_nothing_of_the_network(error: HubError) -> None:
    network = Network()
    assert network.news(came_of("huggingface", error), frozenset({"huggingface"}), NOON) == ()
    network.news(came_of("huggingface", CUT), BOTH, NOON)
    network.news(came_of("modelscope", error), BOTH, NOON)
    assert network.news(came_of("modelscope", CUT), BOTH, NOON) == ("huggingface", "modelscope")


def test_a_person_at_the_terminal_is_told_which_hubs_cannot_be_reached(
    world: World, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.endpoint = refused_url()
    with ticking(world, folder) as tick:
        for _ in range(2):
            tick()
            world.clock.now += timedelta(hours=1)
    said = capsys.readouterr().err
    assert said.count("No hub can be reached (Hugging Face). The monitor keeps trying.") == 1
