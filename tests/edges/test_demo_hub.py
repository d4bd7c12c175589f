"""The demo's hub speaks as the real one does, down to its headers."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from monitor.core.types import Quota
from monitor.demo.recorded import load_recorded
from monitor.demo.repo import DemoCommit
from servers import StandInHub, repo

NOW = datetime(2026, 6, 12, tzinfo=UTC)
MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)


def hub(*repos: object, **settings: object) -> StandInHub:
    return StandInHub(lambda: NOW, repos, **settings)  # type: ignore[arg-type]


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    with urlopen(Request(url, headers=headers)) as response:
        return response.status, {k.lower(): v for k, v in response.headers.items()}, response.read()


def test_a_plain_row_has_no_gating_and_an_expanded_one_only_what_was_asked_for() -> None:
    with hub(repo("acme/One", MAY, library="transformers")) as server:
        (plain,) = json.loads(get(f"{server.url}/api/models?author=acme&unheard-of=1")[2])
        (asked,) = json.loads(get(f"{server.url}/api/models?author=acme&expand=gated&expand[]=sha")[2])
    assert {"modelId", "likes", "createdAt", "library_name"} <= set(plain)
    assert not {"gated", "sha", "author", "lastModified", "disabled"} & set(plain)
    assert set(asked) == {"_id", "id", "gated", "sha"}


def test_an_id_begins_with_its_creation_time() -> None:
    assert all(int(each.object_id[:8], 16) == each.created_at.timestamp() for each in load_recorded())
    assert len({each.object_id for each in load_recorded()}) == len(load_recorded()) == 575


def test_pages_are_linked_by_a_cursor_over_ids() -> None:
    with hub(*(repo(f"acme/M{i}", MAY + timedelta(seconds=i)) for i in range(5))) as server:
        names, url = [], f"{server.url}/api/models?author=acme&sort=createdAt&limit=2"
        while url:
            _, headers, body = get(url)
            names += [row["id"] for row in json.loads(body)]
            url = headers.get("link", "").partition("<")[2].partition(">")[0]
            if "cursor=" in url:
                cursor = json.loads(base64.b64decode(url.partition("cursor=")[2].replace("%3D", "=")))
                assert set(cursor["_id"]) == {"$lt"}
    assert names == ["acme/M4", "acme/M3", "acme/M2", "acme/M1", "acme/M0"]


def test_an_unknown_author_is_an_empty_list() -> None:
    with hub(repo("acme/One", MAY)) as server:
        assert get(f"{server.url}/api/models?author=Acme")[2] == b"[]"


def test_the_quota_counts_down_and_an_unchanged_body_is_spared() -> None:
    with hub(repo("acme/One", MAY)) as server:
        _, first, _ = get(f"{server.url}/api/models?author=acme")
        assert (first["ratelimit"], first["ratelimit-policy"]) == (
            '"api";r=499;t=300',
            '"fixed window";"api";q=500;w=300',
        )
        with pytest.raises(OSError, match="304") as caught:
            get(f"{server.url}/api/models?author=acme", **{"If-None-Match": first["etag"]})
    assert caught.value.headers["RateLimit"] == '"api";r=498;t=300'  # type: ignore[attr-defined]
    caught.value.close()  # type: ignore[attr-defined]


def refusal(url: str, **headers: str) -> HTTPError:
    """The answer to a request that is refused."""
    with pytest.raises(HTTPError) as caught:
        get(url, **headers)
    caught.value.close()
    return caught.value


def test_without_etags_every_answer_has_its_body() -> None:
    with hub(repo("acme/One", MAY), etags=False) as server:
        _, headers, body = get(f"{server.url}/api/models?author=acme", **{"If-None-Match": "*"})
    assert ("etag" in headers, len(json.loads(body))) == (False, 1)


def test_without_an_author_the_newest_of_all_come_first() -> None:
    models = [repo(f"user{i}/M", MAY + timedelta(seconds=i)) for i in range(50)]
    with hub(*models) as server:
        rows = json.loads(get(f"{server.url}/api/models?sort=createdAt&limit=3&expand=createdAt")[2])
    assert [row["id"] for row in rows] == ["user49/M", "user48/M", "user47/M"]
    assert set(rows[0]) == {"_id", "id", "createdAt"}


def test_commits_change_the_row_when_their_time_comes() -> None:
    now = MAY
    first, second = DemoCommit(MAY, {"a.bin": "1"}), DemoCommit(MAY + timedelta(days=1), {"a.bin": "2"})
    server = StandInHub(lambda: now, [repo("acme/One", MAY, commits=(first, second), tags=("license:mit",))])
    with server:
        query = f"{server.url}/api/models?author=acme&expand=sha&expand=lastModified&expand=cardData"
        (before,) = json.loads(get(query)[2])
        assert json.loads(get(query)[2]) == [before]
        now += timedelta(days=1)
        (after,) = json.loads(get(query)[2])
    assert (before["lastModified"], after["lastModified"]) == (
        "2026-05-02T08:25:31.000Z",
        "2026-05-03T08:25:31.000Z",
    )
    assert before["sha"] != after["sha"]
    assert after["cardData"] == {"license": "mit"}


def test_what_is_kept_of_an_answer_ends_with_what_it_shows() -> None:
    now = MAY
    hidden = repo(
        "acme/Late", MAY, public_from=MAY + timedelta(hours=1), public_until=MAY + timedelta(hours=2)
    )
    server = StandInHub(lambda: now, [hidden, repo("acme/One", MAY)], tokens=["hf_good"])
    with server:
        seen = []
        for _ in range(3):
            seen.append(len(json.loads(get(f"{server.url}/api/models?author=acme")[2])))
            now += timedelta(hours=1)
        server.repos = (replace(hidden, public_until=None),)
        seen.append(len(json.loads(get(f"{server.url}/api/models?author=acme")[2])))
        token = {"Authorization": "Bearer hf_good"}
        now = MAY
        seen.append(len(json.loads(get(f"{server.url}/api/models?author=acme", **token)[2])))
        seen.append(len(json.loads(get(f"{server.url}/api/models?author=acme")[2])))
    assert seen == [1, 2, 1, 1, 1, 0]


def test_the_files_of_a_commit_have_hashes_and_large_ones_are_elsewhere() -> None:
    commits = (DemoCommit(MAY, {"LICENSE": "MIT", "m.gguf": "v1"}), DemoCommit(NOW, {"m.gguf": "v2"}))
    one = repo("acme/One", MAY, commits=commits, former_names=("acme/Old",))
    old, new = one.history(NOW)
    with hub(one) as server:
        licence, weights = json.loads(get(f"{server.url}/api/models/acme/Old/tree/{old}?recursive=true")[2])
        assert json.loads(get(f"{server.url}/api/models/acme/One/tree/main")[2])[0]["path"] == "m.gguf"
        _, headers, text = get(f"{server.url}/acme/One/resolve/{old}/LICENSE")
        assert (text, '"resolvers";r=2999' in headers["ratelimit"]) == (b"MIT", True)
        assert (
            refusal(f"{server.url}/acme/One/resolve/{new}/LICENSE").headers["X-Error-Code"] == "EntryNotFound"
        )
        unknown = refusal(f"{server.url}/api/models/acme/One/tree/{'0' * 40}")
        assert (unknown.code, unknown.headers["X-Error-Code"]) == (404, "RevisionNotFound")
        assert refusal(f"{server.url}/api/models/acme/None/tree/main").code == 401
        assert refusal(f"{server.url}/acme/None/resolve/main/LICENSE").code == 401
    # printf MIT | git hash-object --stdin
    assert (licence["oid"], "lfs" in licence) == ("8ab70c0254878ca8a5a15e98c7d32b4f7c5710c9", False)
    assert (weights["type"], len(weights["lfs"]["oid"])) == ("file", 64)


def test_files_have_a_quota_of_their_own() -> None:
    with hub(repo("acme/One", MAY), quota=Quota(1, timedelta(minutes=5))) as server:
        get(f"{server.url}/api/models?author=acme")
        assert refusal(f"{server.url}/api/models?author=acme").code == 429
        assert get(f"{server.url}/acme/One/resolve/main/README.md")[0] == 200
