"""Groups against the period before: the median laboratory, and what each contributed."""

from datetime import date

import pytest

from monitor.core.contributions import Contributions, Watched, contributions
from monitor.core.counts import NO_COUNTRY, By, Counted

LONG_AGO = Watched(date(2025, 1, 1))
TODAY = date(2026, 7, 9)


def launches(organization: str, **by_month: int) -> list[Counted]:
    """So many launches in each month of 2026, such as `m5`."""
    months = {int(month[1:]): number for month, number in by_month.items()}
    return [
        Counted(organization, date(2026, month, 2 + n), "observed", 1)
        for month, number in months.items()
        for n in range(number)
    ]


def june(
    releases: list[Counted],
    watched: dict[str, Watched],
    blind: dict[str, list[tuple[date, date]]] | None = None,
) -> Contributions | None:
    groups = {key: ["CN"] for key in {*watched, *(one.organization for one in releases)}}
    return contributions(releases, blind or {}, groups, watched, By.MONTH, TODAY).get(("2026-06", "CN"))


def test_a_group_is_its_median_laboratory_and_what_each_contributed() -> None:
    releases = [
        *launches("alibaba", m5=3, m6=8),
        *launches("baidu", m5=1, m6=2),
        *launches("tencent", m5=1, m6=1),
    ]
    found = june(releases, dict.fromkeys(("alibaba", "baidu", "tencent"), LONG_AGO))
    assert found is not None
    assert (found.median, found.previous_median, found.panel) == (2, 1, 3)
    assert str(found) == "+6, of which alibaba +5"
    assert found.by_organization == (("alibaba", 5), ("baidu", 1))


def test_a_laboratory_without_a_launch_is_part_of_the_median() -> None:
    found = june(launches("alibaba", m5=4, m6=4), dict.fromkeys(("alibaba", "baidu", "tencent"), LONG_AGO))
    assert found is not None
    assert (found.median, str(found)) == (0, "no change")


def test_so_many_are_named_that_they_make_half_of_the_change_and_three_at_most() -> None:
    even = [launch for key in "abcdefgh" for launch in launches(key, m5=1, m6=2)]
    found = june(even, dict.fromkeys("abcdefgh", LONG_AGO))
    assert str(found) == "+8, of which a +1, b +1, c +1"
    fewer = [*launches("a", m5=4), *launches("b", m5=3), *launches("c", m5=5, m6=9)]
    assert str(june(fewer, dict.fromkeys("abc", LONG_AGO))) == "-3, of which a -4"


@pytest.mark.parametrize(
    ("watched", "why"),
    [
        (Watched(date(2026, 5, 2)), "watched only since 2026-05-02"),
        (Watched(date(2025, 1, 1), date(2026, 6, 30)), "watched only until 2026-06-30"),
        (None, "nothing seen yet"),
    ],
)
def test_who_was_not_watched_over_both_periods_is_left_out_and_it_is_said_why(
    watched: Watched | None, why: str
) -> None:
    releases = [*launches("alibaba", m5=1, m6=2), *launches("newcomer", m5=1, m6=9)]
    found = june(releases, {"alibaba": LONG_AGO} | ({"newcomer": watched} if watched else {}))
    assert found is not None
    assert (found.change, found.panel, found.left_out) == (1, 1, (("newcomer", why),))


def test_who_was_watched_from_the_first_day_of_both_to_the_last_is_compared() -> None:
    releases = [*launches("alibaba", m5=1, m6=2), *launches("newcomer", m5=1, m6=9)]
    found = june(releases, {"alibaba": LONG_AGO, "newcomer": Watched(date(2026, 5, 1), date(2026, 7, 1))})
    assert found is not None
    assert (found.change, found.left_out) == (9, ())


def test_before_anything_was_watched_those_are_compared_who_are_watched_longest() -> None:
    releases = [launch for key in ("alibaba", "baidu", "newcomer") for launch in launches(key, m5=1, m6=3)]
    first, late = Watched(date(2026, 6, 20)), Watched(date(2026, 7, 1))
    found = june(releases, {"alibaba": first, "baidu": Watched(date(2026, 6, 21)), "newcomer": late})
    assert found is not None
    assert (found.change, found.panel) == (4, 2)
    assert found.left_out == (("newcomer", "watched only since 2026-07-01"),)


def test_who_could_not_be_seen_for_long_is_left_out_and_who_could_not_for_a_week_is_not() -> None:
    releases = [*launches("alibaba", m5=1, m6=2), *launches("baidu", m5=1, m6=2)]
    watched = dict.fromkeys(("alibaba", "baidu"), LONG_AGO)
    week, weeks = [(date(2026, 6, 1), date(2026, 6, 7))], [(date(2026, 5, 20), date(2026, 6, 15))]
    found = june(releases, watched, {"alibaba": week, "baidu": weeks})
    assert found is not None
    assert found.left_out == (("baidu", "not seen on 12 of 31 days"),)


def test_the_running_period_and_the_first_are_compared_with_nothing() -> None:
    releases, watched = launches("alibaba", m4=1, m5=1, m6=1, m7=5), {"alibaba": Watched(date(2026, 4, 3))}
    found = contributions(releases, {}, {"alibaba": ["CN"]}, watched, By.MONTH, TODAY)
    assert {period for period, _ in found} == {"2026-05", "2026-06"}
    quiet = contributions([], {}, {"alibaba": ["CN"]}, watched, By.MONTH, TODAY)
    assert {period for period, _ in quiet} == {"2026-05", "2026-06"}


def test_where_nobody_could_be_seen_it_is_said_who_and_why_and_no_figure() -> None:
    dark = {"alibaba": [(date(2026, 5, 2), date(2026, 5, 31))]}
    found = june(launches("alibaba", m5=1, m6=4), {"alibaba": LONG_AGO}, dark)
    assert found is not None
    assert (found.panel, found.median, found.previous_median, found.change) == (0, None, None, None)
    assert found.left_out == (("alibaba", "not seen on 30 of 31 days"),)
    assert str(found) == "compared with nothing: nobody could be seen over both periods"


def test_those_without_a_country_are_no_group_to_compare() -> None:
    groups, watched = {"a": [NO_COUNTRY], "b": ["CN"]}, dict.fromkeys("ab", LONG_AGO)
    found = contributions([], {}, groups, watched, By.QUARTER, TODAY)
    assert {group for _, group in found} == {"CN"}


def test_one_laboratory_alone_is_named_with_what_it_had_before() -> None:
    assert str(june(launches("alibaba", m5=3, m6=8), {"alibaba": LONG_AGO})) == "alibaba +5 (was 3)"
    assert str(june(launches("alibaba", m5=3, m6=3), {"alibaba": LONG_AGO})) == "no change"
