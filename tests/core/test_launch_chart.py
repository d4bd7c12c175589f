"""What the chart of an organisation's launches shows."""

from datetime import UTC, date, datetime, time, timedelta

from builders import ACME, RULES, at, cadence_after, known, weekly
from monitor.core.cadence.state import Crossing, Rate, Spell
from monitor.core.judge import Past, judge
from monitor.core.launch_chart import launch_chart
from monitor.core.releases import regroup
from monitor.core.telling import Chart
from monitor.core.types import Direction, Level, Regime, Release

TODAY = date(2026, 6, 15)
BEFORE, AFTER = Rate(1.0, 0.7, 1.6), Rate(7.4, 5.0, 10.2)


def launched(*days: str) -> tuple[Release, ...]:
    return regroup(known(f"acme-ai/{chr(65 + n)}{chr(97 + n)}-1.0", at(day)) for n, day in enumerate(days))


def changed(direction: Direction, on: date, level: Level = Level.ALERT) -> Crossing:
    after = AFTER if direction in (Direction.FASTER, Direction.SLOWER) else None
    return Crossing(level, direction, TODAY, on, None, BEFORE, after, None, (), "")


def chart(releases: tuple[Release, ...], **fields: object) -> Chart:
    drawn = launch_chart(ACME, releases, TODAY, **fields)  # type: ignore[arg-type]
    assert drawn is not None
    return drawn


def test_it_shows_eighteen_months_of_launches_and_the_days_that_they_fell_on() -> None:
    drawn = chart(
        launched("2020-01-01", "2025-01-05", "2026-05-02", "2026-05-02", "2026-05-30", "2026-06-01")
    )
    assert (drawn.months[0], drawn.months[-1], len(drawn.months)) == ("2025-01", "2026-06", 18)
    assert (drawn.launches[0], drawn.launches[-2:]) == (1, (3, 1))
    assert drawn.release_days[-2:] == (2, 1)
    assert drawn.until == 17.5


def test_a_young_organisation_has_a_short_chart() -> None:
    drawn = chart(launched("2026-04-30", "2026-06-01"))
    assert (drawn.months, drawn.launches) == (("2026-04", "2026-05", "2026-06"), (1, 0, 1))


def test_without_a_launch_in_a_year_and_a_half_there_is_none() -> None:
    assert launch_chart(ACME, launched("2023-01-01"), TODAY) is None
    assert launch_chart(ACME, (), TODAY) is None


def test_a_change_parts_the_launches_of_its_month_and_the_pace() -> None:
    releases = launched(
        "2026-01-05", "2026-03-10", "2026-03-20", "2026-03-22", "2026-05-01", "2026-05-02", "2026-06-02"
    )
    drawn = chart(
        releases,
        spells=(
            Spell(Regime.LEARNING, date(2026, 1, 5), date(2026, 2, 1)),
            Spell(Regime.STEADY, date(2026, 2, 1)),
        ),
        crossing=changed(Direction.FASTER, date(2026, 3, 17)),
    )
    assert (drawn.launches, drawn.since) == ((1, 0, 3, 0, 2, 1), (0, 0, 2, 0, 2, 1))
    assert drawn.changed_at == 2 + round(16 / 31, 3)
    assert [(pace.start, pace.end, pace.rate, pace.regime) for pace in drawn.paces] == [
        (0.129, 2.516, 1.0, "steady"),
        (2.516, 5.5, 7.4, "faster"),
    ]
    assert drawn.change == "faster since 2026-03-17"
    assert drawn.described == (
        "Launches a month from January 2026 to June 2026, 0 to 1 before the change and 0 to 2 since; the pace changed "
        "from 1.0 to 7.4 release days a month on 2026-03-17."
    )


def test_a_possible_change_is_called_possible() -> None:
    crossing = changed(Direction.SLOWER, date(2026, 6, 1), Level.WATCHING)
    drawn = chart(launched("2026-05-05", "2026-06-02"), crossing=crossing)
    assert drawn.change == "possibly slower since 2026-06-01"
    assert "1 before the change and 1 in all since; the pace may have changed" in drawn.described


def test_in_a_silence_no_pace_is_drawn_and_what_follows_goes_on_as_before() -> None:
    silence = changed(Direction.SILENT, date(2026, 3, 1))
    spells = (
        Spell(Regime.STEADY, date(2026, 1, 1), date(2026, 3, 1), BEFORE),
        Spell(Regime.SILENT, date(2026, 3, 1)),
    )
    silent = chart(launched("2026-01-05", "2026-02-28"), crossing=silence)
    assert [(pace.start, pace.end) for pace in silent.paces] == [(0.0, 2.0)]
    assert silent.since == ()
    assert silent.described.endswith("0 to 1; silent since 2026-03-01.")
    resumed = changed(Direction.RESUMED, date(2026, 6, 1))
    again = chart(launched("2026-01-05", "2026-06-01"), spells=spells, crossing=resumed)
    assert [(pace.start, pace.end, pace.rate) for pace in again.paces] == [(0.0, 2.0, 1.0), (5.0, 5.5, 1.0)]
    assert again.change == "resumed 2026-06-01"


def test_a_steady_pace_has_the_rate_of_now() -> None:
    spells = (
        Spell(Regime.LEARNING, date(2026, 1, 5), date(2026, 4, 5)),
        Spell(Regime.STEADY, date(2026, 4, 5)),
    )
    drawn = chart(launched("2026-01-05", "2026-05-05"), spells=spells, rate=BEFORE)
    assert [(pace.start, pace.end, pace.rate) for pace in drawn.paces] == [(0.129, 5.5, 1.0)]
    assert drawn.described.endswith("0 to 1; the pace is 1.0 release days a month.")


def test_what_could_not_be_seen_is_marked_once() -> None:
    far, week = date(2020, 1, 1), timedelta(days=7)
    first = date(2026, 5, 1)
    unseen = [
        (first, first + week),
        (first + week, first + 2 * week),
        (far, far + week),
        (TODAY, TODAY + week),
    ]
    drawn = chart(launched("2026-04-02"), unseen=unseen)
    assert drawn.blind == ((1.0, 1.452), (2.467, 2.5))
    assert "part of the time could not be seen" in drawn.described


def test_an_alert_about_a_cadence_has_its_chart() -> None:
    days = weekly(date(2025, 1, 6), 30)
    now = datetime.combine(days[-1] + timedelta(days=70), time(12), UTC)
    releases = launched(*(day.isoformat() for day in days))
    past = Past(ACME, releases, now, cadence_after(days, days[-1]))
    (alert,) = judge(past, RULES, now).alerts
    drawn = alert.message.chart
    assert drawn is not None
    assert drawn.change == f"silent since {days[-1] + timedelta(days=1)}"
    assert (len(drawn.paces), sum(drawn.launches)) == (1, 30)
