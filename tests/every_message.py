"""Every kind of message that the monitor sends, about organisations, repositories and errors with any name.

A new kind of message joins `every_kind`, and so all that is demanded of messages holds for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

from builders import NOTHING, NOW, RULES, at, history, known, listing, repo
from monitor.checkup import sample_message
from monitor.conversation.answers import in_lines, said
from monitor.core.brief import Pulse, Week, brief_message
from monitor.core.cadence.state import Crossing, Rate, Spell
from monitor.core.change_messages import account_renamed_message, change_message, unread_message
from monitor.core.config_health import refused, taken_up
from monitor.core.decide import decide
from monitor.core.delivery_health import judge_delivery
from monitor.core.digests import Entry, Why, digest_message
from monitor.core.endings import Told, corrected, ended_message, over
from monitor.core.health import AccountHealth, Incident, hello_alert, judge_health, still_blind
from monitor.core.launch_chart import launch_chart
from monitor.core.messages import cadence_message
from monitor.core.releases import regroup
from monitor.core.slack_health import reachable, unreachable
from monitor.core.standing import Standing, reminder
from monitor.core.telling import AlertKind, Link, Message, ReceiverHealth
from monitor.core.types import Account, Change, ChangeKind, Direction, Level, Organization, Regime

BEFORE, AFTER = Rate(2.1, 1.5, 2.9), Rate(7.4, 5.0, 10.2)
CHANGED = date(2026, 3, 20)
WAYS = {
    ChangeKind.WITHDRAWN: (None, None, None),
    ChangeKind.RETURNED: (None, None, None),
    ChangeKind.RENAMED: ("acme-ai/old", "{}", None),
    ChangeKind.LICENCE: ("mit", "{}", "-{}\n+{}"),
    ChangeKind.GATING: ("no", "manual", None),
    ChangeKind.WEIGHTS: ("3 files at 1", "3 files at 2, 2 replaced", "{}\n{}"),
    ChangeKind.DISABLED: ("no", "yes", None),
}


def every_kind(name: str) -> dict[str, Message]:
    """Return a message of every kind, with the name wherever a stranger could have put it."""
    organization = Organization("acme", name, (Account("acme", "huggingface", name),))
    found = dict(_launches(name, organization))
    found |= {f"change {kind}": _change(kind, name, organization) for kind in WAYS}
    found |= {
        f"cadence {direction} {level}": cadence(name, organization, direction, level)
        for direction, level in product(Direction, Level)
    }
    found |= dict(_health(name))
    found |= dict(_slack_health(name))
    found |= dict(_edited(found))
    found["test"] = sample_message()
    found["answer"] = said(name, name).message
    found["list"] = in_lines(name, [Link(name, f"https://huggingface.co/{name}")] * 10, 99, name).message
    entries = [Entry(AlertKind.RELEASE, Level.ALERT, NOW, message) for message in found.values()]
    link = Link(name, f"https://huggingface.co/{name}")
    found["more than fits"] = Message(
        name, name, ((name, name),) * 12, (link,) * 50, 5, name, f"https://example.org/{name}", name,
        found["cadence faster alert"].chart,
    )  # fmt: skip
    found["digest"] = digest_message(entries[:15], Why.DAILY, 5)
    found["digest of changes"] = digest_message(
        [replace(entry, kind=AlertKind.CADENCE) for entry in entries[:15]], Why.UNREACHED, 5_000
    )
    return found


def cadence(name: str, organization: Organization, direction: Direction, level: Level) -> Message:
    """A change of cadence with its chart, as `judge` makes it."""
    compared = direction in (Direction.FASTER, Direction.SLOWER)
    between = (CHANGED - timedelta(5), CHANGED + timedelta(2)) if compared else None
    crossing = Crossing(
        level, direction, NOW.date(), CHANGED, between, BEFORE, AFTER if compared else None,
        99.0 if compared else None, (CHANGED,), "9 release days in 40 days",
    )  # fmt: skip
    days = [at("2025-02-03") + timedelta(days=20 * n) for n in range(24)]
    releases = regroup(known(f"acme-ai/{name}-{n}", day) for n, day in enumerate(days))
    message = cadence_message(organization, crossing, releases, RULES.budgets)
    spells = (Spell(Regime.LEARNING, date(2025, 2, 3)), Spell(Regime.STEADY, date(2025, 6, 1)))
    chart = launch_chart(organization, releases, NOW.date(), spells=spells, crossing=crossing)
    return replace(message, chart=chart)


def _launches(name: str, organization: Organization) -> Iterator[tuple[str, Message]]:
    fields = {
        "licence": name,
        "gated": name,
        "parameters": 684_531_386_000,
        "pipeline_tag": name,
        "base_models": (name,),
    }
    old = known("acme-ai/Something-Else-1.0")
    fresh = [repo(f"acme-ai/{name}-{n}B", NOW - timedelta(minutes=1), **fields) for n in range(20)]
    (launch,) = decide(
        history(old, organization=organization), listing(old.repo, *fresh), NOTHING, RULES, NOW
    ).alerts[:1]
    yield "release", launch.message
    hour = timedelta(hours=1)
    told = [
        known(one.name, one.created_at, between=(NOW - 2 * hour, NOW - hour), **fields) for one in fresh[:3]
    ]
    more = decide(
        history(old, *told, organization=organization),
        listing(old.repo, *fresh), NOTHING, RULES, NOW,
    )  # fmt: skip
    yield "more repositories", more.alerts[0].message
    blind = NOW - timedelta(days=9)
    many = [
        repo(f"acme-ai/{letter}{name}", NOW - timedelta(days=n)) for n, letter in enumerate("ABCDEFGH", 1)
    ]
    late = decide(
        history(old, organization=organization, listed_at=blind, unseen_since=blind),
        listing(old.repo, *many), NOTHING, RULES, NOW,
    )  # fmt: skip
    yield "found late", late.alerts[0].message


def _change(kind: ChangeKind, name: str, organization: Organization) -> Message:
    before, after, detail = (text and text.replace("{}", name) for text in WAYS[kind])
    changes = [
        Change("huggingface", str(n), f"acme-ai/{name}", kind, NOW, f"https://huggingface.co/{name}",
               before, after, detail)
        for n in range(12)
    ]  # fmt: skip
    return change_message(organization, changes if kind is not ChangeKind.WEIGHTS else changes[:1])


def _slack_health(name: str) -> Iterator[tuple[str, Message]]:
    lost = unreachable(name, NOW, NOW)
    yield "commands unheard", lost.message
    yield "commands heard", reachable(lost.key, NOW).message


def _edited(told: Mapping[str, Message]) -> Iterator[tuple[str, Message]]:
    """Yield what messages say once they are overtaken."""
    silence = Told(told["cadence silent alert"], Level.ALERT, Direction.SILENT)
    possible = Told(told["cadence faster watching"], Level.WATCHING, Direction.FASTER)
    for kind, over_by, one in (
        ("a silence that ended", Direction.RESUMED, silence),
        ("a possible change that faded", None, possible),
        ("a possible change that became one", Direction.FASTER, possible),
    ):
        ended = ended_message(one, over_by, NOW.date())
        assert ended
        yield kind, ended
    yield "a trouble that is over", over(told["blind"], f"{NOW:%Y-%m-%d %H:%M} UTC")
    yield "a release that is none", corrected(told["release"], "no release: it was taken out of the log")


def _brief(name: str, accounts: list[AccountHealth]) -> Message:
    pulses = tuple(
        Pulse(f"{n}", name, (CHANGED, NOW.date()), Regime.FASTER, Level.ALERT, CHANGED, 4.0, 40, (33, 34))
        for n in range(31)
    )
    return brief_message(Week(NOW, pulses, tuple(accounts), (name,) * 9, (name,) * 9, (name,) * 99, 0.2))


def _health(name: str) -> Iterator[tuple[str, Message]]:
    accounts = [
        AccountHealth(Account("acme", "huggingface", f"{name}{n}"), 3, "server error", name, NOW, NOW)
        for n in range(12)
    ]
    (blind,), _ = judge_health(accounts, [], NOW)
    yield "blind", blind.message
    seen = [AccountHealth(one.account, 0, None, None, None, NOW) for one in accounts]
    open_ = [Incident(blind.key, "huggingface", frozenset(name for _, name in blind.subjects))]
    (recovered,), _ = judge_health(seen, open_, NOW)
    yield "recovered", recovered.message
    still = reminder(Standing(blind.key, blind.message, NOW, NOW), NOW + timedelta(1))
    assert still
    yield "still blind", still.message
    bad = refused([name] * 12, NOW)
    yield "configuration refused", bad.message
    yield "configuration taken up", taken_up(bad.key, NOW).message
    held = ReceiverHealth("slack:C0123456789", NOW, name, 12, 3)
    told, _ = judge_delivery([held], [held.name], {}, {}, NOW)
    yield "receiver parked", told[0].message
    yield "messages lost", told[1].message
    reached, _ = judge_delivery([replace(held, parked_at=None)], [], {held.name: "delivery:x@1"}, {}, NOW)
    yield "receiver reached", reached[0].message
    yield "brief", _brief(name, accounts)
    yield (
        "brief of a quiet week",
        brief_message(Week(NOW, (Pulse("acme", name, (), Regime.LEARNING),), tuple(seen))),
    )
    fewer = still_blind(open_[0], accounts[:1])
    assert fewer
    yield "blind by now", fewer
    links = [Link(name, f"https://huggingface.co/{name}")] * 12
    absent = [AccountHealth(one.account, 3, "not found", name, NOW, None) for one in accounts]
    yield "hello", hello_alert(31, absent, 500, links, {"steady": 12}, NOW).message
    account = Account("acme", "huggingface", name)
    yield "account renamed", account_renamed_message(account, name)
    yield "unread", unread_message(account, 12, [name] * 5)
