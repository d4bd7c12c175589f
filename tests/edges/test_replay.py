"""Trying other settings before they are saved: `replay` on what was recorded, `orgs add` on what the hub shows."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import cli
from monitor.clock import utc_now
from monitor.config import load
from monitor.store import Store
from servers import Clock, StandInHub, refused_url, repo
from world import World, organization

DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return utc_now().astimezone(UTC)


@pytest.fixture
def hub(now: datetime) -> Iterator[StandInHub]:
    """Acme released something every ten days, with a second repository five days later, and stopped 60 days ago."""
    with StandInHub(Clock(now)) as hub:
        firsts = [now - (60 + 10 * n) * DAY for n in range(40)]
        hub.repos = tuple(
            repo(f"acme/V{n}.0-7B{suffix}", at + late * DAY)
            for n, at in enumerate(firsts)
            for suffix, late in (("", 0), ("-GGUF", 5))
        )
        yield hub


@pytest.fixture
def environ(tmp_path: Path, sqlite_store: Store, hub: StandInHub, now: datetime) -> dict[str, str]:
    (tmp_path / "organizations.toml").write_text("")
    World(sqlite_store, Clock(now), hub, organization("acme"), organization("zeta")).poll()
    return {
        "DATABASE_URL": sqlite_store.engine.url.render_as_string(),
        "HF_ENDPOINT": hub.url,
        "MONITOR_CONFIG": str(tmp_path),
    }


def run(environ: dict[str, str], *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(cli, arguments, env=environ)
    assert done.exit_code == code, done.output
    return done


def rows(environ: dict[str, str], *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(environ, "replay", *arguments, "--format", "json").stdout)
    return found


def test_replay_shows_what_the_present_settings_would_have_raised(environ: dict[str, str]) -> None:
    found = rows(environ)
    assert {(each["organization"], each["direction"], each["against"]) for each in found} == {
        ("acme", "silent", "same")
    }
    assert rows(environ, "zeta") == []
    assert "with the settings now" not in run(environ, "replay").stdout


def test_a_larger_budget_tells_the_same_sooner(environ: dict[str, str]) -> None:
    larger = rows(environ, "acme", "--alert", "0.2", "--watch", "0.5")
    (alert,) = [each for each in larger if each["level"] == "alert"]
    assert (alert["against"], alert["days"] > 0) == ("sooner", True)
    shown = run(environ, "replay", "--alert", "0.2", "--watch", "0.5").stdout
    assert "expected false alerts a month" in shown
    assert "1 alert and 1 possible change; with the settings now 1 alert and 1 possible change" in shown


def test_every_repository_a_launch_shows_what_the_grouping_spares(environ: dict[str, str]) -> None:
    each_repo = rows(environ, "acme", "--each-repo")
    assert [each["against"] for each in each_repo if each["level"] == "alert"] == ["sooner"]


def test_a_day_in_the_past_ends_the_replay_there(environ: dict[str, str], now: datetime) -> None:
    assert rows(environ, "--until", f"{now - 60 * DAY:%Y-%m-%d}") == []


@pytest.mark.parametrize(
    "wrong",
    [["--alert", "0.5"], ["--alert", "1.5"], ["--alert", "nan"], ["--watch", "0"], ["--until", "soon"]],
)
def test_wrong_options_are_exit_code_2(environ: dict[str, str], wrong: list[str]) -> None:
    run(environ, "replay", *wrong, code=2)


def test_adding_an_organisation_shows_what_it_would_give_before_it_is_saved(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ |= {"MONITOR_CONFIG": str(tmp_path)}
    (tmp_path / "organizations.toml").write_text("")
    done = run(environ, "orgs", "add", "bee", "--huggingface", "acme", "--yes")
    assert done.stdout == "watching bee: huggingface:acme\n"
    assert "preview: 80 repositories, 40 releases since " in done.stderr
    assert "now silent: no open-weight release seen on Hugging Face for 60 days" in done.stderr
    assert "in the last 2 years it would have raised 1 alert and 1 possible change" in done.stderr
    assert [str(account) for account in load(tmp_path).accounts] == ["huggingface:acme"]


def test_only_the_account_that_is_added_is_shown_beforehand(environ: dict[str, str], tmp_path: Path) -> None:
    """A name alone is an account of the first hub; one of the same name elsewhere is watched already."""
    environ |= {"MONITOR_CONFIG": str(tmp_path), "MODELSCOPE_ENDPOINT": refused_url()}
    (tmp_path / "organizations.toml").write_text('[bee]\nmodelscope = ["acme"]\n')
    done = run(environ, "orgs", "add", "bee", "acme", "--yes")
    assert done.stdout == "watching bee: huggingface:acme, modelscope:acme\n"
    assert "preview: 80 repositories" in done.stderr
    assert "no preview of modelscope:acme" not in done.stderr


def test_a_hub_that_cannot_be_asked_keeps_nobody_from_being_added(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ |= {"MONITOR_CONFIG": str(tmp_path), "HF_ENDPOINT": refused_url()}
    (tmp_path / "organizations.toml").write_text("")
    done = run(environ, "orgs", "add", "bee", "--huggingface", "acme")
    assert "no preview of huggingface:acme: huggingface cannot be reached" in done.stderr
    assert len(load(tmp_path).accounts) == 1


def test_a_database_that_cannot_be_opened_keeps_nobody_from_being_added(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ |= {"MONITOR_CONFIG": str(tmp_path), "DATABASE_URL": "mysql://nowhere/x"}
    (tmp_path / "organizations.toml").write_text("")
    done = run(environ, "orgs", "add", "bee", "--huggingface", "acme")
    assert "no preview: DATABASE_URL" in done.stderr
    assert len(load(tmp_path).accounts) == 1


def test_whoever_sits_at_a_terminal_is_asked_and_may_say_no(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "organizations.toml").write_text("")
    ours, theirs = pty.openpty()
    os.write(ours, b"n\n")
    command = [sys.executable, "-m", "monitor", "orgs", "add", "bee", "--huggingface", "acme"]
    done = subprocess.run(
        command, stdin=theirs, capture_output=True, text=True, env={**os.environ, **environ}, check=False
    )
    os.close(ours)
    os.close(theirs)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Watch it? [Y/n]" in done.stderr
    assert "nothing was saved" in done.stderr
    assert (tmp_path / "organizations.toml").read_text() == ""


@pytest.mark.parametrize(
    ("answer", "saved"), [("n\n", 0), ("NO", 0), ("acme-two\n", 0), ("y\n", 1), ("\n", 1), ("", 1)]
)
def test_an_answer_that_is_piped_in_is_heeded(
    answer: str, saved: int, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "organizations.toml").write_text("")
    done = CliRunner().invoke(cli, ["orgs", "add", "bee", "acme"], env=environ, input=answer)
    assert done.exit_code == 1 - saved
    assert ("nothing was saved" in done.stderr) == (not saved)
    assert ("“acme-two” is neither yes nor no" in done.stderr) == (answer == "acme-two\n")
    assert len(load(tmp_path).accounts) == saved


def test_a_pipe_that_stays_open_and_silent_holds_nothing_up(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "organizations.toml").write_text("")
    silent, ours = os.pipe()
    command = [sys.executable, "-m", "monitor", "orgs", "add", "bee", "--huggingface", "acme"]
    done = subprocess.run(
        command, stdin=silent, capture_output=True, env={**os.environ, **environ}, timeout=20, check=False
    )
    os.close(ours)
    os.close(silent)
    assert (done.returncode, len(load(tmp_path).accounts)) == (0, 1)


def test_where_the_input_was_closed_nobody_is_asked(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "organizations.toml").write_text("")
    command = f'"{sys.executable}" -m monitor orgs add bee --huggingface acme <&-'
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, env={**os.environ, **environ}, check=False
    )
    assert (done.returncode, done.stdout) == (0, "watching bee: huggingface:acme\n")
    assert len(load(tmp_path).accounts) == 1
