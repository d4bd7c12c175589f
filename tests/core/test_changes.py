"""What differs between what was known and a listing."""

from dataclasses import replace
from datetime import timedelta

from builders import ACCOUNT, ACME, NOW, history, known, listing, repo
from monitor.core.changes import compare, previous_listing, suspects
from monitor.core.types import Account, ChangeKind, Look, RepoState, SetAside, Sight

EARLIER = NOW - timedelta(minutes=1)
GONE = Look(Sight.GONE)


def kinds(comparison: object) -> list[ChangeKind]:
    return [change.kind for change in comparison.changes]  # type: ignore[attr-defined]


def test_the_first_listing_is_a_silent_baseline() -> None:
    found = compare(history(listed_at=None), listing(repo("Foo-1")), {})
    assert found.changes == ()
    assert [k.published_between for k in found.repos] == [None]


def test_a_repository_that_was_not_there_before_is_published_between_two_listings() -> None:
    found = compare(history(known("Foo-1")), listing(repo("Foo-1", "2026-01-01"), repo("Foo-2")), {})
    assert kinds(found) == [ChangeKind.PUBLISHED]
    assert [k.published_between for k in found.repos] == [(EARLIER, NOW)]


def test_a_listing_that_shows_what_is_known_changes_nothing() -> None:
    found = compare(history(known("Foo-1")), listing(repo("Foo-1", "2026-01-01")), {})
    assert (found.changes, found.repos) == ((), ())


def test_a_renamed_repository_is_the_same_one() -> None:
    old = known("Foo-1", hub_id="id1")
    found = compare(history(old), listing(repo("Foo-One", "2026-01-01", hub_id="id1")), {})
    assert kinds(found) == [ChangeKind.RENAMED]
    assert (found.changes[0].before, found.changes[0].after) == ("acme-ai/Foo-1", "acme-ai/Foo-One")
    assert found.repos[0].first_seen_at == old.first_seen_at


def test_a_repository_that_was_deleted_and_made_again_is_a_new_one() -> None:
    old = known("Foo-1", hub_id="id1", missing_since=EARLIER)
    found = compare(
        history(old),
        listing(repo("Foo-1", hub_id="id2")),
        {"id1": Look(Sight.PUBLIC, "id2", "acme-ai/Foo-1")},
    )
    assert set(kinds(found)) == {ChangeKind.PUBLISHED, ChangeKind.WITHDRAWN}


def test_missing_once_is_only_remembered() -> None:
    found = compare(history(known("Foo-1"), known("Foo-2")), listing(repo("Foo-2", "2026-01-01")), {})
    assert found.changes == ()
    assert [k.missing_since for k in found.repos] == [NOW]


def test_missing_twice_and_gone_at_a_direct_look_is_withdrawn() -> None:
    before = history(known("Foo-1", missing_since=EARLIER), known("Foo-2"))
    found = compare(before, listing(repo("Foo-2", "2026-01-01")), {"acme-ai/Foo-1": GONE})
    assert kinds(found) == [ChangeKind.WITHDRAWN]
    assert found.repos[0].state is RepoState.WITHDRAWN


def test_missing_twice_without_a_clear_look_is_not_withdrawn() -> None:
    before = history(known("Foo-1", missing_since=EARLIER), known("Foo-2"))
    for looks in ({}, {"acme-ai/Foo-1": Look(Sight.UNSURE)}):
        assert compare(before, listing(repo("Foo-2", "2026-01-01")), looks).changes == ()


def shown(name: str) -> Look:
    return Look(Sight.PUBLIC, f"acme-ai/{name}", f"acme-ai/{name}")


def test_one_repository_that_is_public_but_never_listed_stays_and_spoils_nothing() -> None:
    before = history(known("Foo-1", missing_since=EARLIER), known("Foo-2"))
    found = compare(
        before, listing(repo("Foo-2", "2026-01-01"), repo("Foo-3")), {"acme-ai/Foo-1": shown("Foo-1")}
    )
    assert found.doubt is None
    assert kinds(found) == [ChangeKind.PUBLISHED]
    assert [k.repo.short_name for k in found.repos] == ["Foo-3"]


def test_a_listing_that_lacks_much_of_what_direct_looks_show_is_doubted() -> None:
    before = history(*(known(f"Foo-{n}", missing_since=EARLIER) for n in range(3)), known("Bar"))
    looks = {f"acme-ai/Foo-{n}": shown(f"Foo-{n}") for n in range(3)}
    found = compare(before, listing(repo("Bar", "2026-01-01"), repo("New")), looks)
    assert found.doubt == "the listing lacks 3 of 4 repositories that a direct look shows"
    assert (found.changes, found.repos) == ((), ())


def test_half_a_listing_is_doubted_and_what_is_new_in_it_waits() -> None:
    before = history(*(known(f"Foo-{n}") for n in range(6)))
    found = compare(before, listing(*(repo(f"Foo-{n}", "2026-01-01") for n in range(3)), repo("Foo-9")), {})
    assert found.doubt == "3 of 6 repositories are missing at once; believed when a second listing agrees"
    assert {k.repo.short_name for k in found.repos} == {"Foo-3", "Foo-4", "Foo-5"}
    assert all(k.missing_since == NOW for k in found.repos)


def test_many_that_are_gone_at_the_second_listing_are_withdrawn_together() -> None:
    before = history(*(known(f"Foo-{n}", missing_since=EARLIER if n < 5 else None) for n in range(6)))
    looks = {f"acme-ai/Foo-{n}": GONE for n in range(5)}
    found = compare(before, listing(repo("Foo-5", "2026-01-01")), looks)
    assert kinds(found) == [ChangeKind.WITHDRAWN] * 5


def test_a_listing_with_unreadable_rows_confirms_nothing() -> None:
    before = history(known("Foo-1", missing_since=EARLIER), known("Foo-2"))
    spoilt = listing(repo("Foo-2", "2026-01-01"), set_aside=(SetAside("no id", "{}"),))
    assert suspects({"acme-ai/Foo-1": EARLIER}, spoilt) == ()
    assert compare(before, spoilt, {"acme-ai/Foo-1": GONE}).changes == ()


def test_a_withdrawn_repository_that_comes_back_has_returned_and_is_not_new() -> None:
    before = history(known("Foo-1", state=RepoState.WITHDRAWN))
    found = compare(before, listing(repo("Foo-1", "2026-01-01")), {})
    assert kinds(found) == [ChangeKind.RETURNED]
    assert found.repos[0].published_between is None


def test_a_repository_that_moved_to_another_account_is_followed() -> None:
    before = history(known("Foo-1", hub_id="id1", missing_since=EARLIER), known("Foo-2"))
    looks = {"id1": Look(Sight.PUBLIC, "id1", "other/Foo-1")}
    found = compare(before, listing(repo("Foo-2", "2026-01-01")), looks)
    assert kinds(found) == [ChangeKind.RENAMED]
    assert (found.repos[0].account, found.repos[0].repo.name) == ("other", "other/Foo-1")


def test_a_licence_and_a_gate_that_change_are_told_with_before_and_after() -> None:
    before = history(known("Foo-1", licence="mit", gated="no"))
    found = compare(before, listing(repo("Foo-1", "2026-01-01", licence="other", gated="manual")), {})
    assert [(c.kind, c.before, c.after) for c in found.changes] == [
        (ChangeKind.LICENCE, "mit", "other"),
        (ChangeKind.GATING, "no", "manual"),
    ]


def test_a_key_that_is_absent_is_not_a_change() -> None:
    before = history(known("Foo-1", licence="mit", gated="auto"))
    assert compare(before, listing(repo("Foo-1", "2026-01-01")), {}).changes == ()


def test_what_globs_keep_out_is_remembered_without_a_word() -> None:
    picky = replace(ACME, include=("Foo-*",), exclude=("*-GGUF",))
    before = history(known("Bar-1"), organization=picky)
    shown = listing(repo("Bar-1", "2026-01-01"), repo("Foo-1"), repo("Foo-1-GGUF"), repo("Baz"))
    found = compare(before, shown, {})
    assert [change.repo for change in found.changes] == ["acme-ai/Foo-1"]
    assert {k.repo.short_name for k in found.repos} == {"Foo-1", "Foo-1-GGUF", "Baz"}


def test_a_repository_of_another_organisation_is_left_to_it() -> None:
    found = compare(history(elsewhere=frozenset({"id9"})), listing(repo("Foo-9", hub_id="id9")), {})
    assert (found.changes, found.repos) == ((), ())


def test_under_its_new_name_in_the_configuration_an_account_goes_on_where_the_old_one_stopped() -> None:
    old = Account("acme", "huggingface", "acme-old")
    before = history(known("Foo-1", account="acme-old"), listed={old: EARLIER})
    shown = listing(repo("Foo-1", "2026-01-01"), repo("Foo-2"))
    assert previous_listing(before, shown) == EARLIER
    assert kinds(compare(before, shown, {})) == [ChangeKind.PUBLISHED]
    assert {k.account for k in compare(before, shown, {}).repos} == {ACCOUNT.name}
