"""How fast does Slack get everything after a day without it? PYTHONPATH=tests python -m benchmarks.slack_backlog

Simulated time, the real outbox and notifier, and the strict Slack of the tests, which refuses more than a message a
second and notes each request inside a wait that it asked for. Slack is away in six ways, four hours each.
"""

import argparse
import logging
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import structlog

from monitor.store import Store
from monitor.store.migrate import prepare
from outage import Figures, live_through
from outbox import Outbox
from servers import Clock
from slack_server import SlackServer
from slack_workspace import Workspace


def measure(items: int, length: timedelta) -> tuple[Figures, tuple[int, int]]:
    """Return what became of so many alerts, and how many still wait and failed."""
    with tempfile.TemporaryDirectory() as folder, SlackServer(Workspace(paced=True)) as slack:
        store = Store(f"sqlite:///{Path(folder) / 'bench.db'}")
        prepare(store.engine)
        out = Outbox(store, Clock(), slack)
        figures = live_through(out, items, length)
        left = out.counts()
        store.close()
    return figures, left


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--hours", type=float, default=24)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.perf_counter()
    figures, (waiting, failed) = measure(options.items, timedelta(hours=options.hours))
    seen = set(figures.told)
    print(f"{options.items:,} alerts during {options.hours:g} h without Slack, SQLite")
    print(f"requests while it was away        {figures.attempts:,}")
    print(f"messages afterwards               {figures.messages:,}")
    print(f"drained after                     {figures.drained}")
    print(f"lost / repeated                   {options.items - len(seen)} / {len(figures.told) - len(seen)}")
    print(f"in order                          {figures.told == sorted(figures.told)}")
    print(f"shortest pause in the channel     {figures.shortest_pause.total_seconds():g} s")
    print(f"requests inside a Retry-After     {figures.impatient}")
    print(f"waiting / failed                  {waiting} / {failed}")
    print(f"(took {time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main()
