"""Do what a click says: mute an organisation, correct the log, and take either back."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from monitor.conversation.answers import Answer, button, label, said
from monitor.conversation.asked import Asked
from monitor.core.telling import Message
from monitor.core.text import counted
from monitor.errors import ConfigError
from monitor.notify.slack_actions import MUTE, NOT_A_RELEASE, SAME_AS
from monitor.store import Transaction, correcting, muting
from monitor.store.asking import Entry, latest_releases, organization_names
from monitor.store.correcting import Corrected
from monitor.store.release_log import find_release

UNMUTE, MERGE, UNDO = "unmute", "merge", "undo-correction"

# What stands below an answer, which only one person sees, names the channel and the thread of the message that all of
# it is about, and the release where one is meant.
_ABOUT = re.compile(rf"(?:{UNMUTE}|{MERGE}|{UNDO})\|([A-Z0-9]+)\|([0-9.]+)(?:\|([0-9]+))?")

# Releases to choose from.
CHOICES = 20

_LENGTHS = {"1d": timedelta(days=1), "7d": timedelta(days=7), "change": None}


def mute(tx: Transaction, asked: Asked, now: datetime) -> Answer:
    """Tell nobody of an organisation for a while."""
    length, _, key = asked.value.partition("|")
    names = organization_names(tx)
    if length not in _LENGTHS or key not in names:
        raise ConfigError(["this organisation is not known any more"])
    lasts = _LENGTHS[length]
    until = now + lasts if lasts else None
    withheld = muting.mute(tx, muting.Mute(key, until, now, _who(asked)))
    when = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "until its cadence changes"
    title = f"{names[key]} is muted {when}"
    lead = "Alerts are recorded, and nobody is told."
    if withheld:
        lead += f" {counted(withheld, 'message that waited is', 'messages that waited are')} withheld."
    return said(
        title,
        lead,
        actions=[button(_placed(UNMUTE, asked), "Undo", key)],
        note=f"{title}, by {_name(asked)}.",
    )


def unmute(tx: Transaction, asked: Asked, now: datetime) -> Answer:
    """Tell of an organisation again."""
    name = organization_names(tx).get(asked.value, "It")
    if not muting.unmute(tx, asked.value):
        return said(f"{name} was not muted", replaces=True)
    title = f"{name} is told of again"
    return said(title, note=f"{title}, by {_name(asked)}.", replaces=True)


def not_a_release(tx: Transaction, asked: Asked, now: datetime) -> Answer:
    """Take a release out of the log."""
    release = _number(asked.value)
    name = _release(tx, release)[1]
    done = correcting.discard(tx, release, now)
    return _corrected(asked, done, f"“{name}” is not a release", "It left the log and counts no more.")


def choices(tx: Transaction, asked: Asked) -> Answer:
    """Show the organisation's latest releases, one of which is the same."""
    this = _number(asked.value)
    key, name = _release(tx, this)
    others = [one for one in latest_releases(tx, key, limit=CHOICES + 1)[0] if one.id != this][:CHOICES]
    if not others:
        return said(
            "There is no other release", f"“{name}” is the only one that is logged of its organisation."
        )
    menu = {
        "type": "static_select",
        "action_id": f"{_placed(MERGE, asked)}|{this}",
        "placeholder": label("Choose a release"),
        "options": [{"text": label(_choice(one)), "value": str(one.id)} for one in others],
    }
    return Answer(Message(f"“{name}” is the same release as…", ""), actions=[menu])


def merge(tx: Transaction, asked: Asked, now: datetime) -> Answer:
    """Make one release of the one that was clicked at and the one that was chosen."""
    found = _ABOUT.fullmatch(asked.action)
    this, chosen = _number(found[3] or "" if found else ""), _number(asked.value)
    done = correcting.merge(tx, [this, chosen], now)
    return _corrected(asked, done, f"These are one release: “{_named(done)}”", _holds(done), replaces=True)


def undo(tx: Transaction, asked: Asked, now: datetime) -> Answer:
    """Take a correction back."""
    done = correcting.undo(tx, _number(asked.value), now)
    title = f"Correction {done.number} is undone"
    return said(title, _holds(done), note=f"{title}, by {_name(asked)}.", replaces=True)


def place(asked: Asked) -> tuple[str, str]:
    """Return the channel and the thread, by the timestamp of its first message, in which others are told of a click."""
    if asked.action.partition("|")[0] not in (UNMUTE, MERGE, UNDO):
        return asked.channel, asked.thread
    found = _ABOUT.fullmatch(asked.action)
    return (found[1], found[2]) if found else ("", "")


CHANGES: Mapping[str | re.Pattern[str], Callable[[Transaction, Asked, datetime], Answer]] = {
    MUTE: mute,
    re.compile(rf"^{UNMUTE}(\||$)"): unmute,
    NOT_A_RELEASE: not_a_release,
    re.compile(rf"^{MERGE}\|"): merge,
    re.compile(rf"^{UNDO}(\||$)"): undo,
}
READS = {SAME_AS: choices}


def _placed(action: str, asked: Asked) -> str:
    """Return an action that remembers where the message is that was clicked at."""
    return "|".join((action, *place(asked)))


def _release(tx: Transaction, release: int) -> tuple[str, str]:
    """Return the organisation's key and the name of a release. Raises ConfigError."""
    found = find_release(tx, release)
    if found is None:
        raise ConfigError([f"no release {release}: it was merged with another one or taken out meanwhile"])
    return found[0]["organization"], found[0]["name"]


def _corrected(asked: Asked, done: Corrected, title: str, lead: str, *, replaces: bool = False) -> Answer:
    return said(
        title,
        f"{lead} It is correction {done.number}.",
        actions=[button(_placed(UNDO, asked), "Undo", str(done.number))],
        note=f"{title}: correction {done.number}, by {_name(asked)}.",
        replaces=replaces,
    )


def _named(done: Corrected) -> str:
    return done.releases[0].name if done.releases else "it"


def _holds(done: Corrected) -> str:
    """Say what is now what, of releases that a correction is about."""
    about = [
        f"{release.name} ({counted(len(release.repos), 'repository', 'repositories')})"
        for release in done.releases
    ]
    return f"Now in the log: {'; '.join(about)}." if about else ""


def _choice(entry: Entry) -> str:
    day = f"{entry.released_at:%Y-%m-%d}" if entry.released_at else "undated"
    return f"{day} {entry.name}"


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ConfigError(["this button is of another version of the monitor"])
    return int(text)


def _who(asked: Asked) -> str:
    """Return who did it, for the record."""
    return f"slack:{asked.user}"


def _name(asked: Asked) -> str:
    return f"@{asked.user_name}" if asked.user_name else asked.user
