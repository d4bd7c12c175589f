"""What people correct: merge, split and rename, whatever comes later and in whatever order."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random

from builders import NOW, known
from monitor.core.corrections import Correction, CorrectionKind, Key, parted_from, with_their_formats
from monitor.core.releases import regroup
from monitor.core.types import KnownRepo, Release

DAY = timedelta(days=1)
LYRA = known("Lyra-7B", "2026-01-01", release_id=1)
BASE = known("Lyra-7B-Base", "2026-01-02", release_id=1)
VEGA = known("Vega-7B", "2026-02-01", release_id=2)
CODE = known("acme/lyra", "2026-01-01", hub="github")


def keys(*repos: KnownRepo) -> frozenset[Key]:
    return frozenset(repo.key for repo in repos)


def merged(number: int, *repos: KnownRepo) -> Correction:
    return Correction(number, CorrectionKind.MERGE, keys(*repos[1:]), keys(repos[0]))


def apart(number: int, split: Iterable[KnownRepo], rest: Iterable[KnownRepo]) -> Correction:
    return Correction(number, CorrectionKind.SPLIT, keys(*split), keys(*rest))


def named(number: int, name: str, *repos: KnownRepo) -> Correction:
    return Correction(number, CorrectionKind.RENAME, keys(*repos), name=name)


def parts(releases: Iterable[Release]) -> list[set[str]]:
    return [{one.repo.short_name for one in release.repos} for release in releases]


def test_merged_releases_are_one_with_the_oldest_id() -> None:
    (release,) = regroup([VEGA, LYRA, BASE], [merged(1, VEGA, LYRA)])
    assert (release.id, release.released_at) == (1, LYRA.repo.created_at)
    assert [one.repo.short_name for one in release.repos] == ["Lyra-7B", "Lyra-7B-Base", "Vega-7B"]


def test_what_joins_a_part_of_a_merged_release_is_in_it() -> None:
    later = known("Vega-7B-GGUF", "2026-05-01")
    (release,) = regroup([LYRA, VEGA, later], [merged(1, LYRA, VEGA)])
    assert "Vega-7B-GGUF" in parts([release])[0]


def test_a_split_repository_is_apart_and_its_later_quantisations_follow_it() -> None:
    split = apart(1, [BASE], [LYRA])
    later = [known("Lyra-7B-Base-GGUF", "2026-01-05"), known("Lyra-7B-FP8", "2026-01-05")]
    assert parts(regroup([LYRA, BASE, *later], [split])) == [
        {"Lyra-7B", "Lyra-7B-FP8"},
        {"Lyra-7B-Base", "Lyra-7B-Base-GGUF"},
    ]


def test_other_siblings_that_come_later_stay_with_the_rest() -> None:
    large = known("Lyra-70B", "2026-01-03")
    assert parts(regroup([LYRA, BASE, large], [apart(1, [BASE], [LYRA])]))[0] == {"Lyra-7B", "Lyra-70B"}


def test_a_format_that_was_split_off_takes_no_other_format_along() -> None:
    quantised, other = known("Lyra-7B-FP8", "2026-03-01"), known("Lyra-7B-GGUF", "2026-04-01")
    split = apart(1, [quantised], [LYRA])
    assert parts(regroup([LYRA, quantised, other], [split])) == [{"Lyra-7B", "Lyra-7B-GGUF"}, {"Lyra-7B-FP8"}]


def test_what_leaves_takes_its_formats_and_its_copies_on_other_hubs_along() -> None:
    formats = [known("Lyra-7B-GGUF"), known("lyra-7b", hub="modelscope"), known("Lyra-7B-AWQ-Int4")]
    members = [LYRA, BASE, known("Lyra-7B-Base-GGUF"), *formats]
    assert with_their_formats(keys(LYRA), members) == keys(LYRA, *formats)
    assert with_their_formats(keys(formats[1]), members) == keys(LYRA, *formats)


def test_a_quantisation_that_leaves_takes_nothing_along_while_its_model_stays() -> None:
    quantised, other = known("Lyra-7B-FP8"), known("Lyra-7B-GGUF")
    assert with_their_formats(keys(quantised), [LYRA, quantised, other]) == keys(quantised)
    whole = known("Lyra-7B-hf")  # the plainest that there is
    assert with_their_formats(keys(whole), [whole, known("Lyra-7B-hf-GGUF")]) != keys(whole)


def test_a_later_correction_overrides_an_earlier_one() -> None:
    split = apart(1, [BASE], [LYRA])
    assert len(regroup([LYRA, BASE], [split, merged(2, LYRA, BASE)])) == 1
    assert len(regroup([LYRA, BASE], [merged(1, LYRA, BASE), apart(2, [BASE], [LYRA])])) == 2
    assert len(regroup([LYRA, BASE, VEGA], [split, merged(2, LYRA, VEGA)])) == 2


def test_the_latest_name_stays_with_the_repositories_it_was_given_to() -> None:
    first, second = named(1, "One", LYRA, BASE), named(2, "Two", LYRA, BASE)
    assert [r.name for r in regroup([LYRA, BASE], [second, first])] == ["Two"]
    assert [r.name for r in regroup([LYRA, BASE], [first, apart(2, [BASE], [LYRA])])] == [
        "One",
        "Lyra-7B-Base",
    ]
    assert [r.name for r in regroup([LYRA, VEGA], [first, merged(2, LYRA, VEGA)])] == ["One"]


def test_the_name_of_a_part_is_not_that_of_the_whole() -> None:
    large, part = known("Lyra-70B", "2026-01-03"), [BASE]
    split = apart(1, part, [LYRA, large])
    given = Correction(2, CorrectionKind.RENAME, keys(*part), parted_from(keys(*part), [split]), "Part")
    assert [r.name for r in regroup([LYRA, BASE, large], [split, given])] == ["Lyra", "Part"]
    assert [r.name for r in regroup([LYRA, BASE, large], [given])] == ["Lyra"]
    later = known("Lyra-7B-Base-GGUF", "2026-03-01"), known("Lyra-7B-Base-FP8", "2026-03-01")
    assert [r.name for r in regroup([LYRA, BASE, *later], [split, given])] == ["Lyra-7B", "Part"]


def test_a_repository_that_the_hub_renames_stays_where_a_person_put_it() -> None:
    renamed = known("Cygnus-9B", "2026-01-02", hub_id=BASE.repo.hub_id)
    assert parts(regroup([LYRA, renamed, VEGA], [merged(1, BASE, VEGA)])) == [
        {"Lyra-7B"},
        {"Cygnus-9B", "Vega-7B"},
    ]
    back = known("Lyra-7B-Chat", "2026-01-02", hub_id=BASE.repo.hub_id)
    assert parts(regroup([LYRA, back], [apart(1, [BASE], [LYRA])])) == [{"Lyra-7B"}, {"Lyra-7B-Chat"}]


def test_what_a_correction_names_and_nobody_shows_changes_nothing() -> None:
    gone = known("Gone-7B")
    corrections = [merged(1, gone, VEGA), apart(2, [gone], [LYRA]), named(3, "X", gone)]
    assert regroup([LYRA, BASE, VEGA], corrections) == regroup([LYRA, BASE, VEGA])


def test_witnesses_follow_their_release() -> None:
    first, second = regroup([LYRA, BASE, CODE], [apart(1, [LYRA], [BASE])])
    assert parts([first, second]) == [{"Lyra-7B", "lyra"}, {"Lyra-7B-Base"}]


def test_the_same_repositories_in_any_order_and_any_polls_give_the_same_releases() -> None:
    names = ["Lyra-7B", "Lyra-7B-Base", "Vega-7B", "Lyra-7B-Base-GGUF", "Vega-7B-AWQ"]
    repos = [known(name, NOW - day * DAY) for name, day in zip(names, (90, 89, 60, 9, 3), strict=True)]
    corrections = [
        apart(1, [repos[1]], [repos[0]]),
        merged(2, repos[0], repos[2]),
        named(3, "Constellation", repos[0]),
    ]
    expected = partition(regroup(repos, corrections))
    assert {name for name, _ in expected} == {"Constellation", "Lyra-7B-Base"}
    for order in permutations(repos):
        assert partition(regroup(order, reversed(corrections))) == expected
        seen = list[KnownRepo]()
        for end in sorted(Random(repr(order)).sample(range(1, 6), 3)):
            seen = polled([*seen, *order[len(seen) : end]], corrections)
        assert partition(regroup([*seen, *order[len(seen) :]], corrections)) == expected


def partition(releases: Iterable[Release]) -> set[tuple[str, frozenset[Key]]]:
    return {(release.name, keys(*release.repos)) for release in releases}


def polled(repos: list[KnownRepo], corrections: list[Correction]) -> list[KnownRepo]:
    """Group what is known so far and give each new release an id, as the store does."""
    highest = max((one.release_id or 0 for one in repos), default=0)
    return [
        replace(one, release_id=release.id or highest + number)
        for number, release in enumerate(regroup(repos, corrections), 1)
        for one in release.repos
    ]


def discarded(number: int, *repos: KnownRepo) -> Correction:
    return Correction(number, CorrectionKind.DISCARD, keys(*repos))


def test_what_is_discarded_is_in_no_release_with_its_later_formats_and_the_rest_stays() -> None:
    later = [known("Lyra-7B-GGUF", "2026-01-05"), known("Lyra-70B", "2026-01-05")]
    assert parts(regroup([LYRA, BASE, VEGA, *later], [discarded(1, LYRA, BASE)])) == [
        {"Lyra-70B"},
        {"Vega-7B"},
    ]


def test_what_is_discarded_stays_out_whatever_else_is_corrected_and_in_whatever_order() -> None:
    corrections = [merged(2, VEGA, LYRA), named(3, "Lyra 2", LYRA), apart(4, [BASE], [LYRA])]
    for number in (1, 5):
        releases = regroup([LYRA, BASE, VEGA], [*corrections, discarded(number, LYRA)])
        assert "Lyra-7B" not in {name for part in parts(releases) for name in part}
        assert {"Vega-7B"} in parts(releases)


def test_what_is_discarded_and_not_there_does_nothing() -> None:
    assert parts(regroup([VEGA], [discarded(1, LYRA)])) == [{"Vega-7B"}]
