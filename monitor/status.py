"""Read how the monitor itself fares: whom it sees, how soon, what waits to be told, and how often it will be wrong."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.config import Settings
from monitor.core.cadence.budget import expected_false_alerts_per_month
from monitor.core.schedule import delays
from monitor.pace import IN_FULL, NEWEST_ON, make_plan
from monitor.store import Transaction, limits, muting, outbox
from monitor.store.reading import accounts, blind_spots
from monitor.store.slack_health import outage

# Blind spots that ended longer ago are not shown; the cadence leaves them out all the same.
RECENT = timedelta(days=30)


def read_status(tx: Transaction, settings: Settings, now: datetime) -> dict[str, Any]:
    """Return what `status --format json` shows, but for the database's and the configuration's places."""
    watched, deaf = accounts(tx), outage(tx)
    organizations = len({account["organization"] for account in watched})
    expected = expected_false_alerts_per_month(organizations, settings.cadence.alert)
    return {
        "accounts": watched,
        "blind_spots": blind_spots(tx, now - RECENT),
        "delays": _delays(tx, watched, settings, now),
        "quotas": _quotas(tx, watched, now),
        "outbox": outbox.counts(tx),
        "parked": outbox.parked(tx),
        "muted": [one.row() for one in muting.mutes(tx, now)],
        "slack_commands": {"failing_since": deaf.since, "problem": deaf.reason} if deaf else None,
        "expected_false_alerts_per_month": round(expected, 3),
    }


def _quotas(
    tx: Transaction, accounts: Sequence[Mapping[str, Any]], now: datetime
) -> dict[str, dict[str, Any]]:
    """Return how many requests each hub allows us in how many seconds, as far as it said, and until when we pause."""
    found = {}
    for hub in dict.fromkeys(account["hub"] for account in accounts):
        held = limits.hub_limits(tx, hub, now)
        paused_until = held.paused_until if held.paused_until and held.paused_until > now else None
        found[hub] = {
            "requests": held.quota.requests if held.quota else None,
            "window_seconds": round(held.quota.window.total_seconds()) if held.quota else None,
            "paused_until": paused_until,
        }
    return found


def _delays(
    tx: Transaction, accounts: Sequence[Mapping[str, Any]], settings: Settings, now: datetime
) -> dict[str, dict[str, int]]:
    """Return for each hub how long after it happened we see something, at most, in seconds."""
    found: dict[str, dict[str, int]] = {}
    for hub in dict.fromkeys(account["hub"] for account in accounts):
        every = settings.poll.every or make_plan(tx, hub, None, now).every(hub, 1.0)
        newest_every = settings.poll.newest_every if hub in NEWEST_ON else None
        most, in_full = IN_FULL.get(hub, (None, every))
        is_deep = most and any((one["repos"] or 0) > most for one in accounts if one["hub"] == hub)
        expected = delays(max(every, in_full) if is_deep else every, newest_every)
        found[hub] = {
            "new": round(delays(every, newest_every).new.total_seconds()),
            "made_public": round(expected.made_public.total_seconds()),
            "changed": round(expected.changed.total_seconds()),
            "withdrawn": round(expected.withdrawn.total_seconds()),
        }
    return found
