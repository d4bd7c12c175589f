"""Digests, quiet hours and briefs by the clock on the wall."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from monitor.core.timetable import Timetable

BERLIN = Timetable("Europe/Berlin", time(2, 30), (time(22), time(7)), (0, time(9)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_next_digest_is_later_than_now() -> None:
    assert BERLIN.next_digest(at("2026-01-10T01:29")) == at("2026-01-10T01:30")
    assert BERLIN.next_digest(at("2026-01-10T01:30")) == at("2026-01-11T01:30")


def test_a_digest_goes_out_once_a_day_however_the_clock_is_changed() -> None:
    # Half past two does not exist on 29 March 2026, and exists twice on 25 October.
    assert BERLIN.next_digest(at("2026-03-28T12:00")) == at("2026-03-29T01:30")
    assert BERLIN.next_digest(at("2026-03-29T01:30")) == at("2026-03-30T00:30")
    assert BERLIN.next_digest(at("2026-10-24T12:00")) == at("2026-10-25T00:30")
    assert BERLIN.next_digest(at("2026-10-25T00:30")) == at("2026-10-26T01:30")


def test_an_hourly_digest_goes_out_at_the_full_hour() -> None:
    assert Timetable(digest=None).next_digest(at("2026-01-10T01:29")) == at("2026-01-10T02:00")


def test_quiet_hours_run_over_midnight() -> None:
    assert BERLIN.quiet_until(at("2026-01-10T20:59")) is None
    assert BERLIN.quiet_until(at("2026-01-10T21:00")) == at("2026-01-11T06:00")
    assert BERLIN.quiet_until(at("2026-01-11T05:59")) == at("2026-01-11T06:00")
    assert BERLIN.quiet_until(at("2026-01-11T06:00")) is None


def test_quiet_hours_within_a_day() -> None:
    noon = Timetable(quiet=(time(12), time(13)))
    assert noon.quiet_until(at("2026-01-10T12:30")) == at("2026-01-10T13:00")
    assert noon.quiet_until(at("2026-01-10T13:00")) is None


def test_the_next_brief_is_later_than_now_in_weeks_of_any_length() -> None:
    assert BERLIN.next_brief(at("2026-11-23T07:59")) == at("2026-11-23T08:00")
    assert BERLIN.next_brief(at("2026-11-23T08:00")) == at("2026-11-30T08:00")
    # In the week in which the clock is put back 09:00 comes an hour later; seven days on is still before it.
    assert BERLIN.next_brief(at("2026-10-19T07:30")) == at("2026-10-26T08:00")
    assert Timetable(brief=None).next_brief(at("2026-11-23T07:59")) is None


def test_the_last_brief_is_of_this_week_or_the_one_before() -> None:
    assert BERLIN.last_brief(at("2026-11-23T08:00")) == at("2026-11-23T08:00")
    assert BERLIN.last_brief(at("2026-11-23T07:59")) == at("2026-11-16T08:00")
    assert Timetable(brief=None).last_brief(at("2026-11-23T07:59")) is None


# On 29 March 2026 Berlin's clock goes from 02:00 to 03:00, on 25 October from 03:00 back to 02:00.
@pytest.mark.parametrize(
    ("quiet", "day", "begin", "end"),
    [
        ((time(22), time(7)), "2026-03-28", "21:00", "05:00"),
        ((time(22), time(7)), "2026-10-24", "20:00", "06:00"),
        ((time(22), time(2, 30)), "2026-03-28", "21:00", "01:30"),  # to 03:30 by the new clock
        ((time(22), time(2, 30)), "2026-10-24", "20:00", "00:30"),
        ((time(2), time(3)), "2026-10-24", "00:00", "02:00"),  # two hours by the watch
        ((time(2), time(3)), "2026-03-28", None, None),  # there is no such hour
    ],
)
def test_quiet_hours_are_one_stretch_however_the_clock_is_changed(
    quiet: tuple[time, time], day: str, begin: str | None, end: str | None
) -> None:
    timetable = Timetable("Europe/Berlin", quiet=quiet)
    start = at(f"{day}T12:00")
    moments = [start + timedelta(minutes=n) for n in range(24 * 60)]
    held = [moment for moment in moments if timetable.quiet_until(moment)]
    if begin is None or end is None:
        assert held == []
        return
    assert (f"{held[0]:%H:%M}", f"{held[-1] + timedelta(minutes=1):%H:%M}") == (begin, end)
    assert held == moments[moments.index(held[0]) : moments.index(held[-1]) + 1]
    assert {timetable.quiet_until(moment) for moment in held} == {held[-1] + timedelta(minutes=1)}


@pytest.mark.parametrize("brief", [(6, time(2, 30)), (6, time(0)), (0, time(9))])
def test_there_is_one_brief_a_week_through_a_year_with_both_changes_of_the_clock(
    brief: tuple[int, time],
) -> None:
    timetable = Timetable("Europe/Berlin", brief=brief)
    hours = [at("2026-01-01T00:30") + timedelta(hours=n) for n in range(365 * 24)]
    due = sorted(filter(None, {timetable.last_brief(hour) for hour in hours}))
    coming = sorted(filter(None, {timetable.next_brief(hour) for hour in hours}))
    assert due[1:] == coming[: len(due) - 1]
    weeks = {after - before for before, after in pairwise(due)}
    assert weeks == {timedelta(days=7, hours=n) for n in (-1, 0, 1)}
