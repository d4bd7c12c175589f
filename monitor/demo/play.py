"""The demo: the real service watches a hub on this machine that replays recorded history."""

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from errno import EPIPE
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic

from monitor.app import App
from monitor.config import Config, Environment, load
from monitor.core.brief import brief_message
from monitor.core.text import message_text
from monitor.core.types import Quota
from monitor.demo.hub import DemoHub
from monitor.demo.recorded import load_recorded
from monitor.demo.screen import Screen
from monitor.notify import Notifier
from monitor.store import Store
from monitor.store.briefs import read_week
from monitor.store.cadence import organization_cadences
from monitor.store.cadence_rows import verdict_row
from monitor.store.migrate import prepare
from monitor.store.reading import Filters, alerts
from monitor.store.release_log import release_log
from monitor.worker import Tick, ticks

BEGIN = datetime(2025, 6, 1, tzinfo=UTC)

# Seconds between two ticks, as long as a tick takes less.
FRAME = 0.2

# A slow machine plays slower: it skips no day of history.
LONGEST_STEP = timedelta(days=1)

# A quota such as no hub grants: the demo asks as often as its clock is fast.
AMPLE = Quota(1_000_000, timedelta(minutes=5))

CONFIG = Path(__file__).parent / "data" / "config"


class SteppedClock:
    """A clock that stands still while the service works, and moves only between its ticks.

    Leases and retry times are seconds. On a clock that runs days a second they would be over before the work that
    they protect.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        """Read the clock."""
        return self._now

    def step(self, by: timedelta) -> None:
        """Move on."""
        self._now += by


@dataclass(slots=True)
class Run:
    """One run of the demo: until its history ends, the time is up, a signal comes, or nobody reads any more."""

    clock: SteppedClock
    screen: Screen
    ends: datetime
    deadline: float | None  # on the monotonic clock
    is_stopped: bool = False

    @property
    def is_over(self) -> bool:
        """Whether to begin nothing more."""
        is_late = self.deadline is not None and monotonic() >= self.deadline
        return self.is_stopped or self.screen.is_closed or is_late or self.clock() >= self.ends

    def stop(self, *_: object) -> None:
        """End after the tick that is under way; a second signal ends the process at once."""
        self.is_stopped = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def replay(self, ticks: Iterable[Tick], days_a_second: float) -> None:
        """Let the service tick and the clock move on, in turn."""
        frame = min(FRAME, LONGEST_STEP / timedelta(days=days_a_second))
        while not self.is_over:
            began = monotonic()
            for tick in ticks:
                tick()
            self._wait(began + frame)
            self.clock.step(min(timedelta(days=days_a_second * (monotonic() - began)), LONGEST_STEP))
            self._wait(monotonic() + self.screen.pause)
            self.screen.pause = 0.0

    def _wait(self, until: float) -> None:
        """Wait in short stretches: one that a signal interrupts goes on to its end."""
        while not self.is_over and (left := until - monotonic()) > 0:
            Event().wait(min(left, FRAME))


def play(*, seconds: float | None, days_a_second: float, say: Callable[[str], object]) -> None:
    """Play until the recorded history ends, `seconds` have passed, or a person stops it; leave nothing behind.

    Messages go to stdout; `say` is told what a person should know besides. Raises BrokenPipeError when nobody
    reads stdout any more.
    """
    history = load_recorded()
    clock = SteppedClock(BEGIN)
    began = monotonic()
    run = Run(
        clock=clock,
        screen=Screen(sys.stdout, clock),
        ends=max(repo.created_at for repo in history) + timedelta(days=1),
        deadline=began + seconds if seconds else None,
    )
    config = load(CONFIG)
    say(_introduction(config, run.ends, days_a_second))
    with (
        _stopped_by_signals(run),
        DemoHub(clock, history, quota=AMPLE) as hub,
        _temporary_app(hub.url, run) as app,
    ):
        with ticks(app, config, pace=timedelta(0)) as service:
            run.replay(service.values(), days_a_second)
        if run.screen.is_closed:
            raise BrokenPipeError(EPIPE, "nobody reads stdout any more")
        say(_summary(app, config, monotonic() - began))


@dataclass(slots=True)
class _DemoApp(App):
    """The app, with the demo's screen as its only receiver."""

    screen: Screen | None = None

    def notifiers(self) -> Callable[[str], Notifier | None]:
        """Return the screen, whoever the receiver is."""
        return lambda _receiver: self.screen


@contextmanager
def _temporary_app(hub_url: str, run: Run) -> Iterator[App]:
    """Build the app on a database that is gone afterwards; nothing of the user's environment counts."""
    with TemporaryDirectory(prefix="release-monitor-demo-") as folder:
        url = f"sqlite:///{Path(folder) / 'demo.db'}"
        environment = Environment(url, database_shown=url, hf_endpoint=hub_url)
        with closing(Store(url)) as store:
            prepare(store.engine)
            yield _DemoApp(environment, store, run.clock, screen=run.screen)


@contextmanager
def _stopped_by_signals(run: Run) -> Iterator[None]:
    before = {number: signal.signal(number, run.stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _introduction(config: Config, ends: datetime, days_a_second: float) -> str:
    days = (ends - BEGIN).days
    return (
        f"A hub on this machine replays what {len(config.organizations)} laboratories published on Hugging Face "
        f"from {BEGIN:%Y-%m-%d} to {ends:%Y-%m-%d},\n"
        f"{days_a_second:g} days a second: about {days / days_a_second:.0f} seconds in all. Names and dates are a "
        "recording; the service that watches is the real one.\n"
        "Nothing leaves this machine, and nothing stays on it. Below is what Slack would show. Ctrl-C ends it.\n"
    )


def _summary(app: App, config: Config, seconds: float) -> str:
    """Say what was seen, how each cadence stands, and what to do next."""
    now = app.clock()
    with app.store.reading() as tx:
        releases = release_log(tx, Filters())
        raised = [alert for alert in alerts(tx, Filters()) if alert["kind"] == "cadence"]
        cadences = [
            verdict_row(c, config.settings.cadence, now)
            for c in organization_cadences(tx, (), config.settings.cadence, now)
        ]
        brief = message_text(brief_message(read_week(tx, config.settings.cadence, now)))
    seen = sum(release["basis"] == "observed" for release in releases)
    lines = [
        f"── the end: {(now - BEGIN).days} days of history in {seconds:.0f} seconds ──",
        f"{len(releases)} releases in the log, {seen} of them seen as they came; {len(raised)} cadence alerts. "
        "The cadence of each laboratory now:",
        "",
        *(f"  {row['organization']:<10} {_regime(row):<18} {row['why']}" for row in cadences),
        "",
        "The weekly brief of these last days:",
        "",
        brief,
        "",
        "For real, with the shipped list of organisations and no further set-up:  release-monitor run",
        "In another terminal, then:  release-monitor log    release-monitor cadence    release-monitor status",
    ]
    return "\n".join(lines)


def _regime(row: dict[str, object]) -> str:
    return f"possibly {row['regime']}" if row["level"] == "watching" else str(row["regime"])
