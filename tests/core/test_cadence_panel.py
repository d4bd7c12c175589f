"""A group of organisations taken together, and whether one of them changed alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from monitor.core.cadence.fleet import even_fleet
from monitor.core.cadence.panel import Company, GroupRegime, Member, compare, group_regime
from monitor.core.cadence.record import Record
from monitor.core.cadence.regime import advance
from monitor.core.cadence.state import Crossing
from monitor.core.types import Budgets, Direction, Level, Regime

FIRST = date(2024, 1, 1)
LABS = 10
END = 600


def day(offset: int) -> date:
    return FIRST + timedelta(offset)


def pace(shift: int, changes_on: int = END, every: int = 15, then: int = 15) -> list[int]:
    """Release days at one pace and then at another, a few days apart from those of other organisations."""
    before = list(range(shift, changes_on, every))
    return [*before, *range(changes_on + shift % then, END + 200, then)]


def panel(paces: Sequence[Sequence[int]], today: int) -> dict[str, Member]:
    members = {}
    for number, offsets in enumerate(paces):
        record = Record(tuple(day(offset) for offset in offsets if offset <= today))
        members[f"lab-{number}"] = Member.of(
            advance(None, record, even_fleet(1.0), Budgets(), day(today))[0], record
        )
    return members


def said(members: Mapping[str, Member], today: int) -> GroupRegime:
    return group_regime(members, Budgets(), day(today))


STEADY = [pace(shift) for shift in range(LABS)]
PAUSED = [[one for one in pace(shift) if not 400 < one < 440] for shift in range(LABS)]
FASTER = [pace(shift, changes_on=400, then=4) for shift in range(LABS)]


def test_a_group_at_its_own_pace_is_steady() -> None:
    found = said(panel(STEADY, 500), 500)
    assert (found.regime, found.level, found.why) == (
        Regime.STEADY,
        None,
        "no common change of 10 organisations shown",
    )


def test_a_pause_of_all_shows_long_before_one_of_them_would_be_silent() -> None:
    members = panel(PAUSED, 425)
    assert not any(member.state.incident or member.state.change for member in members.values())
    found = said(members, 425)
    assert (found.regime, found.level) == (Regime.SLOWER, Level.ALERT)
    assert found.changed_on is not None
    assert abs((found.changed_on - day(401)).days) <= 6
    assert found.changed_between is not None
    assert found.changed_between[0] - timedelta(4) <= day(401) <= found.changed_between[1]
    assert (found.judged, found.released) == (LABS, 0)
    assert found.why.startswith("0 release days of 10 organisations in the ")
    assert f"; {found.leaning} of 10 below their own pace, {len(found.moved)} of them clearly" in found.why


def test_all_that_sped_up_are_faster_together_and_each_in_company() -> None:
    members = panel(FASTER, 470)
    found = said(members, 470)
    assert (found.regime, found.level) == (Regime.FASTER, Level.ALERT)
    assert found.released > 1.5 * found.expected
    compared = [compare(name, members, day(470)) for name in members]
    changed = [one for one in compared if one]
    assert {one.company for one in changed} == {Company.TOGETHER}
    text = changed[0].text("others watched")
    assert text.startswith(
        f"of 9 others watched, {len(changed[0].moved)} clearly sped up too, and so did all"
    )
    assert f": {changed[0].released} release days since then, where" in text
    assert (
        replace(changed[0], moved=()).text("others").startswith("of 9 others, none clearly sped up by itself")
    )


def test_one_that_sped_up_is_no_group_and_is_alone() -> None:
    members = panel([pace(0, changes_on=400, then=3), *STEADY[1:]], 460)
    assert said(members, 460).regime is Regime.STEADY
    compared = compare("lab-0", members, day(460))
    assert compared is not None
    assert (compared.company, compared.others, compared.moved) == (Company.ALONE, LABS - 1, ())
    assert compared.text("others in CN") == "only this one sped up: of 9 others in CN, none clearly did"
    some = replace(compared, moved=("lab-3",)).text("others in CN")
    assert some == "of 9 others in CN, 1 clearly sped up too, most have not"


def test_one_that_fell_silent_is_compared_too() -> None:
    members = panel([[one for one in pace(0) if one < 400], *STEADY[1:]], 520)
    compared = compare("lab-0", members, day(520))
    assert compared is not None
    assert compared.text("others") == "only this one slowed down: of 9 others, none clearly did"


def test_without_an_open_change_there_is_nothing_to_compare() -> None:
    assert compare("lab-3", panel(STEADY, 500), day(500)) is None


def test_a_change_of_a_day_that_has_not_come_is_compared_with_nothing() -> None:
    members = panel(STEADY, 500)
    ahead = Crossing(Level.ALERT, Direction.SLOWER, day(900), day(890), None, None, None, None, (), "")
    members["lab-3"] = replace(members["lab-3"], state=replace(members["lab-3"].state, change=ahead))
    assert compare("lab-3", members, day(500)) is None


def test_too_few_others_cannot_be_told() -> None:
    members = panel([pace(0, changes_on=400, then=3), [0, 300]], 460)
    compared = compare("lab-0", members, day(460))
    assert compared is not None
    assert compared.company is not Company.TOGETHER
    text = replace(compared, company=Company.UNCLEAR).text("others")
    assert text.startswith("whether others sped up too cannot be told: of 1 others, none clearly did")


def test_a_group_of_one_or_none_is_still_learning() -> None:
    assert said({}, 500).regime is Regime.LEARNING
    alone = said(panel(STEADY[:1], 500), 500)
    assert (alone.regime, alone.why) == (
        Regime.LEARNING,
        "1 of 1 organisation has enough of a past; 2 are needed",
    )


def test_an_own_change_long_ago_is_no_common_one_today() -> None:
    long_ago = [pace(shift, changes_on=200 + 10 * shift, then=5) for shift in range(4)]
    assert said(panel([*long_ago, *STEADY[4:]], 599), 599).regime is Regime.STEADY
