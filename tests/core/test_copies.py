"""Bulk copies from one hub to another date no release."""

from datetime import UTC, datetime

from builders import at, known
from monitor.core.copies import strays
from monitor.core.releases import regroup
from monitor.core.types import Basis, KnownRepo, Weights

SYNC = "2026-03-01"


def originals(number: int, created: str = "2026-01-10") -> list[KnownRepo]:
    return [known(f"Model{n}-1", created) for n in range(number)]


def copied(number: int, created: str = SYNC) -> list[KnownRepo]:
    return [known(f"model{n}-1", created, hub="modelscope") for n in range(number)]


def lone(name: str = "Lone-1", created: str = SYNC, **fields: object) -> KnownRepo:
    return known(name, created, hub="modelscope", **fields)  # type: ignore[arg-type]


def undated(repos: list[KnownRepo]) -> set[str]:
    """The names of the repositories that a bulk copy leaves without a date."""
    keys = strays(repos)
    return {one.repo.short_name for one in repos if one.key in keys}


def test_a_day_on_which_mostly_copies_were_made_is_a_bulk_copy() -> None:
    assert undated([*originals(3), *copied(3), lone("A-1"), lone("B-1")]) == {"A-1", "B-1"}


def test_a_day_with_few_repositories_or_few_copies_is_none() -> None:
    assert undated([*originals(3), *copied(3), lone("A-1")]) == set()
    assert undated([*originals(2), *copied(2), lone("A-1"), lone("B-1"), lone("C-1")]) == set()


def test_a_launch_on_two_hubs_within_three_days_is_no_bulk_copy() -> None:
    assert undated([*originals(6, "2026-02-27"), *copied(6), lone()]) == set()
    assert undated([*originals(6, "2026-02-25"), *copied(6), lone()]) == {"Lone-1"}


def test_an_organisation_on_one_hub_has_none() -> None:
    assert undated([lone(f"Model{n}-1") for n in range(30)]) == set()


def test_a_repository_that_waited_for_its_weights_was_no_original() -> None:
    waiting = [known(f"Model{n}-1", "2026-01-10", weights=Weights.PENDING) for n in range(6)]
    assert undated([*waiting, *copied(6), lone()]) == set()


def test_what_became_public_here_late_was_no_original_before_that() -> None:
    bracket = (at("2026-02-28T10:00"), at("2026-02-28T11:00"))
    private = [known(f"Model{n}-1", "2026-01-10", between=bracket) for n in range(6)]
    assert undated([*private, *copied(6), lone()]) == set()


def test_what_only_the_bulk_copy_has_is_no_release_of_that_day() -> None:
    releases = regroup([*originals(5), *copied(5), lone()])
    (release,) = [release for release in releases if release.name == "Lone-1"]
    assert (release.released_at, release.basis) == (None, Basis.UNKNOWN)
    assert at(SYNC) not in {release.released_at for release in releases}


def test_copies_join_their_releases_and_leave_the_dates() -> None:
    releases = regroup([*originals(5), *copied(5)])
    assert len(releases) == 5
    assert {release.released_at for release in releases} == {at("2026-01-10")}


def test_what_was_seen_becoming_public_keeps_its_date_on_such_a_day() -> None:
    bracket = (datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 9, tzinfo=UTC))
    observed = lone(between=bracket)
    assert strays([*originals(5), *copied(5), observed]) == frozenset()


def test_a_repository_without_a_date_dates_nothing_that_it_is_grouped_with() -> None:
    later = lone("Lone-1-GGUF", "2026-04-01")
    releases = regroup([*originals(5), *copied(5), lone(), later])
    (release,) = [release for release in releases if release.name == "Lone-1"]
    assert [k.repo.short_name for k in release.repos] == ["Lone-1-GGUF", "Lone-1"]
    assert release.released_at == at("2026-04-01")


def test_the_order_of_the_repositories_does_not_matter() -> None:
    repos = [*originals(5), *copied(5), lone(), lone("Lone-1-GGUF", "2026-04-01")]
    assert regroup(repos) == regroup(reversed(repos))
