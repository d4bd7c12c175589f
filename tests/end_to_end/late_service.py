"""Run the service as `release-monitor run` does, on a clock that runs ahead and without pacing.

So a service that is started after a kill need not wait a minute for the leases of the one before. The argument says
how many seconds ahead.
"""

import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.app import open_app
from monitor.clock import utc_now
from monitor.config import load, read_environment
from monitor.logs import set_up_logs
from monitor.worker import run


def main() -> None:
    ahead = timedelta(seconds=float(sys.argv[1]))
    set_up_logs(verbose=False)
    app = replace(open_app(read_environment(os.environ), say), clock=lambda: utc_now() + ahead)
    run(app, load(Path(os.environ["MONITOR_CONFIG"])), pace=timedelta(0))
    app.store.close()


def say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - as the command does


if __name__ == "__main__":
    main()
