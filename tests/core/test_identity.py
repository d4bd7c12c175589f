"""A hub without ids: a repository is known again by its name, or by when it was made."""

from dataclasses import replace

from builders import ACCOUNT, NOTHING, history, known, listing, repo
from monitor.core.changes import compare
from monitor.core.identity import recognised
from monitor.core.types import Account, ChangeKind, KnownRepo, Repo, RepoState

MADE = "2026-01-01T08:25:31"


def ids(before: list[KnownRepo], *shown: Repo) -> list[str]:
    """The ids under which listed repositories are known, without their owner."""
    by_id = {one.repo.hub_id: one for one in before}
    return [one.hub_id.removeprefix("acme-ai/") for one in recognised(by_id, listing(*shown)).repos]


def test_a_renamed_repository_is_known_by_when_it_was_made() -> None:
    before = [known("Foo-1", MADE, parameters=7), known("Bar", "2026-02-02")]
    assert ids(before, repo("Foo-One", MADE, parameters=7), repo("Bar", "2026-02-02")) == ["Foo-1", "Bar"]


def test_after_that_it_is_known_by_its_new_name() -> None:
    before = [known("Foo-One", MADE, hub_id="acme-ai/Foo-1")]
    assert ids(before, repo("Foo-One", MADE)) == ["Foo-1"]
    assert ids(before, repo("Foo-One", MADE), repo("New")) == ["Foo-1", "New"]


def test_a_rename_is_told_as_one_and_the_history_stays() -> None:
    old = known("Foo-1", MADE, parameters=7)
    found = compare(history(old), listing(repo("Foo-One", MADE, parameters=7)), NOTHING)
    assert [(c.kind, c.before, c.after) for c in found.changes] == [
        (ChangeKind.RENAMED, "acme-ai/Foo-1", "acme-ai/Foo-One")
    ]
    assert (found.repos[0].key, found.repos[0].first_seen_at) == (old.key, old.first_seen_at)
    again = compare(history(*found.repos), listing(repo("Foo-One", MADE, parameters=7)), NOTHING)
    assert (again.changes, again.repos) == ((), ())


def test_where_two_that_vanished_were_made_at_once_neither_is_guessed() -> None:
    before = [known("Foo-1", MADE, parameters=7), known("Foo-2", MADE, parameters=7)]
    assert ids(before, repo("Foo-One", MADE, parameters=7)) == ["Foo-One"]


def test_one_that_vanished_is_not_found_twice() -> None:
    assert ids(
        [known("Foo-1", MADE, parameters=7)], repo("A", MADE, parameters=7), repo("B", MADE, parameters=7)
    ) == ["Foo-1", "B"]


def test_without_a_creation_time_nothing_is_a_rename() -> None:
    assert ids([known("Foo-1", None)], repo("Foo-One")) == ["Foo-One"]


def test_another_size_is_another_repository_whenever_it_was_made() -> None:
    before = [known("Foo-1", MADE, parameters=7)]
    assert ids(before, repo("Foo-One", MADE, parameters=70)) == ["Foo-One"]
    assert ids(before, repo("Foo-One", MADE)) == ["Foo-One"]  # a size that is not told is no likeness
    assert ids(before, repo("Foo-One", MADE, parameters=7)) == ["Foo-1"]


def test_what_is_still_listed_was_not_renamed() -> None:
    before = [known("Foo-1", MADE, parameters=7)]
    assert ids(before, repo("Foo-1", MADE, parameters=7), repo("Foo-1-Copy", MADE, parameters=7)) == [
        "Foo-1",
        "Foo-1-Copy",
    ]


def test_what_was_withdrawn_returns_under_its_name_and_under_no_other() -> None:
    before = [known("Foo-1", MADE, state=RepoState.WITHDRAWN)]
    assert ids(before, repo("Foo-1", MADE)) == ["Foo-1"]
    assert ids(before, repo("Foo-One", MADE)) == ["Foo-One"]


def test_another_repository_under_a_name_that_was_given_up_has_an_id_of_its_own() -> None:
    before = [known("Foo-One", MADE, hub_id="acme-ai/Foo-1")]
    shown = [repo("Foo-One", MADE), repo("Foo-1", "2026-05-31T10:00")]
    assert ids(before, *shown) == ["Foo-1", "Foo-1@20260531T100000"]
    found = compare(history(*before), listing(*shown), NOTHING)
    assert [(c.kind, c.repo) for c in found.changes] == [(ChangeKind.PUBLISHED, "acme-ai/Foo-1")]
    again = compare(history(*before, *found.repos), listing(*shown), NOTHING)
    assert (again.changes, again.repos) == ((), ())


def test_an_account_does_not_find_its_repositories_in_another_one() -> None:
    elsewhere = known("Foo-1", MADE, account="acme-video")
    assert ids([elsewhere], repo("Foo-One", MADE)) == ["Foo-One"]


def test_a_hub_with_ids_is_believed() -> None:
    before = {"id1": known("Foo-1", MADE, hub_id="id1")}
    shown = listing(repo("Foo-One", MADE, hub_id="id2"), repo("Foo-1", MADE, hub_id="id3"))
    assert recognised(before, shown) is shown


def test_ids_of_one_hub_mean_nothing_on_another() -> None:
    on_other = replace(ACCOUNT, hub="modelscope")
    assert on_other == Account("acme", "modelscope", "acme-ai")
    found = compare(
        history(known("Foo-1", MADE), account=on_other),
        listing(repo("Foo-1", MADE), account=on_other),
        NOTHING,
    )
    assert [change.kind for change in found.changes] == [ChangeKind.PUBLISHED]


def test_an_account_that_is_spelt_otherwise_now_keeps_its_repositories() -> None:
    before = [known("Foo-1", MADE, account="Acme-AI")]
    assert ids(before, repo("Foo-1", MADE), repo("Foo-2")) == ["Foo-1", "Foo-2"]


def test_of_two_that_had_a_name_the_public_one_has_it() -> None:
    withdrawn = known("Foo-1", "2025-01-01", state=RepoState.WITHDRAWN)
    later = known("Foo-1", MADE, hub_id="acme-ai/Foo-1@2026")
    for before in ([withdrawn, later], [later, withdrawn]):
        assert ids(before, repo("Foo-1", MADE), repo("Foo-2")) == ["Foo-1@2026", "Foo-2"]
