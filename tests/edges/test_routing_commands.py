"""The commands on who is told: routes test, mute, unmute, and what config check and status say of them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitor.cli import cli
from monitor.clock import utc_now
from monitor.config import load
from monitor.errors import ConfigError
from monitor.store import Store, watchlist
from monitor.store.muting import mutes

LABS = """
[alibaba]
name = "Alibaba"
country = "CN"
huggingface = ["Qwen"]
[meta]
huggingface = ["meta"]
"""
SETTINGS = """
[notify]
time_zone = "Europe/Berlin"
changes = "digest"
health = "off"
brief = "friday 17:00"
[[routes]]
match = { organization = ["alibaba"], change = ["licence", "withdrawn"] }
channels = ["C0123456789", "webhook"]
[[routes]]
match = { name = ["*Coder*"] }
channels = ["terminal"]
"""


class Commands:
    """The commands on a store that watches two laboratories, in this process."""

    def __init__(self, folder: Path, store: Store, url: str) -> None:
        self.folder, self.store = folder, store
        self.environ = {
            "MONITOR_CONFIG": str(folder),
            "DATABASE_URL": url,
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_CHANNEL": "C0000000000",
        }
        (folder / "organizations.toml").write_text(LABS)
        self.settings(SETTINGS)
        with store.writing() as tx:
            watchlist.watch(tx, load(folder).organizations, utc_now())

    def settings(self, text: str) -> None:
        (self.folder / "settings.toml").write_text(text)

    def call(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, env=self.environ)

    def read(self, *arguments: str) -> Any:
        done = self.call(*arguments, "--format", "json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture
def here(tmp_path: Path, sqlite_store: Store, sqlite_url: str) -> Commands:
    return Commands(tmp_path, sqlite_store, sqlite_url)


def test_a_route_is_named_with_whom_it_tells_and_when(here: Commands) -> None:
    (row,) = here.read("routes", "test", "alibaba", "change", "--change", "licence")
    assert (row["route"], row["receivers"], row["mode"]) == (1, ["slack:C0123456789"], "digest")
    assert row["due_at"][11:] in ("07:00:00Z", "08:00:00Z")  # nine o'clock in Berlin
    done = here.call("routes", "test", "alibaba", "change", "--change", "licence")
    assert "when (Europe/Berlin)" in done.stdout
    assert "route 1  in the digest of 20" in done.stdout
    assert done.stderr == (
        "route 1: webhook is not set up: set MONITOR_WEBHOOK_URL; until then slack:C0123456789 is told\n"
    )


def test_what_may_differ_is_shown_in_a_row_each(here: Commands) -> None:
    rows = here.read("routes", "test", "alibaba", "change")
    assert {row["change"]: row["route"] for row in rows if row["route"]} == {"withdrawn": 1, "licence": 1}
    assert len(rows) == 7
    (possible,) = here.read("routes", "test", "meta", "cadence", "--level", "watching")
    assert possible["mode"] == "digest"
    sure, possible = here.read("routes", "test", "meta", "cadence")
    assert (sure["level"], sure["mode"], possible["level"], possible["mode"]) == (
        "alert",
        "each",
        "watching",
        "digest",
    )


def test_a_route_by_name_is_tried_with_a_name_and_hinted_at_without(here: Commands) -> None:
    (named,) = here.read("routes", "test", "meta", "release", "--name", "meta/Coder-7B")
    assert (named["route"], named["receivers"]) == (2, ["terminal"])
    done = here.call("routes", "test", "meta", "release")
    assert "5 min after its first repository is seen" in done.stdout
    assert "route 2 asks for a name besides; try --name" in done.stderr


def test_what_is_off_tells_nobody_and_the_brief_has_a_day_of_its_own(here: Commands) -> None:
    assert 'never: [notify] health = "off"' in here.call("routes", "test", "health").stdout
    (brief,) = here.read("routes", "test", "brief")
    assert brief["due_at"][11:] in ("15:00:00Z", "16:00:00Z")
    here.settings('notify.brief = "off"')
    assert 'nobody   no route  never: [notify] brief = "off"' in here.call("routes", "test", "brief").stdout


def test_quiet_hours_are_said(here: Commands) -> None:
    begin, end = utc_now() - timedelta(hours=1), utc_now() + timedelta(hours=2)
    here.settings(f'notify.quiet_hours = "{begin:%H:%M}-{end:%H:%M}"')
    (row, _) = here.read("routes", "test", "meta", "cadence")
    assert row["held_until"] == f"{end:%Y-%m-%dT%H:%M}:00Z"
    assert (
        f"at once; quiet until {end:%Y-%m-%d %H:%M}" in here.call("routes", "test", "meta", "cadence").stdout
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["release"], "name the organisation as well"),
        (["meta", "releases"], "KIND is one of release, cadence, change, health, brief"),
        (["meta", "release", "health"], "write [ORG] KIND"),
        (["meta", "release", "--change", "licence"], "--change is for KIND change"),
        (["meta", "release", "--level", "watching"], "--level watching for cadence"),
    ],
)
def test_wrong_usage_of_routes_is_said(here: Commands, arguments: list[str], problem: str) -> None:
    done = here.call("routes", "test", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert problem in done.stderr


def test_an_organisation_is_muted_for_a_week_unless_said_otherwise(here: Commands) -> None:
    before = utc_now()
    done = here.call("mute", "alibaba")
    (made,) = here.read("mute")
    assert made["organization"] == "alibaba"
    with here.store.reading() as tx:
        (kept,) = mutes(tx, before)
    assert kept.until
    assert timedelta(days=7) <= kept.until - before < timedelta(days=7, minutes=1)
    assert done.stdout == (
        f"Muted Alibaba until {kept.until:%Y-%m-%d %H:%M} UTC: alerts are recorded, nobody is told. "
        "`release-monitor unmute alibaba` ends it.\n"
    )


def test_a_mute_is_shown_wherever_one_looks_and_ends_when_told_to(here: Commands) -> None:
    here.call("mute", "alibaba", "3d")
    here.call("mute", "meta", "--until-change")
    assert [row["until"] is None for row in here.read("mute")] == [False, True]
    assert [row["organization"] for row in here.read("status")["muted"]] == ["alibaba", "meta"]
    assert "muted     meta until its cadence changes" in here.call("status").stdout
    (row,) = here.read("routes", "test", "alibaba", "release")
    assert (row["muted"], row["receivers"], row["due_at"]) == (True, [], None)
    told, possible = here.read("routes", "test", "meta", "cadence")
    assert (told["muted"], possible["muted"]) == (False, True)  # the change is what one waits for
    assert here.call("unmute", "alibaba").stdout == "Alibaba is told of again.\n"
    assert here.call("unmute", "alibaba").stdout == "alibaba was not muted.\n"
    assert [row["organization"] for row in here.read("mute")] == ["meta"]
    here.call("unmute", "meta")
    assert here.call("mute").stdout.startswith("Nobody is muted.")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["alibaba", "7"], 'a unit is missing: write "7s"'),
        (["alibaba", "0s"], "out of bounds"),
        (["alibaba", "999999999d"], "out of bounds"),
        (["alibaba", "next week"], "is no duration"),
        (["alibaba", "1d", "--until-change"], "not both"),
        (["--until-change"], "name the organisation to mute"),
    ],
)
def test_wrong_usage_of_mute_mutes_nobody(here: Commands, arguments: list[str], problem: str) -> None:
    done = here.call("mute", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert problem in done.stderr
    assert here.read("mute") == []


def test_only_who_was_ever_watched_can_be_muted(here: Commands) -> None:
    assert str(here.call("mute", "alibab").exception) == (
        "no organisation 'alibab' was ever watched; did you mean `alibaba`?"
    )
    with (here.folder / "organizations.toml").open("a") as file:
        file.write('[zenith]\nhuggingface = ["zenith"]\n')
    done = here.call("unmute", "zenith")
    assert isinstance(done.exception, ConfigError)
    assert "zenith: is not watched yet; `release-monitor poll zenith`" in str(done.exception)


def test_the_check_of_the_configuration_counts_routes_and_warns_of_those_that_lead_nowhere(
    here: Commands,
) -> None:
    done = here.call("config", "check")
    assert done.stdout.endswith("good: 2 organisations, 2 accounts, 2 routes\n")
    assert "route 1: webhook is not set up" in done.stderr


def test_a_secret_for_webhooks_is_new_each_time_and_accepted(here: Commands) -> None:
    first, second = (here.call("notify", "secret").stdout.strip() for _ in range(2))
    assert first != second
    here.environ |= {"MONITOR_WEBHOOK_URL": "https://a.example/x", "MONITOR_WEBHOOK_SECRET": first}
    assert here.call("config", "check").exit_code == 0
