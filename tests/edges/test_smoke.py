"""The smoke questions: what hubs of known behaviour are found to do, and hubs that cannot be asked."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from monitor.cli import cli
from monitor.config import HUBS
from monitor.demo.server import Answer, LocalServer, Request
from monitor.errors import HubError, Trouble
from monitor.hubs.probing import Access, Prober
from monitor.smoke import QUESTIONS, ask
from servers import Clock, ScriptedServer, StandInHub, html_answer, json_answer, refused_url, repo

MAY = datetime(2026, 5, 2, tzinfo=UTC)
DAY = timedelta(days=1)
Said = dict[str, tuple[str | None, str]]


def said(hub: str, url: str, token: str | None = None) -> Said:
    """What is found of a hub: answer and evidence by question."""
    with Prober(Access(hub, url, token), Clock(), timedelta(seconds=5), gap=timedelta(0)) as prober:
        found = [*ask(prober, QUESTIONS[hub])]
    assert {finding.hub for finding in found} == {hub}
    return {finding.question: (finding.answer, finding.evidence) for finding in found}


def tagged(request: Request, value: object, *headers: tuple[str, str]) -> Answer:
    """A JSON answer with an entity tag, spared where the client has it."""
    tag = f'W/"{len(json.dumps(value))}"'
    if request.headers.get("if-none-match") == tag:
        return Answer(304, (("ETag", tag), *headers))
    return json_answer(json.dumps(value), 200, ("ETag", tag), *headers)


# Hugging Face


def test_a_hub_that_charges_for_304_and_hides_renamed_accounts_is_found_to_do_so() -> None:
    repos = [repo(f"deepseek-ai/M{n}", MAY + n * DAY) for n in range(4)]
    repos += [repo(f"google/M{n}", MAY + n * DAY) for n in range(35)]
    with StandInHub(Clock(MAY + 40 * DAY), repos) as hub:
        found = said("huggingface", hub.url)
    assert found["an unchanged listing is answered with 304"][0] == "yes"
    assert found["a 304 is charged"] == ("yes", "remaining 499 → 498, anonymously")
    assert '"fixed window";"api";q=500;w=300' in found["limits are told"][1]
    assert found["lists carry X-Total-Count"] == ("no", "none beside 4 rows")
    assert found["an account's rows come newest first"] == (
        "yes",
        "4 rows, 0 out of order, from 2026-05-05T00:00:00.000Z back to 2026-05-02T00:00:00.000Z",
    )
    assert found["the whole hub's rows come newest first"][0] == "yes"
    assert found["rows of a page where no limit is asked for"] == ("30", "a next page: yes")
    assert found["author= still finds a renamed account (AIDC-AI, now ATH-MaaS)"] == ("no", "0 rows")
    assert found["a renamed account's overview names the new account"] == ("no", "answers 404")
    assert found["author= minds capitals"] == ("yes", "0 rows")


def test_rows_out_of_order_are_found() -> None:
    rows = [{"id": "a/x", "createdAt": f"2026-05-0{n}T00:00:00.000Z"} for n in (3, 5, 4)]
    with ScriptedServer(json_answer(json.dumps(rows))) as hub:
        found = said("huggingface", hub.url)
    assert found["an account's rows come newest first"][0] == "no"
    assert found["an unchanged listing is answered with 304"] == ("no", "there is no ETag")
    assert found["a 304 is charged"] == ("cannot be told", "no 304 came")
    assert found["limits are told"] == ("no", "no header of that kind")
    assert found["rows of a page where no limit is asked for"] == ("3 or more", "a next page: no")


# ModelScope


def modelscope(request: Request) -> Answer:
    """A ModelScope whose owner= minds no capitals, with 60 models of Qwen."""
    if request.path != "/openapi/v1/models":
        return json_answer('{"success": false}', 404)
    known = (request.first("owner") or "").casefold() == "qwen"
    total = 60 if known else 0
    size = min(int(request.first("page_size") or 10), 50, total)
    models = [
        {"id": f"Qwen/M{n}", "gated": False, "last_modified": f"2026-05-02T00:{59 - n:02}:00Z"}
        for n in range(size)
    ]
    return json_answer(json.dumps({"success": True, "data": {"models": models, "total_count": total}}))


def test_what_modelscope_does_not_document_is_found() -> None:
    with LocalServer(modelscope) as hub:
        found = said("modelscope", hub.url)
    assert found["total_count is stated"] == ("yes", "total_count 60 beside 50 rows")
    assert found["rows come last modified first"][0] == "yes"
    assert found["every row says whether it is gated"][0] == "yes"
    assert "login_required 0" in found["every row says whether it is gated"][1]
    assert found["rows of a page where 100 are asked for"] == ("50", "page_size=100 answers 200")
    assert found["owner= minds capitals"] == ("no", "Qwen 60, qwen 60; 50 rows: Qwen (50)")
    assert found["owner= still finds AIDC-AI, which became ATH-MaaS elsewhere"] == ("no", "0 rows")
    assert found["an unknown owner looks like an empty one"] == ("yes", "total_count 0, 0 rows")
    assert found["a repository that is not there is 404"] == ("yes", "answers 404")


# GitHub


def github(request: Request) -> Answer:
    """A GitHub that grants 304s for nothing to those with a token, and leads to renamed repositories."""
    free = "if-none-match" in request.headers and "authorization" in request.headers
    limits = (("X-RateLimit-Limit", "60"), ("X-RateLimit-Remaining", "59" if free else "58"))
    if "if-none-match" not in request.headers:
        limits = (limits[0], ("X-RateLimit-Remaining", "59"))
    if request.path == "/orgs/deepseek-ai/repos":
        rows = [{"id": n, "pushed_at": f"2026-05-0{9 - n}T00:00:00Z"} for n in range(3)]
        return tagged(request, rows, ("Cache-Control", "public, max-age=60, s-maxage=60"), *limits)
    if request.path.startswith("/repos/"):
        return Answer(301, (("Location", "/repositories/1"), *limits))
    return json_answer('{"message": "Not Found"}', 404, *limits)


@pytest.mark.parametrize(
    ("token", "charged"),
    [
        (None, ("yes", "remaining 59 → 58, anonymously")),
        ("ghp_x", ("no", "remaining 59 → 59, with a token")),
    ],
)
def test_what_a_304_of_github_costs_is_found(token: str | None, charged: tuple[str, str]) -> None:
    with LocalServer(github) as hub:
        found = said("github", hub.url, token)
    assert found["a 304 is charged"] == charged
    assert found["repositories come last pushed first"][0] == "yes"
    assert found["an answer may be kept for a while by caches"][0] == "yes"
    assert found["a former name leads to the new one: /orgs/AIDC-AI/repos"] == ("no", "answers 404")
    assert found["a former name leads to the new one: /repos/AIDC-AI/Ovis"] == (
        "yes",
        "answers 301 /repositories/1",
    )


# OpenRouter


def openrouter(request: Request) -> Answer:
    """An OpenRouter with an image model, a row without a slug, and pages that state a total."""
    rows = [
        {"id": "deepseek/v4", "canonical_slug": "deepseek/v4-2026", "hugging_face_id": "deepseek-ai/V4"},
        {"id": "qwen/q4", "hugging_face_id": ""},
        {"id": "qwen/image", "canonical_slug": "qwen/image", "hugging_face_id": None},
    ]
    if request.first("output_modalities") != "all":
        rows = rows[:2]
    if request.first("model_authors"):
        rows = rows[:1]
    paged = {"total": 3, "links": {"next": None}} if request.first("limit") else {}
    return tagged(request, {"data": rows, **paged})


def test_what_openrouter_does_not_document_is_found() -> None:
    with LocalServer(openrouter) as hub:
        found = said("openrouter", hub.url)
    assert found["an unchanged listing is answered with 304"][0] == "yes"
    assert found["a 304 is charged"] == ("cannot be told", "the headers name no limits, anonymously")
    assert found["the whole list states total or links.next"] == (
        "no",
        "total None, links.next None beside 3 rows",
    )
    assert found["a page of five states total or links.next"][0] == "yes"
    assert found["there are rows without canonical_slug"] == ("yes", "1 of 3")
    assert found["rows name their repository on Hugging Face"] == ("yes", "1 of 3")
    assert found["output_modalities=all shows more"] == ("yes", "3 rows, 2 without it")
    assert found["model_authors= shows what the whole list has of an author"][0] == "yes"


# Any hub


@pytest.mark.parametrize("hub", HUBS)
def test_at_most_eight_requests_are_made_and_none_of_them_changes_anything(hub: str) -> None:
    """With an entity tag, so that every request there is to make is made."""
    speak: dict[str, Callable[[Request], Answer]] = {
        "huggingface": lambda request: tagged(
            request, {"name": "x"} if "overview" in request.path else [{"id": "a/x"}]
        ),
        "modelscope": lambda request: tagged(request, {"data": {"models": [], "total_count": 0}}),
        "github": github,
        "openrouter": openrouter,
    }
    with ScriptedServer(speak[hub]) as server:
        found = said(hub, server.url)
    assert {request.method for request in server.requests} == {"GET"}
    assert len(server.requests) <= 8
    assert None not in {answer for answer, _ in found.values()}


@pytest.mark.parametrize("hub", HUBS)
@pytest.mark.parametrize(
    "body", ["[]", "{}", "null", "[1]", '{"data": []}', '{"data": {"models": 1}}', "[" * 9000]
)
def test_an_answer_of_any_shape_is_a_finding_and_never_a_crash(hub: str, body: str) -> None:
    with ScriptedServer(json_answer(body)) as server:
        found = said(hub, server.url)
    assert len(found) == len(QUESTIONS[hub])


@pytest.mark.parametrize("hub", HUBS)
def test_a_hub_that_refuses_is_not_asked_again(hub: str) -> None:
    with ScriptedServer(json_answer("{}", 429, ("Retry-After", "60"))) as server:
        found = said(hub, server.url)
    assert {answer for answer, _ in found.values()} == {None}
    assert len(server.requests) == 1


def test_a_page_for_people_answers_no_question() -> None:
    with ScriptedServer(html_answer()) as server:
        found = said("github", server.url)
    assert found["a 304 is charged"][0] is None
    assert "no JSON" in found["a 304 is charged"][1]


def test_a_prober_asks_no_more_than_it_may_and_remembers_what_it_asked() -> None:
    with (
        ScriptedServer(json_answer("[]")) as server,
        Prober(Access("github", server.url), Clock(), limit=2) as prober,
    ):
        for _ in range(3):
            assert prober.probe("/a", {}).json() == []
        prober.probe("/b", {"x": 1})
        with pytest.raises(HubError, match="often enough") as raised:
            prober.probe("/c", {})
        assert prober.probe("/a", {}).status == 200
    assert raised.value.trouble is Trouble.QUOTA
    assert [request.target for request in server.requests] == ["/a", "/b?x=1"]


def test_who_asks_is_told_and_the_token_goes_to_the_hub_alone() -> None:
    elsewhere = ScriptedServer(json_answer("[]"))
    with elsewhere, ScriptedServer(Answer(302, (("Location", f"{elsewhere.url}/x"),))) as server:
        access = Access("github", server.url, "s3cret", "me@example.org")
        with Prober(access, Clock()) as prober, pytest.raises(HubError, match="another host"):
            prober.probe("/a", {})
    (request,) = server.requests
    assert request.headers["authorization"] == "Bearer s3cret"
    assert request.headers["user-agent"].endswith("(+me@example.org)")
    assert elsewhere.requests == []


# The command


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
