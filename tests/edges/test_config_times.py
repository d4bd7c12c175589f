"""Times of day, time zones and the weekly brief in settings.toml: what is meant is suggested."""

from datetime import time

import pytest

from monitor.config.times import check_time_zone, parse_brief, parse_digest, parse_quiet_hours


def test_a_digest_goes_out_hourly_or_daily() -> None:
    assert (parse_digest("hourly"), parse_digest("daily 00:00")) == (None, time(0))


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ("09:00", 'did you mean "daily 09:00"'),
        ("Daily 9:05", 'did you mean "daily 09:05"'),
        ("daily 9 pm", 'did you mean "daily 21:00"'),
        ("daily 12am", 'did you mean "daily 00:00"'),
        ("daily 24:00", 'did you mean "daily 00:00"'),
        ("daily 25:00", 'write "hourly", or "daily 09:00"'),
        ("daily 09:60", 'write "hourly", or "daily 09:00"'),
        ("weekly", 'write "hourly", or "daily 09:00"'),
        ("daily ０9:00", 'write "hourly", or "daily 09:00"'),
        (9, 'write "hourly", or "daily 09:00"'),
    ],
)
def test_another_time_for_digests_is_refused_with_what_was_meant(wrong: object, remedy: str) -> None:
    with pytest.raises(ValueError, match=f"is no time for digests; {remedy}"):
        parse_digest(wrong)


def test_quiet_hours_may_run_over_midnight() -> None:
    assert parse_quiet_hours("22:00-07:00") == (time(22), time(7))
    assert parse_quiet_hours("12:00-13:30") == (time(12), time(13, 30))
    assert parse_quiet_hours("off") is None


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ("22-7", 'did you mean "22:00-07:00"'),
        ("22:00 – 07:00", 'did you mean "22:00-07:00"'),
        ("10pm to 7am", 'did you mean "22:00-07:00"'),
        ("07:00-07:00", 'begins when it ends; write "off"'),
        ("22:00", 'write "22:00-07:00", or "off"'),
        ("", 'write "22:00-07:00", or "off"'),
        (False, 'write "22:00-07:00", or "off"'),
        (["22:00", "07:00"], 'write "22:00-07:00", or "off"'),
    ],
)
def test_other_quiet_hours_are_refused_with_what_was_meant(wrong: object, remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        parse_quiet_hours(wrong)


def test_the_brief_is_due_on_a_weekday_or_never() -> None:
    assert parse_brief("monday 09:00") == (0, time(9))
    assert parse_brief("sunday 23:59") == (6, time(23, 59))
    assert parse_brief("off") is None


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ("Monday 9:00", 'did you mean "monday 09:00"'),
        ("mondays", 'did you mean "monday 09:00"'),
        ("fri 5pm", 'did you mean "friday 17:00"'),
        ("weekly", 'write "monday 09:00", or "off"'),
        (1, 'write "monday 09:00", or "off"'),
    ],
)
def test_another_time_for_the_brief_is_refused_with_what_was_meant(wrong: object, remedy: str) -> None:
    with pytest.raises(ValueError, match=f"is no time for a weekly brief; {remedy}"):
        parse_brief(wrong)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Shanghai"])
def test_a_time_zone_is_one_of_the_database(name: str) -> None:
    assert check_time_zone(name) == name


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ("Berlin", "did you mean `Europe/Berlin`"),
        ("Europe/berlin", "did you mean `Europe/Berlin`"),
        ("Europe/Berln", "did you mean `Europe/Berlin`"),
        ("New York", "did you mean `America/New_York`"),
        ("Europe", "name a city's"),
        ("GMT+8", "name a city's"),  # Etc/GMT+8 is the other side of the world
        ("CEST", "name a city's"),
        ("", "name a city's"),
        ("../../etc/passwd", "name a city's"),
        ("a\0b", "name a city's"),
        ("x" * 5000, "name a city's"),
    ],
)
def test_another_time_zone_is_refused_with_what_was_meant(wrong: str, remedy: str) -> None:
    with pytest.raises(ValueError, match=f"is no time zone; {remedy}"):
        check_time_zone(wrong)
