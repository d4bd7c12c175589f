"""The demo as a newcomer starts it: a process in an empty folder, without network, account or configuration."""

import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from monitor.core.telling import Link, Message, Notification
from monitor.demo.screen import Screen
from monitor.errors import NotifyError

ROOT = Path(__file__).parents[2]

# Whatever the newcomer has set, the demo needs none of it and minds none of it.
HOSTILE = {
    "DATABASE_URL": "nonsense",
    "HF_ENDPOINT": "http://127.0.0.1:9",
    "HF_HUB_OFFLINE": "1",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "MONITOR_CONFIG": "/nowhere",
}


def demo(folder: Path, *options: str, stdout: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
    """Start the demo; whatever it writes anywhere would be found under `folder`."""
    for name in ("home", "tmp", "here"):
        (folder / name).mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        **HOSTILE,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "monitor", "demo", *options],
        cwd=folder / "here",
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_releases_and_a_cadence_alert_appear_and_a_signal_ends_it_cleanly(tmp_path: Path) -> None:
    titles: list[str] = []
    with demo(tmp_path, "--days-a-second", "30") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if line.startswith(("──", "══")):
                titles.append(line.strip())
            if "fallen silent" in line:
                break
        process.terminate()
        rest, said = process.stdout.read(), process.stderr.read()
    assert process.returncode == 0, said
    assert titles[0] == "══════ 2025-06-01 ══════ The release monitor is watching"
    assert any(
        re.fullmatch(r"── 2025-\d\d-\d\d ── Tencent released SongGeneration", title) for title in titles
    )
    assert re.fullmatch(
        r"══════ 2025-0[78]-\d\d ══════ 01\.AI may have fallen silent: no release for \d+ days", titles[-1]
    )
    assert len(set(titles)) == len(titles)
    assert "the last on 2024-08-15" in rest
    assert "8 laboratories" in said
    assert "release-monitor run" in said
    assert "Traceback" not in said
    assert files(tmp_path) == []


def test_it_ends_after_the_seconds_that_were_asked_for_and_shows_each_cadence(tmp_path: Path) -> None:
    with demo(tmp_path, "--seconds", "3") as process:
        shown, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "122 releases that were there before" in shown
    assert [line.split()[0] for line in said.splitlines() if line.startswith("  ")] == [
        *("01-ai", "alibaba", "deepseek", "mistral", "moonshot", "openai", "tencent", "zhipu")
    ]
    assert "Weekly brief: " in said
    assert files(tmp_path) == []


def test_it_stops_when_nobody_reads_any_more(tmp_path: Path) -> None:
    with demo(tmp_path, "--days-a-second", "30") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == 1
    assert files(tmp_path) == []


def notification(message: Message) -> Notification:
    return Notification("1", "terminal", message, attempts=1)


LAUNCH = Message(
    "Acme released One",
    "1 repository on Hugging Face.",
    facts=(("Kind", "language"),),
    links=(Link("acme/One"),),
    url="http://127.0.0.1:1/acme/One",
)


def screen(stream: io.StringIO) -> Screen:
    return Screen(stream, lambda: datetime(2025, 8, 5, 12, tzinfo=UTC))


def test_a_launch_takes_two_lines_and_names_the_day() -> None:
    stream = io.StringIO()
    screen(stream).send(notification(LAUNCH))
    assert stream.getvalue() == (
        "── 2025-08-05 ── Acme released One\n1 repository on Hugging Face. Kind: language\n\n"
    )


def test_a_message_that_explains_itself_is_shown_whole_and_given_time() -> None:
    stream = io.StringIO()
    shown = screen(stream)
    shown.send(notification(Message("Acme has sped up", "Evidence.", links=(Link("One"),), note="How sure.")))
    assert "- One\nHow sure.\n" in stream.getvalue()
    assert shown.pause > 0


def test_a_closed_stream_is_noticed() -> None:
    stream = io.StringIO()
    shown = screen(stream)
    stream.close()
    with pytest.raises(NotifyError):
        shown.send(notification(LAUNCH))
    assert shown.is_closed
