"""The first look at a past that has a change in it."""

import json
import random
from datetime import date, timedelta

from monitor.core.cadence.fleet import COLD_START
from monitor.core.cadence.onboarding import onboard
from monitor.core.cadence.record import Record
from monitor.core.cadence.regime import advance
from monitor.core.cadence.state import CadenceState
from monitor.core.cadence.verdict import verdict
from monitor.core.types import Budgets, Direction, Level, Regime

FIRST = date(2024, 1, 1)
EVEN = list(range(0, 361, 15))
# From five a month to two: never enough to be called at the time, but visible from day 425.
SLOWED = [*range(0, 301, 6), *range(315, 431, 15)]
NOW = 425


def day(offset: int) -> date:
    return FIRST + timedelta(offset)


def record(*offsets: int, blind: tuple[tuple[int, int], ...] = ()) -> Record:
    return Record(tuple(map(day, offsets)), tuple((day(first), day(end)) for first, end in blind))


def learn(past: Record, until: int) -> CadenceState:
    return onboard(past, COLD_START, Budgets(), day(until))


def lived(past: Record, until: int) -> CadenceState:
    return advance(None, past, COLD_START, Budgets(), day(until))[0]


def test_an_unchanged_past_is_lived_through_as_it_was() -> None:
    assert learn(record(*EVEN), 365) == lived(record(*EVEN), 365)
    assert learn(record(), 365) == lived(record(), 365)
    assert learn(record(0), 365) == lived(record(0), 365)


def test_a_change_that_only_looking_back_shows_begins_the_baseline() -> None:
    state = learn(record(*SLOWED), NOW)
    assert lived(record(*SLOWED), NOW).baseline == FIRST
    assert state.baseline == day(300)
    assert state.incident is None


def test_what_looking_back_shows_is_a_possible_change_with_its_range_and_the_rates_on_both_sides() -> None:
    change = learn(record(*SLOWED), NOW).hindsight
    assert change is not None
    assert (change.level, change.direction, change.changed_on) == (Level.WATCHING, Direction.SLOWER, day(301))
    assert change.changed_between is not None
    assert change.changed_between[0] <= day(301) <= change.changed_between[1]
    assert change.before is not None
    assert change.after is not None
    assert 4 < change.before.per_month < 6
    assert 1.5 < change.after.per_month < 3
    assert change.evidence == f"as looking back on {day(NOW)} shows"


def test_it_is_news_for_as_long_as_one_that_was_called_and_is_said_to_be_seen_looking_back() -> None:
    past = record(*SLOWED)
    said = verdict(learn(past, NOW), past, Budgets(), day(NOW))
    assert (said.regime, said.level, said.since) == (Regime.SLOWER, Level.WATCHING, day(301))
    assert said.why.endswith(f"a month before; as looking back on {day(NOW)} shows")
    later = advance(learn(past, NOW), past, COLD_START, Budgets(), day(481))[0]
    assert (later.change, later.spells[-1].regime) == (None, Regime.STEADY)


def test_the_earlier_regime_is_kept_for_the_history_with_its_rate() -> None:
    spells = learn(record(*SLOWED), NOW).spells
    told = [(spell.regime, spell.until) for spell in spells]
    assert told[1:] == [(Regime.STEADY, day(301)), (Regime.SLOWER, None)]
    assert spells[2].between is not None
    assert spells[2].before == spells[1].rate
    assert spells[1].rate is not None
    assert 4 < spells[1].rate.per_month < 6


def test_an_open_silence_is_no_change_of_pace() -> None:
    assert learn(record(*EVEN), 600) == lived(record(*EVEN), 600)


def test_a_release_that_is_found_late_does_not_undo_it() -> None:
    state = learn(record(*SLOWED), NOW)
    stored = CadenceState.from_json(json.loads(json.dumps(state.to_json())))
    again, crossings = advance(stored, record(*sorted([*SLOWED, 400])), COLD_START, Budgets(), day(NOW + 1))
    assert (again.hindsight, again.baseline, crossings) == (state.hindsight, state.baseline, ())
    assert again.spells == state.spells


def test_a_state_of_an_older_version_can_be_read() -> None:
    raw = lived(record(*EVEN), 365).to_json()
    del raw["hindsight"]
    raw["origin"] = None
    for spell in raw["spells"]:
        del spell["between"], spell["before"]
    assert CadenceState.from_json(raw) == lived(record(*EVEN), 365)


def test_blind_stretches_lie_where_they_lay() -> None:
    even = list(range(0, 500, 10))
    pause = record(*(one for one in even if not 200 < one < 300), blind=((201, 300),))
    assert learn(pause, 499) == lived(pause, 499)


def test_random_pasts_are_learnt_without_a_fault() -> None:
    chance = random.Random(3)
    for length in (1, 20, 95, 400, 900):
        for rate in (0.01, 0.1, 0.7):
            past = record(
                *(one for one in range(length) if chance.random() < rate), blind=((30, 40), (80, 99))
            )
            state = learn(past, length)
            assert state.last_tick == day(length)
            assert CadenceState.from_json(state.to_json()) == state
