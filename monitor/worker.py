"""The service: two ticks, one that polls and one that delivers, until a signal says stop."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Timer
from typing import Protocol

import httpx
import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.app import App
from monitor.clock import utc_now
from monitor.config import Config, fingerprint, load
from monitor.errors import ConfigError, StoreError, Trouble
from monitor.poll import Polled, Poller, Watch

log = structlog.get_logger()

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

TICK = timedelta(seconds=1)

# Service managers kill what takes longer than ten seconds; a hub may take thirty to answer.
LONGEST_STOP = timedelta(seconds=9)


class Tick(Protocol):
    """What is done every second; the work that is due is in the database."""

    def __call__(self) -> None:
        """Do what is due."""
        ...

    def stop(self) -> None:
        """Begin nothing new."""
        ...


class PollTick:
    """One tick: take up a changed configuration, poll what is due, tell the dead man's switch."""

    def __init__(self, app: App, poller: Poller, config: Config) -> None:
        self._app = app
        self._poller = poller
        self._config = config
        self._watch: Watch = app.watch(config)
        self._refused = ""
        self._is_unreachable = False
        self._stopping = False

    def stop(self) -> None:
        """Begin no further poll."""
        self._stopping = True

    def __call__(self) -> None:
        """Poll until nothing is due, or we are asked to stop."""
        self._take_up_config()
        while not self._stopping and (polled := self._poller.poll_due(self._watch)):
            self._tell_of_the_network(polled)
            if any(result.error is None for result in polled):
                self._ping()

    def _take_up_config(self) -> None:
        """Follow the files; a bad one is said once, and the last good one stays in force."""
        directory: Path = self._config.directory
        try:
            now = fingerprint(directory)
            if now in (self._config.fingerprint, self._refused):
                return
            self._refused = now
            self._config = load(directory)
        except ConfigError as error:
            log.error("config_refused", problems=error.problems, action="going on with the last good one")
            return
        self._watch = self._app.watch(self._config)
        log.info("config_taken_up", organizations=len(self._config.organizations))

    def _tell_of_the_network(self, polled: list[Polled]) -> None:
        """Say once that no hub can be reached, and what can be done without one."""
        unreachable = all(r.error is not None and r.error.trouble is Trouble.UNREACHABLE for r in polled)
        if unreachable and not self._is_unreachable:
            print(  # noqa: T201 - for a person at a terminal, who may not read logs
                f"No hub can be reached ({self._app.environment.hf_endpoint}). The monitor keeps trying.\n"
                "To see it at work without a network: release-monitor demo",
                file=sys.stderr,
            )
        self._is_unreachable = unreachable

    def _ping(self) -> None:
        """Tell the dead man's switch that a poll worked; it raises the alarm when this stops."""
        url = self._app.environment.ping_url
        if url is None:
            return
        try:
            httpx.get(url, timeout=5)
        except httpx.HTTPError as error:
            log.warning("ping_failed", error=type(error).__name__)


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
    with app.poller() as poller:
        yield {"poll": PollTick(app, poller, config), "deliver": DeliverTick(app, pace)}


def run(app: App, config: Config, *, pace: timedelta, wait: Callable[[], object] | None = None) -> None:
    """Run the service until SIGTERM or SIGINT (or until `wait` returns): no new send begins, the last one ends.

    A second signal ends the process at once; whatever was under way is taken up again by its lease.
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
