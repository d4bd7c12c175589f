"""Organisations of which nobody is told for a while. They are watched, and their alerts recorded, all the same."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from monitor.core.telling import Alert, AlertKind
from monitor.core.types import Level
from monitor.store import Transaction
from monitor.store.carrying import is_untold
from monitor.store.tables import AlertRow, MuteRow, NotificationRow, OrganizationRow


@dataclass(frozen=True, slots=True)
class Mute:
    """Who is muted, until when (None: until its cadence changes), since when and by whom; `name` is for people."""

    organization: str
    until: datetime | None
    made_at: datetime
    made_by: str | None = None
    name: str = ""

    def silences(self, kind: str, level: Level, at: datetime) -> bool:
        """Tell whether nobody is told of such an alert; a changed cadence is what one waits for."""
        if self.until is not None:
            return self.until > at
        return not (kind == AlertKind.CADENCE and level is Level.ALERT)

    def row(self) -> dict[str, Any]:
        """Return what JSON says of it; `until` null means until its cadence changes."""
        return {
            "organization": self.organization,
            "until": self.until,
            "since": self.made_at,
            "by": self.made_by,
        }

    def until_text(self) -> str:
        """Say until when it lasts: "until 2026-11-30 12:00 UTC"."""
        return f"until {self.until:%Y-%m-%d %H:%M} UTC" if self.until else "until its cadence changes"


def mute(tx: Transaction, new: Mute) -> int:
    """Mute an organisation that was ever watched, and withhold what waits; return how many messages that were.

    A mute that it has is replaced. What is being sent, may have arrived, or stands in a digest that was begun goes
    out; what is withheld stays so when the mute ends.
    """
    # As polls do: two first mutes would both insert, and an alert that is just being raised would be told.
    tx.get_one(OrganizationRow, new.organization, with_for_update=True)
    row = tx.get(MuteRow, new.organization)
    if row is None:
        row = MuteRow(organization=new.organization)
        tx.add(row)
    row.until, row.made_at, row.made_by = new.until, new.made_at, new.made_by
    tx.flush()
    return _withhold(tx, new)


def _withhold(tx: Transaction, muted: Mute) -> int:
    """Take back the notifications of alerts that nobody was told of yet."""
    waiting = (
        select(NotificationRow, AlertRow)
        .join(AlertRow, AlertRow.id == NotificationRow.alert_id)
        .where(AlertRow.organization == muted.organization, is_untold())
        .with_for_update(of=NotificationRow)
    )
    withheld = 0
    for notification, alert in tx.execute(waiting).all():
        if muted.silences(alert.kind, Level(alert.level), muted.made_at):
            tx.delete(notification)
            withheld += 1
    tx.flush()
    return withheld


def unmute(tx: Transaction, organization: str) -> bool:
    """End a mute; False where there was none."""
    ended = delete(MuteRow).where(MuteRow.organization == organization).returning(MuteRow.organization)
    return tx.scalar(ended) is not None


def mutes(tx: Transaction, now: datetime) -> tuple[Mute, ...]:
    """Return the mutes that are in force."""
    query = (
        select(MuteRow, OrganizationRow.name)
        .join(OrganizationRow, OrganizationRow.key == MuteRow.organization)
        .order_by(MuteRow.organization)
    )
    found = (_value(row, name) for row, name in tx.execute(query))
    return tuple(one for one in found if one.until is None or one.until > now)


def is_muted(tx: Transaction, alert: Alert) -> bool:
    """Tell whether nobody is to be told; a changed cadence ends a mute that was to last until then, and is told."""
    row = tx.get(MuteRow, alert.organization) if alert.organization else None
    if row is None:
        return False
    if _value(row).silences(alert.kind, alert.level, alert.raised_at):
        return True
    if row.until is None:
        tx.delete(row)
    return False


def _value(row: MuteRow, name: str = "") -> Mute:
    return Mute(row.organization, row.until, row.made_at, row.made_by, name)
