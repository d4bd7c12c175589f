"""Grouping repositories into releases, and dating them."""

from datetime import timedelta
from itertools import permutations

from builders import NOW, at, known
from monitor.core.releases import dated, group, regroup
from monitor.core.types import Basis, KnownRepo


def names(repos: list[KnownRepo]) -> set[str]:
    return {member.repo.short_name for member in repos}


def test_sizes_and_roles_launched_together_are_one_release() -> None:
    repos = [known("Foo-2-7B", "2026-03-01"), known("Foo-2-70B-Instruct", "2026-03-03")]
    assert len(group(repos)) == 1


def test_a_new_size_a_month_later_is_a_release_of_its_own() -> None:
    repos = [known("Foo-2-7B", "2026-03-01"), known("Foo-2-70B", "2026-04-02")]
    assert len(group(repos)) == 2


def test_a_conversion_joins_its_release_however_much_later() -> None:
    repos = [
        known("Foo-2-7B", "2026-01-01"),
        known("Foo-2-70B", "2026-03-01"),
        known("Foo-2-7B-GGUF", "2026-05-01"),
    ]
    assert [names(members) for members in group(repos)] == [{"Foo-2-7B", "Foo-2-7B-GGUF"}, {"Foo-2-70B"}]


def test_the_same_model_on_two_hubs_is_one_release_whatever_the_capitals() -> None:
    repos = [known("Foo-2", "2026-01-01"), known("other/foo-2", "2026-02-20", hub="modelscope")]
    assert len(group(repos)) == 1


def test_the_order_does_not_matter() -> None:
    repos = [
        known("Foo-2-7B", "2026-03-01"),
        known("Foo-2-70B", "2026-03-03"),
        known("Foo-2-7B-GGUF", "2026-05-01"),
        known("Bar-1", "2026-03-01"),
    ]
    results = {
        frozenset(frozenset(names(members)) for members in group(order)) for order in permutations(repos)
    }
    assert len(results) == 1


def test_polls_that_see_one_repository_after_the_other_give_what_one_poll_gives() -> None:
    repos = [known("Foo-2-7B", "2026-03-01"), known("Foo-2-70B", "2026-03-03"), known("Bar-1", "2026-03-01")]
    seen: list[KnownRepo] = []
    next_id = 1
    for new in repos:
        seen.append(new)
        releases = regroup(seen)
        seen = []
        for release in releases:
            release_id = release.id or next_id
            next_id += release.id is None
            seen += [
                KnownRepo(k.hub, k.account, k.repo, k.first_seen_at, release_id=release_id)
                for k in release.repos
            ]
    at_once = {frozenset(m.repo.name for m in members) for members in group(repos)}
    assert {frozenset(k.repo.name for k in release.repos) for release in regroup(seen)} == at_once


def test_in_a_merge_the_oldest_id_stays() -> None:
    repos = [known("Foo-2-7B", "2026-03-01", release_id=9), known("Foo-2-70B", "2026-03-02", release_id=4)]
    (release,) = regroup(repos)
    assert release.id == 4
    assert {k.release_id for k in release.repos} == {4}


def test_in_a_split_the_part_with_the_first_repository_keeps_the_id() -> None:
    repos = [known("Foo-2-7B", "2026-03-01", release_id=4), known("Bar-1", "2026-03-02", release_id=4)]
    assert {release.name: release.id for release in regroup(repos)} == {"Foo-2-7B": 4, "Bar-1": None}


def test_on_the_baseline_a_release_is_dated_by_its_creation() -> None:
    assert dated(known("Foo", "2026-03-01")) == (at("2026-03-01"), Basis.CREATED)


def test_a_creation_before_the_hub_kept_dates_is_unknown() -> None:
    assert dated(known("Foo", "2022-03-02T23:29:04")) == (None, Basis.UNKNOWN)
    assert dated(known("Foo", None)) == (None, Basis.UNKNOWN)


def test_a_creation_inside_the_bracket_is_the_date() -> None:
    bracket = (at("2026-05-01"), at("2026-05-02"))
    assert dated(known("Foo", "2026-05-01T10:00", between=bracket)) == (
        at("2026-05-01T10:00"),
        Basis.OBSERVED,
    )


def test_a_repository_that_was_private_before_is_dated_by_the_upper_end_of_its_bracket() -> None:
    bracket = (NOW - timedelta(hours=1), NOW)
    assert dated(known("Foo", "2026-03-01", between=bracket)) == (NOW, Basis.OBSERVED)


def test_a_creation_in_the_future_does_not_date_a_release() -> None:
    bracket = (NOW - timedelta(hours=1), NOW)
    assert dated(known("Foo", "2036-01-01", between=bracket)) == (NOW, Basis.OBSERVED)
