"""What differs between what was known and a listing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from builders import ACCOUNT, ACME, NOTHING, NOW, history, inspected, known, listing, repo
from monitor.core.changes import compare, previous_listing
from monitor.core.contents import Confirmation, ConfirmationKind, Contents
from monitor.core.dating import dated
from monitor.core.types import Account, Basis, ChangeKind, KnownRepo, Repo, RepoState, Weights
from monitor.core.wanted import to_inspect

EARLIER = NOW - timedelta(minutes=1)
LONG_AGO = NOW - timedelta(days=3)
EMPTY, FULL = Contents("1"), Contents("2", {"a.safetensors": "aa"})
ON_GITHUB = Account("acme", "github", "acme-ai")


def kinds(comparison: object) -> list[ChangeKind]:
    return [change.kind for change in comparison.changes]  # type: ignore[attr-defined]


def test_the_first_listing_is_a_silent_baseline() -> None:
    found = compare(history(listed_at=None), listing(repo("Foo-1")), NOTHING)
    assert found.changes == ()
    assert [k.published_between for k in found.repos] == [None]


def test_a_repository_that_was_not_there_before_is_published_between_two_listings() -> None:
    found = compare(history(known("Foo-1")), listing(repo("Foo-1", "2026-01-01"), repo("Foo-2")), NOTHING)
    assert kinds(found) == [ChangeKind.PUBLISHED]
    assert [k.published_between for k in found.repos] == [(EARLIER, NOW)]


def test_a_listing_that_shows_what_is_known_changes_nothing() -> None:
    found = compare(history(known("Foo-1")), listing(repo("Foo-1", "2026-01-01")), NOTHING)
    assert (found.changes, found.repos) == ((), ())


def test_a_renamed_repository_is_the_same_one() -> None:
    old = known("Foo-1", hub_id="id1")
    found = compare(history(old), listing(repo("Foo-One", "2026-01-01", hub_id="id1")), NOTHING)
    assert kinds(found) == [ChangeKind.RENAMED]
    assert (found.changes[0].before, found.changes[0].after) == ("acme-ai/Foo-1", "acme-ai/Foo-One")
    assert found.repos[0].first_seen_at == old.first_seen_at


def test_a_withdrawn_repository_that_comes_back_has_returned_and_is_not_new() -> None:
    before = history(known("Foo-1", state=RepoState.WITHDRAWN))
    found = compare(before, listing(repo("Foo-1", "2026-01-01")), NOTHING)
    assert kinds(found) == [ChangeKind.RETURNED]
    assert found.repos[0].published_between is None


def test_a_licence_and_a_gate_that_change_are_told_with_before_and_after() -> None:
    before = history(known("Foo-1", licence="mit", gated="no"))
    found = compare(before, listing(repo("Foo-1", "2026-01-01", licence="other", gated="manual")), NOTHING)
    assert [(c.kind, c.before, c.after) for c in found.changes] == [
        (ChangeKind.GATING, "no", "manual"),
        (ChangeKind.LICENCE, "mit", "other"),
    ]


def test_a_key_that_is_absent_is_not_a_change() -> None:
    before = history(known("Foo-1", licence="mit", gated="auto"))
    assert compare(before, listing(repo("Foo-1", "2026-01-01")), NOTHING).changes == ()


def test_what_globs_keep_out_is_remembered_without_a_word() -> None:
    picky = replace(ACME, include=("Foo-*",), exclude=("*-GGUF",))
    before = history(known("Bar-1"), organization=picky)
    shown = listing(repo("Bar-1", "2026-01-01"), repo("Foo-1"), repo("Foo-1-GGUF"), repo("Baz"))
    found = compare(before, shown, NOTHING)
    assert [change.repo for change in found.changes] == ["acme-ai/Foo-1"]
    assert {k.repo.short_name for k in found.repos} == {"Foo-1", "Foo-1-GGUF", "Baz"}


def test_a_repository_of_another_organisation_is_left_to_it() -> None:
    found = compare(history(elsewhere=frozenset({"id9"})), listing(repo("Foo-9", hub_id="id9")), NOTHING)
    assert (found.changes, found.repos) == ((), ())


def test_under_its_new_name_in_the_configuration_an_account_goes_on_where_the_old_one_stopped() -> None:
    old = Account("acme", "huggingface", "acme-old")
    before = history(known("Foo-1", account="acme-old"), listed={old: EARLIER})
    shown = listing(repo("Foo-1", "2026-01-01"), repo("Foo-2"))
    assert previous_listing(before, shown) == EARLIER
    assert kinds(compare(before, shown, NOTHING)) == [ChangeKind.PUBLISHED]
    assert {k.account for k in compare(before, shown, NOTHING).repos} == {ACCOUNT.name}


def test_a_repository_that_moved_between_accounts_makes_no_rename_of_the_account() -> None:
    old = Account("acme", "huggingface", "acme-old")
    had = [known(f"Foo-{n}", account="acme-old") for n in range(3)]
    before = history(*had, listed={old: EARLIER})
    shown = listing(repo("Foo-0", "2026-01-01"), *(repo(f"Other-{n}") for n in range(30)))
    assert previous_listing(before, shown) is None  # a baseline, and silent
    assert compare(before, shown, NOTHING).changes == ()


def test_a_bracket_never_ends_before_it_begins_whatever_the_clock_was() -> None:
    ahead = history(listed={ACCOUNT: NOW + timedelta(days=365)})
    (known_since,) = compare(ahead, listing(repo("Foo-1")), NOTHING).repos
    assert known_since.published_between == (NOW, NOW)


def test_a_repository_without_weights_is_pending_and_no_launch() -> None:
    found = compare(history(), listing(repo("Foo-1")), inspected("acme-ai/Foo-1", EMPTY))
    (pending,) = found.repos
    assert (pending.weights, pending.contents) == (Weights.PENDING, EMPTY)
    assert [(c.kind, c.after) for c in found.changes] == [(ChangeKind.PUBLISHED, "weights pending")]
    assert found.launched == frozenset()


def test_one_that_goes_on_without_weights_is_no_news() -> None:
    before = known("Foo-1", weights=Weights.PENDING, sha="1", contents=EMPTY, between=(LONG_AGO, LONG_AGO))
    readme = Contents("2")
    shown = listing(repo("Foo-1", "2026-01-01", sha="2"))
    found = compare(history(before), shown, inspected("acme-ai/Foo-1", readme))
    assert (found.changes, found.launched) == ((), frozenset())
    assert found.repos[0].weights is Weights.PENDING


def test_the_weights_that_were_waited_for_are_the_launch_and_date_it() -> None:
    before = known("Foo-1", LONG_AGO, weights=Weights.PENDING, contents=EMPTY, between=(LONG_AGO, LONG_AGO))
    found = compare(history(before), listing(repo("Foo-1", LONG_AGO)), inspected("acme-ai/Foo-1", FULL))
    (arrived,) = found.repos
    assert [(c.kind, c.before, c.after) for c in found.changes] == [(ChangeKind.WEIGHTS, "pending", "1 file")]
    assert found.launched == {before.key}
    assert (arrived.published_between, dated(arrived)) == ((EARLIER, NOW), (NOW, Basis.OBSERVED))


def test_where_nobody_tells_a_new_repository_has_weights() -> None:
    (fresh,) = compare(history(), listing(repo("Foo-1")), NOTHING).repos
    assert fresh.weights is Weights.YES


def test_on_the_baseline_a_repository_counts_as_it_stands_and_stays_so() -> None:
    shown = listing(repo("Foo-1", has_weights=False), repo("Foo-2", has_weights=True), repo("Foo-3"))
    found = compare(history(listed_at=None), shown, NOTHING)
    assert [k.weights for k in found.repos] == [Weights.NONE, Weights.YES, Weights.YES]
    again = compare(history(*found.repos), shown, NOTHING)
    assert (again.changes, again.repos, again.is_settled) == ((), (), True)


def test_what_a_listing_tells_of_weights_is_not_compared_with_what_is_kept() -> None:
    shown = listing(repo("Foo-1", "2026-01-01", has_weights=True))
    assert compare(history(known("Foo-1")), shown, NOTHING).repos == ()


@pytest.mark.parametrize("since", [None, LONG_AGO])
def test_what_became_public_while_we_were_blind_is_marked(since: object) -> None:
    waiting = known("Foo-1", weights=Weights.PENDING, contents=EMPTY, between=(LONG_AGO, LONG_AGO))
    before = history(waiting, unseen_since=since)
    shown = listing(repo("Foo-1", "2026-01-01"), repo("Foo-2"))
    found = compare(before, shown, inspected("acme-ai/Foo-1", FULL))
    assert [k.found_late for k in found.repos] == [since is not None] * 2
    # What a blind account had on its baseline, and what it is seen to have first, is not.
    assert not compare(history(listed_at=None, unseen_since=since), shown, NOTHING).repos[0].found_late


def test_a_disabled_repository_is_told_and_so_is_its_return() -> None:
    before = known("Foo-1", disabled=False)
    (change,) = compare(history(before), listing(repo("Foo-1", "2026-01-01", disabled=True)), NOTHING).changes
    assert (change.kind, change.before, change.after) == (ChangeKind.DISABLED, "no", "yes")
    assert compare(history(before), listing(repo("Foo-1", "2026-01-01")), NOTHING).changes == ()


@pytest.mark.parametrize(
    ("field", "after"), [("licence_name", "other (new)"), ("licence_link", "other (old, new)")]
)
def test_the_name_and_the_link_of_a_licence_are_part_of_it(field: str, after: str) -> None:
    old = {"licence": "other", "licence_name": "old", "licence_link": ""}
    shown = listing(repo("Foo-1", "2026-01-01", **(old | {field: "new"})))
    (change,) = compare(history(known("Foo-1", **old)), shown, NOTHING).changes
    assert (change.kind, change.before, change.after) == (ChangeKind.LICENCE, "other (old)", after)


def test_a_licence_field_that_was_never_told_before_is_not_a_change() -> None:
    shown = listing(repo("Foo-1", "2026-01-01", licence="mit", licence_name="MIT", disabled=True))
    assert compare(history(known("Foo-1")), shown, NOTHING).changes == ()


def test_new_repositories_are_looked_into_first_and_then_those_with_a_new_revision() -> None:
    before = {
        one.repo.hub_id: one for one in (known("Foo-1", sha="1"), known("Foo-2", sha="1"), known("Bar"))
    }
    rows = [repo("Foo-1", sha="2"), repo("Foo-2", sha="1"), repo("Bar", sha="1"), repo("New", sha="1")]
    shown = listing(*rows, repo("Told", has_weights=True), repo("Tells-no", has_weights=False))
    wanted = [want.repo.short_name for want in to_inspect(before, shown, ACME)]
    assert wanted == ["New", "Foo-1"]
    picky = replace(ACME, exclude=(wanted[0],))
    assert wanted[0] not in [want.repo.short_name for want in to_inspect(before, shown, picky)]


def github(name: str, **fields: object) -> KnownRepo:
    return known(name, hub="github", **fields)  # type: ignore[arg-type]


def test_of_a_witness_only_what_is_linked_is_looked_into_and_once_a_push() -> None:
    linked, other = github("Foo-2", release_id=5, sha="1"), github("tools", sha="1")
    looked = replace(linked, contents=Contents("1"))

    def wanted(one: KnownRepo, *shown: Repo) -> int:
        known_here = {k.repo.hub_id: k for k in (one, other)}
        return len(to_inspect(known_here, listing(*shown, account=ON_GITHUB), ACME))

    same = (repo("Foo-2", sha="1"), repo("tools", sha="2"), repo("fresh", sha="1"))
    assert (wanted(linked, *same), wanted(looked, *same)) == (1, 0)
    assert wanted(looked, repo("Foo-2", sha="2")) == 1


def test_a_new_repository_of_a_witness_is_kept_and_is_no_change() -> None:
    found = compare(history(account=ON_GITHUB), listing(repo("Foo-2"), account=ON_GITHUB), NOTHING)
    assert (found.changes, found.launched) == ((), frozenset())
    assert [k.key for k in found.repos] == [("github", "acme-ai/Foo-2")]


def test_changes_of_a_witness_are_recorded_where_it_belongs_to_a_release() -> None:
    before = [github("Foo-2", release_id=5, licence="mit"), github("tools", licence="mit")]
    rows = [repo(name, "2026-01-01", licence="apache-2.0") for name in ("Foo-2", "tools")]
    found = compare(history(*before, account=ON_GITHUB), listing(*rows, account=ON_GITHUB), NOTHING)
    assert [change.repo for change in found.changes] == ["acme-ai/Foo-2"]
    assert len(found.repos) == 2


def test_a_witness_that_is_looked_into_has_no_weights_to_lose() -> None:
    code = Contents("2", confirms=(Confirmation(ConfirmationKind.CODE, "code", "https://hub.test"),))
    shown = listing(repo("Foo-2", "2026-01-01", sha="2"), account=ON_GITHUB)
    before = history(github("Foo-2", release_id=5, sha="1"), account=ON_GITHUB)
    found = compare(before, shown, inspected("acme-ai/Foo-2", code))
    assert found.changes == ()
    assert found.repos[0].contents == code
