"""Which repositories are launched as one thing, and why; how well it agrees with labels made by hand."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from benchmarks.grouping import LABELS, MORE, Score, ours, read_labels, score
from builders import at, known
from monitor.core.lineage import why_one
from monitor.core.releases import regroup
from monitor.core.types import KnownRepo, Release


def one(*names_and_days: tuple[str, str]) -> bool:
    """Whether repositories of these names and days are one release."""
    return len(regroup(known(name, day) for name, day in names_and_days)) == 1


def partition(releases: tuple[Release, ...]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(known.key for known in release.repos) for release in releases}


@pytest.mark.parametrize(("day", "expected"), [("2026-03-15T23:00", True), ("2026-03-16", False)])
def test_a_line_is_open_for_fourteen_whole_days(day: str, expected: bool) -> None:
    assert one(("Foo-2-7B", "2026-03-01"), ("Foo-2-70B", day)) is expected


@pytest.mark.parametrize(("day", "expected"), [("2026-03-03T23:00", True), ("2026-03-04", False)])
def test_variants_of_one_version_are_one_within_three_days(day: str, expected: bool) -> None:
    assert one(("Foo-2-Scout", "2026-03-01"), ("Foo-2-Maverick", day)) is expected


@pytest.mark.parametrize(("day", "expected"), [("2026-03-01T23:00", True), ("2026-03-02", False)])
def test_variants_without_a_version_are_one_within_a_day(day: str, expected: bool) -> None:
    assert one(("Foo-gate-law", "2026-03-01"), ("Foo-token-intent", day)) is expected


@pytest.mark.parametrize(("day", "expected"), [("2026-03-01T23:00", True), ("2026-03-02", False)])
def test_a_model_that_sees_joins_its_series_within_a_day(day: str, expected: bool) -> None:
    assert one(("Foo-4.5-21B-A3B", "2026-03-01"), ("Foo-4.5-VL-28B-A3B", day)) is expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Foo-2-7B", "Foo-2-Coder-7B"),
        ("Foo-2", "Foo-2.1"),
        ("Foo-2", "Foo-2-0324"),
        ("Foo-2", "Foo-2-preview"),
        ("Foo-2", "Bar-2"),
        ("Foo-Coder", "Foo-Math"),
    ],
)
def test_another_product_or_version_is_another_release_even_on_the_same_day(first: str, second: str) -> None:
    assert not one((first, "2026-03-01"), (second, "2026-03-01"))


def test_a_late_conversion_opens_nothing() -> None:
    releases = regroup(
        [
            known("Foo-2-7B", "2026-01-01"),
            known("Foo-2-7B-GGUF", "2026-03-01"),
            known("Foo-2-70B", "2026-03-02"),
        ]
    )
    assert [len(release.repos) for release in releases] == [2, 1]


def test_without_dates_only_the_model_and_the_line_bind() -> None:
    undated = [known(name, None) for name in ("Foo-2-7B", "Foo-2-70B", "Foo-2-7B-GGUF", "Foo-2-Scout")]
    assert sorted(len(release.repos) for release in regroup(undated)) == [1, 3]


def test_a_base_model_that_a_hub_names_binds_nothing() -> None:
    repos = [
        known("Foo-2-Base", "2026-01-01"),
        known("Foo-2-V", "2026-06-01", base_models=("acme-ai/Foo-2-Base",)),
    ]
    assert len(regroup(repos)) == 2


def _account(random: Random) -> list[KnownRepo]:
    """Some repositories with names and dates that lie close together."""
    names = [
        f"{family}-{version}{field}-{size}{kind}"
        for family in ("Foo", "Bar")
        for version in ("1", "2", "2-0324")
        for field in ("", "-VL", "-Coder", "-Scout")
        for size in ("7B", "70B")
        for kind in ("", "-Instruct", "-GGUF")
    ]
    hubs = random.choices(["huggingface", "modelscope"], k=60)
    return [
        known(name, at("2026-01-01") + timedelta(hours=random.randrange(60 * 24)), hub=hub)
        for name, hub in zip(random.sample(names, 60), hubs, strict=True)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_the_same_repositories_in_any_order_and_any_polls_give_the_same_releases(seed: int) -> None:
    random = Random(seed)
    repos = _account(random)
    expected = partition(regroup(repos))
    random.shuffle(repos)
    seen: list[KnownRepo] = []
    next_id, given = 1, set[int]()
    while repos:
        size = random.randint(1, 12)
        seen, repos = [*seen, *repos[:size]], repos[size:]
        random.shuffle(seen)
        releases = regroup(seen)
        ids = [release.id for release in releases if release.id is not None]
        assert len(ids) == len(set(ids))
        assert set(ids) <= given
        kept = []
        for release in releases:
            release_id = release.id or next_id
            next_id += release.id is None
            given.add(release_id)
            kept += [replace(k, release_id=release_id) for k in release.repos]
        seen = kept
    assert partition(regroup(seen)) == expected


def test_each_repository_but_the_first_has_its_reason() -> None:
    (release,) = regroup(
        [
            known("Foo-2-8B", "2026-03-01"),
            known("Foo-2-8B-FP8", "2026-06-01"),
            known("foo-2-8b", "2026-03-02", hub="modelscope"),
            known("Foo-2-70B", "2026-03-05"),
            known("Foo-2-Scout-9B", "2026-03-02"),
            known("Foo-2-VL-8B", "2026-03-01T10:00"),
            known("acme/Foo-2", hub="github"),
        ]
    )
    assert why_one(release) == (
        "Foo-2-VL-8B is of the series “foo 2”, within a day of Foo-2-8B",
        "foo-2-8b (modelscope) and Foo-2-8B-FP8 hold the same model as Foo-2-8B",
        "Foo-2-Scout-9B is of the kind “foo 2”, within 3 days of Foo-2-8B",
        "Foo-2-70B is of the line “foo 2”, within 14 days of Foo-2-8B",
        "confirmed by acme/Foo-2 (github)",
    )


def test_what_no_rule_binds_was_joined_by_hand_and_what_has_no_date_is_told_none() -> None:
    (release,) = regroup([known("Foo-2", None)])
    assert why_one(release) == ()
    more = (*release.repos, known("Foo-2-Instruct", None), known("Bar", "2026-01-01"))
    assert why_one(replace(release, repos=more)) == (
        "Foo-2-Instruct is of the line “foo 2”, like Foo-2",
        "Bar is joined by hand",
    )


def test_of_many_reasons_the_first_are_named() -> None:
    (release,) = regroup(known(f"Foo-2-{size}B", "2026-03-01") for size in range(1, 10))
    assert why_one(release) == (
        "Foo-2-2B, Foo-2-3B, Foo-2-4B and 5 more are of the line “foo 2”, within 14 days of Foo-2-1B",
    )


@pytest.mark.parametrize(("path", "f1", "exact"), [(LABELS, 0.97, 0.94), (MORE, 0.95, 0.88)])
def test_labels_made_by_hand_are_met(path: Path, f1: float, exact: float) -> None:
    total = sum((score(rows, ours) for rows in read_labels(path).values()), start=Score())
    assert total.f1 >= f1
    assert total.exact / total.releases >= exact


def test_the_measure_is_one_for_the_labels_themselves_and_falls_with_every_error() -> None:
    (rows,) = [rows for key, rows in read_labels(LABELS).items() if key == "01-ai"]
    perfect = score(rows, lambda rows: [row.release for row in rows])
    assert (perfect.f1, perfect.exact) == (pytest.approx(1.0), perfect.releases)
    assert score(rows, lambda rows: [0] * len(rows)).f1 < 0.5
    assert score(rows, lambda rows: list(range(len(rows)))).exact == 0
