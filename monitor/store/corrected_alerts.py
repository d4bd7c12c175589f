"""Say on what was told of a release that people corrected it since, and take that back when they do."""

from datetime import datetime

from sqlalchemy import select

from monitor.core.corrections import Correction, CorrectionKind
from monitor.core.endings import corrected, not_corrected
from monitor.core.telling import AlertKind, Message
from monitor.store import Transaction
from monitor.store.alerts import rewrite
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow

_SAID = {
    CorrectionKind.DISCARD: "no release: it was taken out of the log",
    CorrectionKind.MERGE: "part of an earlier release",
    CorrectionKind.SPLIT: "a release of its own",
}


def note_correction(tx: Transaction, organization: str, made: Correction, now: datetime) -> None:
    """Have the messages say so whose repositories, all of them, left or joined a release by a correction."""
    if said := _SAID.get(made.kind):
        _edit(tx, organization, made, now, f"{said} (correction {made.number}, {now:%Y-%m-%d})")


def note_undone(tx: Transaction, organization: str, undone: Correction, now: datetime) -> None:
    """Have the messages say no more that they were corrected."""
    _edit(tx, organization, undone, now, None)


def _edit(tx: Transaction, organization: str, about: Correction, now: datetime, said: str | None) -> None:
    alerts = select(AlertRow).where(
        AlertRow.organization == organization, AlertRow.kind == AlertKind.RELEASE.value
    )
    for alert in tx.scalars(alerts).all():
        told = {(hub, hub_id) for hub, hub_id in alert.subjects}
        if told and told <= about.repos:
            before = message_value(alert.message)
            message = _said(before, about, said)
            if message != before:
                rewrite(tx, alert, message, now)


def _said(message: Message, about: Correction, said: str | None) -> Message:
    return corrected(message, said) if said else not_corrected(message, f"(correction {about.number},")
