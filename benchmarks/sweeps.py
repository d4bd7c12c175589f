"""What sweeps of 1,000 accounts with 100,000 repositories cost, against only downloading and parsing the same pages.

    python -m benchmarks.sweeps [--accounts 1000]

The hub is served by another process, and each database is measured in a fresh one. PostgreSQL works in processes of its
own, whose CPU is not in the figures.
"""

import argparse
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import structlog
from sqlalchemy import func, select

from benchmarks.fixtures import bench_app, bench_organizations, demo_repos
from monitor.core.history import Rules
from monitor.core.routing import Routing
from monitor.core.types import Quota
from monitor.demo.hub import DemoHub
from monitor.demo.server import Answer, Request
from monitor.pace import Watch
from monitor.poll import Poller
from monitor.store import Store, watchlist
from monitor.store.tables import AlertRow

EACH = 100  # repositories an account
ROUNDS = 3
NOW = datetime(2026, 6, 1, tzinfo=UTC)
REFERENCE = "httpx"

# What a poll asks for.
EXPAND = (
    *("author", "createdAt", "lastModified", "sha", "gated", "private", "disabled"),
    *("tags", "pipeline_tag", "library_name", "safetensors", "cardData"),
)

Figures = dict[str, float]


def main() -> None:
    """Print every figure as a multiple of downloading and parsing with httpx."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1000)
    accounts = parser.parse_args().accounts
    print(f"{accounts} accounts, {accounts * EACH} repositories; CPU of the one process, in seconds")
    with tempfile.TemporaryDirectory() as folder, hub_process(accounts) as url:
        plain = measured("plain", accounts, url)
        for name in ("urllib", "httpx", "list_models"):
            print(
                f"  {f'download and parse, {name}':34}{plain[name]:7.2f} {plain[name] / plain[REFERENCE]:5.1f} x"
            )
        tell("SQLite", plain, measured("monitor", accounts, url, f"sqlite:///{Path(folder) / 'bench.db'}"))
        with postgres() as database:
            if database:
                tell("PostgreSQL (its own CPU aside)", plain, measured("monitor", accounts, url, database))


def tell(database: str, plain: Figures, figures: Figures) -> None:
    """Print what the sweeps cost on one database, each with its bar."""
    print(database)
    for key, title, bar in (
        ("first", "first sweep", 4.0),
        ("etags", "unchanged, with ETags", 2.0),
        ("no_etags", "unchanged, without ETags", 2.0),
    ):
        ratio = figures[key] / plain[REFERENCE]
        alerts = "hello alone" if key == "first" else "none"
        print(
            f"  {title:34}{figures[key]:7.2f} {ratio:5.1f} x  (bar {bar:.1f} x)"
            f"  {figures[f'alerts_{key}']:.0f} alerts (bar: {alerts})"
        )
    print(
        f"  first sweep: {figures['wall']:.0f} s by the clock, peak {figures['megabytes']:.0f} MB (bar 300 MB)"
    )


def measured(what: str, *arguments: object) -> Figures:
    """Run one measurement in a process of its own and return what it found."""
    command = [sys.executable, "-m", "benchmarks.sweeps", what, *map(str, arguments)]
    found: Figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


@contextmanager
def hub_process(accounts: int) -> Iterator[str]:
    """Serve the repositories from another process, so that its CPU is not counted as ours."""
    command = [sys.executable, "-m", "benchmarks.sweeps", "hub", str(accounts)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.communicate("")


class SwitchedHub(DemoHub):
    """A hub that can be told to send ETags, or none."""

    def answer(self, request: Request) -> Answer:
        """Answer like the hub, but for the switch."""
        if request.path.startswith("/switch/"):
            self.etags = request.path == "/switch/etags"
            return Answer()
        return super().answer(request)


def serve(accounts: int) -> None:
    """Be the hub's process: print the address, and end with standard input."""
    ample = Quota(10**9, timedelta(minutes=5))
    with SwitchedHub(lambda: NOW, demo_repos(accounts, EACH, NOW), quota=ample) as hub:
        print(hub.url, flush=True)
        sys.stdin.read()


def measure_plain(accounts: int, url: str) -> Figures:
    """Download and parse every page in three plain ways, in turns so that noise meets all alike; the best of each."""
    with_library = list_models(accounts, url)
    ways: dict[str, Callable[[], int]] = {
        "httpx": lambda: with_httpx(accounts, url),
        "urllib": lambda: with_urllib(accounts, url),
        "list_models": with_library,
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    # Once more than counted: the hub makes its pages when they are first asked for.
    for _ in range(1 + ROUNDS):
        for name, way in ways.items():
            began = time.process_time()
            rows = way()
            spent[name].append(time.process_time() - began)
            assert rows == accounts * EACH, rows
    return {name: min(times[1:]) for name, times in spent.items()}


def with_httpx(accounts: int, url: str) -> int:
    with httpx.Client() as client:
        pages = (client.get(address(url, account)).content for account in range(accounts))
        return sum(len(json.loads(page)) for page in pages)


def with_urllib(accounts: int, url: str) -> int:
    rows = 0
    for account in range(accounts):
        with urllib.request.urlopen(address(url, account)) as answer:
            rows += len(json.load(answer))
    return rows


def list_models(accounts: int, url: str) -> Callable[[], int]:
    """What everybody writes."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from huggingface_hub import HfApi

    api = HfApi(endpoint=url, token=False)
    return lambda: sum(
        len(list(api.list_models(author=f"bench-{n}", sort="created_at", expand=list(EXPAND))))
        for n in range(accounts)
    )


def address(url: str, account: int) -> str:
    query = [("author", f"bench-{account}"), ("sort", "createdAt"), ("limit", "1000")]
    return f"{url}/api/models?{urllib.parse.urlencode(query + [('expand', name) for name in EXPAND])}"


def measure_monitor(accounts: int, url: str, database: str) -> Figures:
    """Sweep every account for the first time, then again with and without ETags; the cheap ones a few times."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    app = bench_app(database, url, lambda: NOW)
    organizations = bench_organizations(accounts)
    with app.store.writing() as tx:
        watchlist.watch(tx, list(organizations.values()), NOW)
    watch = Watch(organizations, Rules(routing=Routing(("terminal",))), None)
    figures: Figures = {}
    with app.hubs() as hubs, app.poller(hubs) as poller:
        began = time.perf_counter()
        figures["first"] = sweep(poller, watch)
        figures["wall"], figures["megabytes"] = time.perf_counter() - began, peak_megabytes()
        told = figures["alerts_first"] = alerts(app.store)
        for kind in ("etags", "no_etags"):
            httpx.get(f"{url}/switch/{kind}").raise_for_status()
            figures[kind] = min(sweep(poller, watch) for _ in range(ROUNDS))
            figures[f"alerts_{kind}"] = alerts(app.store) - told
    app.store.close()
    return figures


def sweep(poller: Poller, watch: Watch) -> float:
    """Poll every account once; return the seconds of CPU that it took."""
    began = time.process_time()
    polled = poller.poll_selected(watch, watchlist.Selection(), lambda _: None)
    spent = time.process_time() - began
    assert len(polled) == len(watch.organizations)
    assert not any(result.error for result in polled), polled[:3]
    return spent


def alerts(store: Store) -> int:
    with store.reading() as tx:
        return tx.scalar(select(func.count()).select_from(AlertRow)) or 0


def peak_megabytes() -> float:
    """Return the most memory that this process ever held."""
    with suppress(OSError):  # elsewhere than on Linux
        status = Path("/proc/self/status").read_text().split()
        return int(status[status.index("VmHWM:") + 1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


@contextmanager
def postgres() -> Iterator[str | None]:
    """Start a PostgreSQL as the tests do and yield its URL; None, saying why, where that is impossible."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from postgres import NoPostgresError, postgres_server

    try:
        with postgres_server() as url:
            yield url
    except NoPostgresError as error:
        print(f"PostgreSQL: not measured, {error}")
        yield None


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["hub", number]:
            serve(int(number))
        case ["plain", number, hub]:
            print(json.dumps(measure_plain(int(number), hub)))
        case ["monitor", number, hub, database_url]:
            print(json.dumps(measure_monitor(int(number), hub, database_url)))
        case _:
            main()
