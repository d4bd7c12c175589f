"""The fast lane: ask a hub what is newest on it, and have the accounts listed that made it."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from monitor.errors import HubError, HubPaused
from monitor.hubs import Hub, Newsreel
from monitor.store import Store, limits, watchlist

log = structlog.get_logger()

# A hub may show a new repository a little later than others that were created after it.
OVERLAP = timedelta(minutes=5)

# So often an account is listed because of a repository that its listing then lacks.
_HINTS = 3

# A hub that does not answer this is asked at growing intervals, up to this: the sweeps see everything anyway.
_LONGEST_WAIT = timedelta(minutes=10)


class FastLane:
    """Asks hubs what is newest. What it sees is a hint to list an account, and nothing is concluded from it."""

    def __init__(self, store: Store, hubs: Mapping[str, Hub], clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._hubs = {name: hub for name, hub in hubs.items() if isinstance(hub, Newsreel)}
        self._hinted = Counter[tuple[str, str]]()
        self._failures = Counter[str]()  # in a row

    def look(self, every: timedelta) -> int:
        """Ask each hub whose turn it is; return how many accounts are to be listed because of it."""
        return sum(self._look_at(name, hub, every) for name, hub in self._hubs.items())

    def _look_at(self, name: str, hub: Newsreel, every: timedelta) -> int:
        now = self._clock()
        with self._store.writing() as tx:
            seen_until = limits.claim_newest(tx, name, now, every)
        if seen_until is None:
            return 0
        try:
            newcomers = hub.newest(seen_until - OVERLAP)
        except HubError as error:
            self._put_off(name, error, every, now)
            return 0
        del self._failures[name]
        ids = {one.hub_id for one in newcomers}
        self._hinted = Counter({key: n for key, n in self._hinted.items() if key[0] != name or key[1] in ids})
        fresh = [one for one in newcomers if self._hinted[name, one.hub_id] < _HINTS]
        with self._store.writing() as tx:
            hinted = watchlist.hint(tx, name, fresh, self._clock())
            created = [one.created_at for one in newcomers if one.created_at <= now]
            limits.note_newest(tx, name, max([seen_until, *created]))
        self._hinted.update((name, hub_id) for hub_id in hinted)
        return len(hinted)

    def _put_off(self, name: str, error: HubError, every: timedelta, now: datetime) -> None:
        """Ask again after what the hub asked for, or a growing step; say so once."""
        say = log.debug if self._failures[name] or isinstance(error, HubPaused) else log.warning
        say("newest_not_seen", hub=name, error=str(error), action="the sweeps go on")
        step = min(every * 2 ** min(self._failures[name], 10), _LONGEST_WAIT)
        if not isinstance(error, HubPaused):
            self._failures[name] += 1
        with self._store.writing() as tx:
            limits.put_off_newest(tx, name, now + (error.retry_after or max(step, every)))
