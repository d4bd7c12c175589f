"""The pages in a real Chromium: the main task of each, what hostile names do, and what axe finds."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from payloads import PAYLOADS
from playwright.sync_api import Browser, BrowserContext, Page, expect
from served import PAGES, TOKEN, Served, served_site
from sqlalchemy import update

from monitor.config import WebSettings, load
from monitor.store import Store
from monitor.store.tables import AlertRow, ChangeRow, OrganizationRow, ReleaseRow, RepoRow
from monitor.web.access import COOKIE, Level
from servers import Clock

PHONE, DESK, WALL = 390, 1280, 1920  # pixels
FORMS = ("/watchlist/add", "/watchlist/edit?organization=acme", "/watchlist/remove?organization=acme")
SHOWN = (*PAGES, *FORMS, "/organizations/acme", "/releases/1", "/alerts/1")


def test_from_the_overview_to_a_release_by_its_organisation(page: Page, filled: Served) -> None:
    page.goto(filled.url)
    page.get_by_role("link", name="Acme", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Acme")
    page.get_by_role("link", name="Nova-70B-Instruct", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nova-70B-Instruct")
    expect(page.get_by_role("link", name="acme/Nova-70B-Instruct", exact=True)).to_be_visible()


def test_a_release_is_found_by_the_keyboard_alone(page: Page, filled: Served) -> None:
    page.goto(f"{filled.url}/releases")
    page.keyboard.press("/")
    page.keyboard.type("nova 70")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 release")
    expect(page.get_by_role("link", name="Take away Search: nova 70")).to_be_visible()
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_role("status")).to_contain_text("40 releases")


def test_a_choice_applies_at_once_and_is_in_the_address(page: Page, filled: Served) -> None:
    page.goto(f"{filled.url}/releases")
    page.get_by_label("Organisation").select_option("zenith")
    page.wait_for_url(re.compile(r"organization=zenith"))
    assert "kind=" not in page.url  # what is empty only makes an address longer
    expect(page.get_by_role("status")).to_contain_text("15 releases")


def test_sorting_and_the_next_page_work_without_javascript(browser: Browser, filled: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{filled.url}/releases")
    page.get_by_label("Kind").select_option(index=1)
    page.get_by_role("button", name="Search").click()
    assert "kind=" in page.url
    page.goto(f"{filled.url}/releases")
    page.get_by_role("link", name="Parameters").click()
    expect(page.get_by_role("columnheader", name="Parameters")).to_have_attribute("aria-sort", "descending")
    context.close()


def test_times_are_the_readers_and_the_exact_one_is_where_one_points(page: Page, filled: Served) -> None:
    page.goto(f"{filled.url}/status")
    time = page.locator("time").first
    exact = time.get_attribute("title") or ""
    assert exact.endswith(" UTC")
    assert exact[:16] not in (time.text_content() or "")  # Berlin is ahead


def test_a_person_signs_in_and_out(page: Page, filled: Served) -> None:
    page.goto(filled.url)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not one of this monitor")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(
    "width", [PHONE, *(pytest.param(w, marks=pytest.mark.thorough) for w in (DESK, WALL))]
)
@pytest.mark.parametrize("path", SHOWN)
def test_no_page_is_wider_than_its_window(page: Page, standing: Served, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(standing.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
@pytest.mark.parametrize("path", SHOWN)
def test_axe_finds_nothing_serious(browser: Browser, standing: Served, path: str, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    if "watchlist" in path:  # which has more for who is signed in
        sign_in(context, standing)
    page = context.new_page()
    page.goto(standing.url + path)
    # What does not depend on the colours is looked at once.
    found = serious(page, *(["color-contrast"] if scheme == "dark" else []))
    context.close()
    assert found == []


def test_axe_finds_nothing_serious_in_a_form_with_what_is_wrong(page: Page, filled: Served) -> None:
    sign_in(page.context, filled)
    page.goto(f"{filled.url}/watchlist/edit?organization=acme")
    page.get_by_label("Country").fill("XX")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Country")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    assert serious(page) == []


def serious(page: Page, *rules: str) -> list[tuple[str, str]]:
    """What axe finds that keeps somebody out, by all of its rules or by these."""
    found = Axe().run(page, options={"runOnly": list(rules)} if rules else None).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in grave]


def sign_in(context: BrowserContext, site: Served) -> None:
    """Have whoever looks be somebody who may change things."""
    session = site.site.access.session(Level.CHANGE, site.site.clock())
    context.add_cookies([{"name": COOKIE, "value": session, "url": site.url}])


@pytest.fixture
def hostile(filled: Served, clock: Clock, config: Path) -> Served:
    """A site whose every text is a payload."""
    store: Store = filled.site.store
    with store.writing() as tx:
        for number, payload in enumerate(PAYLOADS, 1):
            named = {"name": payload, "kind": payload}
            tx.execute(update(ReleaseRow).where(ReleaseRow.id == number).values(**named))
            of = update(RepoRow).where(RepoRow.id == number)
            tx.execute(of.values(name=f"acme/{payload}", url=payload, licence=payload, gated=payload))
        tx.execute(update(OrganizationRow).values(name=PAYLOADS[3], cards=0))
        tx.execute(update(ChangeRow).values(before=PAYLOADS[0], after=PAYLOADS[3], detail=PAYLOADS[7]))
        for alert in tx.query(AlertRow):
            lines = dict.fromkeys(("title", "lead", "note", "url", "links_title"), PAYLOADS[3])
            links = [{"text": payload, "url": payload} for payload in PAYLOADS]
            alert.message = {**alert.message, **lines, "facts": [[PAYLOADS[2], PAYLOADS[3]]], "links": links}
    texts = [payload for payload in PAYLOADS if payload.isprintable() and len(payload) <= 80]
    tables = (f"[o{n}]\nname = {json.dumps(text)}\nhuggingface = ['o{n}']\n" for n, text in enumerate(texts))
    (filled.site.directory / "organizations.toml").write_text("".join(tables))
    assert len(load(filled.site.directory).organizations) > 30
    return filled


def test_forty_payloads_run_nothing_anywhere(page: Page, hostile: Served) -> None:
    sign_in(page.context, hostile)
    releases = [f"/releases/{number}" for number in range(1, len(PAYLOADS) + 1)]
    forms = [path.replace("acme", "o3") for path in FORMS]
    others = [
        "/releases?search=" + PAYLOADS[3],
        *(f"/{one}" for one in ("alerts/1", "alerts/2", "organizations/acme")),
    ]
    for path in (*PAGES, *forms, *others, *releases):
        page.goto(hostile.url + path)
        assert page.evaluate("window.pwned") is None, path
        assert page.locator("a[href^='javascript' i], a[href^='data' i], a[href^='vbscript' i]").count() == 0


def test_every_error_page_leads_back(page: Page, filled: Served) -> None:
    page.goto(f"{filled.url}/releases/999999")
    page.get_by_role("link", name="To the overview").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 organisations")


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_monitor_is_pleasant_too(page: Page, empty: Served, path: str) -> None:
    page.goto(empty.url + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_reading_needs_a_token_where_others_can_reach_the_pages(
    page: Page, sqlite_store: Store, clock: Clock, config: Path
) -> None:
    web = WebSettings(host="0.0.0.0")  # what it claims; it is served on this machine alone
    with served_site(sqlite_store, clock, config, web, MONITOR_WEB_READ_TOKEN=TOKEN) as served:
        page.goto(f"{served.url}/releases")
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is watched yet")
