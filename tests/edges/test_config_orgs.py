"""The commands on whom to watch, against stand-ins of every hub."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from github_server import Code, StandInGitHub
from monitor.cli import cli
from monitor.config import load
from monitor.demo.server import Answer, LocalServer, Request
from monitor.errors import ConfigError
from openrouter_server import StandInOpenRouter, model
from servers import Clock, StandInHub, json_answer, refused_url, repo

MAY = datetime(2026, 5, 2, tzinfo=UTC)
ACME = """
[acme]
huggingface = ["acme"]
modelscope = ["Acme"]
github = ["AcmeAI"]
openrouter = ["acme"]
"""
OTHER = """
[other]
huggingface = ["nobody"]
modelscope = ["nobody"]
github = ["acmeai"]
openrouter = ["nobody"]
"""


def modelscope(request: Request) -> Answer:
    """ModelScope with one model of Acme."""
    row = {"id": "Acme/One-7B", "private": False, "created_at": "2026-05-02T00:00:00Z"}
    models = [row] if request.first("owner") == "Acme" else []
    data = {"models": models, "total_count": len(models), "page_number": 1, "page_size": 50}
    return json_answer(json.dumps({"success": True, "data": data}))


@pytest.fixture
def environ(tmp_path: Path, sqlite_url: str) -> Iterator[dict[str, str]]:
    """Every hub with an account of Acme, and a configuration."""
    (tmp_path / "organizations.toml").write_text(ACME)
    clock = Clock()
    with (
        StandInHub(clock, [repo("acme/One-7B", MAY)]) as huggingface,
        LocalServer(modelscope) as scope,
        StandInGitHub(clock, [Code(1, "AcmeAI/One")]) as github,
        StandInOpenRouter([model("acme/one-7b")]) as router,
    ):
        yield {
            "MONITOR_CONFIG": str(tmp_path),
            "DATABASE_URL": sqlite_url,
            "HF_ENDPOINT": huggingface.url,
            "MODELSCOPE_ENDPOINT": scope.url,
            "GITHUB_API_URL": github.url,
            "OPENROUTER_API_URL": router.url,
        }


def orgs(environ: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["orgs", *arguments], env=environ)


def check(environ: dict[str, str], *arguments: str) -> dict[str, tuple[str, str | None]]:
    """What `orgs check` finds, by account: found, problem."""
    rows = json.loads(orgs(environ, "check", "--format", "json", *arguments).stdout)
    return {f"{row['hub']}:{row['account']}": (row["found"], row["problem"]) for row in rows}


def test_every_hub_is_asked_whether_it_knows_the_account(environ: dict[str, str]) -> None:
    assert orgs(environ, "check").exit_code == 0
    assert check(environ) == dict.fromkeys(
        ["huggingface:acme", "modelscope:Acme", "github:AcmeAI", "openrouter:acme"], ("yes", None)
    )


def test_an_account_that_a_hub_does_not_know_is_named_with_what_may_be_wrong(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "organizations.toml").write_text(OTHER)
    assert orgs(environ, "check").exit_code == 1
    assert check(environ) == {
        "huggingface:nobody": ("no", "the hub knows no such account; names are case-sensitive"),
        "modelscope:nobody": ("no", "the hub shows no model of such an account; names are case-sensitive"),
        "github:acmeai": ("no", "the hub spells it AcmeAI"),
        "openrouter:nobody": ("no", "the hub shows no model of such an account; names are case-sensitive"),
    }


def test_a_hub_that_cannot_be_reached_leaves_the_others_to_be_asked(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "organizations.toml").write_text(ACME + '[b]\nmodelscope = ["b", "c"]\n')
    environ["MODELSCOPE_ENDPOINT"] = refused_url()
    done = orgs(environ, "check")
    assert (done.exit_code, done.stdout.count("modelscope cannot be reached")) == (1, 3)
    assert [found for found, _ in check(environ, "acme").values()] == ["yes", "unknown", "yes", "yes"]


def test_a_hub_that_refuses_is_not_asked_about_every_account(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "organizations.toml").write_text('[b]\nhuggingface = ["b"]\ngithub = ["b", "c", "d"]\n')
    with StandInGitHub(Clock(), faults=[json_answer("{}", 429, ("Retry-After", "60"))]) as github:
        found = check(environ | {"GITHUB_API_URL": github.url})
    assert [found[f"github:{name}"][0] for name in "bcd"] == ["unknown"] * 3
    assert len(github.requests) == 1


def test_an_organisation_is_added_with_accounts_on_any_hub(environ: dict[str, str], tmp_path: Path) -> None:
    options = (
        "--huggingface",
        "b",
        "--modelscope",
        "B",
        "--modelscope",
        "B2",
        "--github",
        "b",
        "--openrouter",
        "b",
    )
    done = orgs(environ, "add", "bee", "--name", "Bee", *options)
    assert done.exit_code == 0
    assert done.stdout == (
        "watching Bee: huggingface:b, modelscope:B, modelscope:B2, github:b, openrouter:b\n"
    )
    assert orgs(environ, "add", "acme", "github:acme-two").exit_code == 0
    config = load(tmp_path)
    assert [str(account) for account in config.accounts if account.organization == "acme"] == [
        *("huggingface:acme", "modelscope:Acme", "github:AcmeAI", "github:acme-two", "openrouter:acme")
    ]


def test_an_organisation_cannot_be_added_with_hubs_alone_that_make_no_release(
    environ: dict[str, str],
) -> None:
    done = orgs(environ, "add", "bee", "--github", "bee")
    assert isinstance(done.exception, ConfigError)
    assert "add a huggingface or modelscope account" in str(done.exception)
    assert orgs(environ, "add", "bee").exit_code == 2


def test_updates_name_the_accounts_of_every_hub(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "organizations.toml").write_text('[my-deepseek]\nhuggingface = ["deepseek-ai"]\n')
    rows = json.loads(orgs(environ, "updates", "--format", "json").stdout)
    (deepseek,) = [row for row in rows if row["key"] == "deepseek"]
    assert deepseek["accounts"] == ["modelscope:deepseek-ai", "github:deepseek-ai", "openrouter:deepseek"]
    assert len(rows) == 31
