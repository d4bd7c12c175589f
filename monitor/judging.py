"""Judge the cadence of the organisations whose days have ended, or that released something, one after another."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.cadence.fleet import Fleet
from monitor.core.judge import Judgement, judge
from monitor.core.messages import with_company
from monitor.core.types import Direction, Level
from monitor.pace import Watch
from monitor.store import Store, Transaction, judging, polling
from monitor.store.company import company

# Days end once a day: it is enough to look for that so often.
_LOOK = timedelta(seconds=30)

# To live through the past of an organisation for the first time takes about a third of a second: of so many it is done
# right after the first sweep, so that no `cadence` has to.
_AT_ONCE = 100

# How many are judged in a row before something else gets its turn.
MOST = 10


class Judge:
    """Judges cadences; what it has to do next is in the database."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._looked_at: datetime | None = None

    def judge_some(self, watch: Watch, *, urgent: bool) -> None:
        """Judge a few organisations that are due; `urgent` where something was launched just now."""
        now = self._clock()
        if not urgent and self._looked_at and timedelta(0) <= now - self._looked_at < _LOOK:
            return
        if len(self._judge(watch, MOST, baselines=True)) < MOST:
            self._looked_at = now  # nothing is left to do

    def judge_all(self, watch: Watch) -> None:
        """Judge every organisation that is due; the pasts of a long watch list only once their first day has ended."""
        self._judge(watch, None, baselines=len(watch.organizations) <= _AT_ONCE)

    def _judge(self, watch: Watch, most: int | None, *, baselines: bool) -> tuple[str, ...]:
        with self._store.reading() as tx:
            keys = judging.due(tx, watch.organizations, self._clock(), baselines=baselines)[:most]
            fleet = judging.fleet(tx)
        for key in keys:
            self._judge_one(watch, key, fleet)
        return keys

    def _judge_one(self, watch: Watch, key: str, fleet: Fleet) -> None:
        now = self._clock()
        with self._store.writing() as tx:
            polling.lock(tx, key)
            past = judging.load_past(tx, watch.organizations[key], fleet, now)
            if past is not None:
                judgement = _in_company(tx, key, judge(past, watch.rules, now), watch, now)
                judging.record(tx, past, judgement, watch.rules, now)


def _in_company(tx: Transaction, key: str, judgement: Judgement, watch: Watch, now: datetime) -> Judgement:
    """Add to what is told of a change what the others did meanwhile: to read all of them is worth it only then."""
    called = [a for a in judgement.alerts if a.level is Level.ALERT and a.direction is not Direction.RESUMED]
    if not called or judgement.cadence is None:
        return judgement
    found = company(tx, key, judgement.cadence, watch.rules.budgets, now)
    if found is None:
        return judgement
    told = {alert.key: replace(alert, message=with_company(alert.message, found)) for alert in called}
    return replace(judgement, alerts=tuple(told.get(alert.key, alert) for alert in judgement.alerts))
