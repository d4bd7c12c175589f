"""What is said of an organisation today."""

from datetime import date, timedelta
from itertools import accumulate, cycle, islice

import pytest

from monitor.core.cadence.fleet import even_fleet
from monitor.core.cadence.record import Record
from monitor.core.cadence.regime import advance
from monitor.core.cadence.verdict import Verdict, verdict
from monitor.core.types import Budgets, Level, Regime

FIRST = date(2024, 1, 1)
EVEN = tuple(range(0, 361, 15))
FASTER = (*EVEN, *range(365, 500, 5))


def day(offset: int) -> date:
    return FIRST + timedelta(offset)


HUBS = ("Hugging Face", "ModelScope")


def say(*offsets: int, today: int, hubs: int = 2, blind: tuple[tuple[int, int], ...] = ()) -> Verdict:
    record = Record(tuple(map(day, offsets)), tuple((day(first), day(end)) for first, end in blind))
    state, _ = advance(None, record, even_fleet(1.0), Budgets(), day(today - 1))
    return verdict(state, record, Budgets(), day(today), hubs=HUBS[:hubs])


@pytest.mark.parametrize(
    ("offsets", "today", "why"),
    [
        ((), 10, "0 release days; 4 are needed"),
        ((0,), 10, "1 release day; 4 are needed"),
        ((0, 20, 40), 400, "3 release days; 4 are needed"),
        ((0, 10, 20, 30), 40, "4 release days in 40 days; 90 days are needed"),
    ],
)
def test_learning_says_what_is_still_needed(offsets: tuple[int, ...], today: int, why: str) -> None:
    said = say(*offsets, today=today)
    assert (said.regime, said.level, said.why) == (Regime.LEARNING, None, why)


def test_steady_says_which_changes_could_not_be_seen_yet() -> None:
    said = say(*EVEN, today=366)
    assert (said.regime, said.why) == (Regime.STEADY, "no change shown; less than x2 cannot be told yet")
    assert say(*EVEN[:10], today=136).why == "no change shown; less than x3 cannot be told yet"


def test_the_plain_figures_stand_beside_the_verdict() -> None:
    said = say(0, 30, 45, 100, 110, 125, today=140)
    assert (said.release_days, said.days_since_last) == (6, 15)
    assert said.gap_rank == "1 of 5"
    assert said.interval is not None
    assert said.rate_per_month is not None
    assert said.interval[0] < said.rate_per_month < said.interval[1]


def test_silent_says_how_long_on_how_many_hubs_and_how_unusual_that_is() -> None:
    said = say(*EVEN, today=600)
    assert (said.regime, said.level, said.since) == (Regime.SILENT, Level.ALERT, day(361))
    assert said.why == "no open-weight release seen on 2 hubs for 240 days; longer than each of its 24 gaps"
    assert said.rate_per_month == 0
    assert said.previous_rate_per_month == pytest.approx(2, abs=0.2)


def test_a_gap_that_was_exceeded_before_is_ranked() -> None:
    uneven = accumulate(islice(cycle([3, 19, 31, 7, 15, 5, 10]), 59), initial=0)
    paused = [offset if offset < 500 else offset + 60 for offset in uneven]
    said = say(*paused, today=paused[-1] + 80, hubs=1)
    assert said.gap_rank == "58 of 59"
    assert (
        said.why == "no open-weight release seen on Hugging Face for 80 days; longer than 58 of its 59 gaps"
    )
    assert (said.regime, said.level) == (Regime.SILENT, Level.WATCHING)


def test_the_rate_is_that_of_the_last_eighteen_months() -> None:
    said = say(*range(0, 700, 20), *range(700, 1500, 12), today=1500)
    assert said.rate_per_month == pytest.approx(30.44 / 12, rel=0.05)


def test_faster_says_on_how_many_release_days_it_rests_and_what_was_before() -> None:
    said = say(*FASTER, today=480)
    assert (said.regime, said.level) == (Regime.FASTER, Level.ALERT)
    assert said.why == f"25 release days in the 121 days since {said.since}; 2.0 a month before"
    assert said.previous_rate_per_month == pytest.approx(2, abs=0.2)


def test_a_rate_that_counting_does_not_give_is_explained_while_the_new_pace_is_being_learnt() -> None:
    said = say(*FASTER, today=415)
    assert said.interval is not None
    rate = f"{said.rate_per_month:.1f} a month ({said.interval[0]:.1f} to {said.interval[1]:.1f})"
    assert said.why == (
        f"12 release days in the 56 days since {said.since}; "
        f"by a cautious estimate, as the start is uncertain, {rate}; 2.0 a month before"
    )


def test_days_that_could_not_be_seen_and_their_releases_are_left_out_and_owned_up_to() -> None:
    since = say(*FASTER, today=480).since
    said = say(*FASTER, today=480, blind=((440, 452),))
    assert said.since == since
    assert said.why.startswith(
        f"22 release days on the 109 days that could be seen since {since}; 3 more on blind days are not counted; 2.0"
    )
    assert "days that could be seen since" in say(*FASTER, today=480, blind=((441, 443),)).why
    assert "; 1 more on blind days is not counted; " in say(*FASTER, today=480, blind=((440, 441),)).why


def test_a_possible_change_has_its_level() -> None:
    said = say(*FASTER, today=405)
    assert (said.regime, said.level) == (Regime.FASTER, Level.WATCHING)


def test_a_possible_silence_is_said_beside_a_change() -> None:
    said = say(*FASTER, today=522)
    assert (said.regime, said.level) == (Regime.FASTER, Level.ALERT)
    assert "; possibly silent: no open-weight release seen on 2 hubs for 27 days" in said.why


def test_while_blind_the_regime_is_unknown_and_what_it_was_is_said() -> None:
    said = say(*EVEN, today=420, blind=((366, 421),))
    assert (said.regime, said.level, said.blind, said.since) == (Regime.UNKNOWN, None, True, day(366))
    assert said.why.startswith(f"not seen since {day(366)}; steady before that: no change shown")


def test_the_day_on_which_it_went_out_of_sight_is_named_though_it_is_no_blind_one() -> None:
    record = Record(tuple(map(day, EVEN)), ((day(368), day(369)),))
    said = verdict(None, record, Budgets(), day(368), blind_since=day(366))
    assert (said.regime, said.since) == (Regime.UNKNOWN, day(366))
    assert said.why.startswith(f"not seen since {day(366)}; ")


def test_blind_days_within_a_silence_are_owned_up_to() -> None:
    said = say(*EVEN, today=600, blind=((370, 380),))
    assert " for 240 days; 10 of these days could not be seen; longer than " in said.why


def test_nothing_is_said_of_a_rate_while_no_day_since_the_first_release_could_be_seen() -> None:
    for said in (say(0, today=150, blind=((1, 150),)), say(0, 40, 80, today=150, blind=((1, 150),))):
        assert (said.regime, said.rate_per_month, said.interval) == (Regime.LEARNING, None, None)
