"""Poll accounts: claim them, fetch their listings, have what came of it recorded, and judge cadences."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from monitor.core.types import Account, Organization, Unchanged
from monitor.errors import HubError, HubPaused, StoreError, Trouble
from monitor.fetch import Fetched, Fetcher
from monitor.hubs import Hub
from monitor.judging import Judge
from monitor.pace import Pace, Watch
from monitor.record import Found, Polled, Recorder
from monitor.store import Store, limits, polling, watchlist
from monitor.store.watchlist import LEASE, Claim, Selection

log = structlog.get_logger()

# Of each hub, so that one that stalls holds up no other. Far more than a hub's quota lets us use: most of the time is
# spent waiting for answers.
THREADS = 8

# How many accounts are claimed, and recorded, at once where many are asked for.
BATCH = 64

# How often the lease of an account is renewed while its answer is awaited.
HEARTBEAT = LEASE / 3

# How long one round waits for slow answers before it lets others begin.
PATIENCE = timedelta(seconds=1)

_Fetch = Future[Fetched | Unchanged]


@dataclass(slots=True)
class _Begun:
    """A fetch that is under way, and since when its account is leased."""

    claim: Claim
    organization: Organization
    leased_at: datetime


class Poller:
    """Polls accounts of one store on some hubs. One thread at a time may use it; it fetches in others."""

    def __init__(
        self,
        store: Store,
        hubs: Mapping[str, Hub],
        clock: Callable[[], datetime],
        heartbeat: timedelta = HEARTBEAT,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._store = store
        self._clock = clock
        self._heartbeat = heartbeat
        self._patience = patience
        self._fetcher = Fetcher(store, hubs)
        self._pace = Pace(hubs)
        self._recorder = Recorder(store, hubs, clock, self._pace)
        self._judge = Judge(store, clock)
        self._pools = {hub: ThreadPoolExecutor(THREADS, thread_name_prefix=f"poll-{hub}") for hub in hubs}
        self._under_way = dict[_Fetch, _Begun]()

    def close(self) -> None:
        """Wait for the fetches that are under way."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def poll_due(self, watch: Watch) -> list[Polled]:
        """Begin the polls that are due now, and say what came of those that ended.

        A slow one is left under way: it holds up no others.
        """
        now, busy = self._clock(), Counter(begun.claim.account.hub for begun in self._under_way.values())
        with self._store.writing() as tx:
            allowed = self._pace.allowed(tx, now)
            most = {hub: min(THREADS - busy[hub], number) for hub, number in allowed.items()}
            claims = watchlist.claim_due(tx, watch.organizations, now, most)
        self._pace.spend(claims)
        self._begin(claims, watch)
        wait(self._under_way, self._patience.total_seconds())
        polled = self._finish(watch)
        self._recorder.look_after(watch)
        self._judge.judge_some(watch, urgent=any(result.published for result in polled))
        return polled

    def count(self, selection: Selection) -> int:
        """Return how many watched accounts a selection has."""
        with self._store.reading() as tx:
            return len(watchlist.selected(tx, selection))

    def poll_selected(
        self, watch: Watch, selection: Selection, progress: Callable[[Polled], None]
    ) -> list[Polled]:
        """Poll every account of a selection once now, due or not; `progress` is told of each.

        An account on a hub that asked for a pause, or that another worker polls just now, is not seen.
        """
        with self._store.reading() as tx:
            selected = watchlist.selected(tx, selection)
        done, polled = set[int](), list[Polled]()
        while True:
            now, free = self._clock(), BATCH - len(self._under_way)
            with self._store.writing() as tx:
                self._pace.plan(tx, now)
                claims = watchlist.claim_selected(tx, selection, max(done, default=0), now, free)
            done |= {claim.id for claim in claims}
            self._begin(claims, watch)
            if not self._under_way:
                break
            wait(self._under_way, self._patience.total_seconds())
            for result in self._finish(watch):
                progress(result)
                polled.append(result)
        for account in (account for key, account in selected.items() if key not in done):
            polled.append(Polled(account, self._why_not_claimed(account)))
            progress(polled[-1])
        self._judge.judge_all(watch)
        self._recorder.look_after(watch, at_once=True)
        return polled

    def _why_not_claimed(self, account: Account) -> HubError:
        now = self._clock()
        with self._store.reading() as tx:
            paused_until = limits.hub_limits(tx, account.hub, now).paused_until
        if paused_until is not None and paused_until > now:
            return HubPaused(account.hub, paused_until - now)
        return HubError("another worker is polling it; see `release-monitor status`", Trouble.BUSY)

    def _begin(self, claims: Iterable[Claim], watch: Watch) -> None:
        """Fetch in threads, which share nothing; what comes of it is decided and recorded in this one."""
        for claim in claims:
            # A worker with another configuration may watch more than we do: what we do not know, it will poll.
            if organization := watch.organizations.get(claim.account.organization):
                fetch = self._pools[claim.account.hub].submit(self._fetcher.fetch, claim, organization)
                self._under_way[fetch] = _Begun(claim, organization, self._clock())

    def _finish(self, watch: Watch) -> list[Polled]:
        """Record what came of the fetches that ended, all at once."""
        ended = [(fetch, self._under_way.pop(fetch)) for fetch in list(self._under_way) if fetch.done()]
        self._keep()
        same, found, polled = list[tuple[Claim, datetime]](), list[Found](), list[Polled]()
        for fetch, begun in ended:
            claim = begun.claim
            with self._failing(claim, watch, polled):
                seen = fetch.result()
                if isinstance(seen, Fetched):
                    found.append(Found(claim, begun.organization, seen))
                elif claim.is_in_sight:
                    same.append((claim, seen.seen_at))
                else:
                    polled.append(self._recorder.record_seen_again(claim, seen, watch))
        for together in _apart(found):
            polled += self._record(together, watch)
        return polled + self._recorder.record_same(same, watch)

    def _record(self, found: list[Found], watch: Watch) -> list[Polled]:
        """Record accounts together, or each by itself where one of them brings a bug out."""
        if len(found) > 1:
            with _retried_apart():
                return self._recorder.record(found, watch)
        polled = list[Polled]()
        for one in found:
            with self._failing(one.claim, watch, polled):
                polled += self._recorder.record([one], watch)
        return polled

    @contextmanager
    def _failing(self, claim: Claim, watch: Watch, polled: list[Polled]) -> Iterator[None]:
        """Write what went wrong with one account as its failure, which must not stop the others."""
        try:
            yield
        except StoreError:
            raise  # not the account's fault: its lease runs out, and it is polled again
        except HubError as error:
            polled.append(self._recorder.record_failure(claim, error, watch))
        except Exception:  # a bug that one account brings out
            log.exception("poll_crashed", account=str(claim.account))
            bug = HubError("the monitor stumbled over this account; see its log", Trouble.SHAPE)
            polled.append(self._recorder.record_failure(claim, bug, watch))

    def _keep(self) -> None:
        """Hold the accounts whose answers take long: a lease is to run out only when its worker is gone."""
        now = self._clock()
        slow = [begun for begun in self._under_way.values() if now - begun.leased_at >= self._heartbeat]
        if slow:
            with self._store.writing() as tx:
                for begun in slow:
                    polling.renew(tx, begun.claim, now + LEASE)
                    begun.leased_at = now


@contextmanager
def _retried_apart() -> Iterator[None]:
    """Let nothing out but errors of the store: what was not written is tried again in smaller parts."""
    try:
        yield
    except StoreError:
        raise
    except Exception:
        log.debug("recorded_apart")


def _apart(found: Iterable[Found]) -> Iterator[list[Found]]:
    """Part accounts so that those of one organisation are recorded one after another: each decides on the last."""
    waiting = list(found)
    while waiting:
        together = {one.organization.key: one for one in reversed(waiting)}
        yield list(together.values())
        waiting = [one for one in waiting if together[one.organization.key] is not one]
