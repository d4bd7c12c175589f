"""Replaying many organisations at once."""

from datetime import UTC, date, datetime, timedelta

from builders import backtest
from monitor.core.cadence.backtest import Lived, replay, untold
from monitor.core.cadence.fleet import COLD_START
from monitor.core.cadence.record import Record
from monitor.core.cadence.regime import advance
from monitor.core.types import Budgets, Direction, Level

FIRST = date(2024, 1, 1)


def days(*offsets: int) -> list[date]:
    return [FIRST + timedelta(offset) for offset in offsets]


STOPPED = days(*range(0, 361, 15))


def test_rows_in_any_order_and_twice_give_the_same() -> None:
    end = FIRST + timedelta(500)
    plain = list(backtest({"lab": STOPPED}, end, Budgets()))
    assert list(backtest({"lab": [*reversed(STOPPED), *STOPPED]}, end, Budgets())) == plain
    assert len(plain) == 2


def test_a_row_is_raised_at_midnight_after_the_day_that_decided() -> None:
    *_, row = backtest({"lab": STOPPED}, FIRST + timedelta(500), Budgets())
    assert (row.crossing.level, row.crossing.direction) == (Level.ALERT, Direction.SILENT)
    assert row.changed_at == datetime(2024, 12, 27, tzinfo=UTC)
    assert row.raised_at == datetime.combine(row.crossing.decided_on + timedelta(1), datetime.min.time(), UTC)


def test_it_ends_at_the_last_event_of_all_unless_told_otherwise() -> None:
    events = {"lab": STOPPED, "other": days(100, 500)}
    assert [row.organization for row in backtest(events, None, Budgets())] == ["lab", "lab"]
    assert list(backtest({"lab": STOPPED}, None, Budgets())) == []


def test_no_events_give_no_rows() -> None:
    assert list(backtest({"lab": []}, None, Budgets())) == []


def test_one_organisation_fares_as_it_would_when_watched() -> None:
    end = FIRST + timedelta(500)
    _, crossings = advance(None, Record(tuple(STOPPED)), COLD_START, Budgets(), end)
    assert tuple(row.crossing for row in backtest({"lab": STOPPED}, end, Budgets())) == crossings


def test_a_fleet_of_regular_organisations_makes_a_silence_stand_out_sooner() -> None:
    end = FIRST + timedelta(900)
    regular = {f"lab-{i}": days(*range(0, 900, 15)) for i in range(10)}
    stopped = {"stopped": days(*range(300, 421, 15))}
    *_, alone = backtest(stopped, end, Budgets())
    *_, among = (row for row in backtest(regular | stopped, end, Budgets()) if row.organization == "stopped")
    assert among.raised_at < alone.raised_at


def test_every_day_is_reported_on_the_way() -> None:
    seen = [lived.day for lived in replay({"lab": days(3, 1)}, FIRST + timedelta(5), Budgets())]
    assert seen == days(1, 2, 3, 4, 5)


def test_of_whom_nothing_was_raised_it_is_said_what_could_be_told_by_then() -> None:
    events = {"three": days(0, 9, 30), "late": days(200, 300, 500), "monthly": days(*range(0, 361, 30))}
    *_, last = replay(events, FIRST + timedelta(200), Budgets())
    assert untold(events, last, Budgets()) == {
        "3 release days; 4 are needed": ["three"],
        "1 release day; 4 are needed": ["late"],
        "no change shown; less than x4 cannot be told yet": ["monthly"],
    }


def test_before_the_first_release_nothing_could_be_told() -> None:
    nothing = Lived(FIRST - timedelta(1), [], {})
    assert untold({"lab": days(0)}, nothing, Budgets()) == {"0 release days; 4 are needed": ["lab"]}
