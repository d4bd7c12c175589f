"""How soon a publication is in the outbox, and what that asks of the hub, against listing one account after another.

    python -m benchmarks.fast_lane [--accounts 1 100 1000 10000]

The hub grants what huggingface.co grants an anonymous address. Time is simulated: one clock, stepped by one second
(five for more than 1,000 accounts), is the hub's and the monitor's. After the baseline, repositories are created at
random times, and others, created long ago in private, are made public. The plain loop lists account after account
(`list_models`) as fast as the same quota allows; it is reckoned, not run, and never errs.
"""

import argparse
import logging
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import structlog
from sqlalchemy import delete, select

from benchmarks.fixtures import bench_app, bench_organizations
from monitor.app import App
from monitor.core.history import Rules
from monitor.core.routing import Routing
from monitor.core.schedule import sweep_every
from monitor.core.telling import AlertKind
from monitor.core.types import Quota
from monitor.demo.answers import Meter
from monitor.demo.hub import DemoHub
from monitor.demo.play import AMPLE, SteppedClock
from monitor.demo.repo import DemoRepo
from monitor.demo.server import Answer, Request
from monitor.pace import Watch
from monitor.store import Store, watchlist
from monitor.store.tables import AccountRow, AlertRow, HubRow, NotificationRow

QUOTA = Quota(500, timedelta(minutes=5))
NEWEST_EVERY = timedelta(seconds=30)
TICK, LONG_TICK = timedelta(seconds=1), timedelta(seconds=5)
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
OF_EACH_KIND = 40  # publications
SPAN = timedelta(minutes=40)  # over which they are spread
SETTLING = timedelta(minutes=5)  # from the start until the first of them


@dataclass(frozen=True, slots=True)
class Publication:
    """A repository that becomes public while we watch."""

    repo: DemoRepo
    account: int
    is_late: bool


class CountingHub(DemoHub):
    """A hub that notes what it is asked, and grants more at first."""

    def __init__(self, clock: SteppedClock, repos: Iterable[DemoRepo]) -> None:
        super().__init__(clock, repos, quota=AMPLE)
        self.asked: list[datetime] = []
        self.refused = 0

    def begin(self, news: Iterable[Publication]) -> None:
        """Grant the quota of every day, with what is to be published."""
        self.repos = (*self.repos, *(one.repo for one in news))
        self._meter = Meter("api", QUOTA)
        self.asked.clear()

    def answer(self, request: Request) -> Answer:
        """Answer like the hub."""
        answer = super().answer(request)
        self.asked.append(self.clock())
        self.refused += answer.status == 429
        return answer


def main() -> None:
    """Measure each number of accounts in a process of its own, all at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[1, 100, 1_000, 10_000])
    print(f"Seconds from publication to the outbox; {QUOTA.requests} requests in 5 minutes are granted")
    print(f"{'':9}{'created':>22}{'made public late':>22}{'plain loop':>18}  {'requests in a window':>18}")
    print(
        f"{'accounts':>9}{'median':>11}{'worst':>11}{'median':>11}{'worst':>11}{'median':>9}{'worst':>9}"
        f"{'median':>11}{'most':>7}{'429s':>6}{'untold':>8}",
        flush=True,
    )
    command = [sys.executable, "-m", "benchmarks.fast_lane", "one"]
    running = [subprocess.Popen([*command, str(number)]) for number in parser.parse_args().accounts]
    failed = [process.wait() for process in running]
    assert not any(failed), failed


def measure(accounts: int) -> None:
    """Live through the baseline with a generous quota, then through the publications with the real one."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    sweep = sweep_every(accounts, QUOTA)
    news = publications(accounts)
    clock = SteppedClock(BEGIN - timedelta(minutes=1))
    repos = [old_repo(n) for n in range(accounts)]
    with tempfile.TemporaryDirectory() as folder, CountingHub(clock, repos) as hub:
        app = bench_app(f"sqlite:///{Path(folder) / 'bench.db'}", hub.url, clock)
        watch = Watch(
            bench_organizations(accounts), Rules(routing=Routing(("terminal",))), None, NEWEST_EVERY
        )
        fill(app, watch, sweep)
        hub.begin(news)
        clock.step(BEGIN - clock())
        told = live_through(app, watch, clock, [one.repo for one in news], sweep)
        app.store.close()
    report(accounts, news, told, hub)


def old_repo(account: int) -> DemoRepo:
    """What an account has already: of years ago, so that no cadence is to be lived through."""
    at = BEGIN - timedelta(days=5 * 365)
    return DemoRepo(f"bench-{account}/Old-1.0-7B", at, at)


def publications(accounts: int) -> list[Publication]:
    """Half of them created in public, half of them created three months before."""
    random_ = random.Random(accounts)
    found = []
    for number in range(2 * OF_EACH_KIND):
        account, at = random_.randrange(accounts), BEGIN + SETTLING + SPAN * random_.random()
        created = at - timedelta(days=90) if number % 2 else at
        repo = DemoRepo(f"bench-{account}/Novel{number}-1.0-7B", created, at)
        found.append(Publication(repo, account, is_late=number % 2 == 1))
    return found


def fill(app: App, watch: Watch, sweep: timedelta) -> None:
    """Take the baseline at once; let the accounts come round as after a sweep at the usual pace."""
    with app.store.writing() as tx:
        watchlist.watch(tx, list(watch.organizations.values()), app.clock())
    with app.hubs() as hubs, app.poller(hubs) as poller:
        polled = poller.poll_selected(watch, watchlist.Selection(), lambda _: None)
    assert not any(result.error for result in polled), polled[:3]
    with app.store.writing() as tx:
        tx.execute(delete(HubRow))
        rows = tx.scalars(select(AccountRow)).all()
        for number, row in enumerate(rows):
            row.next_poll_at = BEGIN + sweep * number / len(rows)


def live_through(
    app: App, watch: Watch, clock: SteppedClock, news: Sequence[DemoRepo], sweep: timedelta
) -> dict[str, datetime]:
    """Tick until everything is told, or two more sweeps are over; return when each repository was, by its id."""
    told: dict[str, datetime] = {}
    end = max(repo.public_from for repo in news) + 2 * sweep + timedelta(minutes=2)
    with app.hubs() as hubs, app.poller(hubs) as poller:
        lane = app.fast_lane(hubs)
        tick = TICK if len(watch.organizations) <= 1000 else LONG_TICK
        while len(told) < len(news) and clock() < end:
            clock.step(tick)
            lane.look(NEWEST_EVERY)
            published = 0
            while polled := poller.poll_due(watch):
                published += sum(result.published for result in polled)
            if published:
                told |= {hub_id: clock() for hub_id in outbox(app.store) if hub_id not in told}
    return told


def outbox(store: Store) -> set[str]:
    """Return the ids of the repositories of which a notification tells."""
    query = select(AlertRow.subjects).join(NotificationRow, NotificationRow.alert_id == AlertRow.id)
    with store.reading() as tx:
        subjects = tx.scalars(query.where(AlertRow.kind == AlertKind.RELEASE.value))
        return {hub_id for told in subjects for _, hub_id in told}


def plain_loop(accounts: int, one: Publication) -> float:
    """Return after how many seconds a loop that lists account after account, at all of the quota, comes to this one."""
    step = QUOTA.window / QUOTA.requests
    turn = -(-(one.repo.public_from - BEGIN) // step)  # the next request from then on
    turns = (one.account - turn) % accounts
    return (BEGIN + (turn + turns) * step - one.repo.public_from).total_seconds()


def report(accounts: int, news: Sequence[Publication], told: dict[str, datetime], hub: CountingHub) -> None:
    """Print one line of the table."""
    delays = {
        is_late: [
            (told[one.repo.object_id] - one.repo.public_from).total_seconds()
            for one in news
            if one.is_late is is_late and one.repo.object_id in told
        ]
        for is_late in (False, True)
    }
    plain = [plain_loop(accounts, one) for one in news]
    used = windows(hub.asked)
    cells = [f"{accounts:>9}"]
    for times, width in ((delays[False], 11), (delays[True], 11), (plain, 9)):
        cells.append(f"{median(times):{width}.0f}{max(times):{width}.0f}")
    cells.append(
        f"{median(used):11.0f}{max(used) / QUOTA.requests:7.1%}{hub.refused:6}{len(news) - len(told):8}"
    )
    print("".join(cells), flush=True)


def windows(asked: Sequence[datetime]) -> list[int]:
    """Count the requests of each of the hub's windows: one begins with the first request after the last has ended."""
    counts: list[int] = []
    ends = asked[0]
    for at in asked:
        if at >= ends:
            ends = at + QUOTA.window
            counts.append(0)
        counts[-1] += 1
    return counts[:-1] or counts  # the last one was cut off


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        measure(int(sys.argv[2]))
    else:
        main()
