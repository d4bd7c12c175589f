"""The demo's hub speaks as the real one does, down to its headers."""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import pytest

from monitor.demo.recorded import load_recorded
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
