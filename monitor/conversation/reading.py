"""Answer /releases and /cadence: what anybody may ask."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.config import suggestion
from monitor.conversation.answers import LINES, Answer, in_lines, said
from monitor.conversation.asked import Asked
from monitor.core.telling import Link, Message
from monitor.core.text import counted, cut
from monitor.core.types import Budgets
from monitor.store import Transaction
from monitor.store.asking import Entry, latest_releases, organization_named, organization_names
from monitor.store.cadence import organization_cadences
from monitor.store.cadence_rows import verdict_row
from monitor.store.verdicts import verdicts

Row = Mapping[str, Any]

_SHOWN = 5  # releases below a cadence
_ECHOED = 60  # characters of what was asked for

HELP = {
    "/releases": Message(
        "How to use /releases",
        "It shows the newest releases, to you alone.",
        (
            ("/releases", "of everybody"),
            ("/releases deepseek", "of one organisation, by its key or name"),
            ("/releases qwen3-coder", "those with this text in a name"),
        ),
    ),
    "/cadence": Message(
        "How to use /cadence",
        "It shows how often organisations release, and whether that changes, to you alone.",
        (
            ("/cadence", "of everybody who is watched, changes first"),
            ("/cadence deepseek", "of one organisation, by its key or name, with the evidence"),
        ),
    ),
}


def releases(tx: Transaction, asked: Asked) -> Answer:
    """Show the newest releases: all, those of an organisation, or those with a text in a name."""
    if not asked.text:
        return _releases(tx, "The newest releases")
    found = organization_named(tx, asked.text)
    if found:
        key, name = found
        return _releases(tx, f"The newest releases of {name}", organization=key)
    echo = f"“{cut(asked.text, _ECHOED)}”"
    answer = _releases(tx, f"Releases with {echo}", search=asked.text)
    if answer.message.links:
        return answer
    near = suggestion(asked.text, _known(tx))
    return Answer(_help("/releases", f"No release and no organisation is called {echo}{near}"))


def _releases(
    tx: Transaction, title: str, organization: str | None = None, search: str | None = None
) -> Answer:
    entries, total = latest_releases(tx, organization, search, LINES)
    if not entries:
        return said(title, "None is logged yet.")
    return in_lines(title, [_line(entry, with_name=organization is None) for entry in entries], total)


def _line(entry: Entry, *, with_name: bool) -> Link:
    day = f"{entry.released_at:%Y-%m-%d}" if entry.released_at else "undated"
    name = f"{entry.organization}: {entry.name}" if with_name else entry.name
    about = [counted(len(entry.models), "repository", "repositories")]
    about += [entry.state] if entry.state != "public" else []
    return Link(f"{day} {cut(name, 90)} ({', '.join(about)})", entry.url)


def cadence(tx: Transaction, asked: Asked, budgets: Budgets, now: datetime) -> Answer:
    """Show the cadence of everybody in a line each, or of one organisation with the evidence."""
    if not asked.text:
        return _cadences(tx, budgets, now)
    found = organization_named(tx, asked.text)
    if found is None:
        near = suggestion(asked.text, _known(tx))
        return Answer(_help("/cadence", f"No organisation is called “{cut(asked.text, _ECHOED)}”{near}"))
    key, name = found
    row = verdicts(tx, [key], budgets, now)[0].row
    newest, total = latest_releases(tx, organization=key, limit=_SHOWN)
    return Answer(
        Message(
            f"{name}: {_regime(row)}",
            _sentence(row["why"]),
            tuple(_facts(row)),
            tuple(_line(entry, with_name=False) for entry in newest),
            total - len(newest),
            note=_sentence(row["company_why"]),
            links_title="The newest releases",
        )
    )


def _cadences(tx: Transaction, budgets: Budgets, now: datetime) -> Answer:
    names = organization_names(tx)
    rows = [verdict_row(one, budgets, now) for one in organization_cadences(tx, (), budgets, now)]
    if not rows:
        return said("Nobody is watched yet", "`/watch add` begins.")
    rows.sort(key=_changes_first)
    lines = [Link(f"{names[row['organization']]}: {_in_a_line(row)}") for row in rows[:LINES]]
    note = "Rates are release days a month. One organisation with the evidence: /cadence NAME"
    return in_lines("The cadence of everybody who is watched", lines, len(rows), note)


def _changes_first(row: Row) -> tuple[bool, bool, float]:
    return row["level"] is None, row["level"] != "alert", -(row["rate_per_month"] or 0)


def _in_a_line(row: Row) -> str:
    last = f"last {_ago(row)}" if _ago(row) else ""
    return ", ".join(filter(None, [_regime(row), f"{_rate(row)} a month" if _rate(row) else "", last]))


def _facts(row: Row) -> list[tuple[str, str]]:
    before = row["previous_rate_per_month"]
    facts = [
        ("Release days a month", _rate(row)),
        ("Before", f"{before:.1f}" if before is not None else ""),
        ("Since", f"{row['since']:%Y-%m-%d}" if row["since"] else ""),
        ("Last release", _ago(row)),
        ("That is longer than", f"{row['gap_rank']} gaps" if row["gap_rank"] else ""),
        ("Launches in 183 days", f"{row['launches_half_year']}, was {row['launches_half_year_before']}"),
    ]
    return [(name, value) for name, value in facts if value]


def _regime(row: Row) -> str:
    return f"possibly {row['regime']}" if row["level"] == "watching" else str(row["regime"])


def _rate(row: Row) -> str:
    if row["rate_per_month"] is None or row["interval"] is None:
        return ""
    low, high = row["interval"]
    return f"{row['rate_per_month']:.1f} (95%: {low:.1f} to {high:.1f})"


def _ago(row: Row) -> str:
    days = row["days_since_last"]
    if days is None:
        return ""
    return "today" if days <= 0 else f"{counted(days, 'day', 'days')} ago"


def _help(command: str, lead: str) -> Message:
    usual = HELP[command]
    return Message(lead, usual.lead, usual.facts)


def _known(tx: Transaction) -> list[str]:
    return [text for pair in organization_names(tx).items() for text in pair]


def _sentence(text: str | None) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""
