"""The command that puts the smoke questions: a line each, and how it ends."""

import json
from collections.abc import Mapping

from click.testing import CliRunner, Result

from monitor.cli import cli
from monitor.demo.server import LocalServer
from monitor.smoke import QUESTIONS
from servers import ScriptedServer, json_answer, refused_url
from smoke_hubs import github, openrouter


def smoke(*options: str, **environ: str) -> Result:
    return CliRunner().invoke(cli, ["smoke", *options], env=environ, catch_exceptions=False)


def lines(environ: Mapping[str, str], *options: str) -> list[str]:
    return smoke(*options, **environ).stdout.splitlines()


def test_the_command_says_one_line_a_question_and_ends_well() -> None:
    with LocalServer(github) as hub:
        done = smoke("--hub", "github", GITHUB_API_URL=hub.url)
        rows = json.loads(smoke("--hub", "github", "--format", "json", GITHUB_API_URL=hub.url).stdout)
        table = lines({"GITHUB_API_URL": hub.url}, "--hub", "github", "--format", "csv")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == len(QUESTIONS["github"]) == len(rows) == len(table) - 1
    assert "github: a 304 is charged: yes (remaining 59 → 58, anonymously)" in done.stdout.splitlines()
    assert rows[1] == {
        "hub": "github",
        "question": "a 304 is charged",
        "answer": "yes",
        "evidence": "remaining 59 → 58, anonymously",
    }
    assert table[0] == "hub,question,answer,evidence"


def test_the_command_asks_every_hub_that_is_watched_and_fails_where_one_cannot_be_asked(
    tmp_path: object,
) -> None:
    with open(f"{tmp_path}/organizations.toml", "w") as file:
        file.write('[acme]\nmodelscope = ["acme"]\nopenrouter = ["acme"]\n')
    with LocalServer(openrouter) as hub:
        done = smoke(
            MONITOR_CONFIG=str(tmp_path), OPENROUTER_API_URL=hub.url, MODELSCOPE_ENDPOINT=refused_url()
        )
    said_of = {line.partition(":")[0] for line in done.stdout.splitlines()}
    assert (done.exit_code, said_of) == (1, {"modelscope", "openrouter"})
    assert (
        "modelscope: total_count is stated: could not be asked (modelscope cannot be reached" in done.stdout
    )
    assert "openrouter: output_modalities=all shows more: yes (3 rows, 2 without it)" in done.stdout


def test_an_unknown_hub_is_wrong_usage() -> None:
    assert smoke("--hub", "gitlab").exit_code == 2


def test_a_hostile_answer_reaches_the_terminal_without_its_control_characters() -> None:
    rows = [{"pushed_at": "\x1b[31m2026"}, {"pushed_at": "2025\x07\n"}]
    with ScriptedServer(json_answer(json.dumps(rows), 200, ("Cache-Control", "max-age=\x0860"))) as hub:
        done = smoke("--hub", "github", GITHUB_API_URL=hub.url)
    assert all(line.isprintable() for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) == len(QUESTIONS["github"])
