"""What is wrong with the monitor itself is told on the edge, once a day while it lasts, and at its end."""

from dataclasses import replace
from datetime import timedelta

from builders import NOW
from monitor.core.config_health import refused, taken_up
from monitor.core.delivery_health import Lost, judge_delivery, spared_by
from monitor.core.health import AccountHealth, Incident, still_blind
from monitor.core.standing import Standing, reminder
from monitor.core.telling import Message, ReceiverHealth
from monitor.core.text import message_text
from monitor.core.types import Account

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOT = "slack:C0123456789"
FINE = ReceiverHealth(BOT, None, None, 0, 0)
HELD = replace(FINE, parked_at=NOW, error="token_revoked", waiting=12)
STANDING = Standing("health:x", Message("Acme cannot be seen", "Why."), NOW, NOW)


def test_a_reminder_comes_a_day_after_the_last_word() -> None:
    assert reminder(STANDING, NOW + DAY - HOUR) is None
    first = reminder(STANDING, NOW + DAY)
    assert first
    assert first.message.title == "Acme cannot be seen (still, after 1 day)"
    assert ("Since", "2026-06-01 12:00 UTC") in first.message.facts
    reminded = replace(STANDING, told_at=NOW + DAY)
    assert reminder(reminded, NOW + 2 * DAY - HOUR) is None


def test_reminders_of_several_workers_have_one_key_and_answer_what_they_remind_of() -> None:
    here, there = (reminder(STANDING, NOW + 3 * DAY + n * HOUR) for n in (0, 1))
    assert here
    assert there
    assert here.key == there.key
    assert here.answers == STANDING.key


def test_a_reminder_names_the_accounts_that_cannot_be_seen_now() -> None:
    accounts = [
        AccountHealth(Account("acme", "huggingface", name), failures, None, "server error", NOW, NOW)
        for name, failures in (("a", 0), ("b", 30), ("new", 1))
    ]
    incident = Incident("health:x", "huggingface", frozenset("ab"))
    message = still_blind(incident, accounts)
    assert message
    assert message.title == "The monitor cannot see huggingface:b"
    assert still_blind(incident, accounts[:1]) is None


def test_a_bad_configuration_is_told_with_its_problems_and_what_it_means() -> None:
    alert = refused([f"settings.toml: problem {n}" for n in range(12)], NOW)
    text = message_text(alert.message)
    assert alert.message.title == "The configuration has 12 problems and is not used"
    assert "settings.toml: problem 9\nand 2 more" in text
    assert "last good one" in text
    assert taken_up(alert.key, NOW).answers == alert.key


def test_a_receiver_that_needs_a_person_is_told_to_the_others_once() -> None:
    (alert,), ended = judge_delivery([HELD], [BOT], {}, {}, NOW)
    assert (alert.spared, spared_by(alert.key), ended) == ((BOT,), (BOT,), ())
    text = message_text(alert.message)
    assert "Messages do not reach slack:C0123456789" in text
    assert "token_revoked" in text
    assert "12 messages" in text
    assert judge_delivery([HELD], [BOT], {BOT: alert.key}, {}, NOW + HOUR) == ((), ())


def test_that_messages_reach_it_again_is_told_once() -> None:
    (alert,), ended = judge_delivery([FINE], [BOT], {BOT: "delivery:x@1"}, {}, NOW)
    assert (alert.key, alert.answers, ended) == ("delivery:x@1:ended", "delivery:x@1", ("delivery:x@1",))
    assert judge_delivery([FINE], [BOT], {}, {}, NOW) == ((), ())


def test_a_receiver_that_is_used_no_longer_needs_nobody() -> None:
    assert judge_delivery([HELD], [], {}, {}, NOW) == ((), ())
    assert judge_delivery([HELD], [], {BOT: "delivery:x@1"}, {}, NOW) == ((), ("delivery:x@1",))


def test_what_failed_for_good_is_told_when_there_is_more_of_it_and_once_a_day() -> None:
    failing = replace(FINE, failed=3)
    (alert,), _ = judge_delivery([failing], [BOT], {}, {}, NOW)
    assert alert.message.title == "3 messages could not be delivered to slack:C0123456789"
    assert alert.spared == spared_by(alert.key) == (BOT,)
    told = {BOT: Lost(3, NOW)}
    more = replace(FINE, failed=9)
    assert judge_delivery([failing], [BOT], {}, told, NOW + 2 * DAY) == ((), ())
    assert judge_delivery([more], [BOT], {}, told, NOW + HOUR) == ((), ())
    assert judge_delivery([more], [BOT], {}, told, NOW + DAY)[0][0].message.title.startswith("9 messages")
