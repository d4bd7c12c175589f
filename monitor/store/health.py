"""Read how the accounts fare, and what the hello message says."""

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select

from monitor.core.health import NAMED, AccountHealth, hello_alert
from monitor.core.telling import Alert, Link
from monitor.core.types import WITNESSES, Account, Budgets
from monitor.store import Transaction
from monitor.store.cadence import organization_cadences
from monitor.store.tables import AccountRow, AlertRow, OrganizationRow, ReleaseRow, RepoRow

# How many organisations' cadences are lived through for the hello message.
_JUDGED_AT_ONCE = 100


def account_health(tx: Transaction) -> tuple[AccountHealth, ...]:
    """Return the health of every watched account."""
    account = AccountRow.__table__
    query = select(account).where(account.c.watched).order_by(account.c.hub, account.c.name)
    return tuple(
        AccountHealth(
            account=Account(row.organization, row.hub, row.name),
            failures=row.failures,
            trouble=row.trouble,
            last_error=row.last_error,
            blind_since=row.blind_since,
            listed_at=row.listed_at,
        )
        for row in tx.execute(query)
    )


def hello(
    tx: Transaction, accounts: tuple[AccountHealth, ...], budgets: Budgets, now: datetime
) -> Alert | None:
    """Return the hello message once every account was asked for the first time and some could be seen.

    It does not wait for witnesses: a hub may let them be asked within an hour only.
    """
    models = [health for health in accounts if health.account.hub not in WITNESSES]
    asked = all(health.listed_at or health.failures for health in models)
    seen = any(health.listed_at for health in accounts)
    if not (asked and seen) or tx.scalar(select(AlertRow.id).where(AlertRow.key == "hello")) is not None:
        return None
    organizations = len({health.account.organization for health in accounts})
    releases = tx.scalar(select(func.count()).select_from(ReleaseRow)) or 0
    return hello_alert(organizations, accounts, releases, _newest(tx), _regimes(tx, budgets, now), now)


def _newest(tx: Transaction) -> tuple[Link, ...]:
    query = (
        select(ReleaseRow, OrganizationRow.name)
        .join(OrganizationRow, OrganizationRow.key == ReleaseRow.organization)
        .where(ReleaseRow.released_at.is_not(None))
        .order_by(ReleaseRow.released_at.desc())
        .limit(NAMED)
    )
    return tuple(
        Link(f"{name}: {row.name} ({row.released_at:%Y-%m-%d})", _url(tx, row.id))
        for row, name in tx.execute(query)
    )


def _url(tx: Transaction, release_id: int) -> str | None:
    return tx.scalar(
        select(RepoRow.url)
        .where(RepoRow.release_id == release_id)
        .order_by(RepoRow.first_seen_at, RepoRow.created_at)
        .limit(1)
    )


def _regimes(tx: Transaction, budgets: Budgets, now: datetime) -> dict[str, int]:
    """Count the regimes; of a long watch list not at once: it would keep the hello waiting."""
    if (tx.scalar(select(func.count()).select_from(OrganizationRow)) or 0) > _JUDGED_AT_ONCE:
        return {}
    cadences = organization_cadences(tx, (), budgets, now)
    states = [cadence.state for cadence in cadences if cadence.state and cadence.state.spells]
    return dict(Counter(state.spells[-1].regime.value for state in states).most_common())
