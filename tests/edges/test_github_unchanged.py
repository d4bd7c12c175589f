"""When a listing of GitHub need not be read again, and when it must be."""

import json
from datetime import timedelta

import pytest

from github_server import CREATED, Code, StandInGitHub, github, many, whole
from monitor.core.types import Account, Quota, Unchanged
from monitor.errors import HubError, Trouble
from servers import Clock, ScriptedServer, json_answer

ACME = Account("acme", "github", "acme")
DAY = timedelta(days=1)
now = Clock()
ONE = Code(7, "acme/One", pushed_at=CREATED + DAY)


def test_an_unchanged_listing_is_free_with_a_token() -> None:
    with StandInGitHub(now, many(250), tokens=["ghp_x"]) as server, github(server.url, "ghp_x") as hub:
        listing = whole(hub.list_repos(ACME))
        charged = server.charged
        for _ in range(3):
            assert hub.list_repos(ACME, listing.validator) == Unchanged(ACME, now())
        assert (charged, server.charged, len(server.requests)) == (3, 3, 12)
        assert hub.quota == Quota(5000, timedelta(hours=1))


def test_a_changed_second_page_is_seen_behind_an_unchanged_first() -> None:
    with StandInGitHub(now, many(150)) as server, github(server.url) as hub:
        before = whole(hub.list_repos(ACME))
        old = server.repos[0]
        server.repos.append(Code(999, "acme/MadePublicLate", pushed_at=old.pushed_at))
        after = whole(hub.list_repos(ACME, before.validator))
    assert {repo.name for repo in after.repos} - {repo.name for repo in before.repos} == {
        "acme/MadePublicLate"
    }
    assert len(after.repos) == 151


def test_a_changed_first_page_begins_the_walk() -> None:
    with StandInGitHub(now, many(150)) as server, github(server.url) as hub:
        before = whole(hub.list_repos(ACME))
        server.repos[-1].licence = "MIT"
        after = whole(hub.list_repos(ACME, before.validator))
        assert len(server.requests) == 4
        assert isinstance(hub.list_repos(ACME, after.validator), Unchanged)
    assert len(after.repos) == 150
    assert "MIT" in {repo.licence for repo in after.repos}


def test_a_page_that_a_new_one_may_follow_is_read_each_time() -> None:
    with StandInGitHub(now, many(100)) as server, github(server.url) as hub:
        before = whole(hub.list_repos(ACME))
        server.repos.append(Code(999, "acme/MadePublicLate", pushed_at=CREATED - DAY))
        after = whole(hub.list_repos(ACME, before.validator))
    assert (before.validator, len(before.repos), len(after.repos)) == (None, 100, 101)


@pytest.mark.parametrize("tag", ["", "abc", 'W/"a\u00e9"', '"' + "x" * 300 + '"'])
def test_a_listing_without_usable_tags_has_no_validator(tag: str) -> None:
    answer = json_answer(json.dumps([ONE.row()]), 200, *([("ETag", tag)] if tag else []))
    with ScriptedServer(answer) as server, github(server.url) as hub:
        assert whole(hub.list_repos(ACME)).validator is None


@pytest.mark.parametrize(
    "known",
    ["", "{}", "7", "[1]", "[1,7]", '[1,["a"]]', "<html>", '[1,["http://127.0.0.1:9/x","\\"e\\""]]'],
)
def test_a_validator_of_something_else_is_forgotten(known: str) -> None:
    with StandInGitHub(now, [ONE]) as server, github(server.url) as hub:
        assert len(whole(hub.list_repos(ACME, known)).repos) == 1
        assert "if-none-match" not in server.requests[0].headers


def test_a_validator_of_another_account_or_server_is_forgotten() -> None:
    with StandInGitHub(now, [ONE, Code(8, "other/Two")]) as server, github(server.url) as hub:
        known = whole(hub.list_repos(ACME)).validator
        other = whole(hub.list_repos(Account("x", "github", "other"), known))
    assert [repo.name for repo in other.repos] == ["other/Two"]
    with StandInGitHub(now, [ONE]) as server, github(server.url) as hub:
        assert len(whole(hub.list_repos(ACME, known)).repos) == 1


def test_an_account_that_went_away_is_not_unchanged() -> None:
    with StandInGitHub(now, [ONE]) as server, github(server.url) as hub:
        known = whole(hub.list_repos(ACME)).validator
        server.repos.clear()
        with pytest.raises(HubError) as caught:
            hub.list_repos(ACME, known)
    assert caught.value.trouble is Trouble.NOT_FOUND
