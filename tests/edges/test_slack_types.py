"""Slack's own types for TypeScript accept every message with every bad name."""

import json
import subprocess
from pathlib import Path

import pytest

from bad_names import BAD_NAMES
from every_message import every_kind
from monitor.core.telling import AlertKind, Message, Notification
from monitor.notify.blocks import blocks
from monitor.notify.slack_actions import actions_of
from node_packages import NoPackagesError, installed

# All that there are below messages, as those about a release have them.
BUTTONS = actions_of(
    Notification(
        "d", "slack:C1", Message("T", "L"), 0, organization="acme", release=7, kind=AlertKind.RELEASE
    )
)
PINNED = Path(__file__).parents[1] / "slack_types"


@pytest.fixture(scope="module")
def compiler(request: pytest.FixtureRequest) -> Path:
    """The folder with @slack/types and the compiler, installed once from the lock file."""
    try:
        return installed(PINNED, request.config.cache.mkdir("slack_types"))
    except NoPackagesError as error:
        pytest.skip(f"Slack's own types are not checked: {error}")


@pytest.mark.thorough
def test_slacks_own_types_accept_every_message(compiler: Path) -> None:
    shown = {
        json.dumps(blocks(message, plainness, actions=BUTTONS))
        for name in BAD_NAMES.values()
        for message in every_kind(name).values()
        for plainness in (0, 2)
    }
    lines = [f"export const m{n}: Message = {message};" for n, message in enumerate(sorted(shown))]
    assert len(lines) > 1_000
    source = compiler / "messages.ts"
    source.write_text("\n".join([(PINNED / "head.ts").read_text(), *lines]), encoding="utf-8")
    checked = run(compiler, "node_modules/.bin/tsc", "--noEmit", "--strict", "--skipLibCheck", source.name)
    assert checked.stdout[:2_000] == ""
    assert checked.returncode == 0


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
