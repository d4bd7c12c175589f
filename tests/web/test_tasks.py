"""What each page is for, done in a real Chromium from where one lands: with no release, with forty, with 100,000.

The 100,000 take a minute to be written: `pytest --thorough`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from playwright.sync_api import Page, expect
from served import DAY, TOKEN, Served, served_site

from benchmarks import big_log
from monitor.config import WebSettings, load
from monitor.store import Store
from monitor.store.following import number_new
from servers import Clock, StandInHub, repo

MANY = 100_000


@pytest.fixture(scope="session")
def large(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Clock]:
    """A SQLite file with 100,000 releases of 40 organisations and 2,000 alerts."""
    path, clock = tmp_path_factory.mktemp("large") / "monitor.db", Clock()
    copy(migrated, path)
    store = Store(f"sqlite:///{path}")
    big_log.fill(store, MANY, 40, clock.now)
    big_log.tell(store, 2_000, clock.now)
    big_log.judge(store, clock.now)
    while not number_new(store):
        pass
    store.close()
    return path, clock


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    """A hub with one account that nobody watches yet."""
    with StandInHub(
        clock, [repo(f"nova/Star-{n}-7B", clock.now - 20 * n * DAY) for n in range(1, 20)]
    ) as hub:
        yield hub


@pytest.fixture(params=["nothing", "forty", pytest.param("many", marks=pytest.mark.thorough)])
def site(
    request: pytest.FixtureRequest,
    migrated: Path,
    sqlite_url: str,
    clock: Clock,
    config: Path,
    hub: StandInHub,
) -> Iterator[Served]:
    """A site with no release, with forty, or with 100,000."""
    source = {"forty": "past", "many": "large"}.get(request.param)
    path, then = request.getfixturevalue(source) if source else (migrated, clock)
    copy(path, sqlite_url.removeprefix("sqlite:///"))
    clock.now = then.now
    store = Store(sqlite_url)
    environ = {"MONITOR_WEB_TOKEN": TOKEN, "HF_ENDPOINT": hub.url}
    with served_site(store, clock, config, WebSettings(), **environ) as served:
        yield served
    store.close()


@pytest.fixture
def is_empty(request: pytest.FixtureRequest) -> bool:
    """Whether nothing is logged: then a page says what to do next."""
    return bool(request.node.callspec.params["site"] == "nothing")


def test_overview_who_released_what_lately_and_whose_rhythm_changed(
    site: Served, is_empty: bool, page: Page
) -> None:
    page.goto(site.url)
    if is_empty:
        expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is watched yet")
        page.get_by_role("main").get_by_role("link", name="watch list").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("on the watch list")
        return
    newest = page.get_by_role("listitem").filter(has=page.locator("a[href^='/releases/']")).first
    named = newest.get_by_role("link").inner_text()
    first = page.locator("table.overview tbody th a").first
    organization = first.inner_text()
    newest.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(named)
    page.go_back()
    page.get_by_role("link", name=organization, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(organization)
    expect(page.get_by_role("heading", name="Regimes so far")).to_be_visible()


def test_releases_find_one_and_send_its_address_to_somebody(site: Served, is_empty: bool, page: Page) -> None:
    page.goto(f"{site.url}/releases")
    if is_empty:
        expect(page.get_by_text("No release is logged yet.")).to_be_visible()
        return
    total = page.get_by_role("status").inner_text()
    name = page.locator("tbody th a").nth(5).inner_text()
    page.get_by_label("Search").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("search="))
    expect(page.locator("tbody th a").first).to_contain_text(re.split(r"\W", name)[0])
    assert page.get_by_role("status").inner_text() != total
    page.get_by_role("link", name=re.compile("Take away Search")).click()
    assert page.get_by_role("status").inner_text() == total
    page.get_by_label("Weights").select_option("withdrawn")
    page.wait_for_url(re.compile("openness=withdrawn"))
    shown = page.locator("tbody th a").first.inner_text()
    page.goto(page.url)  # as it was sent
    expect(page.locator("tbody th a").first).to_have_text(shown)


def test_releases_read_on_to_older_ones_and_back(site: Served, page: Page) -> None:
    page.goto(f"{site.url}/releases")
    more = page.get_by_role("link", name="More →")
    if page.request.get(f"{site.url}/api/releases").json()["next"] is None:
        expect(more).to_have_count(0)
        return
    newest = page.locator("tbody th a").first.inner_text()
    for _ in range(3):
        more.click()
    expect(page.locator("tbody th a").first).not_to_have_text(newest)
    for _ in range(3):
        page.get_by_role("link", name="← Back").click()
    expect(page.locator("tbody th a").first).to_have_text(newest)


def test_release_where_it_appeared_and_why_it_is_one(site: Served, is_empty: bool, page: Page) -> None:
    page.goto(f"{site.url}/releases" if not is_empty else f"{site.url}/releases/1")
    if is_empty:
        expect(page.get_by_text("No release 1")).to_be_visible()
        page.get_by_role("link", name="To the overview").click()
        return
    page.locator("tbody th a").first.click()
    for heading in ("Repositories", "What changed since", "Evidence"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.locator("tbody th a[rel=noreferrer]").first).to_have_attribute(
        "href", re.compile("^https?://")
    )
    page.get_by_role("link", name=re.compile("^←")).click()
    expect(page.get_by_role("link", name=re.compile("→$"))).to_be_visible()


def test_alerts_narrow_down_and_see_who_was_told(site: Served, is_empty: bool, page: Page) -> None:
    page.goto(f"{site.url}/alerts")
    if is_empty:
        expect(page.get_by_text("No alert yet.")).to_be_visible()
        return
    page.get_by_label("Kind").select_option("release")
    page.wait_for_url(re.compile("kind=release"))
    page.locator("article a").first.click()
    expect(page.get_by_role("heading", name="Deliveries")).to_be_visible()
    page.get_by_role("link", name="The release").click()
    expect(page.get_by_role("heading", name="Repositories")).to_be_visible()


def test_watch_list_add_one_look_at_it_first_and_take_it_out_again(site: Served, page: Page) -> None:
    page.goto(f"{site.url}/watchlist")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation").get_by_role("link", name="Watch list").click()
    page.get_by_role("link", name="Add an organisation").click()
    page.get_by_label("Name", exact=True).fill("Nova Labs")
    page.get_by_label("Hugging Face").fill("nowa")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("nowa: the hub knows no such account").first).to_be_visible()
    page.get_by_label("Hugging Face").fill("nova")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("19 repositories, 19 releases")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nova Labs is watched as this list says")).to_be_visible()
    assert load(site.site.directory).organizations[-1].name == "Nova Labs"
    page.get_by_role("link", name="Edit Nova Labs").click()
    page.get_by_label("Country").fill("CN")
    page.get_by_role("button", name="Save").click()
    assert load(site.site.directory).organizations[-1].country == "CN"
    page.get_by_role("link", name="Remove Nova Labs").click()
    page.get_by_role("button", name="Stop watching Nova Labs").click()
    expect(page.get_by_text("is no longer watched")).to_be_visible()
    assert [one.key for one in load(site.site.directory).organizations] == ["acme", "zenith"]


def test_status_see_whether_all_is_well(site: Served, is_empty: bool, page: Page) -> None:
    page.goto(f"{site.url}/status")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("No account is watched yet" if is_empty else re.compile("seen"))
    expect(page.get_by_text("cadence alerts a month are expected to be false")).to_be_visible()
    if not is_empty:
        expect(page.get_by_role("columnheader", name="It allows us")).to_be_visible()
