"""The known ways to lose a release, to tell it twice or to invent one, and which tests fail without the cure.

Names are of tests, in brackets the module that has them; "here" is this one.

1. Asking only for what was created lately: made_in_private_in_may_and_public_in_june (test_poll),
   made_in_private_is_not_seen_by_it_and_is_by_the_sweep (test_fast_lane), and here on ModelScope.
2. An empty list that means an unknown account: the faults of test_poll_faults and test_modelscope_faults,
   an_account_that_shows_nothing_any_more (test_vanish_and_return), and here an account in other letters.
3. Half a walk: "a lost second page" in test_poll_faults, a_lost_page_is_never_a_short_listing
   (test_modelscope_faults), half_a_listing_is_no_listing (test_github_faults). A first page that is the same before
   a second that is not: a_change_on_any_page_is_seen (test_huggingface_unchanged),
   a_changed_second_page_is_seen_behind_an_unchanged_first (test_github_unchanged).
4. An absent key read as "no": an_absent_key_is_not_a_no (test_huggingface, test_modelscope_rows), and here.
5. A name taken for an identity: test_poll_moves, test_vanish_and_return; here on GitHub and OpenRouter.
6. Telling a baseline, or that of a second hub: test_poll, test_several_hubs, and here what others copied.
7. A commit taken for new weights, an empty repository for a release: test_weights_and_licences.
8. What a hub leaves out unless asked: models_that_make_no_text_are_listed_too (test_openrouter), the many pages of
   test_modelscope and test_github, a_mirror_that_ignores_the_order (test_huggingface_newest), and here.
9. Time: times_are_read_in_every_form_that_the_hub_uses (test_modelscope_rows),
   public_before_the_hub_knew_dates (test_poll), and here a night in China and rows in any order.
10. Caches, refusals and pages for people: test_poll_faults, and here an answer that may be kept for a minute.
11. Waits without end: test_huggingface_faults, test_politeness, and here more repositories than one looks into.
12. A token sent elsewhere, a broken one that hides everything: the_token_never_reaches_another_host
    (test_huggingface_faults and its like), "a refusal" in test_poll_faults.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from several import errors, everywhere, on_huggingface, on_modelscope, release

import modelscope_server
import openrouter_server
from github_server import Code
from monitor.demo.server import Answer, Request
from monitor.fetch import MOST_NEW
from monitor.store import Store
from servers import Clock, json_answer, repo
from world import Hubs, World, four_hubs, listed, organization

JUNE = datetime(2026, 6, 12, tzinfo=UTC)  # where the clock stands at first
MAY = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def hubs(clock: Clock) -> Iterator[Hubs]:
    with four_hubs(clock) as hubs:
        yield hubs


@pytest.fixture
def world(sqlite_store: Store, clock: Clock, hubs: Hubs) -> World:
    """One organisation on all four hubs, with one model everywhere."""
    world = World(sqlite_store, clock, hubs, everywhere())
    on_huggingface(world, "Lyra-7B", MAY)
    on_modelscope(world, "Lyra-7B", MAY)
    hubs.github.repos = [Code(7, "acme-code/Lyra", MAY)]
    hubs.openrouter.rows = [openrouter_server.model("acme/lyra-7b", "acme/lyra-7b-20260502")]
    assert errors(world.poll()) == []
    return world


def test_a_late_publication_deep_in_modelscopes_list_is_a_release_of_today(world: World) -> None:
    for n in range(60):
        on_modelscope(world, f"Vega-{n}-7B", MAY + n * HOUR)
    world.poll(after=HOUR)
    rows = world.hubs.modelscope.rows
    rows.insert(
        0, modelscope_server.model("acme-ms/Hidden-7B", MAY - 9 * DAY, created_at="2026-04-20T00:00:00Z")
    )
    world.poll(after=HOUR)
    hidden = release(world, "Hidden-7B")
    assert (hidden["released_at"], hidden["basis"]) == (JUNE + 2 * HOUR, "observed")
    assert hidden["repos"][0]["published_between"] == [JUNE + HOUR, JUNE + 2 * HOUR]


@pytest.mark.parametrize(
    "misspelt",
    [{"accounts": "Acme"}, {"modelscope": "Acme-ms"}, {"github": "acme-codes"}, {"openrouter": "Acme"}],
    ids=lambda accounts: next(iter(accounts)),
)
def test_an_account_in_other_letters_is_an_error_and_never_an_empty_one(
    misspelt: dict[str, str], world: World
) -> None:
    named = misspelt.get("accounts")
    typo = organization("typo", named) if named else organization("typo", **misspelt)
    world.organizations = (*world.organizations, typo)
    for _ in range(2):
        polled = {each.account: each.error for each in world.poll(after=HOUR)}
        assert polled[typo.accounts[0]] is not None
    assert {each["organization"] for each in world.log()} == {"acme"}
    assert world.account(typo.accounts[0].name)["state"] == "unknown"
    assert world.quiet()


def test_keys_that_a_hub_leaves_out_for_a_while_change_nothing(world: World) -> None:
    """A mirror answers with plain rows; what they do not say is not "no"."""
    gated = replace(world.hub.repos[0], gated="auto", tags=("license:mit",), extra={"disabled": True})
    world.hub.repos = (gated,)
    world.hubs.modelscope.rows[0] |= {"gated": True}
    world.poll(after=HOUR)
    before = {kind: len(world.changes(kind)) for kind in ("gating", "licence", "disabled", "weights")}
    rows = world.hubs.modelscope.rows[0]

    def plain(request: Request, answer: Answer) -> Answer:
        kept = [{key: row[key] for key in ("_id", "id", "createdAt")} for row in listed(answer)]
        return json_answer(json.dumps(kept)) if request.path == "/api/models" else answer

    world.hub.spoil = plain
    world.hubs.modelscope.rows = [{key: rows[key] for key in ("id", "created_at")}]
    world.poll(after=HOUR)
    world.hub.spoil, world.hubs.modelscope.rows = None, [rows]
    assert errors(world.poll(after=HOUR)) == []
    assert {kind: len(world.changes(kind)) for kind in before} == before


def test_code_that_is_renamed_and_a_service_under_another_short_name_stay_what_they_were(
    world: World,
) -> None:
    before = release(world, "Lyra-7B")
    world.hubs.github.repos = [Code(7, "acme-code/Lyra-7B", MAY, former_names=("acme-code/Lyra",))]
    row = openrouter_server.model("acme/lyra", "acme/lyra-7b-20260502")
    world.hubs.openrouter.rows = [row, row | {"id": "acme/lyra:free"}]
    for _ in range(3):
        assert errors(world.poll(after=HOUR)) == []
    after = release(world, "Lyra-7B")
    assert len(world.log()) == 1
    assert [repo["hub_id"] for repo in after["repos"]] == [repo["hub_id"] for repo in before["repos"]]
    assert world.changes("withdrawn") == world.changes("published") == []
    assert world.quiet()


def test_what_others_make_of_a_model_is_no_release_of_its_maker(world: World) -> None:
    copies = [
        repo("crowd/Lyra-7B-GGUF", JUNE + MINUTE, tags=("base_model:quantized:acme/Lyra-7B",)),
        repo("crowd/Lyra-7B", JUNE + MINUTE),
    ]
    world.hub.repos = (*world.hub.repos, *copies)
    on_modelscope(world, "Lyra-7B-GGUF", JUNE + MINUTE)  # its own, on the other hub
    world.look_at_newest(after=10 * MINUTE)
    world.poll(after=HOUR)
    assert len(world.log()) == 1
    assert sorted(world.repos()) == [
        "acme-code/Lyra",
        "acme-ms/Lyra-7B",
        "acme-ms/Lyra-7B-GGUF",
        "acme/Lyra-7B",
        "acme/lyra-7b",
    ]
    assert world.alerts("release") == []


def test_what_hubs_leave_out_unless_asked_is_asked_for(world: World) -> None:
    on_huggingface(world, "Iris-Image-3", JUNE + MINUTE)
    outputs = {"architecture": {"modality": "text->image", "output_modalities": ["image"]}}
    world.hubs.openrouter.rows.append(openrouter_server.model("acme/iris-image-3", **outputs))
    world.hubs.github.repos = [
        *(Code(100 + n, f"acme-code/tool-{n}", MAY + n * HOUR) for n in range(40)),
        # The last of more than a page of the usual size.
        Code(8, "acme-code/Iris-Image-3", MAY - DAY, MAY - DAY),
    ]
    for n in range(15):
        on_modelscope(world, f"Vega-{n}-7B", MAY + n * HOUR)
    for _ in range(2):
        assert errors(world.poll(after=HOUR)) == []
    assert sorted(release(world, "Iris-Image-3")["hubs"]) == ["github", "huggingface", "openrouter"]
    assert len([name for name in world.repos() if name.startswith("acme-ms/")]) == 16


def test_a_launch_at_night_in_china_is_dated_in_utc(world: World) -> None:
    rows = world.hubs.modelscope.rows
    rows.append(modelscope_server.model("acme-ms/Nova-9-8B", JUNE, created_at="2026-06-13T02:30:00+08:00"))
    rows.append(
        modelscope_server.model("acme-ms/Vega-8B", JUNE, created_at=int((JUNE + 3 * HOUR).timestamp()))
    )
    world.poll(after=20 * HOUR)
    assert release(world, "Nova-9-8B")["released_at"] == datetime(2026, 6, 12, 18, 30, tzinfo=UTC)
    assert release(world, "Vega-8B")["released_at"] == JUNE + 3 * HOUR


def test_rows_in_any_order_are_dated_alike(world: World) -> None:
    stars = ("Nova", "Vega", "Mira", "Rigel")
    for n, star in enumerate(stars):
        on_modelscope(world, f"{star}-8B", JUNE + (n + 1) * MINUTE)
        world.hubs.modelscope.rows[-1]["last_modified"] = f"2026-06-12T00:{30 - n}:00Z"
    world.poll(after=HOUR)
    assert [each["name"] for each in world.log()][1:] == [f"{star}-8B" for star in stars]


def test_an_answer_that_may_be_kept_for_a_minute_hides_no_news(world: World) -> None:
    with world.process():
        world.poll(after=MINUTE)
        world.hubs.github.repos.append(Code(9, "acme-code/Lyra-7B", MAY, JUNE))
        world.poll(after=10 * SECOND)
    assert "acme-code/Lyra-7B" in world.repos()


def test_a_launch_of_more_repositories_than_one_looks_into_is_seen_whole(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = World(sqlite_store, clock, hubs, organization("acme"))
    on_huggingface(world, "Lyra-7B", MAY)
    world.poll()
    many = [repo(f"acme/Nova-{n}B", JUNE + MINUTE) for n in range(1, MOST_NEW + 31)]
    world.hub.repos = (*world.hub.repos, *many)
    before = len(world.hub.requests)
    assert errors(world.poll(after=HOUR)) == []
    assert len(world.hub.requests) - before <= MOST_NEW + 1
    assert len(world.repos()) == len(many) + 1
    assert world.alerts("release") == ["Acme released Nova"]


def test_more_withdrawals_than_one_looks_at_are_all_told_in_the_end(
    sqlite_store: Store, clock: Clock, hubs: Hubs
) -> None:
    world = World(sqlite_store, clock, hubs, organization("acme"))
    for n in range(4):
        on_huggingface(world, f"Lyra-{n}B", MAY)
    gone = [repo(f"acme/Vega-{n}B", MAY, public_until=JUNE + MINUTE) for n in range(1, 231)]
    world.hub.repos = (*world.hub.repos, *gone)
    world.poll()
    asked: list[int] = []
    for _ in range(4):
        before = len(world.hub.requests)
        world.poll(after=HOUR)
        asked.append(len(world.hub.requests) - before)
    assert max(asked) <= 201
    assert len(world.changes("withdrawn")) == 230
    assert {each["state"] for each in world.repos().values()} == {"public", "withdrawn"}
