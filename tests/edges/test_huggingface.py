"""What a listing of the Hugging Face Hub becomes, row by row and page by page."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from monitor.core.types import Account, Listing, Sight
from monitor.demo.recorded import load_recorded
from monitor.demo.server import Answer, Request
from monitor.errors import HubError, Trouble
from monitor.hubs.huggingface import _EXPAND
from servers import Clock, ScriptedServer, StandInHub, huggingface, json_answer, object_id, repo

MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
ACME = Account("acme", "huggingface", "acme")
GOOD = {"_id": object_id(MAY), "id": "acme/One", "createdAt": "2026-05-02T08:25:31.000Z", "private": False}
TOLD: dict[str, Any] = GOOD | {
    "lastModified": "2026-06-01T00:00:00.000Z",
    "sha": "dba1be0a40aa45a94ad051997016db3960a90277",
    "gated": "auto",
    "tags": [
        "gguf",
        "license:mit",
        "base_model:acme/Zero",
        "base_model:quantized:acme/Zero",
        "base_model:merge:x/Y",
    ],
    "pipeline_tag": "text-generation",
    "library_name": "transformers",
    "safetensors": {"parameters": {"BF16": 7}, "total": 7_000_000_000},
    "disabled": True,
    "cardData": {"license": "other", "license_name": "acme-2", "license_link": "LICENSE"},
}

now = Clock()
NOW = now()


def listed(*rows: object) -> Listing:
    with ScriptedServer(json_answer(json.dumps(rows))) as server, huggingface(server.url) as hub:
        return hub.list_repos(ACME)


def failure(server: ScriptedServer | StandInHub, account: str = "acme", token: str | None = None) -> HubError:
    with server, huggingface(server.url, token) as hub, pytest.raises(HubError) as caught:
        hub.list_repos(Account("x", "huggingface", account))
    return caught.value


@pytest.mark.parametrize(
    ("account", "count"),
    [
        ("deepseek-ai", 87),
        ("Qwen", 131),
        ("mistralai", 73),
        ("openai", 39),
        ("moonshotai", 17),
        ("01-ai", 28),
    ],
)
def test_every_recorded_repository_is_listed(account: str, count: int) -> None:
    recorded = {each.name: each.created_at for each in load_recorded() if each.owner == account}
    with StandInHub(now, load_recorded()) as server, huggingface(server.url) as hub:
        listing = hub.list_repos(Account("x", "huggingface", account))
    assert {each.name: each.created_at for each in listing.repos} == recorded
    assert (len(recorded), listing.set_aside, listing.seen_at) == (count, (), NOW)


def test_a_listing_of_many_pages_is_walked_to_its_end() -> None:
    many = [repo(f"acme/M{i}", MAY + timedelta(minutes=i)) for i in range(2345)]
    with StandInHub(now, many) as server, huggingface(server.url) as hub:
        listing = hub.list_repos(ACME)
    assert {each.name for each in listing.repos} == {each.name for each in many}
    assert len(server.requests) == 3


def test_what_the_hub_tells_of_a_repository_is_read() -> None:
    (read,) = listed(TOLD).repos
    assert (read.hub_id, read.name, read.created_at) == (TOLD["_id"], "acme/One", MAY)
    assert read.url.endswith("/acme/One")
    assert read.last_modified == datetime(2026, 6, 1, tzinfo=UTC)
    assert (read.gated, read.licence, read.base_models) == ("auto", "mit", ("acme/Zero", "x/Y"))
    assert (read.pipeline_tag, read.library, read.parameters) == (
        "text-generation",
        "transformers",
        7_000_000_000,
    )
    assert (read.disabled, read.licence_name, read.licence_link) == (True, "acme-2", "LICENSE")
    assert read.has_weights is True


def test_the_hubs_own_library_knows_every_key_that_we_ask_for_and_reads_the_same() -> None:
    (read,) = listed(TOLD).repos
    from huggingface_hub.hf_api import (
        ExpandModelProperty_T,
        ModelInfo,
    )  # after ours, which keeps it from sending

    theirs = ModelInfo(**TOLD)
    assert set(_EXPAND) <= set(get_args(ExpandModelProperty_T))
    assert (read.name, read.created_at, read.last_modified) == (
        theirs.id,
        theirs.created_at,
        theirs.last_modified,
    )
    assert (read.sha, read.gated, read.pipeline_tag) == (theirs.sha, theirs.gated, theirs.pipeline_tag)
    assert theirs.safetensors is not None
    assert (read.library, read.parameters) == (theirs.library_name, theirs.safetensors.total)


@pytest.mark.parametrize(
    ("row", "gated"),
    [
        ({}, None),
        ({"gated": None}, None),
        ({"gated": False}, "no"),
        ({"gated": "false"}, "no"),
        ({"gated": True}, "manual"),
        ({"gated": "manual"}, "manual"),
        ({"gated": "auto"}, "auto"),
    ],
)
def test_an_absent_key_is_not_a_no(row: dict[str, object], gated: str | None) -> None:
    (read,) = listed(GOOD | row).repos
    assert (read.gated, read.licence, read.sha, read.parameters) == (gated, None, None, None)


@pytest.mark.parametrize(
    "fault",
    [
        {"_id": None},
        {"_id": "6909b87b"},
        {"_id": 7},
        {"id": None},
        {"id": ""},
        {"id": "acme/../../etc/passwd"},
        {"id": "a/b/c"},
        {"id": "acme/.git"},
        {"id": "acme/" + "x" * 97},
        {"id": "acme/evil\u202eName"},
        {"id": "acme/\ud800"},
        {"id": ["acme/One"]},
        {"createdAt": "2016-12-31T23:59:60Z"},
        {"createdAt": "2026-13-32T00:00:00Z"},
        {"createdAt": "0000-00-00T00:00:00Z"},
        {"createdAt": "0001-01-01T00:00:00+09:00"},
        {"createdAt": "9999-12-31T23:59:59Z"},
        {"createdAt": "10000-01-01T00:00:00Z"},
        {"createdAt": "2026-05-02T08:25:31"},
        {"createdAt": "2026-05-02T08:25:31+25:00"},
        {"createdAt": 1762244731},
        {"createdAt": ""},
        {"private": "perhaps"},
        {"private": []},
        {"gated": {"by": "form"}},
        {"tags": "license:mit"},
        {"tags": [["license:mit"]]},
        {"tags": ["gguf", 7]},
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_and_the_rest_counts(fault: dict[str, object]) -> None:
    listing = listed(GOOD | {"_id": object_id(MAY, 2), "id": "acme/Bad"} | fault, GOOD)
    assert [each.name for each in listing.repos] == ["acme/One"]
    (aside,) = listing.set_aside
    assert aside.reason
    aside.raw.encode()  # any database takes it
    assert json.loads(aside.raw)


def test_a_row_set_aside_is_kept_up_to_64_kilobytes() -> None:
    (aside,) = listed(GOOD, {"_id": None, "card": "x" * 10_000_000}).set_aside
    assert len(aside.raw) == 64 * 1024


@pytest.mark.parametrize(
    ("piece", "kept"),
    [
        ('"safetensors": {"total": NaN}', None),
        ('"safetensors": {"total": Infinity}', None),
        ('"safetensors": {"total": 1e999}', None),
        ('"safetensors": {"total": -5}', None),
        ('"safetensors": {"total": "many"}', None),
        ('"safetensors": {"total": 1' + "0" * 400 + "}", None),
        ('"safetensors": {"total": ' + "9" * 5000 + "}", None),
        ('"safetensors": [[7]]', None),
        ('"safetensors": {"total": 7}, "sha": 7, "lastModified": "soon", "library_name": {}', 7),
        ('"safetensors": {"total": 7}, "unheard-of": {"a": [1]}', 7),
    ],
)
def test_odd_values_of_informing_keys_are_none_and_cost_no_row(piece: str, kept: int | None) -> None:
    body = json.dumps(GOOD)[:-1] + f", {piece}}}"
    with ScriptedServer(json_answer(f"[{body}]")) as server, huggingface(server.url) as hub:
        (read,) = hub.list_repos(ACME).repos
    assert (read.parameters, read.sha, read.last_modified, read.library) == (kept, None, None, None)


def test_bytes_that_are_no_text_and_keys_that_stand_twice_cost_their_row_alone() -> None:
    twice = b'{"_id": "' + object_id(MAY, 2).encode() + b'", "id": "acme/A", "id": "acme/B"}'
    broken = b'{"_id": "' + object_id(MAY, 3).encode() + b'", "id": "acme/\xff\xfe"}'
    body = b"\xef\xbb\xbf[" + b",".join([json.dumps(GOOD).encode(), twice, broken]) + b"]"
    with ScriptedServer(json_answer(body)) as server, huggingface(server.url) as hub:
        listing = hub.list_repos(ACME)
    assert [each.name for each in listing.repos] == ["acme/One"]
    assert [each.reason for each in listing.set_aside] == [
        "a key stands twice",
        "id is missing or ill-formed",
    ]


def test_text_from_the_hub_is_cleaned() -> None:
    row = GOOD | {"tags": ["license:m\u202ei\u200bt\x00\x1b[31m\ud800"], "library_name": "a\nb\u2028c"}
    (read,) = listed(row).repos
    assert (read.licence, read.library) == ("mit[31m\ufffd", "a b c")


def test_a_creation_in_the_future_and_a_name_without_an_owner_are_kept() -> None:
    listing = listed(GOOD | {"createdAt": "2036-01-01T00:00:00.000Z", "id": "gpt2"})
    assert [(each.name, each.created_at) for each in listing.repos] == [
        ("gpt2", datetime(2036, 1, 1, tzinfo=UTC))
    ]


def test_a_row_repeated_on_the_next_page_counts_once() -> None:
    def page(request: Request) -> Answer:
        two = GOOD | {"_id": object_id(MAY, 2), "id": "acme/Two"}
        if request.first("cursor"):
            return json_answer(json.dumps([GOOD, two]))
        return json_answer(json.dumps([GOOD]), 200, ("Link", '</api/models?cursor=b>; rel="next"'))

    with ScriptedServer(page) as server, huggingface(server.url) as hub:
        assert [each.name for each in hub.list_repos(ACME).repos] == ["acme/One", "acme/Two"]


def test_an_account_without_repositories_is_an_empty_listing() -> None:
    with StandInHub(now, organizations=["acme"]) as server, huggingface(server.url) as hub:
        assert hub.list_repos(ACME).repos == ()
        assert hub.exists("acme") == "acme"


def test_an_unknown_account_is_not_an_empty_listing() -> None:
    with_qwen = StandInHub(now, [repo("Qwen/One", MAY)], users=["someone"])
    error = failure(with_qwen, "qwen")
    assert error.trouble is Trouble.NOT_FOUND
    assert "'qwen'" in str(error)
    assert "case-sensitive" in str(error)


def test_an_account_that_the_hub_spells_differently_is_named() -> None:
    overview = json_answer('{"name": "Qwen", "numModels": 100}')
    error = failure(ScriptedServer(json_answer("[]"), overview), "qwen")
    assert (error.trouble, "'Qwen'" in str(error)) == (Trouble.NOT_FOUND, True)


def test_an_empty_list_of_an_account_with_models_is_incomplete() -> None:
    error = failure(ScriptedServer(json_answer("[]"), json_answer('{"name": "acme", "numModels": 3}')))
    assert error.trouble is Trouble.INCOMPLETE


def test_fewer_rows_than_the_hub_counts_are_incomplete() -> None:
    error = failure(ScriptedServer(json_answer(json.dumps([GOOD]), 200, ("X-Total-Count", "2"))))
    assert error.trouble is Trouble.INCOMPLETE


def test_a_renamed_account_is_listed_under_its_new_name() -> None:
    answers = json_answer(json.dumps([GOOD | {"id": "newacme/One"}])), json_answer('{"name": "newacme"}')
    with ScriptedServer(*answers) as server, huggingface(server.url) as hub:
        assert hub.list_repos(ACME).listed_as == "newacme"


def test_a_mirror_that_ignores_the_author_is_not_believed() -> None:
    rows = [GOOD | {"_id": object_id(MAY, i), "id": f"user{i}/One"} for i in range(3)]
    assert failure(ScriptedServer(json_answer(json.dumps(rows)))).trouble is Trouble.SHAPE


def test_a_row_of_another_account_is_set_aside() -> None:
    listing = listed(GOOD, GOOD | {"_id": object_id(MAY, 2), "id": "other/Two"})
    assert [each.name for each in listing.repos] == ["acme/One"]
    assert [each.reason for each in listing.set_aside] == ["belongs to another account"]


def test_a_private_repository_is_left_out_and_appears_once_it_is_public() -> None:
    late = repo("acme/Late", MAY, public_from=NOW)
    hidden = repo("acme/Hidden", MAY, public_from=NOW + timedelta(days=1))
    with (
        StandInHub(now, [late, hidden], tokens=["hf_good"]) as server,
        huggingface(server.url, "hf_good") as hub,
    ):
        listing = hub.list_repos(ACME)
        assert [(each.name, each.created_at) for each in listing.repos] == [("acme/Late", MAY)]
        assert hub.look("acme/Hidden").sight is Sight.GONE
