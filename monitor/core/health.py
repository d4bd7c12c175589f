"""Decide what to tell about the monitor's own health: accounts that cannot be seen, once each way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from monitor.core.types import Account, Alert, AlertKind, Link, Message
from monitor.errors import OF_THE_HUB, Trouble

# A hub that hiccups once is not worth a message; an account that failed this often in a row is.
TELL_AFTER = 3

NAMED = 10


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
    """An open health alert: one kind of trouble on one hub, however many accounts share it.

    What concerns a whole hub (no connection, server errors, refusals, its quota) is one kind, "hub": it flickers.
    """

    hub: str
    trouble: str
    began_at: datetime

    @property
    def key(self) -> str:
        """The key of its alert."""
        return f"health:{self.hub}:{self.trouble}:{self.began_at.isoformat()}"

    @staticmethod
    def from_key(key: str) -> "Incident":
        """Read the key of a health alert back."""
        _, hub, trouble, began_at = key.split(":", 3)
        return Incident(hub, trouble, datetime.fromisoformat(began_at))


def judge_health(
    accounts: Iterable[AccountHealth], open_incidents: Sequence[Incident], now: datetime
) -> tuple[tuple[Alert, ...], tuple[Incident, ...]]:
    """Return the alerts to raise and the incidents that ended.

    1. Accounts of one hub with the same trouble are one incident, told once when the first has failed three times.
    2. It ends, and that is told once, when no account of the hub has that trouble any more.
    """
    failing = [health for health in accounts if health.failures and health.trouble]
    failing.sort(key=lambda health: (_kind(health), str(health.account)))
    by_trouble = {kind: list(members) for kind, members in groupby(failing, key=_kind)}
    known = {(incident.hub, incident.trouble) for incident in open_incidents}
    raised = [
        _alert(Incident(*kind, _began(members, now)), _blind_message(kind[0], members), now)
        for kind, members in by_trouble.items()
        if kind not in known and any(health.failures >= TELL_AFTER for health in members)
    ]
    ended = tuple(i for i in open_incidents if (i.hub, i.trouble) not in by_trouble)
    raised += [_alert(incident, _recovered_message(incident), now, suffix=":ended") for incident in ended]
    return tuple(raised), ended


def _kind(health: AccountHealth) -> tuple[str, str]:
    trouble = health.trouble or ""
    return health.account.hub, "hub" if trouble in OF_THE_HUB else trouble


def _began(members: Sequence[AccountHealth], now: datetime) -> datetime:
    return min((health.blind_since for health in members if health.blind_since), default=now)


def _alert(incident: Incident, message: Message, now: datetime, suffix: str = "") -> Alert:
    return Alert(
        key=incident.key + suffix,
        organization=None,
        kind=AlertKind.HEALTH,
        message=message,
        raised_at=now,
        due_at=now,
    )


def _blind_message(hub: str, members: Sequence[AccountHealth]) -> Message:
    names = [Link(str(health.account)) for health in members]
    what = str(members[0].account) if len(members) == 1 else f"{len(members)} accounts on {hub}"
    return Message(
        title=f"The monitor cannot see {what}",
        lead=f"{members[0].last_error}. Nothing is concluded from this: no withdrawal, no silence.",
        links_title="Accounts",
        links=tuple(names[:NAMED]),
        more=max(0, len(names) - NAMED),
        note="It keeps trying and says so when it sees again. `release-monitor status` has the details.",
    )


def _recovered_message(incident: Incident) -> Message:
    return Message(
        title=f"The monitor sees {incident.hub} again",
        lead=f"The trouble{_of_kind(incident)} that began at {incident.began_at:%Y-%m-%d %H:%M} UTC is over. "
        "What was published meanwhile is logged with the time in which it became public.",
    )


def _of_kind(incident: Incident) -> str:
    return "" if incident.trouble == "hub" else f" ({incident.trouble})"


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


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
        ("Watching", f"{organizations} organisations, {len(accounts)} accounts"),
        ("Logged", f"{releases} releases that were there before"),
    ]
    if regimes:
        facts.append(("Cadence", ", ".join(f"{number} {regime}" for regime, number in regimes.items())))
    for label, names in (("Not found", absent), ("Not seen yet", others)):
        if names:
            facts.append((label, _named(names)))
    message = Message(
        title="The release monitor is watching",
        lead="What is public now is the baseline: it is logged and raises no alert.",
        facts=tuple(facts),
        links_title="The newest releases",
        links=tuple(newest[:NAMED]),
        note="Next come launches as they happen, and an alert when a cadence changes. "
        "`release-monitor cadence` shows every rhythm now; `release-monitor orgs` edits the list.",
    )
    return Alert(
        key="hello", organization=None, kind=AlertKind.HEALTH, message=message, raised_at=now, due_at=now
    )
