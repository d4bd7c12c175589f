"""What a log line holds: the event and its values, and of an error the trace without local variables."""

import os
import subprocess
import sys

PROGRAM = """
import os
import structlog
from monitor.logs import set_up_logs

set_up_logs(verbose=False)

def call(headers):
    raise ZeroDivisionError("a bug")

try:
    call({"Authorization": os.environ["SECRET"]})
except ZeroDivisionError:
    structlog.get_logger("monitor.test").exception("crashed", account="acme")
"""


def test_a_crash_is_logged_with_its_trace_and_without_what_the_variables_held() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "SECRET": "Bearer hf_s3cret"},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert "crashed" in done.stderr
    assert "ZeroDivisionError: a bug" in done.stderr
    assert "account=acme" in done.stderr
    assert "s3cret" not in done.stderr
