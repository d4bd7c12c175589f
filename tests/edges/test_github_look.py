"""What GitHub says of one repository: whether it is there, and what its releases confirm."""

import json
from datetime import timedelta

import pytest

from github_server import CREATED, Code, StandInGitHub, github, iso, release, said
from monitor.core.contents import Confirmation, ConfirmationKind, Inspection
from monitor.core.types import Account, Listing, Look, Repo, Sight
from monitor.demo.server import Answer
from monitor.errors import HubError, Trouble
from servers import Clock, ScriptedServer, html_answer, json_answer

DAY = timedelta(days=1)
MB = 10**6
now = Clock()
REPO = Repo("7", "acme/Code", "https://github.com/acme/Code", created_at=CREATED, sha="2026-05-03T00:00:00Z")


def look_at(answer: Answer) -> Look:
    with ScriptedServer(answer) as server, github(server.url) as hub:
        return hub.look("acme/Code")


def confirmed(*releases: object) -> tuple[Confirmation, ...]:
    """What the releases confirm, after the repository itself."""
    with ScriptedServer(json_answer(json.dumps(releases))) as server, github(server.url) as hub:
        inspection = hub.inspect(REPO, None, None)
    assert inspection is not None
    assert inspection.now.confirms[0] == Confirmation(ConfirmationKind.CODE, "code", REPO.url, CREATED)
    return inspection.now.confirms[1:]


def test_a_renamed_repository_keeps_its_id_and_answers_to_its_old_name() -> None:
    with (
        StandInGitHub(now, [Code(7, "acme/New", former_names=("acme/Old",))]) as server,
        github(server.url) as hub,
    ):
        assert hub.look("acme/Old") == Look(Sight.PUBLIC, "7", "acme/New")
        assert hub.look("acme/New") == Look(Sight.PUBLIC, "7", "acme/New")
        assert hub.look("acme/Never") == Look(Sight.GONE)


@pytest.mark.parametrize(
    ("status", "sight"),
    [(404, Sight.GONE), (410, Sight.GONE), (451, Sight.GONE)]
    + [(status, Sight.UNSURE) for status in (401, 403, 418, 500, 502)],
)
def test_a_direct_look_says_gone_only_where_the_hub_does(status: int, sight: Sight) -> None:
    assert look_at(said("no", status)).sight is sight


@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        "[]",
        "{}",
        '{"id": "7", "full_name": "acme/Code"}',
        '{"id": 7, "full_name": "a/b/c"}',
        '{"id": 7, "full_name": "acme/Code", "private": "perhaps"}',
    ],
)
def test_a_look_that_cannot_be_read_is_unsure(body: str) -> None:
    assert look_at(json_answer(body)) == Look(Sight.UNSURE)


def test_a_look_at_what_our_token_alone_shows_is_gone() -> None:
    row = Code(7, "acme/Code").row()
    assert look_at(json_answer(json.dumps(row | {"private": True}))) == Look(Sight.GONE)
    assert look_at(json_answer(json.dumps(row | {"visibility": "internal"}))) == Look(Sight.GONE)


def test_a_look_at_a_hub_that_refuses_to_be_asked_is_an_error() -> None:
    with pytest.raises(HubError) as caught:
        look_at(said("slow down", 403, ("Retry-After", "30")))
    assert (caught.value.trouble, caught.value.retry_after) == (Trouble.QUOTA, timedelta(seconds=30))


def test_a_release_confirms_its_code_and_its_weights_when_it_was_published() -> None:
    files = [("model.safetensors", 5), ("README.md", 5), ("Model-Q4.GGUF", 5), ("params.tar", 101 * MB)]
    url = "https://github.com/acme/Code/releases/tag/v1.0"
    assert confirmed(release("v1.0", CREATED + DAY, *files)) == (
        Confirmation(ConfirmationKind.CODE, "release v1.0", url, CREATED + DAY),
        Confirmation(ConfirmationKind.WEIGHTS, "model.safetensors", url, CREATED + DAY),
        Confirmation(ConfirmationKind.WEIGHTS, "Model-Q4.GGUF", url, CREATED + DAY),
        Confirmation(ConfirmationKind.WEIGHTS, "params.tar", url, CREATED + DAY),
    )


@pytest.mark.parametrize("name", ["source.zip", "source.tar.gz", "bin", "weights.txt", "x.bin.sha256"])
def test_a_small_file_of_another_kind_is_no_weights(name: str) -> None:
    assert [each.kind for each in confirmed(release("v1", CREATED, (name, MB)))] == [ConfirmationKind.CODE]


@pytest.mark.parametrize("name", ["engine-1.0-cp311.whl", "Setup.exe", "App.dmg", "engine.deb"])
def test_a_large_program_is_no_weights(name: str) -> None:
    assert len(confirmed(release("v1", CREATED, (name, 900 * MB)))) == 1


def test_weights_that_were_attached_later_are_there_since_then() -> None:
    late = release("v1", CREATED, ("a.gguf", 5))
    late["assets"][0]["created_at"] = iso(CREATED + DAY)
    half = release("v2", CREATED, ("b.gguf", 5))
    half["assets"][0]["state"] = "starter"
    assert [each.at for each in confirmed(late) if each.kind is ConfirmationKind.WEIGHTS] == [CREATED + DAY]
    assert len(confirmed(half)) == 1


def test_drafts_and_what_cannot_be_read_confirm_nothing() -> None:
    rows: list[object] = [release("v1", None), release("v2", CREATED, draft=True), 7, None, {}]
    rows += [release("v3", CREATED) | wrong for wrong in ({"published_at": "soon"}, {"tag_name": None})]
    assert confirmed(*rows) == ()
    odd = release("v4\u202e\n", CREATED) | {
        "assets": [7, {}, {"name": 7, "size": "x"}],
        "html_url": "data:,x",
    }
    assert confirmed(odd) == (
        Confirmation(ConfirmationKind.CODE, "release v4", f"{REPO.url}/releases", CREATED),
    )
    foreign = release("v5", CREATED) | {"html_url": "https://evil.example/acme/Code/releases/tag/v5"}
    assert confirmed(foreign)[0].url == f"{REPO.url}/releases"


def test_the_newest_twenty_releases_count_and_weights_are_not_without_end() -> None:
    rows = [release(f"v{day}", CREATED + day * DAY) for day in range(30)]
    assert [each.text for each in confirmed(*rows)] == [f"release v{day}" for day in range(29, 9, -1)]
    shards = [(f"model-{n}.safetensors", 5) for n in range(1000)]
    assert len(confirmed(release("v1", CREATED, *shards))) == 51


def test_a_repository_is_inspected_under_its_new_name_too() -> None:
    renamed = Code(7, "acme/New", former_names=("acme/Code",), releases=(release("v1", CREATED),))
    with StandInGitHub(now, [renamed]) as server, github(server.url) as hub:
        inspection = hub.inspect(REPO, None, None)
        assert hub.inspect(Repo("8", "acme/Never", "https://github.com/acme/Never"), None, None) is None
    assert isinstance(inspection, Inspection)
    assert (inspection.now.revision, len(inspection.now.confirms)) == (REPO.sha, 2)
    assert (inspection.before, inspection.texts, inspection.now.weights) == (None, (), {})


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (html_answer(), Trouble.SHAPE),
        (json_answer("{}"), Trouble.SHAPE),
        (said("Bad credentials", 401), Trouble.REFUSED),
        (html_answer(500), Trouble.SERVER),
    ],
)
def test_an_inspection_that_fails_is_an_error(answer: Answer, trouble: Trouble) -> None:
    with (
        ScriptedServer(answer) as server,
        github(server.url) as hub,
        pytest.raises(HubError) as caught,
    ):
        hub.inspect(REPO, None, None)
    assert caught.value.trouble is trouble


def test_what_was_listed_can_be_inspected() -> None:
    code = Code(7, "acme/Code", releases=(release("v1", CREATED + DAY, ("w.onnx", 5)),))
    with StandInGitHub(now, [code]) as server, github(server.url) as hub:
        listing = hub.list_repos(Account("acme", "github", "acme"))
        assert isinstance(listing, Listing)
        inspection = hub.inspect(listing.repos[0], None, None)
    assert inspection is not None
    assert [each.text for each in inspection.now.confirms] == ["code", "release v1", "w.onnx"]
