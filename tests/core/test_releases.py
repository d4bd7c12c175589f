"""Grouping repositories into releases, and dating them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from builders import NOW, at, known
from monitor.core.dating import dated
from monitor.core.releases import regroup
from monitor.core.types import Basis, KnownRepo, Release, Weights


def groups(repos: Iterable[KnownRepo]) -> list[set[str]]:
    return [{member.repo.short_name for member in release.repos} for release in regroup(repos)]


def partition(releases: Iterable[Release]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(known.key for known in release.repos) for release in releases}


def test_sizes_and_roles_launched_together_are_one_release() -> None:
    repos = [known("Foo-2-7B", "2026-03-01"), known("Foo-2-70B-Instruct", "2026-03-03")]
    assert len(groups(repos)) == 1


def test_a_new_size_a_month_later_is_a_release_of_its_own() -> None:
    repos = [known("Foo-2-7B", "2026-03-01"), known("Foo-2-70B", "2026-04-02")]
    assert len(groups(repos)) == 2


def test_a_conversion_joins_its_release_however_much_later() -> None:
    repos = [
        known("Foo-2-7B", "2026-01-01"),
        known("Foo-2-70B", "2026-03-01"),
        known("Foo-2-7B-GGUF", "2026-05-01"),
    ]
    assert groups(repos) == [{"Foo-2-7B", "Foo-2-7B-GGUF"}, {"Foo-2-70B"}]


def test_the_same_model_on_two_hubs_is_one_release_whatever_the_capitals() -> None:
    repos = [known("Foo-2", "2026-01-01"), known("other/foo-2", "2026-02-20", hub="modelscope")]
    assert len(groups(repos)) == 1


def test_the_order_does_not_matter() -> None:
    repos = [
        known("Foo-2-7B", "2026-03-01"),
        known("Foo-2-70B", "2026-03-03"),
        known("Foo-2-7B-GGUF", "2026-05-01"),
        known("Bar-1", "2026-03-01"),
    ]
    results = {frozenset(partition(regroup(order))) for order in permutations(repos)}
    assert len(results) == 1


def test_polls_that_see_one_repository_after_the_other_give_what_one_poll_gives() -> None:
    repos = [
        known("Foo-2-7B", "2026-03-01"),
        known("acme/Foo-2", "2026-03-04", hub="github"),
        known("Foo-2-70B", "2026-03-03"),
        known("foo-2-7b", "2026-02-28", hub="modelscope"),
        known("Bar-1", "2026-03-01"),
    ]
    for order in permutations(repos):
        seen: list[KnownRepo] = []
        next_id = 1
        for new in order:
            releases = regroup([*seen, new])
            kept = {}
            for release in releases:
                release_id = release.id or next_id
                next_id += release.id is None
                kept |= {k.key: replace(k, release_id=release_id) for k in release.repos}
            seen = [kept.get(k.key, replace(k, release_id=None)) for k in (*seen, new)]
        assert partition(regroup(seen)) == partition(regroup(repos))


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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("baidu/ERNIE-4.5-21B-A3B-PT", "PaddlePaddle/ERNIE-4.5-21B-A3B-Paddle"),
        ("baidu/ERNIE-4.5-0.3B-PT", "PaddlePaddle/ERNIE-4.5-0.3B-PT"),
        ("Qwen/Qwen3-8B", "qwen/qwen3-8b"),
        ("tencent/Hunyuan-A13B-Instruct-FP8", "Tencent-Hunyuan/Hunyuan-A13B-Instruct"),
    ],
)
def test_a_model_under_different_accounts_of_two_hubs_is_one_release(one: str, other: str) -> None:
    repos = [
        known(one, "2026-01-01"),
        known(other, "2026-04-01", hub="modelscope", account=other.partition("/")[0]),
    ]
    (release,) = regroup(repos)
    assert release.released_at == at("2026-01-01")


def test_an_earlier_copy_on_another_hub_moves_the_date_and_a_later_one_does_not() -> None:
    here = known("Foo-2", "2026-02-01", release_id=7)
    for other, expected in (("2026-01-31T15:00", "2026-01-31T15:00"), ("2026-05-01", "2026-02-01")):
        (release,) = regroup([here, known("Foo-2", other, hub="modelscope")])
        assert (release.id, release.released_at) == (7, at(expected))


def test_a_repository_whose_hub_tells_no_date_takes_none_from_its_release() -> None:
    (release,) = regroup([known("Foo-2", None, hub="modelscope"), known("Foo-2", "2026-02-01")])
    assert (release.released_at, release.basis) == (at("2026-02-01"), Basis.CREATED)


def test_a_repository_that_waits_for_its_weights_does_not_date_a_release() -> None:
    (release,) = regroup(
        [known("Foo-2-7B", "2026-02-01", weights=Weights.PENDING), known("Foo-2-70B", "2026-02-03")]
    )
    assert release.released_at == at("2026-02-03")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([Weights.NONE, Weights.PENDING, Weights.YES], Weights.YES),
        ([Weights.NONE, Weights.PENDING], Weights.PENDING),
        ([Weights.NONE], Weights.NONE),
    ],
)
def test_a_release_has_weights_if_any_of_it_has(held: list[Weights], expected: Weights) -> None:
    repos = [
        known(f"Foo-2-{size}B", "2026-02-01", weights=weights) for size, weights in enumerate(held, start=1)
    ]
    (release,) = regroup([*repos, known("acme/Foo-2", "2026-02-01", hub="github")])
    assert release.weights is expected


def test_witnesses_alone_make_no_release() -> None:
    assert regroup([known("acme/Foo-2", hub="github"), known("acme/foo-2", hub="openrouter")]) == ()


def test_a_witness_stands_last_and_neither_dates_nor_names_nor_kinds_its_release() -> None:
    model = known("Foo-2-7B", "2026-02-01", pipeline_tag="text-to-image", first_seen_at=NOW)
    early = known("acme/Foo-2", "2025-01-01", hub="github", first_seen_at=at("2025-01-01"), release_id=3)
    (release,) = regroup([early, model])
    assert [k.hub for k in release.repos] == ["huggingface", "github"]
    assert (release.id, release.name, release.kind) == (None, "Foo-2-7B", "image")
    assert (release.released_at, release.first_seen_at) == (at("2026-02-01"), NOW)
    assert release.repos[1].release_id is None


def test_a_release_that_keeps_only_a_witness_disappears() -> None:
    witness = known("acme/Foo-2", hub="github", release_id=3)
    other = known("Bar-1", release_id=4)
    (release,) = regroup([witness, other])
    assert (release.id, [k.hub for k in release.repos]) == (4, ["huggingface"])
