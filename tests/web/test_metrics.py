"""What Prometheus reads, and what whoever restarts a process asks."""

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from served import READ_TOKEN, TOKEN, Served, fill, served_site
from sqlalchemy import text

from monitor import __version__
from monitor.config import WebSettings
from monitor.store import Store
from monitor.store.tables import AccountRow
from servers import Clock


def samples(served: Served) -> dict[str, dict[tuple[str, ...], float]]:
    """The values of each metric by those of its labels, as Prometheus reads them."""
    answer = served.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_they_say_how_the_monitor_fares(store: Store, clock: Clock, config: Path) -> None:
    fill(store, clock)
    clock.now += timedelta(hours=2)
    with store.writing() as tx:
        tx.query(AccountRow).filter_by(name="zenith").one().blind_since = clock.now
    with served_site(store, clock, config, WebSettings()) as site:
        found = {name.removeprefix("release_monitor_"): values for name, values in samples(site).items()}
    assert found["build_info"] == {(__version__,): 1}
    assert found["accounts"] == {
        ("huggingface", state): 2 * (state == "ok") for state in ("ok", "learning", "failing", "unknown")
    }
    assert found["blind_accounts"] == {("huggingface",): 1}
    assert found["oldest_listing_age_seconds"] == {("huggingface",): 7200}
    assert (found["organizations"], found["releases"]) == ({(): 2}, {(): 40})
    assert found["alerts_total"]["release", "alert"] == 1
    assert found["notifications_waiting"]["terminal",] > 0
    assert found["notifications_failed"] == found["receiver_parked"] == {("terminal",): 0}
    assert 0 < found["expected_false_alerts_per_month"][()] < 0.1


def test_an_empty_database_has_metrics_too(empty: Served) -> None:
    found = samples(empty)
    assert found["release_monitor_releases"] == {(): 0}
    assert "release_monitor_accounts" not in found


def test_they_need_the_token_for_reading_and_hold_none(filled: Served, clock: Clock, config: Path) -> None:
    tokens = {"MONITOR_WEB_READ_TOKEN": READ_TOKEN, "MONITOR_WEB_TOKEN": TOKEN}
    with served_site(filled.site.store, clock, config, WebSettings(), **tokens) as closed:
        assert closed.get("/metrics").status_code == 401
        shown = closed.get("/metrics", headers={"authorization": f"Bearer {READ_TOKEN}"})
        assert closed.get("/healthz").json() == {"status": "up"}
        assert closed.get("/readyz").json() == {"status": "ready"}
    assert "release_monitor_releases 40.0" in shown.text
    assert not any(token in shown.text for token in tokens.values())


def test_whoever_wants_openmetrics_gets_it(filled: Served) -> None:
    answer = filled.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_it_is_not_ready_when_nothing_is_seen_any_more(filled: Served, clock: Clock) -> None:
    assert (filled.get("/readyz").status_code, filled.get("/readyz").json()) == (200, {"status": "ready"})
    clock.now += timedelta(hours=8)
    late = filled.get("/readyz")
    assert late.status_code == 503
    assert late.json()["reason"].startswith("no account was seen since 2026-06-13T00:0")


def test_it_is_not_ready_on_an_empty_database(empty: Served) -> None:
    answer = empty.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "no account was seen yet")
    assert empty.get("/healthz").status_code == 200


@pytest.mark.parametrize("broken", ["DROP TABLE account", "UPDATE alembic_version SET version_num = '9999'"])
def test_it_is_not_ready_when_the_database_is_not_ours_any_more(filled: Served, broken: str) -> None:
    with filled.site.store.engine.begin() as connection:
        connection.execute(text("PRAGMA foreign_keys=OFF"))
        connection.execute(text(broken))
    answer = filled.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reason"]
