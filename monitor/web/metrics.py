"""/metrics: how the monitor fares, for Prometheus, read from the database when it is asked for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.responses import Response

from monitor import __version__
from monitor.core.cadence.budget import expected_false_alerts_per_month
from monitor.core.telling import ReceiverHealth
from monitor.core.types import Budgets
from monitor.store import Transaction
from monitor.store.outbox import receivers_health
from monitor.store.reading import JsonRow, accounts
from monitor.store.totals import alert_totals, release_total
from monitor.web.site import site_of

router = APIRouter(include_in_schema=False)

_STATES = ("ok", "learning", "failing", "unknown")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is told of, as at `now`."""

    accounts: Sequence[JsonRow]
    receivers: Sequence[ReceiverHealth]
    releases: int
    alerts: dict[tuple[str, str], int]
    alert_budget: float
    now: datetime

    @classmethod
    def of(cls, tx: Transaction, budgets: Budgets, now: datetime) -> "Reading":
        """Read it."""
        return cls(
            accounts(tx), receivers_health(tx), release_total(tx), alert_totals(tx), budgets.alert, now
        )


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Give all of them, in the format that is asked for."""
    site = site_of(request)
    with site.store.reading() as tx:
        reading = Reading.of(tx, site.settings().cadence, site.clock())
    registry = CollectorRegistry()
    registry.register(_Collected(reading))
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), headers={"content-type": content_type})


class _Collected(Collector):
    """What was read, in the shape that the library writes."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Metric]:
        """Give each metric once."""
        yield InfoMetricFamily("release_monitor_build", "The running version", {"version": __version__})
        yield from _of_accounts(self._reading)
        yield from _of_the_log(self._reading)
        yield from _of_receivers(self._reading.receivers)


def _of_accounts(reading: Reading) -> Iterator[Metric]:
    rows = reading.accounts
    hubs = sorted({row["hub"] for row in rows})
    states = Counter((row["hub"], row["state"]) for row in rows)
    yield _gauge(
        "accounts",
        "Watched accounts, by how they fare",
        ("hub", "state"),
        {(hub, state): states[hub, state] for hub in hubs for state in _STATES},
    )
    blind = Counter((row["hub"],) for row in rows if row["blind_since"])
    yield _gauge(
        "blind_accounts", "Accounts that cannot be seen now", ("hub",), {(hub,): blind[hub,] for hub in hubs}
    )
    seen = {
        hub: [row["last_seen_at"] for row in rows if row["hub"] == hub and row["last_seen_at"]]
        for hub in hubs
    }
    ages = {(hub,): (reading.now - min(times)).total_seconds() for hub, times in seen.items() if times}
    yield _gauge(
        "oldest_listing_age_seconds", "Since the account that was seen longest ago was seen", ("hub",), ages
    )
    aside = Counter[tuple[str]]()
    for row in rows:
        aside[row["hub"],] += row["rows_set_aside"]
    yield _gauge("rows_set_aside", "Rows of last listings that could not be read", ("hub",), dict(aside))


def _of_the_log(reading: Reading) -> Iterator[Metric]:
    watched = len({row["organization"] for row in reading.accounts})
    yield _gauge("organizations", "Watched organisations that have an account", (), {(): watched})
    yield _gauge("releases", "Releases in the log", (), {(): reading.releases})
    told = CounterMetricFamily("release_monitor_alerts", "Alerts that were raised", labels=("kind", "level"))
    for labels, number in sorted(reading.alerts.items()):
        told.add_metric(labels, number)
    yield told
    expected = expected_false_alerts_per_month(watched, reading.alert_budget)
    yield _gauge(
        "expected_false_alerts_per_month",
        "False cadence alerts to expect of all together",
        (),
        {(): expected},
    )


def _of_receivers(receivers: Sequence[ReceiverHealth]) -> Iterator[Metric]:
    for name, said in (
        ("waiting", "Messages that wait to be delivered"),
        ("failed", "Messages that can never be delivered"),
    ):
        numbers = {(one.name,): getattr(one, name) for one in receivers}
        yield _gauge(f"notifications_{name}", said, ("receiver",), numbers)
    parked = {(one.name,): int(one.parked_at is not None) for one in receivers}
    yield _gauge("receiver_parked", "1 where nothing is sent until a person acts", ("receiver",), parked)


def _gauge(name: str, said: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> GaugeMetricFamily:
    found = GaugeMetricFamily(f"release_monitor_{name}", said, labels=labels)
    for key, value in values.items():
        found.add_metric(key, value)
    return found
