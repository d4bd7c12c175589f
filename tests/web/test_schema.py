"""Schemathesis asks the JSON interface whatever its description allows, and forbids: no fault, nothing undocumented.

SCHEMATHESIS_EXAMPLES=100 asks more of each address.
"""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from served import READ_TOKEN, Served, served_site

from monitor.config import WebSettings
from servers import Clock

FEW = "3"
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", FEW)

# A cursor is no other text of the same letters, which a description cannot say: 400 says it.
SETTINGS = """\
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "404"]
"""


class Unhurried(Clock):
    """A clock on which ten seconds pass whenever it is read: nobody who guesses tokens is slowed down."""

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=10)
        return self.now


def asked(address: str, folder: Path, phases: str, *options: str) -> str:
    """What schemathesis reports of a site; fail where it found anything."""
    settings = folder / "schemathesis.toml"
    settings.write_text(SETTINGS)
    phases = phases if EXAMPLES == FEW else "examples,coverage,fuzzing,stateful"
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"]
    limits = ["--max-examples", EXAMPLES, "--phases", phases, "--seed", "6", "--no-color", "--no-shrink"]
    done = subprocess.run(
        [*command, f"{address}/openapi.json", *limits, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout


def operations(described: httpx.Response) -> int:
    return sum(len(methods) for methods in described.json()["paths"].values())


@pytest.mark.parametrize(
    ("kind", "phases"),
    [
        pytest.param("empty", "examples,fuzzing", marks=pytest.mark.thorough),
        ("filled", "examples,coverage,fuzzing"),
    ],
)
def test_an_open_site_answers_as_it_is_described(
    request: pytest.FixtureRequest, kind: str, phases: str, tmp_path: Path
) -> None:
    served: Served = request.getfixturevalue(kind)
    report = asked(served.url, tmp_path, phases)
    assert f"Tested: {operations(served.get('/openapi.json'))}" in report


def test_a_closed_site_answers_as_it_is_described_to_whoever_has_the_token(
    filled: Served, clock: Clock, config: Path, tmp_path: Path
) -> None:
    environ = {"MONITOR_WEB_READ_TOKEN": READ_TOKEN}
    unhurried = Unhurried(clock.now)
    with served_site(filled.site.store, unhurried, config, WebSettings(), **environ) as closed:
        report = asked(
            closed.url, tmp_path, "examples,fuzzing", "--header", f"Authorization: Bearer {READ_TOKEN}"
        )
    assert "Tested: 11" in report


def test_without_the_token_every_address_answers_as_it_is_described_that_it_is_needed(
    filled: Served, clock: Clock, config: Path
) -> None:
    environ = {"MONITOR_WEB_READ_TOKEN": READ_TOKEN}
    described = filled.get("/openapi.json").json()["paths"]
    with served_site(filled.site.store, clock, config, WebSettings(), **environ) as closed:
        answers = [closed.get(path) for path in described]
        wrong = []
        for path in described:
            clock.now += timedelta(seconds=10)  # fewer wrong tokens than make an address wait
            wrong.append(closed.get(path, headers={"authorization": "Bearer wrong"}))
    assert {answer.status_code for answer in (*answers, *wrong)} == {401}
    assert all(answer.json().keys() == {"detail"} for answer in answers)
    assert all(path.startswith("/api/") for path in described)
