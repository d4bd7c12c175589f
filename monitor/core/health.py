"""Decide what to tell about the monitor's own health: accounts that cannot be seen, once each way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.appearances import hub_name
from monitor.core.standing import ENDED, health_alert
from monitor.core.telling import Alert, Link, Message
from monitor.core.text import counted, listed
from monitor.core.types import Account
from monitor.errors import OF_THE_HUB, Trouble

# A hub that hiccups once is not worth a message; an account that failed this often in a row is.
TELL_AFTER = 3

NAMED = 10

_TRYING = "It keeps trying and says so when it sees again. `release-monitor status` has the details."
_ABSENT = (
    "The cadence of its organisation is not judged meanwhile, for 14 days at most. If the account is gone for good, "
    "take it out of organizations.toml."
)


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """How an account fares; `failures` counts the polls that failed in a row."""

    account: Account
    failures: int
    trouble: str | None
    last_error: str | None
    blind_since: datetime | None
    listed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Incident:
    """An open health alert: accounts of one hub that could not be seen when it was raised."""

    key: str
    hub: str
    accounts: frozenset[str]


def judge_health(
    accounts: Iterable[AccountHealth], open_incidents: Sequence[Incident], now: datetime
) -> tuple[tuple[Alert, ...], tuple[Incident, ...]]:
    """Return the alerts to raise and the incidents that ended.

    1. An account that failed three times in a row is told once, and with it all that fail on its hub for a reason
       that they may share: a hub that is down is one message.
    2. An incident ends when none of its accounts fails any more, for whatever reason; that is told once, unless they
       are just watched no longer.
    """
    by_hub: dict[str, list[AccountHealth]] = defaultdict(list)
    for health in sorted(accounts, key=lambda health: str(health.account)):
        by_hub[health.account.hub].append(health)
    raised: list[Alert] = []
    for hub, members in by_hub.items():
        told = {name for incident in open_incidents if incident.hub == hub for name in incident.accounts}
        fresh = [health for health in members if health.failures and health.account.name not in told]
        due = [health for health in fresh if health.failures >= TELL_AFTER]
        shared = (
            [health for health in fresh if _is_of_the_hub(health)] if any(map(_is_of_the_hub, due)) else []
        )
        news = [health for health in fresh if health in due or health in shared]
        if due:
            raised.append(_blind_alert(hub, news, now))
    ended = tuple(i for i in open_incidents if not _members(i, by_hub, failing=True))
    recovered = (_recovered_alert(i, now) for i in ended if _members(i, by_hub, failing=False))
    return (*raised, *recovered), ended


def _is_of_the_hub(health: AccountHealth) -> bool:
    return health.trouble in OF_THE_HUB


def _members(
    incident: Incident, by_hub: Mapping[str, list[AccountHealth]], *, failing: bool
) -> list[AccountHealth]:
    """Return the incident's accounts that are still watched and fail, or do not fail."""
    return [
        health
        for health in by_hub.get(incident.hub, [])
        if health.account.name in incident.accounts and bool(health.failures) is failing
    ]


def still_blind(incident: Incident, accounts: Iterable[AccountHealth]) -> Message | None:
    """Say which of an incident's accounts cannot be seen now; None where all can."""
    failing = [health for health in accounts if health.failures and health.account.hub == incident.hub]
    members = [health for health in failing if health.account.name in incident.accounts]
    return _blind_message(incident.hub, members) if members else None


def _blind_alert(hub: str, members: Sequence[AccountHealth], now: datetime) -> Alert:
    first = members[0]
    key = f"health:{first.account}:{(first.blind_since or now).isoformat()}"
    subjects = tuple((hub, health.account.name) for health in members)
    return replace(health_alert(key, _blind_message(hub, members), now), subjects=subjects)


def _blind_message(hub: str, members: Sequence[AccountHealth]) -> Message:
    first = members[0]
    names = [Link(str(health.account)) for health in members]
    what = str(first.account) if len(members) == 1 else f"{len(members)} accounts on {hub_name(hub)}"
    return Message(
        title=f"The monitor cannot see {what}",
        lead=f"{_sentence(first.last_error or '')}. Nothing is concluded from this: no withdrawal, no silence.",
        links_title="Accounts",
        links=tuple(names[:NAMED]),
        more=max(0, len(names) - NAMED),
        note=_ABSENT if first.trouble in (Trouble.NOT_FOUND, Trouble.EMPTY) else _TRYING,
    )


def _sentence(error: str) -> str:
    return f"{error[:1].upper()}{error[1:]}"


def _recovered_alert(incident: Incident, now: datetime) -> Alert:
    names = sorted(incident.accounts)
    what = (
        f"{incident.hub}:{names[0]}"
        if len(names) == 1
        else f"{len(names)} accounts on {hub_name(incident.hub)}"
    )
    message = Message(
        title=f"The monitor sees {what} again",
        lead="What was published meanwhile is logged with the time in which it became public.",
    )
    return health_alert(f"{incident.key}{ENDED}", message, now, answers=incident.key)


def hello_alert(
    organizations: int,
    accounts: Sequence[AccountHealth],
    releases: int,
    newest: Sequence[Link],
    regimes: Mapping[str, int],
    now: datetime,
) -> Alert:
    """Introduce the monitor once its baseline is there: what is watched, what was not found, what comes next."""
    unseen = [health for health in accounts if health.listed_at is None]
    absent = [str(health.account) for health in unseen if health.trouble == Trouble.NOT_FOUND]
    others = [str(health.account) for health in unseen if health.trouble != Trouble.NOT_FOUND]
    facts = [
        (
            "Watching",
            f"{counted(organizations, 'organisation', 'organisations')}, "
            f"{counted(len(accounts), 'account', 'accounts')}",
        ),
        ("Logged", f"{counted(releases, 'release', 'releases')} that were there before"),
    ]
    if regimes:
        facts.append(("Cadence", ", ".join(f"{number} {regime}" for regime, number in regimes.items())))
    for label, names in (("Not found", absent), ("Not seen yet", others)):
        if names:
            facts.append((label, listed(names, NAMED)))
    message = Message(
        title="The release monitor is watching",
        lead="What is public now is the baseline: it is logged and raises no alert.",
        facts=tuple(facts),
        links_title="The newest releases",
        links=tuple(newest[:NAMED]),
        note="Next come launches as they happen, and an alert when a cadence changes. "
        "`release-monitor cadence` shows every rhythm now; `release-monitor orgs` edits the list.",
    )
    return health_alert("hello", message, now)
