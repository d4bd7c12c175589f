"""Lists of releases, on both databases: just what the release log has, in its order, a page at a time."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from browsed import ids, is_the_log, log, page, pages

from bad_names import BAD_NAMES
from benchmarks.big_log import fill
from monitor.demo.repo import DemoRepo
from monitor.store import Store, browsing, cards, correcting
from monitor.store.browsing import Page, Query, Sort
from monitor.store.release_log import find_releases
from world import World

JUNE = datetime(2026, 6, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def filled(store: Store) -> Store:
    """A log of 210 releases of 20 organisations."""
    fill(store, 210, 20, JUNE)
    return store


def test_a_list_without_anything_is_empty(store: Store) -> None:
    assert page(store) == Page([], None, None)
    with store.reading() as tx:
        assert browsing.count(tx, Query(search="qwen", sort=Sort.NAME)) == (0, True)
        assert browsing.facets(tx) == {"kind": [], "licence": [], "openness": [], "country": []}
        assert browsing.launches_by_period(tx, [date(2026, 1, 1), date(2026, 2, 1)]) == {}
        assert not cards.are_due(tx)


def test_the_list_has_what_the_log_has_in_its_order(filled: Store) -> None:
    assert is_the_log(filled)
    assert ids(pages(filled, descending=False)) == ids(log(filled))[::-1]
    assert len(page(filled, limit=200).rows) == 200


FILTERS: list[tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]] = [
    ({"kind": "language"}, lambda row: row["kind"] == "language"),
    ({"kind": "Language"}, lambda _: False),
    ({"licence": "mit"}, lambda row: row["licence"] == "mit"),
    ({"country": "CN", "kind": "image"}, lambda row: row["country"] == "CN" and row["kind"] == "image"),
    ({"organizations": ("qwen-0",)}, lambda row: row["organization"] == "qwen-0"),
    (
        {"organizations": ("qwen-0", "ernie-2", "nobody")},
        lambda row: row["organization"] in ("qwen-0", "ernie-2"),
    ),
    ({"hub": "modelscope"}, lambda row: "modelscope" in row["hubs"]),
    (
        {"since": JUNE - 500 * DAY, "until": JUNE - 90 * DAY},
        lambda row: (
            row["released_at"] is not None and JUNE - 500 * DAY <= row["released_at"] <= JUNE - 90 * DAY
        ),
    ),
    ({"search": "deepseek"}, lambda row: "deepseek" in row["organization"]),
    (
        {"search": "QWEN", "licence": "apache-2.0"},
        lambda r: "qwen" in r["organization"] and r["licence"] == "apache-2.0",
    ),
    ({"search": " "}, lambda _: True),
    ({"search": "%"}, lambda _: False),
]


def test_each_filter_leaves_just_what_it_says_in_every_order(filled: Store) -> None:
    whole = log(filled)
    for (asked, is_wanted), sort in product(FILTERS, Sort):
        wanted = {row["id"] for row in whole if is_wanted(row)}
        rows = pages(filled, sort=sort, limit=60, **asked)
        assert set(ids(rows)) == wanted, asked
        assert len(rows) == len(wanted)
        assert ids(pages(filled, sort=sort, limit=60, descending=False, **asked)) == ids(rows)[::-1]
        with filled.reading() as tx:
            assert browsing.count(tx, Query(sort=sort, **asked)) == (len(wanted), True)


def test_every_order_is_that_of_its_values_and_of_dates_among_equals(filled: Store) -> None:
    oldest_first = log(filled)[::-1]
    values: dict[Sort, Callable[[dict[str, Any]], Any]] = {
        Sort.NAME: lambda row: row["name"].casefold(),
        Sort.PARAMETERS: lambda row: row["parameters"] or 0,
        Sort.ORGANIZATION: lambda row: row["organization"],
    }
    for sort, value in values.items():
        wanted = sorted(oldest_first, key=value)
        assert ids(pages(filled, sort=sort, descending=False, limit=37)) == ids(wanted)


def test_many_are_counted_as_far_as_a_thousand_and_sorted_all_the_same(store: Store) -> None:
    fill(store, 1050, 5, JUNE)
    for asked in ({"since": JUNE - 2000 * DAY}, {"search": "inst gg", "hub": "huggingface"}):
        with store.reading() as tx:
            assert browsing.count(tx, Query(**asked)) == (1000, False)
        by_date, by_name = pages(store, limit=200, **asked), pages(store, limit=200, sort=Sort.NAME, **asked)
        assert sorted(ids(by_date)) == sorted(ids(by_name))
        assert len(by_date) > 1000
        assert [row["name"].casefold() for row in by_name] == sorted(
            [row["name"].casefold() for row in by_date]
        )[::-1]


def test_words_of_names_repositories_and_organisations_are_found_by_their_beginnings(
    world_on_both: World,
) -> None:
    world, store = world_on_both, world_on_both.store
    names = ["Qwen3-Coder-480B", "ERNIE-4.5-VL", "One-7B", "Two-7B"]
    world.hub.repos = tuple(
        DemoRepo(f"acme/{name}", at, at)
        for n, name in enumerate(names)
        for at in [JUNE - 99 * DAY + 9 * n * DAY]
    )
    world.poll()
    cards.catch_up(store)
    for name, other in (("One-7B", "通义千问-7B"), ("Two-7B", "Café 100%_sure")):
        (row,) = page(store, search=name).rows
        with store.writing() as tx:
            correcting.rename(tx, row["id"], other, world.clock.now)

    def found(typed: str) -> int:
        return len(page(store, search=typed).rows)

    assert found("qwen3 cod") == found("千问") == found("ernie4.5") == found("100 sure") == found("CAFE") == 1
    assert found("acme") == len(log(store))
    assert found("acme qwen3 ernie") == found("wen") == found("'; DROP TABLE release_card;--") == 0


@pytest.fixture(scope="module")
def typed() -> list[str]:
    """What nobody should type, and somebody will."""
    words = [
        '"',
        "*",
        '"qwen',
        "qwen*",
        "NEAR(a b)",
        "a AND",
        "NOT",
        "release_words:a",
        "-a",
        "^a",
        "{a b}:c",
        "a+b",
    ]
    words += [
        "%",
        "_",
        "\\",
        "' OR 1=1 --",
        "a:*",
        "!a",
        "a & b",
        "a <-> b",
        "(a",
        "\0",
        "a\0b",
        "\ud800",
        "👨‍👩‍👧",
        "x" * 10**5,
    ]
    return [*words, "千" * 5000, " ".join(["a"] * 5000), "\u202eabc", *BAD_NAMES]


def test_nothing_that_is_typed_or_chosen_is_an_error(store: Store, typed: list[str]) -> None:
    fill(store, 20, 3, JUNE)
    with store.reading() as tx:
        for text in typed:
            for asked in ({"search": text}, {"kind": text, "licence": text}, {"organizations": (text, text)}):
                for sort in (Sort.RELEASED, Sort.NAME):
                    found = browsing.releases(tx, Query(**asked, sort=sort))
                    assert len(found.rows) in range(21)
                    assert browsing.count(tx, Query(**asked)).number == len(found.rows)


def test_cursors_of_something_else_are_refused(filled: Store) -> None:
    cursor = page(filled, limit=5).next
    by_name = page(filled, limit=5, sort=Sort.NAME).next
    assert cursor
    assert by_name
    nonsense = [
        "",
        "x",
        "=",
        "AAAA",
        "[]",
        cursor[:-3],
        cursor + "AA",
        "é",
        "\0",
        "\ud800",
        "W10",
        "e30",
        "bnVsbA",
        "A" * 9999,
    ]
    nonsense += [cursor.upper(), "WyJyZWxlYXNlZCIsbnVsbCwxZTMwMF0", "WyJyZWxlYXNlZCIsbnVsbCx0cnVlXQ"]
    for text in [*nonsense, by_name]:
        with pytest.raises(ValueError, match="cursor"):
            Query(after=text)
        with pytest.raises(ValueError, match="cursor"):
            Query(before=text)
    with pytest.raises(ValueError, match="cursor"):
        Query(sort=Sort.PARAMETERS, after=by_name)
    with pytest.raises(ValueError, match="not both"):
        Query(after=cursor, before=cursor)
    for limit in (0, -1, 201, 10**9):
        with pytest.raises(ValueError, match="1 to 200"):
            Query(limit=limit)
    with pytest.raises(ValueError, match="zone"):
        Query(since=datetime(2026, 1, 1))


def test_the_rows_of_a_page_are_had_with_their_repositories(filled: Store) -> None:
    by_id = {row["id"]: row for row in log(filled)}
    wanted = ids(page(filled, sort=Sort.NAME).rows)
    with filled.reading() as tx:
        assert find_releases(tx, [*wanted, 10**9]) == [by_id[number] for number in wanted]
        assert find_releases(tx, []) == []


def test_values_are_counted(filled: Store) -> None:
    whole = log(filled)
    with filled.reading() as tx:
        found = browsing.facets(tx)
        for kind, number in found["kind"]:
            assert number == sum(row["kind"] == kind for row in whole)
        for openness, number in found["openness"]:
            assert browsing.count(tx, Query(openness=openness)) == (number, True)
    assert sum(number for _, number in found["kind"]) == len(whole)
    assert found["licence"] == sorted(found["licence"], key=lambda one: (-one[1], one[0]))


def test_launches_are_counted_by_day_and_by_organisation_and_period(filled: Store) -> None:
    launches = [row for row in log(filled) if row["released_at"] and row["weights"] != "pending"]
    first, last = date(2025, 6, 1), date(2026, 5, 31)
    in_year = [row for row in launches if first <= row["released_at"].date() <= last]
    bounds = [first, date(2025, 8, 15), date(2026, 1, 1), date(2026, 6, 1)]
    with filled.reading() as tx:
        by_day = browsing.launches_by_day(tx, first, last)
        by_period = browsing.launches_by_period(tx, bounds)
    assert sum(by_day.values()) == len(in_year)
    assert all(
        number == sum(row["released_at"].date() == day for row in in_year) for day, number in by_day.items()
    )
    assert by_period.keys() == {row["organization"] for row in in_year}
    for key, numbers in by_period.items():
        days = [row["released_at"].date() for row in in_year if row["organization"] == key]
        assert numbers == [sum(a <= day < b for day in days) for a, b in pairwise(bounds)]
