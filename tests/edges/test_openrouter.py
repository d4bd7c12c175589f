"""What the catalogue of OpenRouter becomes: one answer for all accounts, one repository a model."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.contents import Confirmation, ConfirmationKind
from monitor.core.types import Account, Listing, Look, Sight, Unchanged
from monitor.errors import HubError, Trouble
from openrouter_server import CREATED, StandInOpenRouter, model, openrouter, whole
from servers import (
    Clock,
    ScriptedServer,
    json_answer,
)

ACME = Account("acme", "openrouter", "acme")
SINCE = datetime.fromtimestamp(CREATED, UTC)
GLM = model("z-ai/glm-5.2", "z-ai/glm-5.2-20260616", hugging_face_id="zai-org/GLM-5.2")


def listed(*rows: object, account: str = "acme") -> Listing:
    body = json.dumps({"data": rows})
    with ScriptedServer(json_answer(body)) as server, openrouter(server.url) as hub:
        return whole(hub.list_repos(Account("x", "openrouter", account)))


def test_what_the_hub_tells_of_a_model_is_read() -> None:
    with StandInOpenRouter([GLM, model("acme/one")]) as server, openrouter(server.url) as hub:
        listing = whole(hub.list_repos(Account("z", "openrouter", "z-ai")))
        site = server.url.removesuffix("/api/v1")
    (repo,) = listing.repos
    assert (repo.hub_id, repo.name, repo.url) == (
        "z-ai/glm-5.2-20260616",
        "z-ai/glm-5.2",
        f"{site}/z-ai/glm-5.2",
    )
    assert (repo.created_at, repo.same_as, repo.sha) == (SINCE, "zai-org/GLM-5.2", None)
    assert repo.confirms == (Confirmation(ConfirmationKind.SERVED, "served", repo.url, SINCE),)
    assert (listing.listed_as, listing.set_aside) == ("z-ai", ())


def test_models_that_make_no_text_are_listed_too() -> None:
    image = model("acme/paint", architecture={"output_modalities": ["image"]})
    with StandInOpenRouter([model("acme/one"), image]) as server, openrouter(server.url) as hub:
        assert len(whole(hub.list_repos(ACME)).repos) == 2
        (request,) = server.requests
    assert request.query == {"output_modalities": ["all"]}
    assert request.headers["user-agent"].startswith("release-monitor/")
    assert "authorization" not in request.headers


def test_variants_are_one_model_and_an_alias_is_none() -> None:
    listing = listed(
        model("acme/one:free", "acme/one-2026", created=CREATED + 500, hugging_face_id="acme-ai/One"),
        model("acme/one:batch", "acme/one-2026", created=CREATED + 600),
        model("acme/one", "acme/one-2026", created=CREATED + 100),
        model("~acme/one-latest", "acme/one-2026", created=CREATED - 900),
        model("acme/newest", "acme/newest", alias_target="acme/one"),
        model("acme/two:free", "acme/two-2026"),
    )
    assert [(repo.hub_id, repo.name, repo.same_as) for repo in listing.repos] == [
        ("acme/one-2026", "acme/one", "acme-ai/One"),
        ("acme/two-2026", "acme/two", None),
    ]
    assert listing.repos[0].created_at == SINCE + timedelta(seconds=100)


def test_a_model_keeps_its_identity_when_its_short_name_moves_on() -> None:
    old = listed(model("acme/one", "acme/one-2025")).repos[0]
    both = listed(model("acme/one", "acme/one-2026"), model("acme/one-2025", "acme/one-2025")).repos
    assert old.hub_id in {repo.hub_id for repo in both}
    assert len({repo.hub_id for repo in both}) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": 7},
        {"id": "one"},
        {"id": "acme/one\n"},
        {"id": "acme/\u202eone"},
        {"id": "acme/one/two"},
        {"id": "../acme"},
        {"id": "acme/" + "x" * 200},
        {"canonical_slug": 7},
        {"canonical_slug": "one"},
        {"created": 0},
        {"created": -1},
        {"created": CREATED * 1000},
        {"created": 10**17},
        {"created": str(CREATED)},
        {"created": True},
        {"created": 4_000_000_000},
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_alone(wrong: dict[str, object]) -> None:
    listing = listed(model("acme/two"), model("acme/one") | wrong)
    assert [repo.name for repo in listing.repos] == ["acme/two"]
    assert len(listing.set_aside) == 1


def test_an_unreadable_row_burdens_its_own_author_and_everybody_only_where_it_names_none() -> None:
    mine, theirs = model("acme/one"), model("other/two", created="soon")
    assert listed(mine, theirs).set_aside == ()
    assert len(listed(mine, theirs, {"name": "?"}, 7).set_aside) == 2
    with pytest.raises(HubError, match="can be read") as caught:
        listed(mine, theirs, account="other")
    assert caught.value.trouble is Trouble.SHAPE


@pytest.mark.parametrize(
    "told", [None, "", 7, "GLM", "zai-org/GLM/5", "https://huggingface.co/x/y", "a/b\n", "\u202ea/b"]
)
def test_a_hugging_face_id_that_is_none_joins_nothing(told: object) -> None:
    assert listed(model("acme/one", hugging_face_id=told)).repos[0].same_as is None


def test_what_is_absent_is_not_known() -> None:
    (repo,) = listed({"id": "acme/one"}).repos
    assert (repo.hub_id, repo.created_at, repo.same_as) == ("acme/one", None, None)


def test_thirty_accounts_are_one_request() -> None:
    clock = Clock()
    with (
        StandInOpenRouter([model(f"a{n}/m") for n in range(30)]) as server,
        openrouter(server.url, clock) as hub,
        ThreadPoolExecutor(16) as pool,
    ):
        accounts = [Account("x", "openrouter", f"a{n}") for n in range(30)]
        listings = [whole(each) for each in pool.map(hub.list_repos, accounts)]
        clock.now += timedelta(minutes=3)
        hub.list_repos(accounts[0])
        assert len(server.requests) == 1
    assert {listing.seen_at for listing in listings} == {Clock()()}
    assert all(len(listing.repos) == 1 for listing in listings)


def test_a_catalogue_is_fetched_anew_by_every_poll_of_five_minutes_less_a_little_and_dated_by_its_fetch() -> (
    None
):
    clock = Clock()
    with StandInOpenRouter([model("acme/one")]) as server, openrouter(server.url, clock) as hub:
        hub.list_repos(ACME)
        server.rows.append(model("acme/two"))
        clock.now += timedelta(minutes=3, seconds=59)
        kept = whole(hub.list_repos(ACME))
        clock.now += timedelta(seconds=1)
        fresh = whole(hub.list_repos(ACME))
        assert (len(kept.repos), kept.seen_at) == (1, Clock()())
        assert (len(fresh.repos), fresh.seen_at, len(server.requests)) == (2, clock.now, 2)


def test_the_same_models_are_unchanged_whatever_else_changes() -> None:
    clock = Clock()
    with StandInOpenRouter([model("acme/one"), GLM]) as server, openrouter(server.url, clock) as hub:
        known = whole(hub.list_repos(ACME)).validator
        clock.now += timedelta(minutes=5)
        server.rows = [model("other/new"), model("acme/one", pricing={"prompt": "0"}, description="new")]
        assert hub.list_repos(ACME, known) == Unchanged(ACME, clock.now)
        clock.now += timedelta(minutes=5)
        server.rows.append(model("acme/two"))
        changed = whole(hub.list_repos(ACME, known))
    assert len(changed.repos) == 2
    assert changed.validator != known


@pytest.mark.parametrize("name", ["nobody", "Acme", "", "acme/one", "ac"])
def test_an_author_of_no_model_is_an_error(name: str) -> None:
    with pytest.raises(HubError, match="no model of") as caught:
        listed(model("acme/one"), account=name)
    assert caught.value.trouble is Trouble.NOT_FOUND


def test_a_direct_look_says_whether_a_model_is_served() -> None:
    with StandInOpenRouter([GLM, model("acme/one")]) as server, openrouter(server.url) as hub:
        assert hub.look("z-ai/glm-5.2") == Look(Sight.PUBLIC, "z-ai/glm-5.2-20260616", "z-ai/glm-5.2")
        assert hub.look("z-ai/glm-4").sight is Sight.GONE
        assert hub.look("nobody/nothing").sight is Sight.GONE
