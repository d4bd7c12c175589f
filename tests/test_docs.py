"""The documentation says what the program does: every command, option, setting, variable and field."""

import os
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from docs.make_commands import PAGE, commands, page
from monitor.cli import cli
from monitor.config import environment
from monitor.config.schema import OrganizationWithAccounts, RouteTable, SettingsTable

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = README + PAGE.read_text(encoding="utf-8")
JSON = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
COMMANDS = list(commands(cli, click.Context(cli, info_name="release-monitor")))

FIRST = "    python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/release-monitor demo\n"
SECOND = "    python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest\n"


def test_the_page_of_commands_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m docs.make_commands"


def test_every_command_and_option_is_documented() -> None:
    missing = [context.command_path for _, context in COMMANDS if f"## {context.command_path}" not in DOCS]
    options = {name for command, _ in COMMANDS for option in command.params for name in option.opts}
    missing += [name for name in options if name.startswith("-") and name not in DOCS]
    assert missing == []
    assert len(COMMANDS) > 20


def test_the_readme_names_every_command_of_the_first_level() -> None:
    table = README.partition("## Commands")[2].partition("## ")[0]
    assert [name for name in cli.list_commands(click.Context(cli)) if f"`{name}" not in table] == []


def test_every_setting_and_key_of_an_organisation_is_documented() -> None:
    tables = {f"[{name}]": type(field.default) for name, field in SettingsTable.model_fields.items()}
    del tables["[routes]"]
    tables["[[routes]]"] = RouteTable
    for table, shape in tables.items():
        for key in shape.model_fields:
            assert re.search(rf"^\| `{re.escape(table)}` .*`{key}`", README, re.MULTILINE), f"{table} {key}"
    for key in OrganizationWithAccounts.model_fields:
        assert re.search(rf"^    {key} = ", README, re.MULTILINE), key


def test_every_variable_is_documented_and_secrets_are_marked() -> None:
    source = Path(environment.__file__).read_text(encoding="utf-8")
    taken = set(re.findall(r'reader\.take\(\s*"(\w+)"', source)) | {"MONITOR_CONFIG"}
    secrets = set(environment._SECRETS)
    table = README.partition("**Environment.**")[2].partition("## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert taken == set(re.findall(r"`([A-Z_]+)`", " ".join(rows)))
    assert secrets == set(re.findall(r"`([A-Z_]+)` ●", README))


@pytest.mark.parametrize(
    "command",
    ["log", "log --rows repos", "changes", "cadence", "cadence --history", "counts", "alerts", "status"],
)
def test_every_column_is_documented(command: str, tmp_path: Path) -> None:
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/m.db", "MONITOR_CONFIG": str(tmp_path / "config")}
    shown = CliRunner().invoke(
        cli, [*command.split(), "--format", "csv"], env=environ, catch_exceptions=False
    )
    row = next(line for line in JSON.splitlines() if line.startswith(f"| `{command}`"))
    columns = shown.stdout.splitlines()[0].split(",")
    assert [column for column in columns if f"`{column}`" not in row] == []
    assert len(columns) > 5


def test_the_first_command_installs_and_plays_and_the_next_runs() -> None:
    assert FIRST in README
    after = README.partition(FIRST)[2]
    assert re.findall(r"^    (.+)$", after, re.MULTILINE)[0] == ".venv/bin/release-monitor run"


def test_the_second_command_is_what_the_continuous_integration_runs_first() -> None:
    assert SECOND in README
    ran = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if "venv" in line]
    assert ran == [f"{SECOND.strip()} || exit 1"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_every_link_to_a_file_of_ours_leads_somewhere() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert "://" in target or (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_readme_stays_short() -> None:
    assert len(README.splitlines()) <= 250
