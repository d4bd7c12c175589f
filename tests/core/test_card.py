"""What a list shows of a release: whether anybody can have it, and where it stands among others."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from builders import NOW, at, known
from monitor.core.card import (
    Openness,
    day_number,
    day_of,
    in_order,
    make_card,
    openness_of,
    parameters_of,
    place_of,
    places_within,
)
from monitor.core.releases import regroup
from monitor.core.types import RepoState, Weights

GONE = {"state": RepoState.WITHDRAWN}
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("repos", "expected"),
    [
        ([{}], "open"),
        ([{"gated": "no"}], "open"),
        ([{"gated": "auto"}], "gated"),
        ([{"gated": "manual"}, {}], "open"),
        ([{"gated": "manual"}, GONE], "gated"),
        ([{"weights": Weights.PENDING}], "pending"),
        ([{"weights": Weights.PENDING}, {"weights": Weights.NONE}], "pending"),
        ([{"weights": Weights.NONE}], "gone"),
        ([{"weights": Weights.NONE}, GONE], "gone"),
        ([GONE, GONE], "withdrawn"),
        ([], "withdrawn"),
    ],
)
def test_a_release_is_as_open_as_its_most_open_repository(
    repos: list[dict[str, object]], expected: str
) -> None:
    assert openness_of([known(f"M-{n}", **fields) for n, fields in enumerate(repos)]) is Openness(expected)


def test_what_came_later_stands_higher_and_what_has_no_date_below_all() -> None:
    places = [
        place_of(None, NOW - SECOND, 9),
        place_of(None, NOW, 1),
        place_of(at("2022-05-01"), NOW, 7),
        place_of(at("2026-05-01"), NOW, 3),
        place_of(at("2026-05-01"), NOW, 4),
        place_of(at("2026-05-01") + SECOND, NOW, 2),
    ]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_a_place_fits_64_bits_whatever_a_hub_says() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for released_at in (None, first, last):
        for seen_at in (first, last):
            assert -(2**63) <= place_of(released_at, seen_at, 2**40 + 1) < 2**63


def test_places_between_two_moments_are_those_of_the_seconds_between_and_of_both() -> None:
    since, until = at("2026-05-01"), at("2026-05-02")
    low, high = places_within(since, until)
    assert [
        low <= place_of(when, NOW, 5) < high for when in (since - SECOND, since, until, until + SECOND)
    ] == [
        False,
        True,
        True,
        False,
    ]
    low, high = places_within(None, None)
    assert not low <= place_of(None, NOW, 5) < high
    assert low <= place_of(datetime.max.replace(tzinfo=UTC), NOW, 5) < high


def test_places_are_numbers_that_a_database_keeps_however_late_the_moment() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    for places in (places_within(last, None), places_within(None, last), places_within(last, last)):
        assert all(0 <= place < 2**63 for place in places)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        places_within(datetime(2026, 5, 1), None)


def test_the_repositories_of_a_release_have_one_order_whatever_the_database_gives() -> None:
    repos = [known("B", "2026-01-02"), known("A", "2026-01-02"), known("C", None), known("D", "2026-01-01")]
    repos += [known("code", "2025-01-01", hub="github")]
    ordered = sorted(repos, key=in_order)
    assert [one.repo.short_name for one in ordered] == ["D", "A", "B", "C", "code"]
    assert all(in_order(one) < in_order(other) for one, other in pairwise(ordered))


def test_a_card_says_what_the_log_says() -> None:
    (release,) = regroup([known("Lyra-7B")])
    with pytest.raises(ValueError, match="no id"):
        make_card(release, "acme", None)
    first = known("Lyra-7B", "2026-05-01", licence="mit", parameters=8, release_id=4)
    second = known("Lyra-70B", "2026-05-02", licence="other", release_id=4)
    (release,) = regroup([second, first])
    card = make_card(release, "acme", "CN")
    assert (card.release_id, card.organization, card.country, card.repos) == (4, "acme", "CN", 2)
    assert (card.licence, card.parameters, card.hubs) == ("mit, other", 70 * 10**9, ("huggingface",))
    assert card.url == first.repo.url
    assert card.day is not None
    assert day_of(card.day) == date(2026, 5, 1)


def test_numbers_beyond_the_databases_are_cut() -> None:
    (release,) = regroup([known("Lyra", "2026-05-01", parameters=10**40, release_id=1)])
    assert parameters_of(release.repos) == 10**40
    assert make_card(release, "acme", None).parameters == 2**63 - 1


def test_what_is_pending_or_undated_is_no_launch() -> None:
    (pending,) = regroup([known("Lyra", "2026-05-01", weights=Weights.PENDING, release_id=1)])
    (undated,) = regroup([known("Old", "2021-05-01", release_id=2)])
    assert make_card(pending, "acme", None).day is make_card(undated, "acme", None).day is None


def test_days_are_counted_and_told_back() -> None:
    assert [day_number(date(1970, 1, 2)), day_number(date(1969, 12, 31))] == [1, -1]
    assert day_of(day_number(date(2026, 11, 24))) == date(2026, 11, 24)
