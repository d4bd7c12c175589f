"""The JSON interface: the rows that `--format json` prints, a part at a time, and clear refusals."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import BaseModel
from served import READ_TOKEN, TOKEN, Served, served_site
from sqlalchemy import text

from benchmarks.big_log import fill as fill_big
from benchmarks.big_log import judge
from monitor.cli import cli
from monitor.clock import utc_now
from monitor.config import WebSettings
from monitor.store import Store, correcting
from monitor.web.api import own_rows, rows
from servers import Clock


def printed(served: Served, *command: str) -> Any:
    """What the command line prints of the same database."""
    environ = {
        "DATABASE_URL": served.site.store.engine.url.render_as_string(hide_password=False),
        "MONITOR_CONFIG": str(served.site.directory),
    }
    return json.loads(
        CliRunner().invoke(cli, [*command, "--format", "json"], env=environ, catch_exceptions=False).stdout
    )


def items(served: Served, path: str) -> list[dict[str, Any]]:
    answer = served.get(path)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def every_page(served: Served, path: str) -> list[dict[str, Any]]:
    """All items, part by part, as the links lead."""
    found: list[dict[str, Any]] = []
    address: str | None = path
    while address:
        answer = served.get(address)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["items"] or not found
        found += body["items"]
        address = body["next"]
        assert answer.links.get("next", {}).get("url") == address
    return found


@pytest.fixture
def today(store: Store, clock: Clock, config: Path) -> Any:
    """A site on both databases whose clock is that of the commands, on a log of 90 releases."""
    clock.now = utc_now().replace(microsecond=0)
    fill_big(store, 90, 4, clock.now)
    judge(store, clock.now)
    with served_site(store, clock, config, WebSettings()) as served:
        yield served


def test_releases_are_those_of_the_command_line(today: Served) -> None:
    logged = printed(today, "log")
    assert every_page(today, "/api/releases?limit=20") == logged
    assert len(logged) == 90
    some = every_page(
        today, "/api/releases?organization=qwen-0&organization=ernie-2&since=2025-06-01&limit=3"
    )
    assert some == printed(today, "log", "--org", "qwen-0", "--org", "ernie-2", "--since", "2025-06-01")
    assert len(some) > 3
    names = [row["name"] for row in every_page(today, "/api/releases?sort=name&limit=7")]
    assert names == sorted(names, key=str.casefold)


def test_the_rest_is_what_the_commands_print_too(today: Served) -> None:
    by_key = {row["organization"]: row for row in items(today, "/api/cadence")}
    assert by_key == {row["organization"]: row for row in printed(today, "cadence")}
    assert items(today, "/api/cadence?organization=qwen-0") == printed(today, "cadence", "qwen-0")
    assert items(today, "/api/cadence/history") == printed(today, "cadence", "--history")
    assert items(today, "/api/cadence/groups") == printed(today, "cadence", "--group", "country")
    assert items(today, "/api/counts?by=quarter&group=all") == printed(
        today, "counts", "--by", "quarter", "--group", "all"
    )
    assert items(today, "/api/counts") == printed(today, "counts")
    status = today.get("/api/status").json()
    assert {**status, "database": "", "config": ""} == {
        **printed(today, "status"),
        "database": "",
        "config": "",
    }


def test_alerts_come_a_part_at_a_time(filled: Served) -> None:
    everything = printed(filled, "alerts")
    assert every_page(filled, "/api/alerts?limit=1") == everything
    assert len(everything) > 2
    told = items(filled, "/api/alerts?kind=release&kind=change&organization=acme")
    assert {row["kind"] for row in told} == {"release", "change"}
    assert told == [row for row in everything if row["kind"] in ("release", "change")]


def test_a_release_is_shown_whole(filled: Served) -> None:
    newest = items(filled, "/api/releases?limit=1")[0]["id"]
    whole = filled.get(f"/api/releases/{newest}").json()
    assert whole.items() >= printed(filled, "releases", "show", str(newest)).items()
    assert (whole["changes"], whole["why"]) == ([], [])  # of one repository nothing is to be explained
    answer = whole["evidence"][0]
    assert (answer["what"], answer["repos"], answer["status"]) == (
        "first seen",
        ["acme/Nova-70B-Instruct"],
        200,
    )
    assert re.fullmatch("[0-9a-f]{64}", answer["sha256"])
    (gone,) = items(filled, "/api/releases?openness=withdrawn")
    assert [change["kind"] for change in filled.get(f"/api/releases/{gone['id']}").json()["changes"]] == [
        "withdrawn"
    ]


def test_an_id_that_was_merged_leads_on(filled: Served, clock: Clock) -> None:
    first, second = (row["id"] for row in items(filled, "/api/releases?organization=acme&limit=2&order=asc"))
    with filled.site.store.writing() as tx:
        correcting.merge(tx, [first, second], clock.now)
    moved = filled.get(f"/api/releases/{second}")
    assert (moved.status_code, moved.headers["location"]) == (301, f"/api/releases/{first}")
    assert len(filled.get(moved.headers["location"]).json()["corrections"]) == 1


def test_an_organisation_is_shown_with_its_rhythm(filled: Served) -> None:
    found = filled.get("/api/organizations/acme").json()
    assert (found["name"], found["country"], found["groups"], found["watched"]) == (
        "Acme",
        "CN",
        ["frontier"],
        True,
    )
    assert found["cadence"] == items(filled, "/api/cadence?organization=acme")[0]
    assert found["history"] == items(filled, "/api/cadence/history?organization=acme")
    assert [row["key"] for row in items(filled, "/api/organizations")] == ["acme", "zenith"]
    assert found["accounts"][0].items() >= {"hub": "huggingface", "account": "acme", "state": "ok"}.items()


def test_whoever_follows_sees_everything_once_and_then_only_what_is_new(filled: Served, clock: Clock) -> None:
    found, since = [], "0"
    for _ in range(50):
        answer = filled.get(f"/api/changes?limit=7&since={since}").json()
        assert answer["next"] == f"/api/changes?limit=7&since={answer['cursor']}"
        found += answer["items"]
        since = answer["cursor"]
        if answer["is_all"]:
            break
    numbers = [item["number"] for item in found]
    assert numbers == sorted(set(numbers))
    released = [item["release"]["id"] for item in found if item["type"] == "release"]
    assert sorted(released) == sorted(row["id"] for row in every_page(filled, "/api/releases"))
    changes = [item["change"] for item in found if item["type"] == "change"]
    assert changes == printed(filled, "changes")[::-1]
    assert since == filled.get("/api/changes?since=latest").json()["cursor"]
    with filled.site.store.writing() as tx:
        correcting.rename(tx, released[0], "Vega", clock.now)
    (again,) = items(filled, f"/api/changes?since={since}")
    assert again["release"]["name"] == "Vega"


def test_a_cursor_from_another_life_is_refused(filled: Served) -> None:
    refused = filled.get("/api/changes?since=999999")
    assert refused.status_code == 400
    assert "begin anew with 0 or latest" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/releases?organisation=acme", 422, "organisation"),
        ("/api/releases?limit=201", 422, "limit"),
        ("/api/releases?limit=-1", 422, "limit"),
        ("/api/releases?sort=id;drop", 422, "sort"),
        ("/api/releases?hub=nowhere", 422, "hub"),
        ("/api/releases?since=2026-13-45", 422, "since"),
        ("/api/releases?search=%00", 422, "search"),
        ("/api/releases?after=W10", 400, "after"),
        ("/api/releases?organization=acne", 404, "did you mean `acme`"),
        ("/api/releases/0", 422, "release_id"),
        ("/api/releases/2147483648", 422, "release_id"),
        ("/api/releases/999", 404, "999"),
        ("/api/organizations/nobody", 404, "nobody"),
        ("/api/organizations/A%20B", 422, "key"),
        ("/api/alerts?kind=nothing", 422, "kind"),
        ("/api/changes?since=-1", 422, "since"),
        ("/api/cadence/groups?group=none", 404, "none"),
        ("/api/counts?by=day", 422, "by"),
        ("/api/nothing", 404, "Not Found"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(
    filled: Served, path: str, status: int, said: str
) -> None:
    answer = filled.get(path)
    assert answer.status_code == status
    assert said in json.dumps(answer.json()["detail"])


def test_only_reading_is_answered(filled: Served) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = filled.client.request(method, "/api/releases", headers={"authorization": f"Bearer {TOKEN}"})
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_closed_site_asks_for_the_token_and_says_so_in_its_description(
    filled: Served, clock: Clock, config: Path
) -> None:
    environ = {"MONITOR_WEB_READ_TOKEN": READ_TOKEN}
    with served_site(filled.site.store, clock, config, WebSettings(), **environ) as closed:
        refused = [closed.get(path) for path in ("/api/releases", "/openapi.json", "/api/changes")]
        let_in = {"authorization": f"Bearer {READ_TOKEN}"}
        assert closed.get("/api/releases", headers=let_in).status_code == 200
        described = closed.get("/openapi.json", headers=let_in).json()
    assert [answer.status_code for answer in refused] == [401] * 3
    assert all(answer.json()["detail"] for answer in refused)
    assert {"HTTPBearer", "HTTPBasic"} == described["components"]["securitySchemes"].keys()
    assert "securitySchemes" not in filled.get("/openapi.json").json()["components"]


def test_a_database_that_cannot_be_read_is_said(filled: Served) -> None:
    with filled.site.store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE change RENAME TO changed"))
    answer = filled.get("/api/changes")
    assert (answer.status_code, "cannot be read just now" in answer.json()["detail"]) == (503, True)


def test_what_is_known_is_not_sent_again(filled: Served, clock: Clock) -> None:
    tag = filled.get("/api/releases").headers["etag"]
    assert filled.get("/api/releases", headers={"if-none-match": tag}).status_code == 304
    clock.now += timedelta(days=1)
    assert filled.get("/api/releases", headers={"if-none-match": tag}).status_code == 304


def test_times_are_to_the_second_and_in_utc(filled: Served) -> None:
    release = items(filled, "/api/releases?limit=1")[0]
    assert release["released_at"] == "2026-06-13T00:00:00Z"
    assert release["repos"][0]["published_between"] == ["2026-06-12T00:00:00Z", "2026-06-13T00:00:00Z"]


def test_every_field_is_documented() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    documented += (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    named = {**vars(rows), **vars(own_rows)}.values()
    models = [model for model in named if isinstance(model, type) and issubclass(model, BaseModel)]
    fields = {name for model in models for name in model.model_fields}
    assert [name for name in fields if f"`{name}`" not in documented] == []
    assert len(fields) > 80
