"""The plain figures beside a verdict."""

from datetime import date, timedelta

from builders import cadence_after, weekly
from monitor.core.cadence.record import Record, Timeline
from monitor.core.figures import HalfYears, creation_dates, evidence_since, half_years

TODAY = date(2026, 6, 30)


def ago(*days: int) -> tuple[date, ...]:
    return tuple(TODAY - timedelta(days=n) for n in sorted(days, reverse=True))


def test_a_half_year_is_183_days_and_today_is_one_of_them() -> None:
    line = Timeline.of(Record(ago(0, 182, 183, 365, 366)))
    assert half_years(ago(0, 182, 183, 365, 366), line, TODAY) == HalfYears(2, 2, 0, 0)


def test_launches_are_counted_one_by_one_and_none_of_tomorrow() -> None:
    line = Timeline.of(Record(ago(3)))
    assert half_years((*ago(3, 3, 200), TODAY + timedelta(days=1)), line, TODAY) == HalfYears(2, 1, 0, 0)


def test_days_that_could_not_be_seen_stand_beside_the_half_year_in_which_they_were() -> None:
    blind = ((TODAY - timedelta(days=190), TODAY - timedelta(days=180)),)  # the last day is not one of them
    line = Timeline.of(Record(ago(3), blind))
    assert half_years(ago(3), line, TODAY) == HalfYears(1, 0, 2, 8)


def test_dates_before_the_first_look_are_said_to_be_creation_dates() -> None:
    note = "dates before 2026-03-01 are creation dates of what was still public"
    assert creation_dates(date(2026, 2, 28), date(2026, 3, 1)) == note
    assert creation_dates(date(2026, 3, 1), date(2026, 3, 1)) is None
    assert creation_dates(None, date(2026, 3, 1)) is None
    assert creation_dates(date(2026, 2, 28), None) is None


def test_a_verdict_rests_on_all_days_since_the_baseline_began() -> None:
    days = weekly(date(2026, 1, 1), 25)
    state = cadence_after(days, TODAY)
    assert evidence_since(state, Timeline.of(Record(days))) == date(2026, 1, 2)


def test_a_change_that_is_open_rests_on_what_was_before_it_too() -> None:
    days = (*weekly(date(2025, 1, 1), 14, every=30), *weekly(date(2026, 2, 20), 40, every=2))
    state = cadence_after(days, date(2026, 5, 10))
    assert state.change is not None
    assert state.baseline is not None
    assert state.baseline > date(2026, 1, 1)
    assert evidence_since(state, Timeline.of(Record(days))) == date(2025, 1, 2)
