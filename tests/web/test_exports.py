"""The release log as CSV: what the command line gives, whole, and no formula for a spreadsheet."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
from click.testing import CliRunner
from served import Served, served_site

from bad_names import BAD_NAMES
from benchmarks.big_log import fill
from monitor.cli import cli
from monitor.config import WebSettings
from monitor.core.flat import LOG_COLUMNS, cell
from monitor.store import Store
from monitor.store.tables import OrganizationRow, ReleaseRow
from servers import Clock


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.text)))


def printed(store: Store, config: Path, *options: str) -> str:
    """What the command line prints of the same database."""
    environ = {
        "DATABASE_URL": store.engine.url.render_as_string(hide_password=False),
        "MONITOR_CONFIG": str(config),
    }
    command = ["log", "--format", "csv", *options]
    return CliRunner().invoke(cli, command, env=environ, catch_exceptions=False).stdout


def test_it_is_what_the_command_line_prints(store: Store, clock: Clock, config: Path) -> None:
    fill(store, 450, 6, clock.now)
    with served_site(store, clock, config, WebSettings()) as site:
        assert site.get("/releases.csv").text == printed(store, config)
        assert site.get("/repos.csv").text == printed(store, config, "--rows", "repos")
        some = site.get("/releases.csv?organization=qwen-0&since=2025-06-01&hub=modelscope").text
        assert some == printed(
            store, config, "--org", "qwen-0", "--since", "2025-06-01", "--hub", "modelscope"
        )
        assert len(some.splitlines()) > 3


def test_it_has_the_order_of_the_page_that_it_is_of(filled: Served) -> None:
    names = [row["name"] for row in rows(filled.get("/releases.csv?sort=name&order=desc&country=CN"))]
    assert names == sorted(names, key=str.casefold, reverse=True)
    assert len(names) == 25


def test_nothing_logged_is_a_row_of_headings(empty: Served) -> None:
    for name in ("releases", "repos"):
        answer = empty.get(f"/{name}.csv")
        assert answer.text == ",".join(LOG_COLUMNS[name]) + "\n"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'


def test_what_cannot_be_asked_is_refused_before_anything_is_sent(filled: Served) -> None:
    for asked in ("since=yesterday", "hub=nowhere", "sort=id;drop", "order=up", f"search={'x' * 201}"):
        answer = filled.get(f"/releases.csv?{asked}")
        assert (answer.status_code, asked.partition("=")[0] in answer.json()["detail"]) == (400, True)


def test_no_name_is_a_formula_or_breaks_a_row(empty: Served, clock: Clock) -> None:
    names = [name for name in BAD_NAMES.values() if "\0" not in name and "\ud800" not in name]
    dated: dict[str, Any] = {"released_at": clock.now, "basis": "observed", "first_seen_at": clock.now}
    with empty.site.store.writing() as tx:
        tx.add(OrganizationRow(key="acme", name="Acme", groups=[], watched=True))
        tx.flush()
        tx.add_all([ReleaseRow(organization="acme", name=name, kind=name, **dated) for name in names])
    found = rows(empty.get("/releases.csv"))
    assert sorted(row["name"] for row in found) == sorted(str(cell(name)) for name in names)
    assert not any(row["name"].startswith(("=", "+", "-", "@", "\t", "\r")) for row in found)
    assert len({row["id"] for row in found}) == len(names)


def test_a_slow_reader_keeps_nobody_from_writing(filled: Served) -> None:
    with filled.client.stream("GET", "/repos.csv") as answer:
        assert answer.status_code == 200
        with filled.site.store.writing() as tx:
            tx.get_one(OrganizationRow, "acme").name = "Acme 2"
