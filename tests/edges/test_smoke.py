"""The smoke questions: what hubs of known behaviour are found to do, and hubs that cannot be asked."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from monitor.config import HUBS
from monitor.demo.server import Answer, LocalServer, Request
from monitor.errors import HubError, Trouble
from monitor.hubs.probing import Access, Prober
from monitor.smoke import QUESTIONS, ask
from servers import Clock, ScriptedServer, StandInHub, html_answer, json_answer, repo
from smoke_hubs import github, modelscope, openrouter, tagged

MAY = datetime(2026, 5, 2, tzinfo=UTC)
DAY = timedelta(days=1)
Said = dict[str, tuple[str | None, str]]


def said(hub: str, url: str, token: str | None = None) -> Said:
    """What is found of a hub: answer and evidence by question."""
    with Prober(Access(hub, url, token), Clock(), timedelta(seconds=5), gap=timedelta(0)) as prober:
        found = [*ask(prober, QUESTIONS[hub])]
    assert {finding.hub for finding in found} == {hub}
    return {finding.question: (finding.answer, finding.evidence) for finding in found}


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


def test_what_modelscope_does_not_document_is_found() -> None:
    with LocalServer(modelscope) as hub:
        found = said("modelscope", hub.url)
    assert found["total_count is stated"] == ("yes", "total_count 60 beside 50 rows")
    assert found["total_count is how many rows can be listed"] == (
        "yes",
        "total_count 3 beside 3 rows of XiaomiMiMo",
    )
    assert found["rows come last modified first"][0] == "yes"
    assert found["every row says whether it is gated"][0] == "yes"
    assert "login_required 0" in found["every row says whether it is gated"][1]
    assert found["rows of a page where 100 are asked for"] == ("50", "page_size=100 answers 200")
    assert found["owner= minds capitals"] == ("no", "Qwen 60, qwen 60; 50 rows: Qwen (50)")
    assert found["owner= still finds AIDC-AI, which became ATH-MaaS elsewhere"] == ("no", "0 rows")
    assert found["an unknown owner looks like an empty one"] == ("yes", "total_count 0, 0 rows")
    assert found["a repository that is not there is 404"] == ("yes", "answers 404")


# GitHub


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
def test_redirects_count_among_the_requests(hub: str) -> None:
    numbers = iter(range(100))
    with ScriptedServer(lambda _: Answer(302, (("Location", f"/x{next(numbers)}"),))) as server:
        said(hub, server.url)
    assert len(server.requests) == 8


@pytest.mark.parametrize("hub", HUBS)
@pytest.mark.parametrize("place", ["http://xn--ls8h.la/", "https://[oops"])
def test_a_redirect_to_no_address_is_a_finding_and_never_a_crash(hub: str, place: str) -> None:
    with ScriptedServer(Answer(302, (("Location", place),))) as server:
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
