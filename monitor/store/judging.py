"""What judging a cadence reads and writes: whose days have ended, an organisation's past, and the judgement."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from monitor.core.cadence.fleet import Fleet, learn_fleet
from monitor.core.cadence.state import CadenceState, read_own
from monitor.core.globs import is_watched
from monitor.core.history import Rules
from monitor.core.judge import Judgement, Past
from monitor.core.releases import regroup
from monitor.core.types import WITNESSES, Organization
from monitor.store import Transaction
from monitor.store.alerts import open_cadence, raise_alerts, resolve_cadence
from monitor.store.blindness import is_expected
from monitor.store.corrections import corrections_of
from monitor.store.counting import unseen_days
from monitor.store.repos import known_repos
from monitor.store.tables import AccountRow, OrganizationRow

_A_DAY = timedelta(days=1)


def due(tx: Transaction, organizations: Iterable[str], now: datetime, *, baselines: bool) -> tuple[str, ...]:
    """Return the organisations to judge: something was released, or a day has ended for all their accounts.

    While an account cannot be seen nothing is said of its organisation. Without `baselines` none that has no cadence
    yet, until a day ends.
    """
    query = (
        select(
            OrganizationRow.key,
            OrganizationRow.unjudged,
            OrganizationRow.judged_until,
            OrganizationRow.cadence.is_(None).label("is_new"),
            func.min(AccountRow.listed_at).label("listed_at"),
            func.count(AccountRow.blind_since).label("blind"),
        )
        .join(AccountRow, AccountRow.organization == OrganizationRow.key)
        .where(OrganizationRow.watched, AccountRow.watched, AccountRow.listed_at.is_not(None))
        .where(AccountRow.hub.not_in(WITNESSES), is_expected(now))
        .group_by(OrganizationRow.key)
        .order_by(OrganizationRow.key)
    )
    wanted = set(organizations)
    return tuple(
        row.key
        for row in tx.execute(query)
        if row.key in wanted
        and not row.blind
        and (
            (row.unjudged and (baselines or not row.is_new))
            or _has_ended(row.judged_until, row.listed_at)
            or _is_ahead(row.judged_until, now)
        )
    )


def _has_ended(judged_until: date | None, listed_at: datetime) -> bool:
    """Tell whether a day after the last one that was decided about has ended for every account."""
    return judged_until is None or listed_at.date() - _A_DAY > judged_until


def _is_ahead(judged_until: date | None, now: datetime) -> bool:
    """Tell whether days were decided about that have not come: the clock was wrong then."""
    return judged_until is not None and judged_until > now.date()


def load_past(tx: Transaction, organization: Organization, fleet: Fleet, now: datetime) -> Past | None:
    """Return what is known of an organisation; None while an account is blind, or none was ever seen."""
    key = organization.key
    accounts = tx.scalars(
        select(AccountRow).where(
            AccountRow.organization == key,
            AccountRow.watched,
            AccountRow.listed_at.is_not(None),
            AccountRow.hub.not_in(WITNESSES),
            is_expected(now),
        )
    ).all()
    if not accounts or any(account.blind_since for account in accounts):
        return None
    row = tx.get_one(OrganizationRow, key)
    known = known_repos(tx, key)
    repos = (k for k in known if is_watched(organization, k.repo.name))
    if _is_ahead(row.judged_until, now):
        row.cadence, row.judged_until = None, now.date() - _A_DAY
    return Past(
        organization=organization,
        releases=regroup(repos, corrections_of(tx, key)),
        listed_at=min(account.listed_at for account in accounts if account.listed_at),
        cadence=CadenceState.from_json(row.cadence) if row.cadence else None,
        silent_until=row.judged_until,
        unseen=unseen_days(tx, key, now),
        fleet=fleet,
        watched_since=min((k.first_seen_at.date() for k in known if not k.is_witness), default=None),
        open_alerts=open_cadence(tx, key),
    )


def record(tx: Transaction, past: Past, judgement: Judgement, rules: Rules, now: datetime) -> None:
    """Write a judgement, in the caller's one transaction."""
    row = tx.get_one(OrganizationRow, past.organization.key)
    row.unjudged = False
    row.judged_until = past.listed_at.date() - _A_DAY
    if judgement.cadence is None:
        return
    row.cadence = judgement.cadence.to_json()
    row.dispersion = judgement.cadence.own.phi if judgement.cadence.own else None
    row.judged_until = judgement.cadence.last_tick
    raise_alerts(tx, judgement.alerts, rules)
    resolve_cadence(tx, past.organization.key, judgement.open_alerts, now)


def fleet(tx: Transaction) -> Fleet:
    """Return what the watched organisations have in common."""
    query = select(OrganizationRow.cadence["own"]).where(
        OrganizationRow.watched, OrganizationRow.dispersion.is_not(None)
    )
    return learn_fleet(map(read_own, tx.scalars(query)))
