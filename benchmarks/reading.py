"""How long a reading command takes on 1,000 releases, against importing SQLAlchemy alone.

Run: python -m benchmarks.reading
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.fixtures import filled_database

RELEASES = 1_000
ROUNDS = 7


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Return how long a command takes, in wall-clock seconds."""
    began = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Print the ratio of each reading command, measured in turns so that noise meets all alike."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        filled_database(url, releases=RELEASES, now=datetime(2026, 6, 1, tzinfo=UTC))
        environment = {**os.environ, "DATABASE_URL": url, "MONITOR_CONFIG": f"{folder}/config"}
        monitor = [sys.executable, "-m", "monitor"]
        commands = {
            "import sqlalchemy": [sys.executable, "-c", "import sqlalchemy"],
            "log --limit 50": [*monitor, "log", "--limit", "50"],
            "log --format json": [*monitor, "log", "--format", "json"],
            "cadence": [*monitor, "cadence"],
            "counts": [*monitor, "counts"],
            "changes": [*monitor, "changes"],
            "alerts": [*monitor, "alerts"],
            "status": [*monitor, "status"],
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                taken[name].append(seconds(command, environment))
    base = median(taken["import sqlalchemy"])
    print(f"{RELEASES} releases, median of {ROUNDS} runs; the bar is 3.0 times importing SQLAlchemy")
    for name, times in taken.items():
        print(f"  {name:20} {median(times) * 1000:6.0f} ms  {median(times) / base:4.1f} x")


if __name__ == "__main__":
    main()
