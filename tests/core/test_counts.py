"""The analyst's table."""

from datetime import date

import pytest

from monitor.core.counts import By, Counted, count

GROUPS = {"acme": ["acme"], "beta": ["beta"]}
SINCE: dict[str, date] = {}


def test_launches_release_days_and_repositories_are_three_figures() -> None:
    releases = [
        Counted("acme", date(2026, 5, 1), "observed", 21),
        Counted("acme", date(2026, 5, 1), "observed", 1),
        Counted("acme", date(2026, 5, 9), "created", 1),
    ]
    (row,) = count(releases, {}, GROUPS, SINCE, By.MONTH, date(2026, 5, 31))
    assert (row.launches, row.release_days, row.repos, row.basis) == (3, 2, 23, "mixed")


def test_quiet_periods_are_rows_too() -> None:
    releases = [Counted("acme", date(2026, 1, 9), "created", 1)]
    rows = count(releases, {}, GROUPS, SINCE, By.MONTH, date(2026, 4, 1))
    assert [(row.period, row.launches) for row in rows] == [
        *(("2026-01", 1), ("2026-02", 0)),
        *(("2026-03", 0), ("2026-04", 0)),
    ]


@pytest.mark.parametrize(
    ("by", "period"), [(By.MONTH, "2026-12"), (By.QUARTER, "2026-Q4"), (By.WEEK, "2026-W53")]
)
def test_periods_are_named_by_the_calendar(by: By, period: str) -> None:
    assert by.period(date(2026, 12, 31)) == period


@pytest.mark.parametrize(
    ("by", "begins"),
    [
        (By.WEEK, ["2025-12-22", "2025-12-29", "2026-01-05"]),
        (By.MONTH, ["2025-12-01", "2026-01-01"]),
        (By.QUARTER, ["2025-10-01", "2026-01-01"]),
    ],
)
def test_periods_follow_each_other_over_the_turn_of_the_year(by: By, begins: list[str]) -> None:
    assert [*map(str, by.begins(date(2025, 12, 24), date(2026, 1, 8)))] == begins
    assert [*by.begins(date(2026, 1, 8), date(2025, 12, 24))] == [by.begin(date(2026, 1, 8))]


def test_release_days_and_blind_days_of_a_group_are_added_up() -> None:
    releases = [Counted(key, date(2026, 5, 1), "observed", 1) for key in ("acme", "beta")]
    blind = {"acme": [(date(2026, 5, 3), date(2026, 5, 5)), (date(2026, 5, 5), date(2026, 5, 6))]}
    country = {"acme": ["CN"], "beta": ["CN"]}
    (row,) = count(releases, blind, country, SINCE, By.MONTH, date(2026, 5, 31))
    assert (row.launches, row.release_days, row.blind_days) == (2, 2, 4)


def test_a_quiet_group_has_rows_since_watching_began_and_one_with_a_past_since_its_first_release() -> None:
    releases = [
        Counted("acme", date(2026, 2, 1), "created", 1),
        Counted("beta", date(2026, 5, 9), "observed", 1),
    ]
    since = dict.fromkeys(("acme", "beta", "quiet"), date(2026, 4, 9))
    groups = GROUPS | {"quiet": ["quiet"], "unseen": ["unseen"]}
    rows = count(releases, {}, groups, since, By.MONTH, date(2026, 5, 20))
    periods = {name: [row.period for row in rows if row.group == name] for name in groups}
    assert periods["acme"] == ["2026-02", "2026-03", "2026-04", "2026-05"]
    assert periods["beta"] == periods["quiet"] == ["2026-04", "2026-05"]
    assert periods["unseen"] == []


def test_only_the_period_of_today_is_running() -> None:
    rows = count([], {}, GROUPS, {"acme": date(2026, 1, 9)}, By.QUARTER, date(2026, 9, 30))
    assert [(row.period, row.is_running) for row in rows] == [
        *(("2026-Q1", False), ("2026-Q2", False), ("2026-Q3", True)),
    ]
