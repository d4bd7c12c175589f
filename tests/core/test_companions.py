"""Whether an organisation changed its pace alone."""

from datetime import date, timedelta

from builders import cadence_after, weekly
from monitor.core.cadence.panel import Company, Member
from monitor.core.cadence.record import Record
from monitor.core.companions import companions

UNTIL = date(2026, 5, 10)
STEADY = weekly(date(2025, 1, 1), 48, every=10)
SWIFT = (*weekly(date(2025, 1, 1), 40, every=10), *weekly(date(2026, 2, 10), 44, every=2))


def member(days: tuple[date, ...]) -> Member:
    return Member.of(cadence_after(days, UNTIL), Record(days))


def panel(steady: int, swift: int) -> dict[str, Member]:
    days = {f"steady-{n}": STEADY for n in range(steady)} | {f"swift-{n}": SWIFT for n in range(swift)}
    return {
        key: member(tuple(day + timedelta(days=i % 5) for day in each))
        for i, (key, each) in enumerate(days.items())
    }


def test_who_speeds_up_while_the_others_of_its_country_do_not_is_alone() -> None:
    members = panel(steady=6, swift=1)
    found = companions("swift-0", dict.fromkeys(members, "CN"), members, UNTIL)
    assert found is not None
    assert (found.group, found.compared.company, found.compared.moved) == ("CN", Company.ALONE, ())
    assert str(found) == "only this one sped up: of 6 others in CN, none clearly did"


def test_who_speeds_up_while_the_others_do_is_with_the_group() -> None:
    members = panel(steady=0, swift=6)
    found = companions("swift-0", dict.fromkeys(members, "CN"), members, UNTIL)
    assert found is not None
    assert (found.compared.company, len(found.compared.moved)) == (Company.TOGETHER, 5)


def test_a_country_with_few_others_is_no_group() -> None:
    members = panel(steady=6, swift=1)
    countries = {key: "FR" if key in ("swift-0", "steady-0") else None for key in members}
    found = companions("swift-0", countries, members, UNTIL)
    assert found is not None
    assert (found.group, found.compared.others) == ("all", 6)
    assert str(found) == "only this one sped up: of 6 others watched, none clearly did"


def test_without_an_open_change_or_without_a_cadence_or_without_others_nobody_is_compared() -> None:
    members = panel(steady=6, swift=1)
    countries: dict[str, str | None] = dict.fromkeys(members, "CN")
    assert companions("steady-0", countries, members, UNTIL) is None
    assert companions("nobody", countries, members, UNTIL) is None
    assert companions("swift-0", countries, {"swift-0": members["swift-0"]}, UNTIL) is None
