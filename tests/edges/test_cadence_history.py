"""What the history says of a cadence, beside what is said of it today."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from monitor.core.cadence.fleet import COLD_START
from monitor.core.cadence.onboarding import onboard
from monitor.core.cadence.record import Record, Timeline
from monitor.core.types import Budgets
from monitor.store.cadence import OrganizationCadence
from monitor.store.cadence_rows import history_rows


def cadence_of(offsets: tuple[int, ...], today: date, watched_on: date, **fields: Any) -> OrganizationCadence:
    """What is known of an organisation that released on these days of 2024 and was first seen on a later one."""
    days = tuple(date(2024, 1, 1) + timedelta(days=n) for n in offsets)
    known = tuple(day for day in days if day <= today)
    values: dict[str, Any] = {"unseen": (), "blind_since": None, "last_error": None} | fields
    return OrganizationCadence(
        key="acme",
        country="CN",
        watched_since=watched_on,
        state=onboard(Record(known, values["unseen"]), COLD_START, Budgets(), today),
        released_at=tuple(datetime.combine(day, time(8), UTC) for day in known),
        hubs=("huggingface",),
        is_seen=True,
        **values,
    )


def test_what_only_looking_back_shows_is_in_the_history_with_the_pace_before_and_its_range() -> None:
    slowed, today = (*range(0, 301, 6), *range(315, 431, 15)), date(2025, 3, 2)
    *_, before, slower = history_rows(cadence_of(slowed, today, today), datetime.combine(today, time(), UTC))
    assert (before["regime"], slower["regime"], slower["until"]) == ("steady", "slower", None)
    assert slower["previous_rate_per_month"] == before["rate_per_month"] == pytest.approx(5.1, abs=0.5)
    assert slower["rate_per_month"] == pytest.approx(2, abs=0.3)
    assert slower["between"][0] <= slower["since"] <= slower["between"][1]
    assert slower["note"] == "as looking back on 2025-03-02 shows"


def test_the_history_has_the_steady_pace_where_another_is_possible_and_says_so() -> None:
    faster, today = (*range(0, 361, 15), *range(365, 500, 5)), date(2025, 2, 8)
    cadence, now = cadence_of(faster, today, today), datetime.combine(today, time(), UTC)
    said, *_, steady = cadence.verdict(Budgets(), now), *history_rows(cadence, now)
    assert (said.regime, said.level, steady["regime"]) == ("faster", "watching", "steady")
    assert steady["rate_per_month"] == pytest.approx(2.3, abs=0.3)
    assert steady["note"] == f"possibly faster since {said.since}"


@pytest.mark.parametrize("days", [0, 25, 60])
def test_an_open_change_has_one_rate_in_both_tables(days: int) -> None:
    today = date(2025, 2, 19) + timedelta(days=days)
    now = datetime.combine(today, time(), UTC)
    cadence = cadence_of((*range(0, 361, 15), *range(365, 500, 5)), today, today)
    *_, row = history_rows(cadence, now)
    said = cadence.verdict(Budgets(), now)
    assert (said.regime, said.level, row["regime"]) == ("faster", "alert", "faster")
    assert said.rate_per_month == pytest.approx(row["rate_per_month"], abs=0.006)
    assert said.previous_rate_per_month == pytest.approx(row["previous_rate_per_month"], abs=0.006)


def test_a_silence_has_no_rate_even_where_the_pace_changed_with_its_end() -> None:
    quick, today = (*range(0, 541, 18), *range(800, 880, 3)), date(2026, 5, 20)
    rows_of = history_rows(cadence_of(quick, today, today), datetime.combine(today, time(), UTC))
    silent, faster = rows_of[-2:]
    assert (silent["regime"], silent["rate_per_month"], faster["regime"]) == ("silent", 0, "faster")
    assert silent["interval"][0] == 0 < silent["interval"][1]
    assert 0 < faster["previous_rate_per_month"] < 2


def test_the_day_on_which_it_went_out_of_sight_is_no_blind_day() -> None:
    today = date(2025, 3, 2)
    since = datetime(2025, 2, 27, 15, tzinfo=UTC)
    whole = ((date(2025, 2, 28), today),)  # as blind spots are counted
    cadence = cadence_of((0, 30), today, today, blind_since=since, unseen=whole)
    now = datetime.combine(today, time(12), UTC)
    line = Timeline.of(cadence.record(now))
    assert [line.is_blind(date(2025, 2, 26).toordinal() + n) for n in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]
    said = cadence.verdict(Budgets(), now)
    assert (said.regime, said.since) == ("unknown", since.date())
