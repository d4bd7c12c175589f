"""How many polls of each hub may begin now, and when an account is due again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.history import Rules
from monitor.core.schedule import ACTIVE_WEIGHT, Bucket, refilled, sweep_every
from monitor.core.types import Organization, Quota
from monitor.hubs import Hub, Metered
from monitor.store import Transaction, limits
from monitor.store.watchlist import Claim

# What is believed of a hub that has told no quota yet: what it grants an anonymous address, or little.
QUOTAS = {
    "huggingface": Quota(500, timedelta(minutes=5)),
    "github": Quota(60, timedelta(hours=1)),
}
USUAL_QUOTA = Quota(300, timedelta(minutes=5))

# The hubs that show what is newest, whoever made it.
NEWEST_ON = frozenset({"huggingface"})

# OpenRouter's answer is kept for five minutes before it gets to us.
FLOORS = {"openrouter": timedelta(minutes=5)}

# Accounts with more repositories than this may show some changes only when they are listed in full, so often.
IN_FULL = {"modelscope": (50, timedelta(hours=6))}

# How long a plan holds: what accounts weigh, and the quota, change slowly.
_PLAN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Watch:
    """What the configuration says about polling, as of now.

    `every` is how often each account is listed, `newest_every` how often a hub is asked what is newest on it. None
    means as often as the hub's quota allows, and never.
    """

    organizations: Mapping[str, Organization]
    rules: Rules
    every: timedelta | None
    newest_every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How the accounts of a hub share its quota."""

    made_at: datetime
    quota: Quota
    weight: float
    active: frozenset[int]

    def every(self, hub: str, weight: float) -> timedelta:
        """Return how often an account of some weight is listed."""
        return max(sweep_every(self.weight, self.quota, weight), FLOORS.get(hub, timedelta(0)))


class Pace:
    """Spreads the sweeps of each hub evenly over the window of its quota."""

    def __init__(self, hubs: Mapping[str, Hub]) -> None:
        self._hubs = hubs
        self._plans = dict[str, Plan]()
        self._buckets = dict[str, Bucket]()

    def plan(self, tx: Transaction, now: datetime) -> None:
        """Plan the sweeps of each hub, unless its plan still holds."""
        for name, hub in self._hubs.items():
            plan = self._plans.get(name)
            if plan is None or not timedelta(0) <= now - plan.made_at < _PLAN:
                self._plans[name] = make_plan(tx, name, hub, now)

    def allowed(self, tx: Transaction, now: datetime) -> dict[str, int]:
        """Return how many sweeps of each hub may begin now."""
        self.plan(tx, now)
        for name, hub in self._hubs.items():
            quota = _stated(hub) or self._plans[name].quota
            self._buckets[name] = refilled(self._buckets.get(name), quota, now)
        return {name: int(bucket.tokens) for name, bucket in self._buckets.items()}

    def spend(self, claims: Iterable[Claim]) -> None:
        """Enter the sweeps that begin."""
        for claim in claims:
            bucket = self._buckets[claim.account.hub]
            self._buckets[claim.account.hub] = Bucket(bucket.tokens - 1, bucket.at)

    def every(self, claim: Claim, watch: Watch) -> timedelta:
        """Return how long after this poll of an account its next one comes; its hub has a plan."""
        if watch.every is not None:
            return watch.every
        hub = claim.account.hub
        plan = self._plans[hub]
        return plan.every(hub, ACTIVE_WEIGHT if claim.id in plan.active else 1.0)


def make_plan(tx: Transaction, name: str, hub: Hub | None, now: datetime) -> Plan:
    """Plan the sweeps of a hub by what it told about its quota, to this process or to any before."""
    known = limits.hub_limits(tx, name, now)
    quota = _stated(hub) or known.quota or QUOTAS.get(name, USUAL_QUOTA)
    return Plan(now, quota, known.weight, limits.active_accounts(tx, name, now))


def _stated(hub: Hub | None) -> Quota | None:
    return hub.quota if isinstance(hub, Metered) else None
