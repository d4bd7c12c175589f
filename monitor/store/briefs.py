"""Read the week for the weekly brief, and raise it once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from monitor.core.brief import WEEK, Pulse, Week, brief_message
from monitor.core.cadence.budget import expected_false_alerts_per_month
from monitor.core.history import Rules
from monitor.core.routing import BRIEF
from monitor.core.standing import health_alert
from monitor.core.telling import Alert, AlertKind
from monitor.core.types import Budgets, ChangeKind, Direction, Level, Regime
from monitor.store import Transaction
from monitor.store.asking import organization_names
from monitor.store.cadence import OrganizationCadence, organization_cadences
from monitor.store.cadence_rows import verdict_row
from monitor.store.health import account_health
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow, ChangeRow

# Begins the keys of these alerts.
_KEY = f"{BRIEF}:"

# A brief that could not be raised for so long is not made up for.
_LATEST = timedelta(days=2)


def due_brief(tx: Transaction, rules: Rules, now: datetime) -> Alert | None:
    """Return the weekly brief if its time has come; its key makes it one a week, whoever raises it.

    An installation that is younger than that time has nothing to tell yet.
    """
    due = rules.timetable.last_brief(now)
    if due is None or now - due > _LATEST:
        return None
    key = f"{_KEY}{due:%Y-%m-%d}"
    began = tx.scalar(select(func.min(AlertRow.raised_at)).where(AlertRow.key == "hello"))
    told_until = _told_until(tx, now)
    # In another time zone the same Monday may be due the day before the one that was told.
    is_told = told_until is not None and told_until >= due
    is_told = is_told or tx.scalar(select(AlertRow.id).where(AlertRow.key == key)) is not None
    if is_told or began is None or began > due:
        return None
    message = brief_message(read_week(tx, rules.budgets, now, told_until))
    return replace(health_alert(key, message, now), topic=BRIEF)


def _told_until(tx: Transaction, now: datetime) -> datetime | None:
    """Return when the brief before was raised, where it was the last one due; it may have been late."""
    told_at = tx.scalar(select(func.max(AlertRow.raised_at)).where(AlertRow.key.startswith(_KEY)))
    return told_at if told_at and now - told_at < 2 * WEEK else None


def read_week(tx: Transaction, budgets: Budgets, now: datetime, since: datetime | None = None) -> Week:
    """Return what happened in the week up to now; changes and withdrawals after `since`, where that is given."""
    since = since or now - WEEK
    names = organization_names(tx)
    cadences = organization_cadences(tx, (), budgets, now)
    return Week(
        until=now,
        pulses=tuple(_pulse(one, names, budgets, now) for one in cadences),
        accounts=account_health(tx),
        changes=_crossings(tx, Level.ALERT, since),
        possible=_crossings(tx, Level.WATCHING, since, but=Direction.SILENT),
        withdrawn=tuple(
            tx.scalars(
                select(ChangeRow.repo)
                .where(ChangeRow.kind == ChangeKind.WITHDRAWN.value, ChangeRow.seen_at > since)
                .order_by(ChangeRow.id)
            )
        ),
        false_alerts=expected_false_alerts_per_month(len(cadences), budgets.alert),
    )


def _crossings(
    tx: Transaction, level: Level, since: datetime, but: Direction | None = None
) -> tuple[str, ...]:
    """Return what was told of cadences at a level, but for one direction; what is over by now is not.

    That somebody releases again is over as soon as it is told, and stays news.
    """
    is_news = or_(AlertRow.resolved_at.is_(None), AlertRow.direction == Direction.RESUMED.value)
    rows = tx.scalars(
        select(AlertRow)
        .where(AlertRow.direction != (but.value if but else ""))
        .where(AlertRow.kind == AlertKind.CADENCE.value, AlertRow.level == level.value)
        .where(AlertRow.raised_at > since, is_news)
        .order_by(AlertRow.id)
    )
    return tuple(message_value(row.message).title for row in rows)


def _pulse(cadence: OrganizationCadence, names: Mapping[str, str], budgets: Budgets, now: datetime) -> Pulse:
    row = verdict_row(cadence, budgets, now)
    shorter, _, gaps = (row["gap_rank"] or "").partition(" of ")
    return Pulse(
        key=cadence.key,
        name=names.get(cadence.key, cadence.key),
        launches=cadence.launches,
        regime=Regime(row["regime"]),
        level=Level(row["level"]) if row["level"] else None,
        since=row["since"].date() if row["since"] else None,
        per_month=row["rate_per_month"],
        days_since_last=row["days_since_last"],
        rank=(int(shorter), int(gaps)) if gaps else None,
    )
