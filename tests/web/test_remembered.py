"""Many who ask for the same at once get the same answer, made once; nobody gets what is not theirs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from shutil import copy

import httpx
import pytest
from served import READ_TOKEN, TOKEN, Served, served_site
from sqlalchemy import update

from monitor.config import WebSettings
from monitor.store import Store
from monitor.store.tables import ReleaseRow
from monitor.web.access import COOKIE, Level
from servers import Clock

FRESH = timedelta(seconds=2)
BOTH = {"MONITOR_WEB_TOKEN": TOKEN, "MONITOR_WEB_READ_TOKEN": READ_TOKEN}


@pytest.fixture(params=[{}, BOTH], ids=["open", "closed"])
def site(
    request: pytest.FixtureRequest, past: tuple[Path, Clock], sqlite_url: str, clock: Clock, config: Path
) -> Iterator[Served]:
    """A site with a past that remembers its pages for two seconds."""
    copy(past[0], sqlite_url.removeprefix("sqlite:///"))
    clock.now = past[1].now
    store = Store(sqlite_url)
    with served_site(store, clock, config, WebSettings(), FRESH, **request.param) as served:
        if request.param:
            served.client.headers["authorization"] = f"Bearer {READ_TOKEN}"
        yield served
    store.close()


def rename(site: Served, name: str) -> None:
    """Change what the page of the first release says."""
    with site.site.store.writing() as tx:
        tx.execute(update(ReleaseRow).where(ReleaseRow.id == 1).values(name=name))


def test_a_page_is_said_again_for_two_seconds_and_then_made_anew(site: Served, clock: Clock) -> None:
    before = site.get("/releases/1")
    rename(site, "Renamed")
    clock.now += FRESH / 2
    assert site.get("/releases/1").content == before.content
    clock.now += FRESH / 2
    assert "Renamed" in site.get("/releases/1").text
    clock.now -= timedelta(days=1)  # the clock was set back
    rename(site, "Renamed again")
    assert "Renamed again" in site.get("/releases/1").text


def test_who_is_signed_in_gets_every_page_anew_and_nobody_else_gets_theirs(
    site: Served, clock: Clock
) -> None:
    plain = site.get("/releases/1").text
    session = site.site.access.session(Level.CHANGE, clock.now)
    if not site.site.access.can_change:
        return
    cookie = {"cookie": f"{COOKIE}={session}"}
    site.client.headers.pop("authorization")
    mine = site.get("/releases/1", headers=cookie).text
    assert 'name="form"' in mine
    rename(site, "Renamed")
    assert "Renamed" in site.get("/releases/1", headers=cookie).text
    assert site.get("/releases/1").status_code == 401
    assert site.get("/releases/1", headers={"authorization": f"Bearer {READ_TOKEN}"}).text == plain
    clock.now += FRESH
    changer = site.get("/watchlist", headers={"authorization": f"Bearer {TOKEN}"}).text
    assert "Add an organisation" in changer
    reader = site.get("/watchlist", headers={"authorization": f"Bearer {READ_TOKEN}"}).text
    assert "Add an organisation" not in reader


def test_what_a_reader_has_is_not_sent_again_to_them_and_whole_to_others(site: Served) -> None:
    first = site.get("/releases")
    again = site.get("/releases", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert site.get("/releases").content == first.content
    assert site.get("/alerts", headers={"if-none-match": 'W/"other"'}).status_code == 200


def test_one_who_takes_no_gzip_gets_none(site: Served) -> None:
    packed = site.get("/releases")
    plain = site.get("/releases", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert plain.text == packed.text


def test_twenty_at_once_get_one_answer(site: Served) -> None:
    headers = dict(site.client.headers)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: httpx.get(f"{site.url}/", headers=headers, timeout=20), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_exports_and_the_watch_list_are_as_of_now(site: Served) -> None:
    assert "Renamed" not in site.get("/releases.csv").text
    assert "Zenith AI" not in site.get("/watchlist").text
    rename(site, "Renamed")
    (site.site.directory / "organizations.toml").write_text('[z]\nname = "Zenith AI"\nhuggingface = ["z"]\n')
    assert "Renamed" in site.get("/releases.csv").text
    assert "Zenith AI" in site.get("/watchlist").text


def test_an_error_is_not_remembered(site: Served) -> None:
    assert site.get("/releases/999").status_code == 404
    with site.site.store.writing() as tx:
        new = {"id": 999, "organization": "acme", "name": "New", "kind": "language", "basis": "unknown"}
        tx.add(ReleaseRow(**new, first_seen_at=site.site.clock()))
    assert site.get("/releases/999").status_code == 200
