"""Poll accounts: claim them, fetch their listings, decide, record."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random

import structlog

from monitor.core.cadence.dispersion import fleet_dispersion
from monitor.core.decide import Decision, decide
from monitor.core.health import judge_health
from monitor.core.history import Rules
from monitor.core.schedule import next_poll, sweep_every, wait_after_failure
from monitor.core.types import Account, ChangeKind, Listing, Organization, Quota
from monitor.errors import OF_THE_HUB, HubError, HubPaused, StoreError, Trouble
from monitor.fetch import Fetched, Fetcher
from monitor.hubs import Hub, Metered
from monitor.store import Store, Transaction, alerts, health, polling, watchlist
from monitor.store.watchlist import LEASE, Claim, Selection

log = structlog.get_logger()

# Far more than a hub's quota lets us use; the rest of the time is spent waiting for answers.
THREADS = 8

# How often the lease of an account is renewed while its answer is awaited.
HEARTBEAT = LEASE / 3

# A hub that has not told its quota yet: what huggingface.co grants an anonymous address.
QUOTA = Quota(500, timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Watch:
    """What the configuration says about polling, as of now."""

    organizations: Mapping[str, Organization]
    rules: Rules
    every: timedelta | None  # None: as often as the hub's quota allows


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of one account's poll: an error, or how much changed."""

    account: Account
    error: HubError | None = None
    published: int = 0
    changes: int = 0
    alerts: int = 0


class Poller:
    """Polls accounts of one store on some hubs."""

    def __init__(
        self,
        store: Store,
        hubs: Mapping[str, Hub],
        clock: Callable[[], datetime],
        heartbeat: timedelta = HEARTBEAT,
    ) -> None:
        self._store = store
        self._heartbeat = heartbeat
        self._hubs = hubs
        self._fetcher = Fetcher(store, hubs)
        self._clock = clock
        self._said = set[tuple[str, Trouble]]()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="poll")

    def close(self) -> None:
        """Wait for the fetches that are under way."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def poll_due(self, watch: Watch) -> list[Polled]:
        """Poll the accounts that are due now, at most one pool's worth, and say what came of each."""
        with self._store.writing() as tx:
            claims = watchlist.claim_due(tx, watch.organizations, self._clock(), THREADS)
        polled = self._poll(claims, watch) if claims else []
        if polled:
            self._look_after(watch)
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
            with self._store.writing() as tx:
                claims = watchlist.claim_selected(tx, selection, done, self._clock(), THREADS)
            if not claims:
                break
            done |= {claim.id for claim in claims}
            for result in self._poll(claims, watch):
                progress(result)
                polled.append(result)
        self._look_after(watch)
        for account in (account for key, account in selected.items() if key not in done):
            polled.append(Polled(account, self._why_not_claimed(account)))
            progress(polled[-1])
        return polled

    def _why_not_claimed(self, account: Account) -> HubError:
        with self._store.reading() as tx:
            paused_until = watchlist.hub_limits(tx, account.hub).paused_until
        now = self._clock()
        if paused_until is not None and paused_until > now:
            return HubPaused(account.hub, paused_until - now)
        return HubError("another worker is polling it; see `release-monitor status`", Trouble.UNREACHABLE)

    def _poll(self, claims: Iterable[Claim], watch: Watch) -> list[Polled]:
        """Fetch in threads, which share nothing; decide and record here, one account after another."""
        # A worker with another configuration may watch more than we do: what we do not know, it will poll.
        ours = [(claim, watch.organizations.get(claim.account.organization)) for claim in claims]
        fetches = [
            (claim, self._pool.submit(self._fetcher.fetch, claim, owner)) for claim, owner in ours if owner
        ]
        polled = list[Polled]()
        for position, (claim, fetch) in enumerate(fetches):
            while wait([fetch], self._heartbeat.total_seconds()).not_done:
                self._keep(claim for claim, _ in fetches[position:])
            polled.append(self._finish(claim, fetch, watch))
        return polled

    def _keep(self, claims: Iterable[Claim]) -> None:
        """Hold the accounts whose answers take long: a lease is to run out only when its worker is gone."""
        with self._store.writing() as tx:
            for claim in claims:
                polling.renew(tx, claim, self._clock() + LEASE)

    def _finish(self, claim: Claim, fetch: "Future[Fetched]", watch: Watch) -> Polled:
        try:
            return self._record(claim, fetch.result(), watch)
        except HubError as error:
            return self._record_failure(claim, error, watch)
        except StoreError:
            raise  # not the account's fault: its lease runs out, and it is polled again
        except Exception:  # a bug that one account brings out must not stop the others
            log.exception("poll_crashed", account=str(claim.account))
            bug = HubError("the monitor stumbled over this account; see its log", Trouble.SHAPE)
            return self._record_failure(claim, bug, watch)

    def _record(self, claim: Claim, fetched: Fetched, watch: Watch) -> Polled:
        """Decide and write in one transaction, unless the account went to another worker meanwhile."""
        listing, now, decision = fetched.listing, self._clock(), Decision()
        with self._store.writing() as tx:
            polling.lock(tx, claim.account.organization)
            if not polling.holds(tx, claim):
                return Polled(claim.account, HubError("another worker took it over", Trouble.UNREACHABLE))
            if fetched.is_same:
                polling.record_same(tx, claim, listing)
            else:
                decision = self._decide(tx, claim, fetched, watch, now)
            if not decision.doubt:
                polling.give_back(tx, claim, next_poll(now, self._every(tx, claim, watch), random()))
        if decision.doubt:
            raise HubError(decision.doubt, Trouble.INCOMPLETE)
        self._said -= {(claim.account.hub, trouble) for trouble in OF_THE_HUB}
        return _tell(claim, listing, decision)

    def _decide(
        self, tx: Transaction, claim: Claim, fetched: Fetched, watch: Watch, now: datetime
    ) -> Decision:
        organization, listing = watch.organizations[claim.account.organization], fetched.listing
        fleet = fleet_dispersion(polling.dispersions(tx))
        history = polling.load_history(tx, organization, listing, fleet, now)
        decision = decide(history, listing, fetched.looks, watch.rules, now)
        if decision.doubt:
            polling.record_doubt(tx, claim, decision.repos)
        else:
            polling.record_decision(tx, claim, listing, decision, watch.rules, now)
            polling.note_digest(tx, claim, fetched.digest if decision.is_settled else None)
        return decision

    def _record_failure(self, claim: Claim, error: HubError, watch: Watch) -> Polled:
        now = self._clock()
        is_paused = isinstance(error, HubPaused)
        with self._store.writing() as tx:
            if not polling.holds(tx, claim):
                return Polled(claim.account, error)
            every = self._every(tx, claim, watch)
            if not is_paused:
                polling.record_failure(tx, claim, error, now)
            pause = wait_after_failure(every, claim.failures + 1, error.retry_after, random())
            polling.give_back(tx, claim, now + pause)
        is_news = (
            claim.failures == 0 and not is_paused and not self._is_said(claim.account.hub, error.trouble)
        )
        say = log.warning if is_news else log.debug
        say("account_not_seen", account=str(claim.account), trouble=error.trouble.value, error=str(error))
        return Polled(claim.account, error)

    def _is_said(self, hub: str, trouble: Trouble) -> bool:
        """Tell whether a trouble of the whole hub was said already: its accounts need not repeat it."""
        if trouble not in OF_THE_HUB:
            return False
        is_said = (hub, trouble) in self._said
        self._said.add((hub, trouble))
        return is_said

    def _every(self, tx: Transaction, claim: Claim, watch: Watch) -> timedelta:
        if watch.every is not None:
            return watch.every
        limits = watchlist.hub_limits(tx, claim.account.hub)
        return sweep_every(limits.accounts, limits.quota or QUOTA)

    def _look_after(self, watch: Watch) -> None:
        """Remember what the hubs asked for, and tell of the monitor's own health where that changed."""
        now = self._clock()
        with self._store.writing() as tx:
            for name, hub in self._hubs.items():
                if isinstance(hub, Metered):
                    watchlist.note_hub(tx, name, hub.paused_until, hub.quota)
            accounts = health.account_health(tx)
            raised, ended = judge_health(accounts, alerts.open_incidents(tx), now)
            hello = health.hello(tx, accounts, now)
            alerts.raise_alerts(tx, (*raised, *([hello] if hello else [])), watch.rules)
            alerts.end_incidents(tx, ended, now)


def _tell(claim: Claim, listing: Listing, decision: Decision) -> Polled:
    published = sum(change.kind is ChangeKind.PUBLISHED for change in decision.changes)
    if claim.failures:
        log.info("account_seen_again", account=str(claim.account))
    if listing.listed_as != claim.listed_as:
        log.warning("account_renamed", account=str(claim.account), now=listing.listed_as)
    if listing.set_aside:
        log.warning("rows_set_aside", account=str(claim.account), rows=len(listing.set_aside))
    log.debug("polled", account=str(claim.account), repos=len(listing.repos), changes=len(decision.changes))
    return Polled(claim.account, None, published, len(decision.changes), len(decision.alerts))
