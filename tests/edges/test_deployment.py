"""What the monitor is deployed with: the container, the compose file, the systemd unit; and PostgreSQL for tests."""

import re
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from monitor.config import read_environment

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "docs" / "systemd" / "release-monitor.service"
COMPOSE = (ROOT / "docker-compose.yml").read_text()


def everything_switched_on(text: str) -> str:
    """The compose file without the `#` before the lines that are marked as optional."""
    return re.sub(r"^(\s*)# (.*\((?:Slack|Hub|Web)\))$", r"\1\2", text, flags=re.MULTILINE)


@pytest.fixture(
    params=[COMPOSE, everything_switched_on(COMPOSE)], ids=["as shipped", "everything switched on"]
)
def compose(request: pytest.FixtureRequest) -> Any:
    return yaml.safe_load(request.param)


def test_the_optional_lines_of_the_compose_file_are_found() -> None:
    monitor = yaml.safe_load(everything_switched_on(COMPOSE))["services"]["monitor"]
    assert {"SLACK_BOT_TOKEN_FILE", "SLACK_CHANNEL", "HF_TOKEN_FILE"} <= monitor["environment"].keys()
    assert monitor["secrets"] == ["database_url", "slack_bot_token", "hf_token", "web_read_token"]


def test_every_secret_and_volume_of_the_compose_file_is_declared_and_used(compose: Any) -> None:
    services = compose["services"].values()
    used = {secret for service in services for secret in service.get("secrets", ())}
    assert used == compose["secrets"].keys()
    volumes = {volume.partition(":")[0] for service in services for volume in service["volumes"]}
    assert {volume for volume in volumes if not volume.startswith(".")} == compose["volumes"].keys()
    assert all((ROOT / volume).is_dir() for volume in volumes if volume.startswith("."))


def test_every_secret_file_that_a_service_names_is_one_that_it_is_given(compose: Any) -> None:
    for service in compose["services"].values():
        named = [path for name, path in service["environment"].items() if name.endswith("_FILE")]
        assert named == [f"/run/secrets/{secret}" for secret in service["secrets"]]


def test_the_monitor_waits_for_a_healthy_database_and_both_start_again(compose: Any) -> None:
    services = compose["services"]
    assert services["monitor"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert "pg_isready" in services["postgres"]["healthcheck"]["test"]
    assert {service["restart"] for service in services.values()} == {"unless-stopped"}


def test_the_monitor_accepts_what_the_compose_file_sets(compose: Any, tmp_path: Path) -> None:
    secrets = {
        "database_url": "postgresql://monitor:p@postgres/monitor",
        "slack_bot_token": "xoxb-1",
        "hf_token": "hf_1",
        "web_read_token": "0123456789abcdef",
    }
    environ = {}
    for name, value in compose["services"]["monitor"]["environment"].items():
        if value.startswith("/run/secrets/"):
            secret = tmp_path / Path(value).name
            secret.write_text(secrets[secret.name])
            environ[name] = str(secret)
        else:
            environ[name] = "C0123456789" if name == "SLACK_CHANNEL" else ""
    environment = read_environment(environ)
    assert environment.database_url == "postgresql+psycopg://monitor:p@postgres/monitor"
    assert (environment.slack_channel is None) == ("SLACK_CHANNEL" not in environ)


def instructions(keyword: str) -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [
        line.removeprefix(keyword).strip() for line in text.splitlines() if line.startswith(f"{keyword} ")
    ]


def test_the_image_is_built_from_files_that_are_there_and_reach_the_build() -> None:
    sources = [word for line in instructions("COPY") if "--from" not in line for word in line.split()[:-1]]
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for source in sources:
        assert (ROOT / source).exists() or source == "README.md", source
        assert source.rstrip("/") in allowed
    force_include = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    assert {f"{folder}/" for folder in force_include["force-include"]} <= set(sources)


def test_secrets_and_databases_do_not_reach_the_build() -> None:
    rules = [
        line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] not in "#!"
    ]
    assert rules[0] == "*"
    assert any(fnmatch("monitor/monitor.db", rule) for rule in rules[1:])


def test_every_package_of_the_image_is_pinned_with_its_hash_and_fits_what_we_depend_on() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))
    for dependency in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]:
        wanted = Requirement(dependency)
        assert pinned.get(canonicalize_name(wanted.name), "0") in wanted.specifier, "run: make lock"
    assert len(re.findall(r"(?:==.*\\\n)    --hash=sha256:", lock)) == len(pinned)
    assert "://" not in lock  # whichever registry a person uses
    install, own = [line for line in instructions("RUN") if "pip install" in line]
    assert install.endswith("--require-hashes -r requirements.lock")
    assert own.endswith("--no-deps .")


def test_the_image_runs_as_nobody_special_and_knows_its_own_health() -> None:
    assert instructions("USER") == ["10001"]
    assert instructions("ENTRYPOINT") == ['["release-monitor"]']
    assert instructions("CMD") == ['["run"]']
    assert instructions("HEALTHCHECK")[0].endswith('CMD ["release-monitor", "db", "check"]')


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze here")
    # The program is not installed where the unit expects it: any that exists will do for the check.
    unit = re.sub(
        r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", UNIT.read_text(), flags=re.MULTILINE
    )
    (tmp_path / UNIT.name).write_text(re.sub(r"^#(?=\w+=)", "", unit, flags=re.MULTILINE))
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / UNIT.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT.name in line]) == (0, [])


def test_the_unit_waits_for_a_person_when_the_configuration_is_wrong() -> None:
    lines = UNIT.read_text().splitlines()
    assert {"Restart=always", "RestartPreventExitStatus=2", "DynamicUser=yes", "NoNewPrivileges=yes"} <= set(
        lines
    )


def test_a_test_gets_a_postgresql_database_of_its_own(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE mine (id int)")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("mine",)]


def test_the_next_test_does_not_see_what_the_one_before_left(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)
