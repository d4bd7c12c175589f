"""What a poll of 60 accounts with 6,000 repositories costs, against downloading and parsing the same pages.

Run: python -m benchmarks.polling
"""

import json
import logging
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from benchmarks.fixtures import demo_repos
from monitor.app import App
from monitor.config import Environment
from monitor.core.history import Rules
from monitor.core.types import Account, Organization, Quota
from monitor.demo.hub import DemoHub
from monitor.pace import Watch
from monitor.store import Store, watchlist
from monitor.store.migrate import prepare

ACCOUNTS, EACH = 60, 100
ROUNDS = 5
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@contextmanager
def hub_process() -> Iterator[str]:
    """Serve the repositories from another process, so that its CPU is not counted as ours."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.polling", "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.communicate("")


def serve() -> None:
    """Be that process: print the address, and end with standard input."""
    repos = demo_repos(ACCOUNTS, EACH, NOW)
    with DemoHub(lambda: NOW, repos, quota=Quota(10**6, timedelta(minutes=5))) as hub:
        print(hub.url, flush=True)
        sys.stdin.read()


def download(url: str) -> int:
    """Download and parse the pages that a poll asks for, in the plainest way; return how many rows there were."""
    rows = 0
    for account in range(ACCOUNTS):
        query = [("author", f"bench-{account}"), ("sort", "createdAt"), ("limit", "1000")]
        query += [
            ("expand", name)
            for name in "author createdAt lastModified sha gated private disabled tags".split()
        ]
        query += [("expand", name) for name in ("pipeline_tag", "library_name", "safetensors")]
        with urllib.request.urlopen(f"{url}/api/models?{urllib.parse.urlencode(query)}") as answer:
            rows += len(json.load(answer))
    return rows


def main() -> None:
    """Print the CPU time of a baseline poll and of a poll that finds nothing new, as multiples of the download."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with hub_process() as url, tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'bench.db'}")
        prepare(store.engine)
        environment = Environment(database_url="", database_shown="", hf_endpoint=url)
        app = App(environment, store, lambda: NOW)
        organizations = {
            f"bench-{n}": Organization(
                f"bench-{n}", f"Bench {n}", (Account(f"bench-{n}", "huggingface", f"bench-{n}"),)
            )
            for n in range(ACCOUNTS)
        }
        with store.writing() as tx:
            watchlist.watch(tx, list(organizations.values()), NOW)
        watch = Watch(organizations, Rules(), None)
        with app.hubs() as hubs, app.poller(hubs) as poller:
            plain, polls = [], []
            for _ in range(ROUNDS + 1):
                began = time.process_time()
                rows = download(url)
                plain.append(time.process_time() - began)
                began = time.process_time()
                polled = poller.poll_selected(watch, watchlist.Selection(), lambda _: None)
                polls.append(time.process_time() - began)
                assert all(result.error is None for result in polled), polled
    base = min(plain)
    print(f"{ACCOUNTS} accounts, {rows} repositories; CPU, best of {ROUNDS} runs")
    print(f"  download and parse     {base * 1000:6.0f} ms   1.0 x")
    print(
        f"  baseline poll          {polls[0] * 1000:6.0f} ms  {polls[0] / base:4.1f} x  (once in an installation)"
    )
    print(f"  poll, nothing new      {min(polls[1:]) * 1000:6.0f} ms  {min(polls[1:]) / base:4.1f} x")


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
