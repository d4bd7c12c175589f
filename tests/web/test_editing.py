"""The watch list changed on the pages: tried with a real hub, saved to the real file, refused with the reason."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copy

import httpx
import pytest
from served import LABS, READ_TOKEN, TOKEN, Served, served_site, text_of

from monitor.config import WebSettings, load
from monitor.store import Store
from monitor.web.access import COOKIE, Level
from servers import Clock, StandInHub, repo

DAY = timedelta(days=1)
NEW = {"name": "Nova Labs", "huggingface": "nova", "country": "CN", "groups": "frontier, mine"}


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    """A hub with one account that nobody watches yet: a launch every ten days, then none for a year."""
    old = [repo(f"nova/Star-{n}-7B", clock.now - (700 - 10 * n) * DAY) for n in range(35)]
    with StandInHub(clock, old) as hub:
        yield hub


@pytest.fixture
def site(
    past: tuple[Path, Clock], sqlite_url: str, clock: Clock, config: Path, hub: StandInHub
) -> Iterator[Served]:
    """A site that may be changed, before that hub; GitHub cannot be reached."""
    copy(past[0], sqlite_url.removeprefix("sqlite:///"))
    clock.now = past[1].now
    store = Store(sqlite_url)
    environ = {
        "MONITOR_WEB_TOKEN": TOKEN,
        "MONITOR_WEB_READ_TOKEN": READ_TOKEN,
        "HF_ENDPOINT": hub.url,
        "GITHUB_API_URL": "http://127.0.0.1:9",
    }
    with served_site(store, clock, config, WebSettings(), **environ) as served:
        served.client.cookies.set(COOKIE, served.site.access.session(Level.CHANGE, clock.now))
        yield served
    store.close()


def file(site: Served) -> Path:
    return site.site.directory / "organizations.toml"


def form_of(page: httpx.Response) -> dict[str, str]:
    """What the form of a page would send, unchanged."""
    fields = re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', page.text)
    areas = re.findall(r'<textarea[^>]*? name="(\w+)"[^>]*>\n([^<]*)</textarea>', page.text)
    return dict(fields) | dict(areas)


def send(site: Served, start: str, do: str, **typed: str) -> httpx.Response:
    """Open a form, type into it, and press a button."""
    fields = form_of(site.get(start))
    return site.client.post("/watchlist/edit", data={**fields, **typed, "do": do})


def test_a_form_sent_as_it_is_changes_nothing(site: Served) -> None:
    answer = send(site, "/watchlist/edit?organization=acme", "save")
    assert (answer.status_code, answer.headers["location"]) == (303, "/watchlist?saved=acme")
    assert file(site).read_text() == LABS


def test_a_check_shows_the_history_and_what_would_have_been_told_and_saves_nothing(site: Served) -> None:
    answer = send(site, "/watchlist/add", "check", **NEW)
    said = text_of(answer)
    assert answer.status_code == 200
    assert "found Hugging Face nova" in said
    assert "35 repositories, 35 releases since 2024-07-1" in said
    assert "in the last 2 years it would have raised" in said
    assert "alert silent" in said
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in answer.text
    assert file(site).read_text() == LABS
    assert form_of(answer)["name"] == "Nova Labs"  # still there, to be saved


def test_what_is_saved_stands_in_the_file_under_a_key_made_of_the_name(site: Served) -> None:
    answer = send(site, "/watchlist/add", "save", **NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/watchlist?saved=nova-labs")
    assert file(site).read_text() == (
        f'{LABS}\n[nova-labs]\nname = "Nova Labs"\ncountry = "CN"\ngroups = ["frontier", "mine"]\n'
        'huggingface = ["nova"]\n'
    )
    assert "Nova Labs is watched as this list says" in text_of(site.get(answer.headers["location"]))


def test_an_account_that_the_hub_does_not_know_is_refused_at_its_field(site: Served) -> None:
    for do, status in (("check", 200), ("save", 422)):
        answer = send(site, "/watchlist/add", do, **{**NEW, "huggingface": "nova\nnowa"})
        assert answer.status_code == status
        said = text_of(answer)
        assert "nowa: the hub knows no such account; names are case-sensitive" in said
        assert 'name="huggingface" rows="3" maxlength="4000"' in answer.text
        assert re.search(r'name="huggingface"[^>]*aria-invalid="true"', answer.text)
    assert file(site).read_text() == LABS


def test_an_account_whose_hub_cannot_be_asked_is_saved_and_said_to_be_unverified(site: Served) -> None:
    tried = text_of(send(site, "/watchlist/add", "check", **NEW, github="nova"))
    assert "not verified GitHub nova:" in tried
    answer = send(site, "/watchlist/add", "save", **NEW, github="nova")
    assert answer.headers["location"] == "/watchlist?saved=nova-labs&doubtful=1"
    assert "could not be verified" in text_of(site.get(answer.headers["location"]))


def test_what_is_edited_keeps_the_comments(site: Served) -> None:
    start = "/watchlist/edit?organization=zenith"
    answer = send(site, start, "save", name="Zenith AI", country="", groups="a, b", exclude="*-test\n*-old")
    assert answer.status_code == 303
    assert file(site).read_text() == LABS.replace('country = "US"\n', "") + (
        'name = "Zenith AI"\ngroups = ["a", "b"]\nexclude = ["*-test", "*-old"]\n'
    )


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"country": "cn"}, "country", "did you mean `CN`?"),
        ({"country": "XX"}, "country", "is no ISO 3166-1 alpha-2 country code"),
        ({"key": "Nova Labs"}, "key", "did you mean `nova-labs`?"),
        ({"key": "acme"}, "key", "is on the watch list already"),
        ({"huggingface": "https://huggingface.co/nova"}, "huggingface", "did you mean `nova`?"),
        ({"huggingface": "acme"}, "huggingface", "is watched already, under acme.huggingface"),
        ({"huggingface": "", "github": "nova"}, "", "has accounts on github alone"),
        ({"huggingface": ""}, "", "has no account; add one"),
        ({"groups": "country"}, "groups", "is always there to group by"),
        ({"include": "nova/*"}, "include", "globs see the name without owner"),
        ({"name": "x" * 81}, "name", "must be 1 to 80 printable characters"),
        ({"name": "a\0b"}, "name", "must be 1 to 80 printable characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    site: Served, typed: dict[str, str], field: str, said: str
) -> None:
    answer = send(site, "/watchlist/add", "save", **{"key": "nova", **NEW, **typed})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not field or re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text)
    assert str(site.site.directory) not in answer.text
    assert file(site).read_text() == LABS
    assert form_of(answer)["groups"] == typed.get("groups", NEW["groups"])


def test_nobody_overwrites_what_somebody_else_saved_meanwhile(site: Served) -> None:
    fields = form_of(site.get("/watchlist/edit?organization=zenith"))
    changed = LABS.replace("# whom we watch", "# others")
    file(site).write_text(changed)
    answer = site.client.post("/watchlist/edit", data={**fields, "name": "Mine", "do": "save"})
    assert answer.status_code == 409
    assert "Somebody else changed the watch list" in text_of(answer)
    assert file(site).read_text() == changed
    again = site.client.post("/watchlist/edit", data={**form_of(answer), "do": "save"})
    assert again.status_code == 303
    assert file(site).read_text() == changed + 'name = "Mine"\n'


def test_a_file_that_cannot_be_written_is_left_and_the_lines_to_paste_are_shown(site: Served) -> None:
    fields = form_of(site.get("/watchlist/edit?organization=zenith"))
    _make_unwritable(site)
    answer = site.client.post("/watchlist/edit", data={**fields, "name": "Mine", "do": "save"})
    assert answer.status_code == 409
    assert "[zenith]\nname = &#34;Mine&#34;\ncountry" in answer.text
    _make_unwritable(site)
    gone = site.client.post("/watchlist/remove", data={**fields, "organization": "acme"})
    assert gone.status_code == 409
    assert "Take these lines out" in text_of(gone)
    assert file(site).read_text() == LABS


def _make_unwritable(site: Served) -> None:
    """Let the next attempt to write the list fail, for root too: what is written first leads nowhere."""
    (site.site.directory / f".organizations.toml.{os.getpid()}.tmp").symlink_to("/nowhere/at/all")


def test_an_organisation_is_removed_after_a_question_and_keeps_its_page(site: Served) -> None:
    asked = site.get("/watchlist/remove?organization=zenith")
    assert "Stop watching zenith?" in text_of(asked)
    answer = site.client.post("/watchlist/remove", data=form_of(asked))
    assert answer.headers["location"] == "/watchlist?removed=zenith"
    assert "zenith is no longer watched. Its log is kept" in text_of(site.get(answer.headers["location"]))
    assert [one.key for one in load(site.site.directory).organizations] == ["acme"]
    assert site.get("/organizations/zenith").status_code == 200


def test_one_of_the_shipped_list_is_a_form_that_is_filled_in_already(site: Served) -> None:
    assert 'href="/watchlist/add?organization=deepseek"' in site.get("/watchlist").text
    fields = form_of(site.get("/watchlist/add?organization=deepseek"))
    assert (fields["key"], fields["name"], fields["huggingface"]) == ("deepseek", "DeepSeek", "deepseek-ai")
    assert fields["is_new"] == "yes"


def test_what_the_shipped_list_has_more_of_one_that_is_watched_is_added_to_its_form(site: Served) -> None:
    file(site).write_text(f'{LABS}[deepseek]\nname = "Deep"\nhuggingface = ["deepseek-ai"]\n')
    fields = form_of(site.get("/watchlist/add?organization=deepseek"))
    assert (fields["name"], fields["github"], fields["is_new"]) == ("Deep", "deepseek-ai", "no")


@pytest.mark.parametrize("path", ["add", "edit", "remove"])
@pytest.mark.parametrize("broken", ["[acme\n", "[acme]\nx = 1\n"])
def test_files_that_are_bad_are_a_persons_to_mend_first(site: Served, path: str, broken: str) -> None:
    fields = form_of(site.get("/watchlist/edit?organization=acme"))
    file(site).write_text(broken)
    shown = site.get(f"/watchlist/{path}?organization=" + ("" if path == "add" else "acme"))
    assert (shown.status_code, "Mend the files first" in text_of(shown)) == (409, True)
    sent = site.client.post("/watchlist/edit", data={**fields, "do": "save"})
    assert sent.status_code == 422
    assert site.get("/watchlist").status_code == 200
    assert file(site).read_text() == broken


@pytest.mark.parametrize(
    "path", ["edit?organization=nobody", "remove?organization=nobody", "add?organization=acme"]
)
def test_there_is_no_form_for_who_is_not_there(site: Served, path: str) -> None:
    assert site.get(f"/watchlist/{path}").status_code == 404


def test_a_form_of_another_session_saves_nothing(site: Served) -> None:
    fields = form_of(site.get("/watchlist/edit?organization=acme"))
    for path in ("/watchlist/edit", "/watchlist/remove"):
        answer = site.client.post(
            path, data={**fields, "form": "0" * 64, "organization": "acme", "do": "save"}
        )
        assert answer.status_code == 403
    assert file(site).read_text() == LABS


def test_a_program_saves_with_the_token_alone(site: Served) -> None:
    site.client.cookies.clear()
    data = {"key": "nova", "huggingface": "nova", "is_new": "yes", "do": "save"}
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert site.client.post("/watchlist/edit", data=data, headers=headers).status_code == 303
    assert [one.key for one in load(site.site.directory).organizations] == ["acme", "zenith", "nova"]


def test_who_may_only_read_sees_the_forms_without_a_button(site: Served) -> None:
    site.client.cookies.clear()
    for path in ("add", "edit?organization=acme", "remove?organization=acme"):
        page = site.get(f"/watchlist/{path}", headers={"authorization": f"Bearer {READ_TOKEN}"})
        assert page.status_code == 200
        assert "to change the watch list" in text_of(page)
        assert '<button name="do"' not in page.text
        assert 'class="danger"' not in page.text
