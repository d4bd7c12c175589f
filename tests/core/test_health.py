"""Telling of the monitor's own health."""

from datetime import timedelta

from builders import NOW
from monitor.core.health import AccountHealth, Incident, hello_alert, judge_health
from monitor.core.text import message_text
from monitor.core.types import Account, Link


def failing(name: str, failures: int, trouble: str = "unreachable") -> AccountHealth:
    return AccountHealth(
        Account("acme", "huggingface", name),
        failures,
        trouble,
        "no connection",
        NOW - timedelta(hours=1),
        NOW,
    )


def fine(name: str) -> AccountHealth:
    return AccountHealth(Account("acme", "huggingface", name), 0, None, None, None, NOW)


def test_one_failure_is_not_worth_a_message() -> None:
    assert judge_health([failing("a", 1), failing("b", 2)], [], NOW) == ((), ())


def test_a_hub_that_is_down_is_one_message_whatever_the_number_of_accounts() -> None:
    (alert,), ended = judge_health([failing(f"a{n}", 3) for n in range(60)], [], NOW)
    assert alert.message.title == "The monitor cannot see 60 accounts on huggingface"
    assert (len(alert.message.links), alert.message.more) == (10, 50)
    assert ended == ()


def test_an_open_incident_is_not_told_again() -> None:
    (alert,), _ = judge_health([failing("a", 3)], [], NOW)
    assert judge_health([failing("a", 9), failing("b", 3)], [Incident.from_key(alert.key)], NOW) == ((), ())


def test_another_trouble_is_another_incident() -> None:
    (first,), _ = judge_health([failing("a", 3)], [], NOW)
    accounts = [failing("a", 4), failing("b", 3, "not found")]
    raised, _ = judge_health(accounts, [Incident.from_key(first.key)], NOW)
    assert [alert.message.title for alert in raised] == ["The monitor cannot see huggingface:b"]


def test_its_end_is_told_once() -> None:
    (alert,), _ = judge_health([failing("a", 3)], [], NOW)
    incident = Incident.from_key(alert.key)
    (recovered,), ended = judge_health([fine("a")], [incident], NOW)
    assert recovered.message.title == "The monitor sees huggingface again"
    assert ended == (incident,)
    assert recovered.key == f"{alert.key}:ended"


def test_hello_says_what_is_watched_what_was_not_found_and_what_comes_next() -> None:
    unseen = AccountHealth(
        Account("acme", "huggingface", "typo"), 1, "not found", "no such account", NOW, None
    )
    alert = hello_alert(2, [fine("a"), unseen], 7, [Link("Acme: Foo-2 (2026-05-01)")], {"steady": 2}, NOW)
    text = message_text(alert.message)
    for part in (
        "2 organisations, 2 accounts",
        "7 releases",
        "huggingface:typo",
        "Foo-2",
        "2 steady",
        "Next come",
    ):
        assert part in text
