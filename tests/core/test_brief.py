"""The weekly brief."""

from datetime import UTC, date, datetime, timedelta

from builders import weekly
from monitor.core.brief import LINES, Pulse, Week, brief_message, sources_text
from monitor.core.health import AccountHealth
from monitor.core.telling import Message
from monitor.core.text import message_text
from monitor.core.types import Account, Level, Regime

MONDAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
TODAY = MONDAY.date()
HOUR = timedelta(hours=1)


def pulse(name: str, *launches: date, regime: Regime = Regime.STEADY, **fields: object) -> Pulse:
    return Pulse(name.lower(), name, launches, regime, **fields)  # type: ignore[arg-type]


def account(name: str, age: timedelta | None = HOUR / 2, failures: int = 0) -> AccountHealth:
    listed_at = MONDAY - age if age is not None else None
    return AccountHealth(Account("acme", "huggingface", name), failures, None, None, None, listed_at)


def brief(*pulses: Pulse, **fields: object) -> Message:
    values = {"accounts": (account("acme"),), "false_alerts": 0.21}
    return brief_message(Week(MONDAY, pulses, **(values | fields)))  # type: ignore[arg-type]


def test_a_week_in_which_nothing_happened_is_proof_of_life() -> None:
    message = brief(pulse("Acme", date(2026, 3, 2), days_since_last=91))
    assert message.title == "Weekly brief: no launch"
    assert message.lead == (
        "All sources healthy: 1 of 1 account seen within the last hour. No cadence changed this week."
    )


def test_each_organisation_has_a_line_with_its_trend_the_most_active_first() -> None:
    acme = pulse("Acme", date(2026, 4, 2), date(2026, 5, 20), date(2026, 5, 29))
    busy = pulse(
        "Busy",
        *weekly(date(2026, 5, 28), 5, 1),
        regime=Regime.FASTER,
        level=Level.ALERT,
        since=date(2026, 5, 4),
    )
    assert [link.text for link in brief(acme, busy).links] == [
        "Busy ··········█▂ 4 this week, 4 in 30 days; faster since 2026-05-04",
        "Acme ·········▃▆· 1 this week, 2 in 30 days; steady",
    ]


def test_the_title_counts_launches_and_changes() -> None:
    changed = brief(
        pulse("Acme", date(2026, 5, 29)), changes=("Acme has sped up: 1.1 → 7.6 release days a month",)
    )
    assert changed.title == "Weekly brief: 1 launch by Acme, 1 change of cadence"
    assert "Acme has sped up: 1.1 → 7.6 release days a month." in changed.lead


def test_a_launch_of_the_day_of_the_brief_is_counted_once_in_the_next_one() -> None:
    one = pulse("Acme", TODAY)
    assert [one.launched(TODAY + timedelta(n), timedelta(7)) for n in (0, 7, 14)] == [0, 1, 0]


def test_of_many_organisations_those_without_news_are_a_number() -> None:
    quiet = [pulse(f"Quiet{n}", date(2026, 2, 1)) for n in range(28)]
    possible = pulse(
        "Doubt", date(2026, 2, 2), regime=Regime.SLOWER, level=Level.WATCHING, since=date(2026, 4, 1)
    )
    message = brief(*quiet, possible, pulse("Acme", date(2026, 5, 30)))
    assert [link.text.split()[0] for link in message.links] == ["Acme", "Doubt"]
    assert ("Others", "28: nothing new") in message.facts
    assert "possibly slower since 2026-04-01" in message.links[1].text


def test_it_fits_a_message_whatever_happened() -> None:
    long = "An organisation with a name of fifty characters or so"
    pulses = [
        pulse(f"{long} {n}", *weekly(date(2025, 6, 1), 300, 1), level=Level.ALERT, since=TODAY)
        for n in range(31)
    ]
    message = brief(*pulses, changes=("x" * 80,) * 31, withdrawn=("y" * 60,) * 99)
    assert len(message.links) == LINES
    assert len(message_text(message)) < 5_000


def test_a_gap_longer_than_nine_in_ten_is_called_quiet_and_a_silence_is_not() -> None:
    waiting = pulse("Acme", date(2026, 4, 20), days_since_last=42, rank=(33, 34))
    assert ("Quiet", "Acme 42 days, longer than 33 of its 34 gaps") in brief(waiting).facts
    silent = pulse("Acme", date(2026, 4, 20), regime=Regime.SILENT, days_since_last=42, rank=(34, 34))
    few = pulse("Acme", date(2026, 4, 20), days_since_last=42, rank=(3, 3))
    assert "Quiet" not in dict(brief(silent, few).facts)


def test_withdrawn_repositories_are_named_and_the_rest_counted() -> None:
    facts = dict(brief(pulse("Acme"), withdrawn=("a/A", "a/B", "a/C", "a/D")).facts)
    assert facts["Withdrawn"] == "a/A; a/B; a/C and 1 more"


def test_sources_that_are_not_seen_are_named_and_nothing_is_called_healthy() -> None:
    seen, failing, stale = account("a"), account("b", failures=3), account("c", age=timedelta(days=3))
    text = sources_text([seen, failing, stale, account("d", age=None)], MONDAY)
    assert text == (
        "1 of 4 accounts seen within the last hour; not seen: Hugging Face b, Hugging Face c, Hugging Face d."
    )
    assert sources_text([account("a", age=3 * HOUR)], MONDAY).endswith("seen within the last 4 hours.")
