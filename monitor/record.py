"""Record what came of polls: decide and write, many accounts at once, and tell of the monitor's own health."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random

import structlog

from monitor.core.decide import decide
from monitor.core.health import judge_health
from monitor.core.schedule import next_poll, wait_after_failure
from monitor.core.types import Account, ChangeKind, Organization, Quota, Unchanged
from monitor.errors import OF_THE_HUB, HubError, HubPaused, Trouble
from monitor.fetch import Fetched
from monitor.hubs import Hub, Metered
from monitor.pace import Pace, Watch
from monitor.store import Store, Transaction, alerts, blindness, health, histories, limits, polling
from monitor.store.polling import Decided
from monitor.store.watchlist import Claim

log = structlog.get_logger()

# However much happens, the health of all accounts is looked at once in so long.
TOLD_EVERY = timedelta(seconds=10)

# An account that its hub's pauses keep from being seen for so many of its turns, and for so long, is in trouble.
_TURNS = 6
_LONGEST_WAIT = timedelta(hours=3)

# What raises the quota of a hub.
_TOKENS = {"huggingface": "HF_TOKEN", "github": "GITHUB_TOKEN"}


@dataclass(frozen=True, slots=True)
class Polled:
    """What came of one account's poll: an error, or how much changed."""

    account: Account
    error: HubError | None = None
    published: int = 0
    changes: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What was fetched of an account: a listing that may bring something new."""

    claim: Claim
    organization: Organization
    fetched: Fetched


class Recorder:
    """Writes what came of polls into one store."""

    def __init__(
        self, store: Store, hubs: Mapping[str, Hub], clock: Callable[[], datetime], pace: Pace
    ) -> None:
        self._store = store
        self._hubs = hubs
        self._clock = clock
        self._pace = pace
        self._said = set[tuple[str, Trouble]]()
        self._limits = dict[str, tuple[datetime | None, Quota | None]]()
        # What came of an earlier process's polls may want telling.
        self._is_health_news = True
        self._told_at: datetime | None = None

    def record_same(self, seen: Sequence[tuple[Claim, datetime]], watch: Watch) -> list[Polled]:
        """Record accounts that were in sight before and are unchanged, with the time of each, all at once."""
        if not seen:
            return []
        same = [polling.Same(claim, seen_at, self._due(claim, seen_at, watch)) for claim, seen_at in seen]
        with self._store.writing() as tx:
            polling.record_same(tx, same)
        log.debug("unchanged", accounts=len(same))
        for claim, _ in seen:
            self._forget_said(claim)
        return [Polled(claim.account) for claim, _ in seen]

    def record_seen_again(self, claim: Claim, seen: Unchanged, watch: Watch) -> Polled:
        """Record an account that could not be seen, or was not asked for long, and is as it was before."""
        with self._store.writing() as tx:
            polling.lock(tx, claim.account.organization)
            if not polling.hold(tx, [claim]):
                return _lost(claim)
            polling.record_seen_again(tx, claim, seen.seen_at)
            polling.give_back(tx, claim, self._due(claim, seen.seen_at, watch))
        self._note_success(claim)
        return Polled(claim.account)

    def record(self, found: Sequence[Found], watch: Watch) -> list[Polled]:
        """Decide about accounts, each of another organisation, and write it in one transaction.

        What went to another worker meanwhile is left to it; a listing that is not believed is a failure.
        """
        with self._store.writing() as tx:
            polling.lock(tx, *(one.organization.key for one in found))
            ours = set(polling.hold(tx, [one.claim for one in found]))
            held = [one for one in found if one.claim in ours]
            decided = self._decide(tx, held, watch)
            polling.record_decisions(tx, decided, watch.rules)
            for one in decided:
                if not one.decision.doubt:
                    polling.give_back(tx, one.claim, self._due(one.claim, one.listing.seen_at, watch))
        lost = [_lost(one.claim) for one in found if one.claim not in ours]
        return lost + [self._tell(one, watch) for one in decided]

    def _due(self, claim: Claim, seen_at: datetime, watch: Watch) -> datetime:
        """Return when an account that was seen is due again: at once where nobody says when the next poll comes."""
        return (
            seen_at
            if claim.is_by_hand
            else next_poll(self._clock(), self._pace.every(claim, watch), random())
        )

    def record_failure(self, claim: Claim, error: HubError, watch: Watch) -> Polled:
        """Write that an account could not be seen; a hub's pause is no fault of the account, but for long ones."""
        now, every = self._clock(), self._pace.every(claim, watch)
        with self._store.writing() as tx:
            if not polling.hold(tx, [claim]):
                return Polled(claim.account, error)
            trouble = _paused(tx, claim, error, every, now) if isinstance(error, HubPaused) else error
            if trouble is not None:
                blindness.record_trouble(tx, claim.id, trouble, now)
            # What made room for others asked nothing: it is due when the pause is over, not a sweep later.
            made_room = error.retry_after if trouble is None else None
            pause = made_room or wait_after_failure(every, claim.failures + 1, error.retry_after, random())
            polling.give_back(tx, claim, now + pause)
        self._is_health_news |= trouble is not None
        error = trouble or error
        is_news = trouble and not claim.failures and not self._is_said(claim.account.hub, error.trouble)
        say = log.warning if is_news else log.debug
        say("account_not_seen", account=str(claim.account), trouble=error.trouble.value, error=str(error))
        return Polled(claim.account, error)

    def look_after(self, watch: Watch, *, at_once: bool = False) -> None:
        """Remember what the hubs asked for, and tell of the monitor's own health, where either changed.

        To look at every account takes a while: unless it is to be told at once, that is not done after every poll.
        """
        now = self._clock()
        self._note_limits(now)
        is_fresh = self._told_at is not None and timedelta(0) <= now - self._told_at < TOLD_EVERY
        if self._is_health_news and (at_once or not is_fresh):
            self._tell_of_health(watch, now)
            self._is_health_news, self._told_at = False, now

    def _note_limits(self, now: datetime) -> None:
        told = {
            name: (hub.paused_until, hub.quota)
            for name, hub in self._hubs.items()
            if isinstance(hub, Metered)
        }
        if told != self._limits:
            with self._store.writing() as tx:
                for name, (paused_until, quota) in told.items():
                    limits.note_hub(tx, name, paused_until, quota, now)
            self._limits = told

    def _tell_of_health(self, watch: Watch, now: datetime) -> None:
        """Read and judge first: to write holds others up, and most of the time there is nothing to tell."""
        with self._store.reading() as tx:
            accounts = health.account_health(tx)
            raised, ended = judge_health(accounts, alerts.open_incidents(tx), now)
            hello = health.hello(tx, accounts, watch.rules.budgets, now)
        if raised or ended or hello:
            with self._store.writing() as tx:
                alerts.raise_alerts(tx, (*raised, *([hello] if hello else [])), watch.rules)
                alerts.end_incidents(tx, ended, now)

    def _decide(self, tx: Transaction, found: Sequence[Found], watch: Watch) -> list[Decided]:
        now = self._clock()
        polled = [(one.organization, one.fetched.listing) for one in found]
        return [
            Decided(
                one.claim,
                one.fetched.listing,
                decide(history, one.fetched.listing, one.fetched.findings, watch.rules, now),
                one.fetched.validator,
                history.repos,
            )
            for one, history in zip(found, histories.load_histories(tx, polled, now), strict=True)
        ]

    def _tell(self, one: Decided, watch: Watch) -> Polled:
        """Say what came of a poll that was written."""
        claim, listing, decision = one.claim, one.listing, one.decision
        if decision.doubt:
            return self.record_failure(claim, HubError(decision.doubt, Trouble.INCOMPLETE), watch)
        self._is_health_news |= decision.is_baseline
        self._note_success(claim)
        if listing.listed_as != claim.listed_as:
            log.warning("account_renamed", account=str(claim.account), now=listing.listed_as)
        if listing.set_aside:
            log.warning("rows_set_aside", account=str(claim.account), rows=len(listing.set_aside))
        changes = decision.changes
        log.debug("polled", account=str(claim.account), repos=len(listing.repos), changes=len(changes))
        published = sum(change.kind is ChangeKind.PUBLISHED for change in changes)
        return Polled(claim.account, None, published, len(changes), len(decision.alerts))

    def _note_success(self, claim: Claim) -> None:
        self._is_health_news |= bool(claim.failures)
        self._forget_said(claim)
        if claim.failures:
            log.info("account_seen_again", account=str(claim.account))

    def _is_said(self, hub: str, trouble: Trouble) -> bool:
        """Tell whether a trouble of the whole hub was said already: its accounts need not repeat it."""
        if trouble not in OF_THE_HUB:
            return False
        is_said = (hub, trouble) in self._said
        self._said.add((hub, trouble))
        return is_said

    def _forget_said(self, claim: Claim) -> None:
        if self._said:
            self._said -= {(claim.account.hub, trouble) for trouble in OF_THE_HUB}


def _paused(
    tx: Transaction, claim: Claim, error: HubPaused, every: timedelta, now: datetime
) -> HubError | None:
    """Note that a pause kept an account from being seen; return the trouble that this is, if it went on for long."""
    unseen = blindness.record_pause(tx, claim.id, now)
    if unseen <= max(_TURNS * every, _LONGEST_WAIT):
        return None
    token = _TOKENS.get(claim.account.hub)
    remedy = f"; a token raises it: set {token}, if there is none" if token else ""
    reason = "whenever this account was asked for: its pages do not fit the hub's quota"
    return HubError(f"{error} {reason}{remedy}", Trouble.QUOTA, error.retry_after)


def _lost(claim: Claim) -> Polled:
    return Polled(claim.account, HubError("another worker took it over", Trouble.BUSY))
