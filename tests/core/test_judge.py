"""When days have ended, and what is said of them."""

from datetime import UTC, date, datetime, time, timedelta

from builders import ACME, RULES, cadence_after, known, weekly
from monitor.core.cadence.state import CadenceState
from monitor.core.judge import Judgement, Past, judge, release_days
from monitor.core.releases import regroup
from monitor.core.telling import AlertKind
from monitor.core.types import Direction, Level, Release, Weights

DAYS = weekly(date(2025, 1, 6), 30)  # a pace of one release a week
LAST = DAYS[-1]
DAY = timedelta(days=1)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def released(*days: date) -> tuple[Release, ...]:
    return regroup(known(f"Foo-{n}.0", datetime.combine(day, time(8), UTC)) for n, day in enumerate(days))


def judged(
    after: int, days: tuple[date, ...] = DAYS, cadence: CadenceState | None = None, **fields: object
) -> Judgement:
    """What is judged so many days after the last of thirty weekly releases; `days` are the release days by then."""
    now = noon(LAST) + after * DAY
    values = {"listed_at": now, "cadence": cadence} | fields
    return judge(Past(ACME, released(*days), **values), RULES, now)  # type: ignore[arg-type]


def said(judgement: Judgement) -> list[tuple[Level, Direction | None]]:
    assert all(alert.kind is AlertKind.CADENCE for alert in judgement.alerts)
    return [(alert.level, alert.direction) for alert in judgement.alerts]


STEADY = cadence_after(DAYS, LAST)
SILENT = [(Level.ALERT, Direction.SILENT)]


def test_a_stop_is_raised_once_as_silence_with_its_evidence() -> None:
    first = judged(70, cadence=STEADY)
    assert said(first) == SILENT  # what was possible before is overtaken
    assert "No release for" in first.alerts[0].message.lead
    assert first.open_alerts == {first.alerts[0].key}
    later = judged(79, cadence=first.cadence)
    assert (later.alerts, later.open_alerts) == ((), first.open_alerts)


def test_a_silence_that_came_and_went_while_nobody_looked_is_no_news() -> None:
    assert said(judged(85, (*DAYS, LAST + 80 * DAY), STEADY)) == []


def test_a_silence_that_was_told_ends_with_a_release() -> None:
    silent = judged(70, cadence=STEADY)
    resumed = judged(75, (*DAYS, LAST + 75 * DAY), silent.cadence)
    assert said(resumed) == [(Level.ALERT, Direction.RESUMED)]
    assert resumed.alerts[0].answers == silent.alerts[0].key
    assert resumed.open_alerts == frozenset()


def test_a_change_answers_what_was_told_as_possible() -> None:
    told = (judged(after, cadence=STEADY) for after in range(20, 70))
    possible = next(one for one in told if said(one) == [(Level.WATCHING, Direction.SILENT)])
    assert possible.alerts[0].answers is None
    sure = judged(70, cadence=possible.cadence)
    assert said(sure) == SILENT
    assert sure.alerts[0].answers == possible.alerts[0].key


def test_a_silence_takes_the_place_of_a_slower_pace_so_that_one_incident_is_open() -> None:
    first = date(2025, 1, 6)
    slowed = (*weekly(first, 90, every=3), *weekly(first + 270 * DAY, 9, every=12))
    judgement = judged(88 - (LAST - slowed[-1]).days, slowed, cadence_after(slowed, slowed[-1]))
    assert judgement.cadence is not None
    assert judgement.cadence.change is not None
    assert judgement.cadence.change.direction is Direction.SLOWER
    assert [alert.direction for alert in judgement.alerts if alert.level is Level.ALERT] == [Direction.SILENT]
    assert judgement.open_alerts == {judgement.alerts[-1].key}


SLOWED = (*weekly(date(2025, 1, 6), 90, every=3), *weekly(date(2025, 10, 3), 9, every=12))


def slower_then_silent() -> tuple[str, Judgement]:
    """The key of an alert "slower", and the judgement by which a silence took its place."""
    after = (SLOWED[-1] - LAST).days
    slower = judged(after + 1, SLOWED, cadence_after(SLOWED, date(2025, 10, 3)))
    (key,) = (one.key for one in slower.alerts if one.level is Level.ALERT)
    return key, judged(after + 88, SLOWED, slower.cadence, open_alerts=slower.open_alerts)


def test_a_slower_pace_that_a_silence_took_the_place_of_is_open_again_once_it_resumed() -> None:
    key, silent = slower_then_silent()
    assert key not in silent.open_alerts
    back = SLOWED[-1] + 90 * DAY
    resumed = judged((back - LAST).days, (*SLOWED, back), silent.cadence, open_alerts=silent.open_alerts)
    assert said(resumed) == [(Level.ALERT, Direction.RESUMED)]
    assert resumed.open_alerts == {key}


def test_a_change_that_a_correction_dates_to_another_day_stays_the_same_open_alert() -> None:
    told = "cadence:acme:silent:alert:2025-09-01"
    again = judged(
        70,
        silent_until=LAST + 69 * DAY,
        open_alerts=frozenset({told, "cadence:acme:faster:alert:2025-02-01"}),
    )
    assert (said(again), again.open_alerts) == ([], {told})


def test_an_alert_says_which_of_its_dates_are_creation_dates() -> None:
    (alert,) = judged(70, cadence=STEADY, watched_since=LAST).alerts
    assert alert.message.lead.endswith(f"; dates before {LAST} are creation dates of what was still public.")
    (observed,) = judged(70, cadence=STEADY, watched_since=DAYS[0]).alerts
    assert "creation dates" not in observed.message.lead


def test_of_a_silence_before_we_watched_nobody_is_told() -> None:
    first = judged(70, silent_until=LAST + 69 * DAY)
    assert said(first) == []
    assert first.cadence is not None
    assert first.cadence.spells[-1].regime == "silent"  # and yet it is known


def test_what_happens_after_we_began_to_watch_is_told() -> None:
    assert said(judged(70, silent_until=LAST)) == SILENT
    assert said(judged(70, silent_until=None)) == []  # nothing says when we began: all of it lay before


def test_days_on_which_an_account_could_not_be_seen_are_no_evidence_of_silence() -> None:
    unseen = ((LAST + 2 * DAY, LAST + 70 * DAY),)
    assert said(judged(70, cadence=STEADY, unseen=unseen)) == []
    short = ((LAST + 2 * DAY, LAST + 3 * DAY),)
    assert said(judged(70, cadence=STEADY, unseen=short)) == SILENT


def test_a_day_is_decided_only_when_every_account_was_listed_after_it() -> None:
    lagging = judged(70, cadence=STEADY, listed_at=noon(LAST) + 2 * DAY)
    assert lagging.cadence is not None
    assert (lagging.cadence.last_tick, said(lagging)) == (LAST + DAY, [])
    (seen, fresh) = (judged(2, cadence=STEADY), LAST + 2 * DAY)
    assert seen.cadence is not None
    assert seen.cadence.last_tick == fresh - DAY


def test_a_day_with_a_release_is_decided_at_once() -> None:
    today = judged(2, (*DAYS, LAST + 2 * DAY), STEADY).cadence
    assert today is not None
    assert (today.last_tick, today.seen) == (LAST + 2 * DAY, 31)


def test_a_release_that_another_account_showed_later_than_this_one_was_seen_waits() -> None:
    waits = judged(2, (*DAYS, LAST + 2 * DAY), STEADY, listed_at=noon(LAST) + DAY).cadence
    assert waits is not None
    assert (waits.last_tick, waits.seen) == (LAST, 30)


def test_without_a_release_day_there_is_nothing_to_judge() -> None:
    assert judged(70, ()) == Judgement(None)


def test_what_is_judged_again_on_the_same_day_says_nothing_more() -> None:
    first = judged(70, cadence=STEADY)
    again = judged(70, cadence=first.cadence)
    assert (again.cadence, again.alerts) == (first.cadence, ())


def test_a_release_day_with_several_releases_counts_once_and_unknown_dates_not_at_all() -> None:
    repos = [known("A", "2026-03-01T01:00"), known("B", "2026-03-01T23:00"), known("C", "2022-03-02")]
    assert release_days(regroup(repos)) == (date(2026, 3, 1),)


def test_a_release_counts_with_its_weights_and_still_does_when_they_are_gone() -> None:
    repos = [
        known("A", "2026-03-01", weights=Weights.PENDING),
        known("B", "2026-03-02", weights=Weights.NONE),
    ]
    assert release_days(regroup(repos)) == (date(2026, 3, 2),)


def test_release_days_come_in_order() -> None:
    later, earlier = released(date(2026, 3, 9)), released(date(2026, 3, 1))
    assert release_days((*later, *earlier)) == (date(2026, 3, 1), date(2026, 3, 9))
