"""What a repository of the Hugging Face Hub holds: its weights, its licence texts, and what they were before."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from monitor.core.contents import Contents, Inspection, LicenceText
from monitor.core.types import Account, Listing, Quota, Repo
from monitor.demo.repo import DemoCommit, DemoRepo
from monitor.demo.server import Answer, Request
from monitor.errors import HubError, HubPaused, Trouble
from monitor.hubs.huggingface import HuggingFace
from servers import Clock, ScriptedServer, StandInHub, html_answer, huggingface, json_answer, repo

MAY = datetime(2026, 5, 2, tzinfo=UTC)
NOW = Clock().now
DAY = timedelta(days=1)
SHA, OLD = "a" * 40, "b" * 40
ONE = Repo("6" * 24, "acme/One", "https://hub.test/acme/One", sha=SHA)
FILES = {"README.md": "# One", "LICENSE": "MIT", "model.safetensors": "v1"}
now = Clock()


def commits(*files: Mapping[str, str], **settings: Any) -> DemoRepo:
    """A repository of acme with a commit a day, the last one now."""
    days = [NOW - n * DAY for n in range(len(files))][::-1]
    made = tuple(DemoCommit(day, each) for day, each in zip(days, files, strict=True))
    return repo("acme/One", MAY, commits=made, **settings)


def entry(path: str, **changes: Any) -> dict[str, Any]:
    return {"type": "file", "oid": "0" * 40, "size": 1, "path": path} | changes


def tree(*paths: str) -> Answer:
    return json_answer(json.dumps([entry(path) for path in paths]))


def listed(hub: HuggingFace) -> Repo:
    listing = hub.list_repos(Account("acme", "huggingface", "acme"))
    assert isinstance(listing, Listing)
    return listing.repos[0]


def inspect(
    *answers: Answer, before: Contents | None = None, since: str | None = None, token: str | None = None
) -> Inspection | None:
    with ScriptedServer(*answers) as server, huggingface(server.url, token) as hub:
        return hub.inspect(ONE, before, since)


def held(*answers: Answer) -> Contents:
    inspection = inspect(*answers)
    assert inspection is not None
    return inspection.now


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def test_weights_are_known_by_their_hashes_and_a_readme_changes_none() -> None:
    after = FILES | {"README.md": "# Another"}
    with StandInHub(now, [commits(FILES, after)]) as server, huggingface(server.url) as hub:
        one = listed(hub)
        server.repos = (commits(FILES),)
        before = hub.inspect(listed(hub), None, None)
        server.repos = (commits(FILES, after),)
        assert before is not None
        inspection = hub.inspect(one, before.now, None)
    assert inspection is not None
    assert one.sha == inspection.now.revision
    assert inspection.now.weights == before.now.weights == {"model.safetensors": digest("v1")}
    assert (inspection.now.licences, inspection.texts) == (before.now.licences, ())
    assert set(inspection.now.licences) == {"LICENSE"}


def test_weights_replaced_in_place_have_other_hashes_than_at_the_commit_before() -> None:
    both = commits(FILES, FILES | {"model.safetensors": "v2"})
    since, _ = both.history(NOW)
    with StandInHub(now, [both]) as server, huggingface(server.url) as hub:
        inspection = hub.inspect(listed(hub), None, since)
    assert inspection is not None
    assert inspection.before is not None
    assert inspection.before.weights == {"model.safetensors": digest("v1")}
    assert inspection.now.weights == {"model.safetensors": digest("v2")}
    assert inspection.before.revision == since


def test_a_licence_that_was_edited_is_shown_as_it_was_and_as_it_is() -> None:
    after = FILES | {"LICENSE": "MIT, but not above 1M users", "LICENSE-MODEL": "new"}
    both = commits(FILES | {"COPYING": "old"}, after)
    since, _ = both.history(NOW)
    with StandInHub(now, [both]) as server, huggingface(server.url) as hub:
        inspection = hub.inspect(listed(hub), None, since)
    assert inspection is not None
    assert inspection.texts == (
        LicenceText("COPYING", "old", None),
        LicenceText("LICENSE", "MIT", "MIT, but not above 1M users"),
        LicenceText("LICENSE-MODEL", None, "new"),
    )
    assert sum("/resolve/" in request.path for request in server.requests) == 4


def test_a_licence_that_a_gated_repository_does_not_show_has_no_text() -> None:
    both = commits(FILES, FILES | {"LICENSE": "other"}, gated="manual")
    with StandInHub(now, [both]) as server, huggingface(server.url) as hub:
        inspection = hub.inspect(listed(hub), None, next(iter(both.history(NOW))))
    assert inspection is not None
    assert inspection.texts == (LicenceText("LICENSE", None, None),)


def test_a_commit_that_was_squashed_away_is_not_known() -> None:
    with StandInHub(now, [commits(FILES)]) as server, huggingface(server.url) as hub:
        inspection = hub.inspect(listed(hub), None, OLD)
    assert inspection is not None
    assert (inspection.before, inspection.texts) == (None, ())


def test_the_text_of_a_licence_whose_commit_is_gone_is_none() -> None:
    with StandInHub(now, [commits(FILES)]) as server, huggingface(server.url) as hub:
        inspection = hub.inspect(listed(hub), Contents(OLD, {}, {"LICENSE": "0" * 40}), None)
    assert inspection is not None
    assert inspection.texts == (LicenceText("LICENSE", None, "MIT"),)


def test_what_was_known_before_is_not_asked_for_again() -> None:
    with StandInHub(now, [commits(FILES)]) as server, huggingface(server.url) as hub:
        known = hub.inspect(listed(hub), None, None)
        assert known is not None
        server.requests.clear()
        assert hub.inspect(listed(hub), known.now, OLD) == Inspection(known.now, known.now)
    assert [request.path.split("/")[-2] for request in server.requests] == ["api", "tree"]


def test_files_on_many_pages_are_all_seen() -> None:
    many = {f"model-{n:05}.safetensors": "x" for n in range(1500)}
    with StandInHub(now, [commits(many)]) as server, huggingface(server.url) as hub:
        inspection = hub.inspect(listed(hub), None, None)
    assert inspection is not None
    assert set(inspection.now.weights) == set(many)


def test_of_more_weights_than_anybody_compares_the_first_2000_are_kept() -> None:
    names = [f"{n:05}.gguf" for n in range(2500)]
    assert list(held(tree(*reversed(names))).weights) == names[:2000]


def test_files_without_end_are_not_shown() -> None:
    def endless(request: Request) -> Answer:
        number = int(request.first("cursor") or 0)
        link = ("Link", f'<{request.path}?cursor={number + 1}>; rel="next"')
        return json_answer(json.dumps([entry(f"{number}.bin")]), 200, link)

    with ScriptedServer(endless) as server, huggingface(server.url) as hub:
        assert hub.inspect(ONE, None, None) is None
    assert len(server.requests) == 20


@pytest.mark.parametrize(
    ("status", "token"), [(404, None), (401, None), (403, None), (410, None), (404, "hf_x")]
)
def test_what_the_hub_does_not_show_cannot_be_looked_into(status: int, token: str | None) -> None:
    assert inspect(json_answer("", status), token=token) is None


def test_a_repository_whose_commit_the_hub_does_not_tell_is_not_asked_for() -> None:
    with ScriptedServer(tree()) as server, huggingface(server.url) as hub:
        assert hub.inspect(replace(ONE, sha=None), None, None) is None
    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (html_answer(), Trouble.SHAPE),
        (json_answer("{}"), Trouble.SHAPE),
        (json_answer("[7]"), Trouble.SHAPE),
        (json_answer('[{"type": "file"}]'), Trouble.SHAPE),
        (json_answer('[{"type": "file", "path": "a.bin"}]'), Trouble.SHAPE),
        (json_answer('[{"type": "file", "path": "a.bin", "oid": "\\u0000"}]'), Trouble.SHAPE),
        (json_answer('[{"type": "file", "path": "a.bin", "oid": 7}]'), Trouble.SHAPE),
        (json_answer("", 418), Trouble.SHAPE),
        (html_answer(500), Trouble.SERVER),
        (html_answer(429), Trouble.QUOTA),
    ],
)
@pytest.mark.parametrize("since", [None, OLD])
def test_an_error_is_never_read_as_no_files(answer: Answer, trouble: Trouble, since: str | None) -> None:
    answers = (tree("m.bin"), answer) if since else (answer,)
    with pytest.raises(HubError) as caught:
        inspect(*answers, since=since)
    assert caught.value.trouble is trouble


def test_a_broken_token_is_named() -> None:
    with pytest.raises(HubError, match="HF_TOKEN"):
        inspect(json_answer("", 401), token="hf_bad")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(200, (), b"Apache \xff 2"), "Apache \ufffd 2"),
        (Answer(200, (), b""), ""),
        (Answer(200, (), b"x" * 300_000), "x" * 256 * 1024),
        (Answer(200, (), b"%PDF\x00\x01"), None),
        (Answer(200, (), "\ufeffApache 2".encode()), "Apache 2"),
        (Answer(200, (), b"\xff\xfe" + "许可 2".encode("utf-16-le")), "许可 2"),
        (Answer(200, (), b"\xfe\xff" + "许可 2".encode("utf-16-be")), "许可 2"),
        (Answer(200, (), b"\xff\xfe\x00\x00\x01"), None),
        (Answer(404), None),
        (Answer(401), None),
        (html_answer(500), None),
        (Answer(302, (("Location", "https://cdn.invalid/x"),)), None),
    ],
)
def test_a_licence_is_read_as_text_or_not_at_all(answer: Answer, text: str | None) -> None:
    inspection = inspect(tree("LICENSE"), answer, before=Contents(OLD))
    assert inspection is not None
    assert inspection.texts == (LicenceText("LICENSE", None, text),)


def test_a_name_or_commit_that_leads_elsewhere_stays_one_part_of_the_address() -> None:
    with ScriptedServer(tree()) as server, huggingface(server.url) as hub:
        hub.inspect(replace(ONE, sha="../../../whoami?x=#"), None, None)
    (request,) = server.requests
    assert request.target.startswith("/api/models/acme/One/tree/..%2F..%2F..%2Fwhoami%3Fx%3D%23?")


def test_the_quota_of_files_is_kept_and_is_not_that_of_listings() -> None:
    quota = Quota(20, timedelta(minutes=5))  # and 120 files
    edited = commits(FILES | {f"LICENSE-{n}": "x" for n in range(30)}, FILES)
    since = next(iter(edited.history(NOW)))
    with StandInHub(now, [edited], quota=quota) as server, huggingface(server.url) as hub:
        one = listed(hub)
        inspection = hub.inspect(one, None, since)
        assert inspection is not None
        assert len(inspection.texts) == 19  # twenty licences are kept, and one of them stayed
        with pytest.raises(HubPaused):
            all(hub.inspect(one, None, since) for _ in range(6))
        assert 100 < sum("/resolve/" in request.path for request in server.requests) <= 108
        assert hub.exists("acme") == "acme"
