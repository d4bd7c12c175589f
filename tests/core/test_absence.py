"""What a listing lacks: doubted, looked at, waited for, followed or withdrawn."""

from datetime import timedelta

from builders import NOTHING, NOW, history, known, listing, repo
from monitor.core.absence import MOST_LOOKS, suspects
from monitor.core.changes import compare
from monitor.core.history import Findings
from monitor.core.types import ChangeKind, Look, RepoState, SetAside, Sight

EARLIER = NOW - timedelta(minutes=1)
GONE = Look(Sight.GONE)
HERE = repo("Foo-2", "2026-01-01")  # what every listing of these tests shows


def kinds(comparison: object) -> list[ChangeKind]:
    return [change.kind for change in comparison.changes]  # type: ignore[attr-defined]


def looks(**seen: Look) -> Findings:
    return Findings({f"acme-ai/{name.replace('_', '-')}": look for name, look in seen.items()})


def shown(name: str) -> Look:
    return Look(Sight.PUBLIC, f"acme-ai/{name}", f"acme-ai/{name}")


def test_missing_once_is_only_remembered() -> None:
    found = compare(history(known("Foo-1"), known("Foo-2")), listing(HERE), NOTHING)
    assert found.changes == ()
    assert [k.missing_since for k in found.repos] == [NOW]


def test_what_was_missing_once_and_is_listed_again_was_never_gone() -> None:
    found = compare(history(known("Foo-2", missing_since=EARLIER)), listing(HERE), NOTHING)
    assert found.changes == ()
    assert [k.missing_since for k in found.repos] == [None]


def test_missing_twice_and_gone_at_a_direct_look_is_withdrawn() -> None:
    before = history(known("Foo-1", missing_since=EARLIER), known("Foo-2"))
    found = compare(before, listing(HERE), looks(Foo_1=GONE))
    assert kinds(found) == [ChangeKind.WITHDRAWN]
    assert found.repos[0].state is RepoState.WITHDRAWN


def test_missing_once_is_not_withdrawn_whatever_a_look_says() -> None:
    found = compare(history(known("Foo-1"), known("Foo-2")), listing(HERE), looks(Foo_1=GONE))
    assert found.changes == ()


def test_missing_twice_without_a_clear_look_is_not_withdrawn() -> None:
    before = history(known("Foo-1", missing_since=EARLIER), known("Foo-2"))
    for unclear in (NOTHING, looks(Foo_1=Look(Sight.UNSURE))):
        assert compare(before, listing(HERE), unclear).changes == ()


def test_what_is_missing_leaves_a_listing_unsettled_until_it_is_decided() -> None:
    before = history(known("Foo-1", missing_since=EARLIER), known("Foo-2"))
    assert not compare(before, listing(HERE), NOTHING).is_settled
    gone = history(known("Foo-1", state=RepoState.WITHDRAWN), known("Foo-2"))
    assert compare(gone, listing(HERE), NOTHING).is_settled


def test_only_what_was_missing_before_is_looked_at_and_no_more_than_two_hundred() -> None:
    missing = {"acme-ai/Foo-1": EARLIER, "acme-ai/Foo-3": None, "acme-ai/Foo-2": EARLIER}
    assert suspects(missing, listing(HERE)) == ("acme-ai/Foo-1",)
    assert len(suspects({str(n): EARLIER for n in range(900)}, listing(HERE))) == MOST_LOOKS


def test_a_listing_with_unreadable_rows_confirms_nothing() -> None:
    before = history(known("Foo-1", missing_since=EARLIER), known("Foo-2"))
    spoilt = listing(HERE, set_aside=(SetAside("no id", "{}"),))
    assert suspects({"acme-ai/Foo-1": EARLIER}, spoilt) == ()
    found = compare(before, spoilt, looks(Foo_1=GONE))
    assert found.changes == ()
    assert not found.is_settled


def test_one_repository_that_is_public_but_never_listed_stays_and_spoils_nothing() -> None:
    before = history(known("Foo-1", missing_since=EARLIER), known("Foo-2"))
    found = compare(before, listing(HERE, repo("Foo-3")), looks(Foo_1=shown("Foo-1")))
    assert found.doubt is None
    assert kinds(found) == [ChangeKind.PUBLISHED]
    assert [k.repo.short_name for k in found.repos] == ["Foo-3"]


def test_a_listing_that_lacks_much_of_what_direct_looks_show_is_doubted() -> None:
    before = history(*(known(f"Foo-{n}", missing_since=EARLIER) for n in range(3)), known("Bar"))
    there = looks(**{f"Foo_{n}": shown(f"Foo-{n}") for n in range(3)})
    found = compare(before, listing(repo("Bar", "2026-01-01"), repo("New")), there)
    assert found.doubt == "the listing lacks 3 of 4 repositories that a direct look shows"
    # What it shows is seen all the same: a hub may hide what it hides for ever.
    assert [known.repo.short_name for known in found.repos] == ["New"]
    assert [change.kind for change in found.changes] == [ChangeKind.PUBLISHED]
    assert not found.is_settled


def test_half_a_listing_is_doubted_and_what_is_new_in_it_waits() -> None:
    before = history(*(known(f"Foo-{n}") for n in range(6)))
    half = listing(*(repo(f"Foo-{n}", "2026-01-01") for n in range(3)), repo("Foo-9"))
    found = compare(before, half, NOTHING)
    assert found.doubt == "3 of 6 repositories are missing at once; believed when a second listing agrees"
    assert {k.repo.short_name for k in found.repos} == {"Foo-3", "Foo-4", "Foo-5"}
    assert all(k.missing_since == NOW for k in found.repos)


def test_other_accounts_and_what_was_withdrawn_are_no_part_of_a_doubted_share() -> None:
    others = [known(f"Bar-{n}", account="acme-video") for n in range(40)]
    gone = [known(f"Old-{n}", state=RepoState.WITHDRAWN) for n in range(40)]
    before = history(known("Foo-1"), known("Foo-3"), known("Foo-2"), *others, *gone)
    assert compare(before, listing(HERE), NOTHING).doubt is not None


def test_many_that_are_gone_at_the_second_listing_are_withdrawn_together() -> None:
    before = history(*(known(f"Foo-{n}", missing_since=EARLIER if n < 5 else None) for n in range(6)))
    gone = looks(**{f"Foo_{n}": GONE for n in range(5)})
    found = compare(before, listing(repo("Foo-5", "2026-01-01")), gone)
    assert kinds(found) == [ChangeKind.WITHDRAWN] * 5


def test_a_repository_that_was_deleted_and_made_again_is_a_new_one() -> None:
    old = known("Foo-1", hub_id="id1", missing_since=EARLIER)
    again = Findings({"id1": Look(Sight.PUBLIC, "id2", "acme-ai/Foo-1")})
    found = compare(history(old), listing(repo("Foo-1", hub_id="id2")), again)
    assert set(kinds(found)) == {ChangeKind.PUBLISHED, ChangeKind.WITHDRAWN}
    assert {change.after for change in found.changes} == {None, "made again as id2"}


def test_a_repository_that_moved_to_another_account_is_followed() -> None:
    before = history(known("Foo-1", hub_id="id1", missing_since=EARLIER), known("Foo-2"))
    found = compare(before, listing(HERE), Findings({"id1": Look(Sight.PUBLIC, "id1", "other/Foo-1")}))
    assert kinds(found) == [ChangeKind.RENAMED]
    moved = found.repos[0]
    assert (moved.account, moved.repo.name, moved.missing_since) == ("other", "other/Foo-1", None)
    assert moved.repo.url == "https://hub.test/other/Foo-1"


def test_on_a_hub_without_ids_a_renamed_repository_is_still_found_where_it_is() -> None:
    renamed = known("Foo-One", hub_id="acme-ai/Foo-1", missing_since=EARLIER)
    there = Findings({"acme-ai/Foo-1": shown("Foo-One")})
    found = compare(history(renamed, known("Foo-2")), listing(HERE), there)
    assert (found.changes, found.repos) == ((), ())
