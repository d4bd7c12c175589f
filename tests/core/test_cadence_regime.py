"""The regimes of organisations through time."""

import json
import random
from datetime import date, timedelta

import pytest

from monitor.core.cadence.fleet import Fleet, even_fleet
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.regime import advance
from monitor.core.cadence.report import refreshed
from monitor.core.cadence.state import CadenceState, Crossing
from monitor.core.types import Budgets, Direction, Level, Regime

FIRST = date(2024, 1, 1)
EVEN_FLEET = even_fleet(1.0)
EVEN = list(range(0, 361, 15))  # a year at two a month
FASTER = [*EVEN, *range(365, 500, 5)]
STOPPED = EVEN
RETURNED = [*EVEN, 700, 715, 730]
SLOWER = [*range(0, 361, 7), 400, 440, 480, 520, 560]


def day(offset: int) -> date:
    return FIRST + timedelta(offset)


def record(*offsets: int, blind: tuple[tuple[int, int], ...] = ()) -> Record:
    return Record(tuple(map(day, offsets)), tuple((day(first), day(end)) for first, end in blind))


def run(
    known: Record, until: int, state: CadenceState | None = None, fleet: Fleet = EVEN_FLEET
) -> tuple[CadenceState, tuple[Crossing, ...]]:
    return advance(state, known, fleet, Budgets(), day(until))


def told(crossings: tuple[Crossing, ...]) -> list[tuple[Level, Direction]]:
    return [(crossing.level, crossing.direction) for crossing in crossings]


def test_nothing_is_said_of_an_organisation_without_a_release() -> None:
    state, crossings = run(record(), 400)
    assert (state.baseline, crossings) == (None, ())


@pytest.mark.parametrize("offsets", [(0, 100, 200), (0, 1, 2, 3, 4, 5, 6, 80)])
def test_three_release_days_or_three_months_are_too_little_to_judge(offsets: tuple[int, ...]) -> None:
    state, crossings = run(record(*offsets), 89 if len(offsets) > 3 else 800)
    assert (state.spells[-1].regime, crossings) == (Regime.LEARNING, ())


def test_an_even_pace_becomes_steady_and_raises_nothing() -> None:
    state, crossings = run(record(*EVEN), 365)
    assert [spell.regime for spell in state.spells] == [Regime.LEARNING, Regime.STEADY]
    assert crossings == ()


def test_a_faster_pace_is_possible_first_and_then_called_each_once() -> None:
    state, crossings = run(record(*FASTER), 499)
    assert told(crossings) == [(Level.WATCHING, Direction.FASTER), (Level.ALERT, Direction.FASTER)]
    called = crossings[1]
    assert called.changed_on is not None
    assert abs((called.changed_on - day(365)).days) <= 7
    assert called.odds is not None
    assert called.odds > 5
    assert called.release_days[0] == called.changed_on
    assert state.change == called


def test_a_called_change_starts_a_new_baseline_on_the_day_before_it() -> None:
    state, (*_, called) = run(record(*FASTER), 460)
    assert called.changed_on is not None
    assert state.baseline == called.changed_on - timedelta(1)
    assert state.spells[-1].regime is Regime.FASTER
    assert state.spells[-2].until == state.spells[-1].since == called.changed_on


def test_a_change_is_news_for_half_a_year_and_then_the_new_normal() -> None:
    pace = record(*EVEN, *range(365, 800, 5))
    state, (*_, called) = run(pace, 799)
    news_ends = (called.decided_on - FIRST).days + 180
    assert run(pace, news_ends - 1)[0].change == called
    assert state.change is None
    assert (state.spells[-1].regime, state.spells[-1].since) == (Regime.STEADY, day(news_ends))


def test_a_slower_pace_is_called_slower() -> None:
    _, crossings = run(record(*SLOWER), 570)
    assert (Level.ALERT, Direction.SLOWER) in told(crossings)


def test_a_stop_is_called_a_silence_and_starts_no_new_baseline() -> None:
    state, crossings = run(record(*STOPPED), 600)
    assert told(crossings) == [(Level.WATCHING, Direction.SILENT), (Level.ALERT, Direction.SILENT)]
    assert crossings[1].changed_on == day(361)
    assert (state.baseline, state.spells[-1].regime) == (FIRST, Regime.SILENT)


def test_a_called_silence_ends_with_the_next_release() -> None:
    state, crossings = run(record(*RETURNED), 713)
    assert told(crossings)[2:] == [(Level.ALERT, Direction.RESUMED)]
    assert crossings[2].decided_on == crossings[2].changed_on == day(700)
    assert crossings[2].evidence == (
        f"resumed after 340 days: a release on {day(700)}; 2.0 a month (1.5 to 2.7) before the silence"
    )
    assert state.incident is None


def test_a_silence_is_told_alone_though_the_pace_is_slower_too() -> None:
    state, crossings = run(record(*SLOWER[:-5]), 900)
    assert told(crossings)[-1] == (Level.ALERT, Direction.SILENT)
    assert [direction for level, direction in told(crossings) if level is Level.ALERT] == [Direction.SILENT]
    assert state.incident == crossings[-1]


def test_a_change_is_described_anew_after_a_month_with_narrower_rates_and_the_day_on_which_it_was_called() -> (
    None
):
    state, (*_, called) = run(record(*FASTER), 460)
    decided = (called.decided_on - FIRST).days
    line = Timeline.of(record(*FASTER))
    assert refreshed(state, line, day(decided + 29).toordinal()) is None
    anew = refreshed(state, line, day(decided + 30).toordinal())
    assert anew is not None
    assert anew.after is not None
    assert called.after is not None
    assert anew.after.high - anew.after.low < called.after.high - called.after.low
    assert anew.after.low < 6.1 < anew.after.high
    assert (anew.decided_on, anew.direction) == (called.decided_on, called.direction)
    assert refreshed(state, line, day(decided + 99).toordinal()) == anew


def test_without_an_open_change_nothing_is_described_anew() -> None:
    state, _ = run(record(*EVEN), 365)
    assert refreshed(state, Timeline.of(record(*EVEN)), day(365).toordinal()) is None


def test_a_long_history_is_compared_with_eighteen_months_and_says_so() -> None:
    crossings = run(record(*range(0, 1500, 10), *range(1501, 1540, 2)), 1540)[1]
    assert " a month (" in crossings[-1].evidence
    assert " in the 18 months before (the last 18 months are compared), " in crossings[-1].evidence


def test_nothing_is_said_of_eighteen_months_without_a_release() -> None:
    loose = Budgets(0.9, 0.95)
    burst = record(*range(0, 200, 40), *range(200, 220))
    _, crossings = advance(None, burst, even_fleet(6.0), loose, day(2500))
    assert all(crossing.before is not None for crossing in crossings)


def test_a_possible_silence_ends_without_a_word() -> None:
    _, (possible,) = run(record(*EVEN), 430)
    state, crossings = run(record(*EVEN, 431), 435)
    assert crossings == (possible,)
    assert (possible.level, state.incident) == (Level.WATCHING, None)


def test_something_possible_is_told_once_while_its_evidence_lingers() -> None:
    pace = [*range(0, 361, 15), 363, 365, 368, 372, 380, 392, 405, 420]
    crossings = run(record(*pace), 430)[1]
    assert told(crossings).count((Level.WATCHING, Direction.FASTER)) == 1


def test_two_releases_are_too_few_to_be_called_faster() -> None:
    yearly = range(0, 2000, 400)
    assert not any(crossing.direction is Direction.FASTER for crossing in run(record(*yearly, 1601), 1603)[1])


def test_nothing_is_raised_while_the_organisation_cannot_be_seen() -> None:
    _, crossings = run(record(*STOPPED, blind=((365, 900),)), 890)
    assert crossings == ()


def test_blind_days_make_no_silence() -> None:
    _, seen = run(record(*STOPPED), 470)
    _, blind = run(record(*STOPPED, blind=((365, 430),)), 470)
    assert told(seen) == [(Level.WATCHING, Direction.SILENT), (Level.ALERT, Direction.SILENT)]
    assert blind == ()


@pytest.mark.parametrize("offsets", [FASTER, STOPPED, RETURNED, SLOWER])
@pytest.mark.parametrize("blind", [(), ((370, 380),)])
def test_day_by_day_through_json_gives_what_a_replay_gives(
    offsets: list[int], blind: tuple[tuple[int, int], ...]
) -> None:
    whole = record(*offsets, blind=blind)
    state, stepped = run(record(), 0)
    for offset in range(740):
        known = Record(tuple(one for one in whole.release_days if one <= day(offset)), whole.blind)
        stored = CadenceState.from_json(json.loads(json.dumps(state.to_json())))
        state, new = run(known, offset, stored)
        stepped += new
    assert (state, stepped) == run(whole, 740 - 1)


def test_random_lives_are_the_same_day_by_day_and_at_once() -> None:
    chance = random.Random(5)
    for _ in range(5):
        lively = [offset for offset in range(800) if chance.random() < (0.05 if offset < 400 else 0.2)]
        whole = record(*lively)
        state: CadenceState | None = None
        stepped: tuple[Crossing, ...] = ()
        for offset in range(0, 800, 3):
            state, new = run(whole, offset, state)
            stepped += new
        assert (state, stepped) == run(whole, 798)


def test_a_state_survives_json_with_the_crossings_in_it() -> None:
    for offset in (499, 600, 713):
        for days in (RETURNED, FASTER):
            state = run(record(*days), offset)[0]
            assert CadenceState.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_asking_again_for_a_decided_day_changes_nothing() -> None:
    state, _ = run(record(*EVEN), 365)
    assert run(record(*EVEN), 360, state) == (state, ())


def test_a_release_that_is_found_late_still_ends_the_silence_once() -> None:
    state, _ = run(record(*STOPPED), 600)
    late, crossings = run(record(*STOPPED, 599), 601, state)
    assert told(crossings) == [(Level.ALERT, Direction.RESUMED)]
    assert run(record(*STOPPED, 599), 602, late)[1] == ()


def test_a_change_that_late_finds_bring_to_light_is_told_once() -> None:
    state, before = run(record(*EVEN), 417)
    late = [*EVEN, *range(365, 417, 5)]
    state, crossings = run(record(*late), 418, state)
    assert before == ()
    assert told(crossings) == [(Level.ALERT, Direction.FASTER)]
    assert run(record(*late), 419, state)[1] == ()


def test_late_finds_do_not_repeat_what_was_told() -> None:
    state, _ = run(record(*FASTER), 460)
    _, crossings = run(record(*sorted([*FASTER, 403])), 461, state)
    assert crossings == ()
