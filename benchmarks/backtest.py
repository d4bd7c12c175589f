"""What `backtest` costs: per organisation and day, and in memory on a file that is larger than what it may hold.

Run: python -m benchmarks.backtest
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from random import Random

from monitor.backtest import read_events
from monitor.core.cadence.backtest import replay
from monitor.core.types import Budgets

ORGANIZATIONS, DAYS = 100, 3 * 365
PER_MONTH = (0.5, 1, 2, 4, 8)
BAR, GOAL = 0.35, 0.2  # ms per organisation and day

ROWS = 2_000_000
MEGABYTES_BAR = 100  # what the process may take in all while it reads them

FIRST = date(2022, 1, 1)


def rows(organizations: int, days: int, seed: int) -> Iterable[tuple[str, date]]:
    """Releases at constant rates, in no order."""
    chance = Random(seed)
    found = [
        (f"lab-{n}", FIRST + timedelta(day))
        for n in range(organizations)
        for day in range(days)
        if chance.random() < PER_MONTH[n % len(PER_MONTH)] * 12 / 365.25
    ]
    chance.shuffle(found)
    return found


def write(path: Path, events: Iterable[tuple[str, date]], note: str = "") -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("organization,note,released_at\n")
        file.writelines(f"{key},{note},{day}T09:30:00Z\n" for key, day in events)


def cost(folder: Path) -> None:
    """Print the milliseconds per organisation and day, reading the file included, by the library and by the command."""
    path = folder / "events.csv"
    write(path, rows(ORGANIZATIONS, DAYS, seed=1))
    began = time.perf_counter()
    events = read_events(path, date.max).days
    crossings = sum(len(lived.rows) for lived in replay(events, None, Budgets()))
    library = time.perf_counter() - began
    ticks = sum(DAYS - (min(days) - FIRST).days for days in events.values())
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "monitor", "backtest", path], check=True, capture_output=True)
    command = time.perf_counter() - began
    print(f"{ORGANIZATIONS} organisations, {DAYS} days, {crossings} crossings; bar {BAR}, goal {GOAL} ms")
    for name, seconds in (("read and replay", library), ("the whole command", command)):
        each = seconds / ticks * 1000
        print(f"  {name:18} {each:6.3f} ms per organisation and day  {'met' if each <= BAR else 'MISSED'}")


def memory(folder: Path) -> None:
    """Print what a process takes at most while it reads a large file."""
    path = folder / "large.csv"
    chance = Random(2)
    labs = [f"lab-{n}" for n in range(ORGANIZATIONS)]
    days = [FIRST + timedelta(n) for n in range(DAYS)]
    write(path, ((chance.choice(labs), chance.choice(days)) for _ in range(ROWS)), note="x" * 100)
    program = (
        "from datetime import date; from pathlib import Path; from monitor.backtest import read_events; "
        f"read_events(Path({str(path)!r}), date.max)"
    )
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    seconds = time.perf_counter() - began
    # The larger of this and of the commands above, which held less.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    size = path.stat().st_size / 1e6
    verdict = "met" if peak <= MEGABYTES_BAR else "MISSED"
    print(f"{ROWS:,} rows, {size:.0f} MB: read in {seconds:.1f} s")
    print(f"  {peak:.0f} MB of memory at most; the bar is {MEGABYTES_BAR}  {verdict}")


def main() -> None:
    """Print both."""
    with tempfile.TemporaryDirectory() as folder:
        cost(Path(folder))
        memory(Path(folder))


if __name__ == "__main__":
    main()
