"""Look after the monitor itself: tell of a bad configuration, of messages that do not arrive, and of the week."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core import config_health, delivery_health
from monitor.core.config_health import refused, taken_up
from monitor.core.delivery_health import judge_delivery
from monitor.core.health import still_blind
from monitor.core.history import Rules
from monitor.core.standing import DAY, ENDED, Standing, reminder
from monitor.core.telling import Alert
from monitor.pace import Watch
from monitor.store import Store, Transaction, alerts, briefs, health, outbox, standing

# What lasts for days needs no look every second.
_LOOK = timedelta(minutes=1)


class Upkeep:
    """Tells of the monitor itself; what it told is in the database, so that several workers tell it once."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._was_refused: bool | None = None  # whether the last look found the configuration bad
        self._looked_at: datetime | None = None

    def look(self, watch: Watch, problems: tuple[str, ...]) -> None:
        """Tell what is to be told now; `problems` are those for which the configuration is refused.

        Whether it is good again only those can say who found it bad: another worker may have other files.
        """
        now = self._clock()
        if bool(problems) is not self._was_refused:
            self._tell_of_config(watch.rules, problems, now)
            self._was_refused = bool(problems)
        if self._looked_at is None or not timedelta(0) <= now - self._looked_at < _LOOK:
            self._tell_of_deliveries(watch.rules, now)
            self._remind(watch.rules, problems, now)
            self._tell_of_the_week(watch.rules, now)
            self._looked_at = now

    def _tell_of_config(self, rules: Rules, problems: tuple[str, ...], now: datetime) -> None:
        with self._store.writing() as tx:
            if problems:
                standing.begin(tx, refused(problems, now), config_health.KEY, rules)
                return
            for one in standing.standing(tx, (config_health.KEY,)):
                alerts.raise_alerts(tx, [taken_up(one.key, now)], rules)
                standing.end(tx, (one.key, f"{one.key}{ENDED}"), now)

    def _tell_of_deliveries(self, rules: Rules, now: datetime) -> None:
        """Read and judge first: to write holds others up, and most of the time there is nothing to tell."""
        with self._store.reading() as tx:
            open_keys = {
                one.spared[0]: one.key for one in standing.standing(tx, (delivery_health.KEY,)) if one.spared
            }
            receivers, lost = outbox.receivers_health(tx), standing.lost(tx)
        raised, ended = judge_delivery(receivers, rules.routing.in_use, open_keys, lost, now)
        if raised or ended:
            with self._store.writing() as tx:
                alerts.raise_alerts(tx, raised, rules)
                standing.end(tx, (*ended, *(f"{key}{ENDED}" for key in ended)), now)

    def _remind(self, rules: Rules, problems: tuple[str, ...], now: datetime) -> None:
        with self._store.reading() as tx:
            old = [one for one in standing.standing(tx) if now - one.told_at >= DAY]
            reminders = tuple(_reminders(_as_of_now(tx, old, problems, now), now))
        if reminders:
            with self._store.writing() as tx:
                alerts.raise_alerts(tx, reminders, rules)
                standing.end(tx, (one.key for one in reminders), now)

    def _tell_of_the_week(self, rules: Rules, now: datetime) -> None:
        with self._store.reading() as tx:
            brief = briefs.due_brief(tx, rules, now)
        if brief is not None:
            with self._store.writing() as tx:
                alerts.raise_alerts(tx, [brief], rules)
                standing.end(tx, [brief.key], now)


class UpkeepTick:
    """One tick: tell what is to be told of the monitor itself."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        watch: Callable[[], Watch],
        refused: Callable[[], tuple[str, ...]],
    ) -> None:
        self._upkeep = Upkeep(store, clock)
        self._watch = watch
        self._refused = refused
        self._stopping = False

    def __call__(self) -> None:
        """Tell it, unless we are asked to stop."""
        if not self._stopping:
            self._upkeep.look(self._watch(), self._refused())

    def stop(self) -> None:
        """Tell nothing more."""
        self._stopping = True


def _reminders(old: Iterable[Standing], now: datetime) -> Iterable[Alert]:
    return filter(None, (reminder(one, now) for one in old))


def _as_of_now(
    tx: Transaction, old: list[Standing], problems: tuple[str, ...], now: datetime
) -> Iterable[Standing]:
    """Let reminders say what is wrong now, where that is known: of many accounts most may be seen again."""
    if not old:
        return
    accounts, incidents = health.account_health(tx), {one.key: one for one in alerts.open_incidents(tx)}
    for one in old:
        message = one.message
        if one.key in incidents:
            message = still_blind(incidents[one.key], accounts) or message
        elif one.key.startswith(config_health.KEY) and problems:
            message = refused(problems, now).message
        yield replace(one, message=message)
