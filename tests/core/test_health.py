"""Telling of the monitor's own health."""

from datetime import timedelta

from builders import NOW
from monitor.core.health import AccountHealth, Incident, hello_alert, judge_health
from monitor.core.telling import Alert, Link
from monitor.core.text import message_text
from monitor.core.types import Account


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


def incident(alert: Alert) -> Incident:
    return Incident(alert.key, alert.subjects[0][0], frozenset(name for _, name in alert.subjects))


def test_one_failure_is_not_worth_a_message() -> None:
    assert judge_health([failing("a", 1), failing("b", 2)], [], NOW) == ((), ())


def test_a_hub_that_is_down_is_one_message_whatever_the_number_of_accounts() -> None:
    accounts = [failing("a0", 3), *(failing(f"a{n}", 1) for n in range(1, 60))]
    (alert,), ended = judge_health(accounts, [], NOW)
    assert alert.message.title == "The monitor cannot see 60 accounts on Hugging Face"
    assert (len(alert.message.links), alert.message.more) == (10, 50)
    assert ended == ()


def test_an_open_incident_is_not_told_again_though_its_trouble_changes() -> None:
    (alert,), _ = judge_health([failing("a", 3)], [], NOW)
    for trouble in ("unreachable", "wrong shape", "server error"):
        assert judge_health([failing("a", 9, trouble)], [incident(alert)], NOW) == ((), ())


def test_one_account_that_always_fails_does_not_hide_that_the_others_fail_now() -> None:
    (first,), _ = judge_health([failing("a", 3, "server error"), fine("b"), fine("c")], [], NOW)
    accounts = [failing("a", 40, "server error"), failing("b", 3), failing("c", 1)]
    (alert,), ended = judge_health(accounts, [incident(first)], NOW)
    assert [name for _, name in alert.subjects] == ["b", "c"]
    assert ended == ()


def test_an_account_that_is_not_found_is_told_of_alone() -> None:
    (alert,), _ = judge_health([failing("a", 1), failing("b", 3, "not found")], [], NOW)
    assert alert.message.title == "The monitor cannot see huggingface:b"


def test_its_end_is_told_once_when_all_of_its_accounts_are_seen() -> None:
    (alert,), _ = judge_health([failing("a", 3), failing("b", 3)], [], NOW)
    assert judge_health([fine("a"), failing("b", 1, "wrong shape")], [incident(alert)], NOW) == ((), ())
    (recovered,), ended = judge_health([fine("a"), fine("b")], [incident(alert)], NOW)
    assert recovered.message.title == "The monitor sees 2 accounts on Hugging Face again"
    assert ended == (incident(alert),)
    assert recovered.key == f"{alert.key}:ended"


def test_an_incident_whose_accounts_are_watched_no_longer_ends_without_a_word() -> None:
    (alert,), _ = judge_health([failing("a", 3)], [], NOW)
    assert judge_health([fine("b")], [incident(alert)], NOW) == ((), (incident(alert),))


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
