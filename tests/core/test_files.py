"""What differs in a repository's files: weights that arrive, go or are replaced, licence texts that are edited."""

from dataclasses import replace

import pytest

from builders import NOTHING, NOW, history, inspected, known, listing, repo
from monitor.core.changes import Comparison, compare
from monitor.core.contents import Contents, LicenceText
from monitor.core.files import licence_words
from monitor.core.history import Findings
from monitor.core.types import Change, ChangeKind, KnownRepo, Repo, Weights

FOO = "acme-ai/Foo"
OLD = Contents("1" * 40, {"a.safetensors": "aa", "b.safetensors": "bb"}, {"LICENSE": "mit"})
NEW = replace(OLD, revision="2" * 40)


def foo(**fields: object) -> KnownRepo:
    return known("Foo", sha=OLD.revision, **fields)  # type: ignore[arg-type]


def moved(**fields: object) -> Repo:
    return repo("Foo", "2026-01-01", sha=NEW.revision, **fields)  # type: ignore[arg-type]


def poll(before: KnownRepo, findings: Findings, shown: Repo | None = None) -> Comparison:
    return compare(history(before), listing(shown or moved()), findings)


def changes(before: KnownRepo, now: Contents, had: Contents | None = OLD) -> list[Change]:
    return list(poll(before, inspected(FOO, now, had)).changes)


def test_weights_that_are_replaced_in_place_are_told_with_before_and_after() -> None:
    now = replace(NEW, weights={"a.safetensors": "aa", "b.safetensors": "cc"})
    (change,) = changes(foo(), now)
    assert (change.kind, change.seen_at) == (ChangeKind.WEIGHTS, NOW)
    assert change.before == "2 files at 1111111111"
    assert change.after == "2 files at 2222222222, 1 replaced or removed"
    assert change.detail == "b.safetensors"


def test_weights_that_are_taken_out_beside_others_are_told() -> None:
    (change,) = changes(foo(), replace(NEW, weights={"a.safetensors": "aa"}))
    assert change.after == "1 file at 2222222222, 1 replaced or removed"


@pytest.mark.parametrize(
    "weights",
    [
        pytest.param(OLD.weights, id="a commit to the README"),
        pytest.param({**OLD.weights, "a.gguf": "gg"}, id="a file that is added"),
        pytest.param({"x/1.safetensors": "aa", "x/2.safetensors": "bb"}, id="files that are renamed"),
    ],
)
def test_other_commits_are_no_change_of_the_weights(weights: dict[str, str]) -> None:
    found = poll(foo(), inspected(FOO, replace(NEW, weights=weights), OLD))
    assert found.changes == ()
    (kept,) = found.repos
    assert (kept.repo.sha, kept.contents) == (NEW.revision, replace(NEW, weights=weights))


def test_what_it_held_when_it_was_last_looked_into_stands_for_before() -> None:
    now = replace(NEW, weights={"a.safetensors": "xx", "b.safetensors": "bb"})
    (change,) = changes(foo(contents=OLD), now, had=None)
    assert change.detail == "a.safetensors"


def test_without_any_before_nothing_is_said_and_all_is_remembered() -> None:
    found = poll(foo(), inspected(FOO, NEW, None))
    assert found.changes == ()
    assert found.repos[0].contents == NEW


def test_many_files_are_counted() -> None:
    before = replace(OLD, weights={f"{n}.bin": f"old{n}" for n in range(9)})
    (change,) = changes(foo(), replace(NEW, weights={f"{n}.bin": f"new{n}" for n in range(9)}), before)
    assert change.detail == "0.bin\n1.bin\n2.bin\n3.bin\n4.bin\nand 4 more"


def test_a_repository_that_is_emptied_is_told() -> None:
    found = poll(foo(), inspected(FOO, replace(NEW, weights={}), OLD))
    assert [(c.kind, c.before, c.after) for c in found.changes] == [(ChangeKind.WEIGHTS, "yes", "none")]
    assert (found.repos[0].weights, found.launched) == (Weights.NONE, frozenset())


def test_one_whose_header_was_read_is_emptied_even_where_its_old_commit_is_gone() -> None:
    (change,) = changes(foo(parameters=7_000_000_000), replace(NEW, weights={}), had=None)
    assert (change.before, change.after) == ("yes", "none")


@pytest.mark.parametrize("had", [replace(OLD, weights={}), None])
def test_one_that_never_held_any_is_not_emptied_by_a_commit(had: Contents | None) -> None:
    assert changes(foo(), replace(NEW, weights={}), had) == []


def test_weights_that_come_back_are_told_and_are_no_launch() -> None:
    found = poll(foo(weights=Weights.NONE), inspected(FOO, NEW, replace(OLD, weights={})))
    assert [(c.before, c.after) for c in found.changes] == [("none", "2 files")]
    assert found.launched == frozenset()


def test_a_listing_alone_does_not_say_that_weights_were_removed() -> None:
    assert poll(foo(), NOTHING, moved(has_weights=False)).changes == ()
    assert poll(foo(), NOTHING, moved()).changes == ()  # it does not say


def test_what_waits_for_its_weights_goes_on_waiting_where_the_hub_says_so_itself() -> None:
    waiting = foo(weights=Weights.PENDING)
    assert poll(waiting, NOTHING, moved(has_weights=False)).changes == ()
    assert poll(waiting, NOTHING, moved(has_weights=True)).launched == {waiting.key}


def test_a_licence_whose_text_is_edited_is_told_with_the_difference() -> None:
    text = LicenceText("LICENSE", "Any use.\nNo warranty.\n", "Research only.\nNo warranty.\n")
    edited = replace(NEW, licences={"LICENSE": "own"})
    (change,) = poll(foo(), inspected(FOO, edited, OLD, texts=(text,))).changes
    assert (change.kind, change.before, change.after) == (
        ChangeKind.LICENCE,
        "LICENSE at 1111111111",
        "LICENSE at 2222222222",
    )
    assert change.detail == "-Any use.\n+Research only."


def test_a_licence_that_is_added_or_taken_away_is_told() -> None:
    (change,) = changes(foo(), replace(NEW, licences={}))
    assert (change.before, change.after) == ("LICENSE at 1111111111", "no LICENSE")
    (change,) = changes(foo(), NEW, replace(OLD, licences={}))
    assert (change.before, change.after) == ("no LICENSE", "LICENSE at 2222222222")


def test_a_licence_that_nobody_can_read_is_told_without_its_text_and_a_long_one_is_cut() -> None:
    edited = replace(NEW, licences={"LICENSE": "own"})
    unreadable = LicenceText("LICENSE", None, None)
    endless = LicenceText("LICENSE", "", "word " * 90_000)
    for text, length in ((unreadable, 0), (endless, 4000)):
        (change,) = poll(foo(), inspected(FOO, edited, OLD, texts=(text,))).changes
        assert len(change.detail or "") == length


@pytest.mark.parametrize(("before", "after"), [(None, "Any use."), ("Any use.", None), (None, None)])
def test_a_side_that_could_not_be_read_is_not_shown_as_deleted(before: str | None, after: str | None) -> None:
    edited = replace(NEW, licences={"LICENSE": "own"})
    text = LicenceText("LICENSE", before, after)
    (change,) = poll(foo(), inspected(FOO, edited, OLD, texts=(text,))).changes
    assert (change.after, change.detail) == ("LICENSE at 2222222222", None)


def test_of_a_licence_that_is_added_or_taken_away_the_text_is_shown() -> None:
    added = LicenceText("TERMS", None, "Any use.")
    bare = replace(OLD, licences={})
    (change,) = poll(
        foo(), inspected(FOO, replace(NEW, licences={"TERMS": "t"}), bare, texts=(added,))
    ).changes
    assert change.detail == "+Any use."
    gone = LicenceText("LICENSE", "Any use.", None)
    (change,) = poll(foo(), inspected(FOO, replace(NEW, licences={}), OLD, texts=(gone,))).changes
    assert change.detail == "-Any use."


def test_a_licence_is_named_by_its_id_and_by_what_stands_for_one() -> None:
    assert licence_words(repo("Foo")) == "none"
    assert licence_words(repo("Foo", licence="mit")) == "mit"
    own = repo("Foo", licence="other", licence_name="qwen", licence_link="https://hub.test/l")
    assert licence_words(own) == "other (qwen, https://hub.test/l)"


def test_a_revision_whose_look_is_postponed_is_not_taken_note_of() -> None:
    found = poll(foo(gated="no"), Findings(postponed=frozenset({FOO})), moved(gated="auto"))
    assert [change.kind for change in found.changes] == [ChangeKind.GATING]  # the rest is seen at once
    assert [k.repo.sha for k in found.repos] == [OLD.revision]
    assert not found.is_settled
    assert poll(foo(), NOTHING).repos[0].repo.sha == NEW.revision
