"""Each page says what it should: with nothing logged, with a past, and for what is not there."""

import re
from datetime import timedelta

import pytest
from served import PAGES, Served, text_of

from servers import Clock

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_on_an_empty_database_and_says_what_to_do_next(empty: Served, path: str) -> None:
    answer = empty.get(path)
    assert answer.status_code == 200
    assert all(answer.headers[name].startswith(value) for name, value in HEADERS.items())
    assert re.search(r"release-monitor (run|poll|orgs)|No alert yet|Token", text_of(answer))


@pytest.mark.parametrize(
    "path", [*PAGES, "/organizations/acme", "/releases/1", "/alerts/1", "/organizations/acme/replay"]
)
def test_every_page_answers_on_a_past_without_an_inline_style_or_script(filled: Served, path: str) -> None:
    answer = filled.get(path)
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text)
    assert answer.text.count("<h1>") == 1


def test_the_overview_shows_each_organisation_with_its_pace_and_its_last_release(filled: Served) -> None:
    said = text_of(filled.get("/"))
    assert "2 organisations" in said
    assert "All 2 accounts were seen within the last hour." in said
    assert "Nova-70B-Instruct" in said
    assert "Lyra" in text_of(filled.get("/?country=CN&sort=name"))
    assert "Nobody is in this country and group." in text_of(filled.get("/?country=FR"))


def test_a_day_of_the_heat_map_leads_to_its_releases(filled: Served) -> None:
    address = re.search(r'href="(/releases\?since=[^"]+)"', filled.get("/").text)
    assert address
    assert "1 release" in text_of(filled.get(address[1].replace("&amp;", "&")))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 40),
        ("search=nova", 1),
        ("search=lyra+7b", 24),
        ("search=nothing-like-that", 0),
        ("organization=zenith", 15),
        ("country=CN", 25),
        ("hub=modelscope", 0),
        ("openness=gated", 15),
        ("openness=withdrawn", 1),
        ("licence=apache-2.0&organization=acme", 24),
        ("since=2026-06-01", 1),
        ("until=2025-06-01", 3),
    ],
)
def test_the_log_is_narrowed_down_and_says_how_many_are_left(filled: Served, query: str, found: int) -> None:
    said = text_of(filled.get(f"/releases?{query}"))
    if found:
        assert f"{found} release" in said
    else:
        assert "No release fits all of that." in said


def test_the_log_is_sorted_both_ways_and_paged_by_links(filled: Served) -> None:
    def names(path: str) -> list[str]:
        return re.findall(r'<th scope="row" data-label="Release"><a[^>]*>([^<]+)', filled.get(path).text)

    assert names("/releases")[0] == "Nova-70B-Instruct"
    by_name = names("/releases?sort=name")
    assert by_name == sorted(by_name, key=str.casefold)
    assert names("/releases?sort=name&order=desc") == by_name[::-1]
    assert 'aria-sort="ascending"' in filled.get("/releases?sort=name").text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/releases?since=yesterday", 400, "since: is no day; write it as 2026-04-24"),
        ("/releases?hub=nowhere", 400, "hub: must be one of huggingface"),
        ("/releases?sort=id;drop", 400, "sort: must be one of released"),
        ("/releases?after=%00", 400, "go back to the first page"),
        ("/releases?after=x&before=y", 400, "go back to the first page"),
        ("/releases?search=" + "x" * 201, 400, "search: is longer than 200 characters"),
        ("/releases/99999", 404, "No release 99999"),
        ("/releases/0", 404, "There is no such page."),
        ("/releases/9999999999999999999", 404, "There is no such page."),
        ("/releases/abc", 404, "There is no such page."),
        ("/releases/1;drop", 404, "There is no such page."),
        ("/organizations/acne", 404, "did you mean “acme”?"),
        ("/organizations/%3Cscript%3E", 404, "There is no such page."),
        ("/alerts/99999", 404, "There is no alert 99999."),
        ("/alerts?kind=nonsense", 400, "kind"),
        ("/nowhere", 404, "Not Found"),
        ("/static/../application.py", 404, "Not Found"),
        ("/static/%2e%2e/application.py", 404, "Not Found"),
    ],
)
def test_what_is_not_there_or_cannot_be_asked_is_a_page_that_says_so(
    filled: Served, path: str, status: int, said: str
) -> None:
    answer = filled.get(path)
    assert (answer.status_code, said in text_of(answer)) == (status, True)
    assert "To the overview" in answer.text


def test_a_release_tells_when_where_and_under_which_licence_and_leads_to_its_neighbours(
    filled: Served,
) -> None:
    newest = re.search(r'href="/releases/(\d+)">Nova', filled.get("/releases").text)
    assert newest
    page = filled.get(f"/releases/{newest[1]}")
    said = text_of(page)
    assert "it became public while we watched" in said
    assert "acme/Nova-70B-Instruct" in said
    assert 'rel="prev"' in page.text
    assert "Acme released Nova-70B-Instruct" in said  # its alert


def test_a_release_has_the_hash_and_the_time_of_the_answers_that_it_is_known_from(filled: Served) -> None:
    (row,) = filled.get("/api/releases?search=nova").json()["items"]
    answers = filled.get(f"/api/releases/{row['id']}").json()["evidence"]
    page = filled.get(f"/releases/{row['id']}")
    assert all(f'<code title="{answer["sha256"]}">' in page.text for answer in answers)
    said = text_of(page)
    assert "first seen: acme/Nova-70B-Instruct" in said
    assert "/api/models?author=acme" in said
    assert answers[0]["received_at"][:16].replace("T", " ") in said


def test_a_withdrawn_release_says_so_and_what_changed(filled: Served) -> None:
    found = re.search(r'href="/releases/(\d+)">Lyra', filled.get("/releases?openness=withdrawn").text)
    assert found
    said = text_of(filled.get(f"/releases/{found[1]}"))
    assert "withdrawn" in said
    assert "Nothing: no repository" not in said


def test_an_organisation_has_its_verdict_its_chart_its_gaps_and_its_accounts(filled: Served) -> None:
    page = filled.get("/organizations/acme")
    said = text_of(page)
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page.text
    assert all(
        words in said for words in ("Regimes so far", "Gaps", "open", "Hugging Face acme", "Watched since")
    )


def test_alerts_are_narrowed_down_and_each_has_a_page(filled: Served) -> None:
    assert "No alert fits." in text_of(filled.get("/alerts?kind=cadence&organization=zenith"))
    found = re.search(r'href="/alerts/(\d+)">Acme released Nova', filled.get("/alerts?kind=release").text)
    assert found
    assert "Deliveries" in text_of(filled.get(f"/alerts/{found[1]}"))


def test_the_status_names_what_is_wrong_with_the_files(filled: Served) -> None:
    assert "is not used" not in text_of(filled.get("/status"))
    (filled.site.directory / "settings.toml").write_text("[pol]\n")
    said = text_of(filled.get("/status"))
    assert "did you mean `poll`?" in said
    assert "goes on with the last good one" in said


def test_a_page_that_is_known_is_not_sent_again(filled: Served) -> None:
    first = filled.get("/releases")
    again = filled.get("/releases", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert filled.get("/releases", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_file_of_ours_is_kept_for_ever_under_its_own_address(filled: Served) -> None:
    address = re.search(r'href="(/static/page\.css\?[^"]+)"', filled.get("/").text)
    assert address
    answer = filled.get(address[1])
    assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (200, True)


def test_before_the_first_poll_it_lives_and_is_not_ready(empty: Served) -> None:
    assert empty.get("/healthz").json() == {"status": "up"}
    assert (empty.get("/readyz").status_code, empty.get("/readyz").json()["reason"]) == (
        503,
        "no account was seen yet",
    )


def test_readiness_follows_the_polls(filled: Served, clock: Clock) -> None:
    assert filled.get("/readyz").status_code == 200
    clock.now += timedelta(days=2)
    answer = filled.get("/readyz")
    assert (answer.status_code, "no account was seen since" in answer.json()["reason"]) == (503, True)
