"""Digests, quiet hours and briefs by the clock on the wall."""

from datetime import UTC, datetime, time

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
