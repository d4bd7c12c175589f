"""The service: ticks that poll, look at what is newest, look after the monitor, and deliver, until a signal comes."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Protocol

import httpx
import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.app import App
from monitor.clock import utc_now
from monitor.config import Config, fingerprint, load
from monitor.config.receivers import unreachable
from monitor.core.appearances import hub_name
from monitor.core.types import WITNESSES
from monitor.errors import ConfigError, HubPaused, StoreError, Trouble
from monitor.newest import FastLane
from monitor.pace import Watch
from monitor.poll import Poller
from monitor.record import Polled
from monitor.upkeep import UpkeepTick

log = structlog.get_logger()

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

TICK = timedelta(seconds=1)

# However much is due: after so many rounds of polls the files are looked at and the dead man's switch is told.
BATCHES_A_TICK = 20

# The dead man's switch is told no more often, and a network is away only if it was for so long.
PING_EVERY = NETWORK_AWAY = timedelta(minutes=1)

# Service managers kill what takes longer than ten seconds; a hub may take thirty to answer, and a send ten.
LONGEST_STOP = timedelta(seconds=9)


class Tick(Protocol):
    """What is done every second; the work that is due is in the database."""

    def __call__(self) -> None:
        """Do what is due."""
        ...

    def stop(self) -> None:
        """Begin nothing new."""
        ...


class Network:
    """Whether any hub can be reached, as far as polls tell."""

    def __init__(self) -> None:
        self._was_reached = False
        self._is_said = False
        self._failed = set[str]()  # since a hub was reached last
        self._away_since: datetime | None = None

    def news(self, polled: Iterable[Polled], watched: frozenset[str], now: datetime) -> tuple[str, ...]:
        """Return the hubs that were tried in vain, once it is sure that none can be reached; else none.

        Sure is: every one of the `watched` hubs that host models failed, and no poll got through to any hub for a
        minute, or ever. One cut connection is no news.
        """
        for result in polled:
            trouble = result.error.trouble if result.error else None
            if trouble is Trouble.UNREACHABLE:
                self._failed.add(result.account.hub)
                self._away_since = self._away_since or now
            elif trouble is not Trouble.BUSY and not isinstance(result.error, HubPaused):
                self._failed, self._away_since = set(), None
                self._was_reached, self._is_said = True, False
        if self._away_since is None or self._is_said or not self._failed >= (watched - WITNESSES or watched):
            return ()
        self._is_said = not self._was_reached or not timedelta(0) <= now - self._away_since < NETWORK_AWAY
        return tuple(sorted(self._failed)) if self._is_said else ()


class PollTick:
    """One tick: take up a changed configuration, poll what is due, tell the dead man's switch."""

    def __init__(self, app: App, poller: Poller, config: Config) -> None:
        self._app = app
        self._poller = poller
        self._config = config
        self._watch: Watch = app.watch(config)
        self._refused: tuple[str, ...] = ()
        self._network = Network()
        self._pinged_at: datetime | None = None
        self._stopping = False

    @property
    def watch(self) -> Watch:
        """What the configuration in force says about polling."""
        return self._watch

    @property
    def refused(self) -> tuple[str, ...]:
        """The problems for which changed files are refused; none while the files are the configuration in force."""
        return self._refused

    def stop(self) -> None:
        """Begin no further poll."""
        self._stopping = True

    def __call__(self) -> None:
        """Poll until nothing is due, we are asked to stop, or it is time to look round."""
        self._take_up_config()
        some_seen = False
        for _ in range(BATCHES_A_TICK):
            if self._stopping or not (polled := self._poller.poll_due(self._watch)):
                break
            self._tell_of_the_network(polled)
            some_seen |= any(result.error is None for result in polled)
        if some_seen:
            self._ping()

    def _take_up_config(self) -> None:
        """Follow the files; what is wrong with them is said once, and the last good ones stay in force."""
        directory: Path = self._config.directory
        try:
            if fingerprint(directory) == self._config.fingerprint:
                self._refused = ()
                return
            config = load(directory)
        except ConfigError as error:
            if error.problems != self._refused:
                log.error("config_refused", problems=error.problems, action="going on with the last good one")
            self._refused = error.problems
            return
        # Both or neither: where the database is away the next tick takes it up.
        self._watch, self._config = self._app.watch(config), config
        self._refused = ()
        log.info("config_taken_up", organizations=len(config.organizations))
        doubts = unreachable(config.settings.routes, self._app.environment)
        for doubt in (*config.warnings, *doubts):
            log.warning("config_doubtful", doubt=doubt)

    def _tell_of_the_network(self, polled: list[Polled]) -> None:
        """Say once that no hub can be reached, and what can be done without one."""
        organizations = self._watch.organizations.values()
        watched = frozenset(account.hub for each in organizations for account in each.accounts)
        if hubs := self._network.news(polled, watched, self._app.clock()):
            print(  # noqa: T201 - for a person at a terminal, who may not read logs
                f"No hub can be reached ({', '.join(map(hub_name, hubs))}). The monitor keeps trying.\n"
                "To see it at work without a network: release-monitor demo",
                file=sys.stderr,
            )

    def _ping(self) -> None:
        """Tell the dead man's switch that a poll worked; it raises the alarm when this stops."""
        url, now = self._app.environment.ping_url, self._app.clock()
        is_told = self._pinged_at is not None and timedelta(0) <= now - self._pinged_at < PING_EVERY
        if url is None or is_told:
            return
        self._pinged_at = now
        try:
            httpx.get(url, timeout=5)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # ValueError: a host that is no name
            log.warning("ping_failed", error=type(error).__name__)


class NewestTick:
    """One tick: ask the hubs what is newest on them, where it is time to."""

    def __init__(self, lane: FastLane, watch: Callable[[], Watch]) -> None:
        self._lane = lane
        self._watch = watch
        self._stopping = False

    def __call__(self) -> None:
        """Ask the hubs whose turn it is."""
        every = self._watch().newest_every
        if every is not None and not self._stopping:
            self._lane.look(every)

    def stop(self) -> None:
        """Ask no further hub."""
        self._stopping = True


class DeliverTick:
    """One tick: deliver what is due."""

    def __init__(self, app: App, pace: timedelta) -> None:
        self._deliverer = app.deliverer(pace)
        self._stopping = False

    def __call__(self) -> None:
        """Deliver until nothing is due, or we are asked to stop."""
        while not self._stopping and self._deliverer.deliver_one() is not None:
            pass

    def stop(self) -> None:
        """Begin no further send."""
        self._stopping = True


@contextmanager
def ticks(app: App, config: Config, *, pace: timedelta) -> Iterator[dict[str, Tick]]:
    """Build what the service does at every tick, by name and in order."""
    with app.hubs() as hubs, app.poller(hubs) as poller, ExitStack() as stack:
        poll = PollTick(app, poller, config)
        newest = NewestTick(app.fast_lane(hubs), lambda: poll.watch)
        service: dict[str, Tick] = {
            "poll": poll,
            "newest": newest,
            "upkeep": UpkeepTick(app.store, app.clock, lambda: poll.watch, lambda: poll.refused),
            "deliver": DeliverTick(app, pace),
        }
        if app.environment.slack_app_token:
            from monitor.conversation import conversation  # slack_bolt takes a while to import

            talk = conversation(app, config.directory, hubs, lambda: poll.watch.rules)
            service["converse"] = stack.enter_context(talk)
        yield service


def run(app: App, config: Config, *, pace: timedelta, wait: Callable[[], object] | None = None) -> None:
    """Run the service until SIGTERM or SIGINT (or until `wait` returns); nothing new begins after that.

    What does not end within LONGEST_STOP is taken up again by its lease. A second signal ends the process at once.
    """
    # Before any thread starts, so that the signal reaches the main thread's sigwait and nobody else.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    with ticks(app, config, pace=pace) as service:
        for name, tick in service.items():
            scheduler.add_job(
                guarded(tick), "interval", seconds=TICK.total_seconds(), id=name, next_run_time=utc_now()
            )
        scheduler.start()
        log.info("started", database=app.environment.database_shown, hub=app.environment.hf_endpoint)
        (wait or _wait_for_signal)()
        log.info("stopping")
        for tick in service.values():
            tick.stop()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        impatience = Timer(LONGEST_STOP.total_seconds(), _end_anyway)
        impatience.daemon = True
        impatience.start()
        scheduler.shutdown(wait=True)
    impatience.cancel()


def _end_anyway() -> None:
    """End the process while an answer is still awaited: its lease brings that work back, as after a crash."""
    log.warning("stopped_without_an_answer", action="taken up again when its lease runs out")
    sys.stdout.flush()
    os._exit(0)


def _wait_for_signal() -> None:
    signal.sigwait(STOP_SIGNALS)


def guarded(tick: Callable[[], None]) -> Callable[[], None]:
    """Wrap a tick so that a database that is away is said once, and the next tick tries again."""
    failing = False

    def guarded_tick() -> None:
        nonlocal failing
        try:
            tick()
            failing = False
        except StoreError as error:
            say = log.debug if failing else log.error
            say("database_unavailable", error=str(error), action="trying again")
            failing = True

    return guarded_tick
