"""What a digest says."""

from datetime import UTC, datetime, timedelta

from monitor.core.digests import Entry, Why, digest_message
from monitor.core.telling import AlertKind, Link, Message
from monitor.core.types import Level

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def entry(title: str, kind: AlertKind, level: Level = Level.ALERT, hours: int = 0) -> Entry:
    message = Message(title, f"About {title}.", links=(Link("repo", f"https://x.test/{title}"),))
    return Entry(kind, level, NOW + timedelta(hours=hours), message)


NOVA = entry("Acme released Nova", AlertKind.RELEASE)
GATED = entry("Acme gated Nova", AlertKind.CHANGE)
MAYBE = entry("Zen may have sped up", AlertKind.CADENCE, Level.WATCHING)
SLOWER = entry("Acme has slowed down", AlertKind.CADENCE, hours=5)


def test_a_daily_digest_says_how_many_of_what_it_has() -> None:
    message = digest_message([NOVA, MAYBE, NOVA], Why.DAILY)
    assert message.title == "Daily digest: 2 releases and 1 possible change of cadence"
    assert message.lead == "2 releases and 1 possible change of cadence, of 2026-06-01 12:00 UTC."


def test_its_lines_stand_by_kind_and_lead_to_what_they_tell_of() -> None:
    message = digest_message([MAYBE, GATED, NOVA], Why.HOURLY)
    assert [link.text for link in message.links] == [
        "Acme released Nova",
        "Acme gated Nova",
        "Zen may have sped up",
    ]
    assert message.links[0].url == "https://x.test/Acme released Nova"


def test_a_changed_cadence_is_the_headline_with_its_evidence() -> None:
    message = digest_message([NOVA, SLOWER], Why.UNREACHED, following=1_000)
    assert message.title == "Acme has slowed down; and 1 other alert"
    assert message.links[0].text == "Acme has slowed down"
    assert message.lead == (
        "About Acme has slowed down. In all 1 change of cadence and 1 release that could not be delivered before, "
        "from 2026-06-01 12:00 to 2026-06-01 17:00 UTC."
    )
    assert message.note.startswith("1,000 more alerts follow.")


def test_what_piled_up_says_why() -> None:
    assert digest_message([NOVA, GATED], Why.QUIET).title == "1 release and 1 other change of the quiet hours"
    assert digest_message([NOVA, GATED], Why.BURST).title == "1 release and 1 other change at once"
