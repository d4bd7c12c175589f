"""What a listing of GitHub becomes, page by page and row by row."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from github_server import CREATED, Code, StandInGitHub, github, iso, many, whole
from monitor.core.contents import Confirmation, ConfirmationKind
from monitor.core.types import Account, Listing, Unchanged
from monitor.demo.server import Answer, Request
from monitor.errors import HubError, Trouble
from monitor.hubs.github_rows import site
from servers import Clock, ScriptedServer, json_answer

ACME = Account("acme", "github", "acme")
DAY = timedelta(days=1)
now = Clock()
ONE = Code(7, "acme/One", pushed_at=CREATED + DAY)


def listed(*rows: object) -> Listing:
    with ScriptedServer(json_answer(json.dumps(rows))) as server, github(server.url) as hub:
        return whole(hub.list_repos(ACME))


def test_what_the_hub_tells_of_a_repository_is_read() -> None:
    with StandInGitHub(now, [ONE]) as server, github(server.url) as hub:
        listing = whole(hub.list_repos(ACME))
    (repo,) = listing.repos
    assert (repo.hub_id, repo.name, repo.url) == ("7", "acme/One", "https://github.com/acme/One")
    assert (repo.created_at, repo.last_modified, repo.sha) == (CREATED, CREATED + DAY, iso(CREATED + DAY))
    assert (repo.licence, repo.disabled) == ("Apache-2.0", False)
    assert repo.confirms == (
        Confirmation(ConfirmationKind.CODE, "code", "https://github.com/acme/One", CREATED),
    )
    assert (listing.listed_as, listing.set_aside, listing.seen_at) == ("acme", (), now())


def test_the_request_says_what_the_hub_wants_to_know() -> None:
    with StandInGitHub(now, [ONE], tokens=["ghp_x"]) as server:
        with github(server.url, "ghp_x", contact="https://acme.example/bot") as hub:
            hub.list_repos(ACME)
        (request,) = server.requests
    assert request.headers["authorization"] == "Bearer ghp_x"
    assert request.headers["accept"] == "application/vnd.github+json"
    assert request.headers["x-github-api-version"] == "2022-11-28"
    assert "https://acme.example/bot" in request.headers["user-agent"]
    assert (request.first("type"), request.first("sort"), request.first("per_page")) == (
        "public",
        "pushed",
        "100",
    )


def test_an_enterprise_server_lies_under_a_path() -> None:
    with StandInGitHub(now, many(101), prefix="/api/v3") as server, github(server.url) as hub:
        assert len(whole(hub.list_repos(ACME)).repos) == 101
    assert site("https://git.acme.example/api/v3") == "https://git.acme.example"
    assert site("https://api.github.com") == "https://github.com"


def test_a_listing_of_many_pages_is_walked_to_its_end() -> None:
    with StandInGitHub(now, many(250)) as server, github(server.url) as hub:
        listing = whole(hub.list_repos(ACME))
    assert {repo.name for repo in listing.repos} == {f"acme/C{n}" for n in range(1, 251)}
    assert len(server.requests) == 3


def test_forks_and_private_repositories_are_left_out_and_archived_ones_stay() -> None:
    rows = [
        ONE.row(),
        Code(8, "acme/Fork", fork=True).row(),
        Code(9, "acme/Secret", private=True).row(),
        Code(10, "acme/Inner").row() | {"visibility": "internal"},
        Code(11, "acme/Old").row() | {"archived": True},
    ]
    assert {repo.name for repo in listed(*rows).repos} == {"acme/One", "acme/Old"}


@pytest.mark.parametrize(
    ("said", "licence"),
    [("MIT", "MIT"), ("NOASSERTION", None), (None, None), (7, None), ("a\u202eb", "ab"), ("", None)],
)
def test_a_licence_is_an_spdx_id_or_not_known(said: object, licence: str | None) -> None:
    row = ONE.row() | {"license": {"spdx_id": said}}
    assert listed(row).repos[0].licence == licence


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": "7"},
        {"id": True},
        {"id": -1},
        {"id": 10**30},
        {"id": 7.5},
        {"full_name": "One"},
        {"full_name": "acme/One\nTwo"},
        {"full_name": "acme/One\u202e"},
        {"full_name": "acme/.."},
        {"full_name": "../acme"},
        {"full_name": ["acme/One"]},
        {"full_name": "acme/" + "x" * 101},
        {"created_at": "yesterday"},
        {"created_at": "0000-01-01T00:00:00Z"},
        {"created_at": "9999-12-31T23:59:59-14:00"},
        {"created_at": 1777777777},
        {"private": "no"},
        {"fork": 0},
        {"visibility": {}},
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_alone(wrong: dict[str, object]) -> None:
    listing = listed(Code(8, "acme/Two").row(), ONE.row() | wrong)
    assert [repo.name for repo in listing.repos] == ["acme/Two"]
    assert len(listing.set_aside) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"pushed_at": None},
        {"pushed_at": "soon"},
        {"license": "MIT"},
        {"license": None},
        {"disabled": 1},
        {"html_url": "javascript:alert(1)"},
        {"html_url": "https://[oops/acme/One"},
        {"html_url": "http://github.com/acme/One"},
        {"html_url": "https://github.com/evil/Two"},
        {"html_url": "https://u:p@github.com/acme/One"},
        {"html_url": 7},
        {"name": "x" * 10**5},
    ],
)
def test_what_merely_informs_may_be_odd(odd: dict[str, object]) -> None:
    (repo,) = listed(ONE.row() | odd).repos
    assert (repo.name, repo.created_at) == ("acme/One", CREATED)
    assert repo.url.endswith("/acme/One")
    assert repo.url.startswith(("https://github.com", "http://127.0.0.1"))


def test_rows_of_which_none_can_be_read_are_an_error() -> None:
    with pytest.raises(HubError, match="no row") as caught:
        listed({"id": None}, 7, "x")
    assert caught.value.trouble is Trouble.SHAPE


def test_a_person_is_an_account_too() -> None:
    with StandInGitHub(now, [Code(1, "someone/One")], users=["someone"]) as server:
        with github(server.url) as hub:
            listing = whole(hub.list_repos(Account("x", "github", "someone")))
            assert isinstance(hub.list_repos(Account("x", "github", "someone"), listing.validator), Unchanged)
        assert [request.path.split("/")[1] for request in server.requests] == ["orgs", "users", "users"]
    assert [repo.name for repo in listing.repos] == ["someone/One"]


@pytest.mark.parametrize("name", ["nobody", "", "..", "a/b", "acme?x=1", "acme\n", "ä"])
def test_an_account_that_is_not_there_is_an_error(name: str) -> None:
    with (
        StandInGitHub(now, [ONE]) as server,
        github(server.url) as hub,
        pytest.raises(HubError) as caught,
    ):
        hub.list_repos(Account("x", "github", name))
    assert caught.value.trouble is Trouble.NOT_FOUND


def test_an_account_without_repositories_is_an_empty_listing() -> None:
    with StandInGitHub(now, empty=["acme"]) as server, github(server.url) as hub:
        listing = whole(hub.list_repos(ACME))
        assert isinstance(hub.list_repos(ACME, listing.validator), Unchanged)
    assert (listing.repos, listing.listed_as) == ((), "acme")


def test_the_hub_says_how_the_account_is_spelt() -> None:
    with StandInGitHub(now, [Code(1, "Acme-AI/One")]) as server, github(server.url) as hub:
        listing = whole(hub.list_repos(Account("x", "github", "acme-ai")))
        assert (listing.listed_as, len(listing.repos)) == ("Acme-AI", 1)
        assert (hub.exists("ACME-ai"), hub.exists("nobody"), hub.exists("../x")) == ("Acme-AI", None, None)


def test_a_renamed_account_is_followed() -> None:
    def renamed_too(request: Request, answer: Answer) -> Answer:
        moved = (("Location", "/users/acme-labs"),)
        return Answer(301, moved) if request.path == "/users/acme" else answer

    moved = StandInGitHub(now, many(101, "acme-labs"), former=[("acme", "acme-labs")], spoil=renamed_too)
    with moved as server, github(server.url) as hub:
        listing = whole(hub.list_repos(ACME))
        assert isinstance(hub.list_repos(ACME, listing.validator), Unchanged)
    assert (listing.listed_as, len(listing.repos)) == ("acme-labs", 101)


def test_rows_of_others_are_set_aside_and_a_listing_of_others_alone_is_an_error() -> None:
    listing = listed(ONE.row(), Code(8, "other/Two").row())
    assert ([repo.name for repo in listing.repos], len(listing.set_aside)) == (["acme/One"], 1)
    rows = json_answer(json.dumps([Code(8, "other/Two").row()]))
    with (
        ScriptedServer(rows, json_answer('{"login":"acme"}')) as server,
        github(server.url) as hub,
        pytest.raises(HubError, match="belong to others"),
    ):
        hub.list_repos(ACME)


def test_a_repository_that_is_pushed_to_while_we_walk_is_not_lost() -> None:
    repos = many(250)  # the oldest push is on the last page

    def push(request: Request, answer: Answer) -> Answer:
        if len(server.requests) == 1:
            repos[0].pushed_at = CREATED + DAY
        return answer

    server = StandInGitHub(now, repos, spoil=push)
    with server, github(server.url) as hub:
        listing = whole(hub.list_repos(ACME))
    assert len(listing.repos) == 250
    assert next(repo for repo in listing.repos if repo.hub_id == "1").last_modified == CREATED + DAY
    assert listing.validator is None


def test_a_listing_is_dated_by_the_beginning_of_its_walk() -> None:
    clock = Clock()

    def tick(request: Request, answer: Answer) -> Answer:
        clock.now += timedelta(seconds=10)
        return answer

    with StandInGitHub(Clock(), many(101), spoil=tick) as server, github(server.url, clock=clock) as hub:
        assert whole(hub.list_repos(ACME)).seen_at == datetime(2026, 6, 12, tzinfo=UTC)
