"""Comparing two replays of one past."""

from datetime import date, timedelta

from builders import known
from monitor.core.cadence.backtest import Row
from monitor.core.cadence.state import Crossing
from monitor.core.replays import Against, compare, repository_days
from monitor.core.types import Direction, Level, Weights

MAY = date(2026, 5, 1)


def row(
    day: int, direction: Direction = Direction.FASTER, level: Level = Level.ALERT, lab: str = "lab"
) -> Row:
    decided_on = MAY + timedelta(day)
    return Row(lab, Crossing(level, direction, decided_on, None, None, None, None, None, (), ""))


def against(present: list[Row], proposed: list[Row]) -> list[tuple[Against, int]]:
    return [(one.against, one.days) for one in compare(present, proposed)]


def test_what_is_told_on_the_same_day_sooner_or_later_is_the_same_news() -> None:
    assert against([row(0)], [row(0)]) == [(Against.SAME, 0)]
    assert against([row(9)], [row(0)]) == [(Against.SOONER, 9)]
    assert against([row(0)], [row(9)]) == [(Against.LATER, 9)]


def test_what_only_one_of_them_tells_is_new_or_gone_in_order_of_time() -> None:
    silent = Direction.SILENT
    assert against([row(5)], [row(3, silent)]) == [(Against.NEW, 0), (Against.GONE, 0)]
    assert against([row(5)], [row(3, level=Level.WATCHING)]) == [(Against.NEW, 0), (Against.GONE, 0)]
    assert against([row(5)], [row(5, lab="other")]) == [(Against.GONE, 0), (Against.NEW, 0)]
    assert against([row(0)], [row(181)]) == [(Against.GONE, 0), (Against.NEW, 0)]


def test_each_row_meets_the_nearest_that_is_left() -> None:
    assert against([row(0), row(100)], [row(90), row(95)]) == [(Against.SOONER, 10), (Against.LATER, 95)]


def test_every_repository_with_weights_counts_as_a_launch_on_its_day() -> None:
    days = repository_days(
        [
            known("Lyra-7B", "2026-05-01", release_id=1),
            known("Lyra-7B-GGUF", "2026-05-09", release_id=1),
            known("Vega-7B", "2026-06-01", release_id=2, weights=Weights.PENDING),
            known("Kept-out-7B", "2026-06-02"),
            known("Ancient-7B", "2022-03-01", release_id=3),
            known("lyra", "2026-06-03", hub="github", release_id=1),
        ]
    )
    assert days == {MAY, MAY + timedelta(8)}


def test_what_was_possible_is_overtaken_by_the_alert_that_the_others_had_raised_by_then() -> None:
    possible = row(5, level=Level.WATCHING)
    assert against([possible, row(9)], [row(5)]) == [(Against.ALERT, 0), (Against.SOONER, 4)]
    assert against([possible], [row(3)]) == [(Against.NEW, 0), (Against.ALERT, 0)]
    assert against([possible], [row(6)]) == [(Against.GONE, 0), (Against.NEW, 0)]
    assert against([possible], [row(5, Direction.SLOWER)]) == [(Against.GONE, 0), (Against.NEW, 0)]
