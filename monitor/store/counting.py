"""Read what the analyst's table counts."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from monitor.core.counts import Counted
from monitor.store import Transaction
from monitor.store.tables import AccountRow, BlindSpotRow, OrganizationRow, ReleaseRow, RepoRow


def counted_releases(tx: Transaction) -> list[Counted]:
    """Return every dated release; those from before the hub knew dates cannot be placed."""
    query = (
        select(ReleaseRow.organization, ReleaseRow.released_at, ReleaseRow.basis, func.count(RepoRow.id))
        .join(RepoRow, RepoRow.release_id == ReleaseRow.id)
        .where(ReleaseRow.released_at.is_not(None))
        .group_by(ReleaseRow.id, ReleaseRow.organization, ReleaseRow.released_at, ReleaseRow.basis)
    )
    return [Counted(key, at.date(), basis, repos) for key, at, basis, repos in tx.execute(query) if at]


def blind_stretches(tx: Transaction, now: datetime) -> Mapping[str, list[tuple[date, date]]]:
    """Return the first and last day of each stretch of whole days that an account of an organisation was not seen."""
    query = select(AccountRow.organization, BlindSpotRow.began_at, BlindSpotRow.ended_at).join(
        AccountRow, AccountRow.id == BlindSpotRow.account_id
    )
    stretches: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for organization, began_at, ended_at in tx.execute(query):
        first = (began_at - timedelta(microseconds=1)).date() + timedelta(days=1)
        last = (ended_at or now).date() - timedelta(days=1)
        if first <= last:
            stretches[organization].append((first, last))
    return stretches


def groups(tx: Transaction, kind: str) -> dict[str, list[str]]:
    """Return the groups of each organisation: itself, its country, or `kind` for the members of that group."""
    rows = tx.execute(select(OrganizationRow.key, OrganizationRow.country, OrganizationRow.groups))
    if kind == "organization":
        return {key: [key] for key, _, _ in rows}
    if kind == "country":
        return {key: [country or "?"] for key, country, _ in rows}
    return {key: [kind] for key, _, members in rows if kind in members}
