"""Read what the analyst's table counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import extract, func, or_, select

from monitor.core.contributions import Watched
from monitor.core.count_rows import CountTable
from monitor.core.count_rows import count_table as _table
from monitor.core.counts import NO_COUNTRY, By, Counted
from monitor.core.types import WITNESSES, Weights
from monitor.store import Transaction
from monitor.store.blindness import GIVEN_UP, GONE, unseen_since
from monitor.store.tables import AccountRow, BlindSpotRow, OrganizationRow, ReleaseRow, RepoRow

_A_DAY = 24 * 60 * 60  # seconds


def count_table(tx: Transaction, groups: Mapping[str, Sequence[str]], every: By, now: datetime) -> CountTable:
    """Return the rows of `counts` for the groups of each organisation, as `groups` returns them."""
    blind = blind_stretches(tx, now)
    for key, stretches in unasked_stretches(tx, now).items():
        blind[key] += stretches
    return _table(counted_releases(tx), blind, groups, watched(tx), every, now.date())


def counted_releases(tx: Transaction) -> list[Counted]:
    """Return every dated release; those from before the hub knew dates cannot be placed."""
    query = (
        select(ReleaseRow.organization, ReleaseRow.released_at, ReleaseRow.basis, func.count(RepoRow.id))
        .join(RepoRow, RepoRow.release_id == ReleaseRow.id)
        .where(ReleaseRow.released_at.is_not(None), ReleaseRow.weights != Weights.PENDING.value)
        .where(RepoRow.hub.not_in(WITNESSES))
        .group_by(ReleaseRow.id, ReleaseRow.organization, ReleaseRow.released_at, ReleaseRow.basis)
    )
    return [Counted(key, at.date(), basis, repos) for key, at, basis, repos in tx.execute(query) if at]


def blind_stretches(
    tx: Transaction, now: datetime, organization: str | None = None
) -> defaultdict[str, list[tuple[date, date]]]:
    """Return the first and last day of each stretch of whole days that an account of an organisation was not seen.

    Of one organisation, or of all. Accounts on witnesses do not count: without them a release is seen all the same.
    """
    columns = AccountRow.organization, BlindSpotRow.began_at, BlindSpotRow.ended_at, AccountRow.trouble
    query = select(*columns).join(AccountRow, AccountRow.id == BlindSpotRow.account_id)
    # Most are shorter than a day, and hide none.
    seconds = extract("epoch", BlindSpotRow.ended_at) - extract("epoch", BlindSpotRow.began_at)
    query = query.where(
        AccountRow.hub.not_in(WITNESSES), or_(BlindSpotRow.ended_at.is_(None), seconds >= _A_DAY)
    )
    if organization is not None:
        query = query.where(AccountRow.organization == organization)
    stretches = defaultdict[str, list[tuple[date, date]]](list)
    for key, began_at, ended_at, trouble in tx.execute(query):
        lasts_until = min(now, began_at + GIVEN_UP) if trouble in GONE else now
        stretches[key] += whole_days(began_at, ended_at or lasts_until)
    return stretches


def unasked_stretches(tx: Transaction, now: datetime) -> defaultdict[str, list[tuple[date, date]]]:
    """Return the same of the accounts that nobody asks any more: the monitor has been down since they were listed.

    It will be a blind spot when it runs again.
    """
    query = select(AccountRow).where(
        AccountRow.watched, AccountRow.blind_since.is_(None), AccountRow.hub.not_in(WITNESSES)
    )
    stretches = defaultdict[str, list[tuple[date, date]]](list)
    for account in tx.scalars(query):
        if since := unseen_since(tx, account, now):
            stretches[account.organization] += whole_days(since, now)
    return stretches


def unseen_days(tx: Transaction, organization: str, now: datetime) -> tuple[tuple[date, date], ...]:
    """Return the stretches of whole days, [from, to), on which an account of the organisation was not seen."""
    return half_open(blind_stretches(tx, now, organization)[organization])


def half_open(stretches: Iterable[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    """Return stretches of days [from, to) for stretches that name their last day."""
    return tuple((first, last + timedelta(days=1)) for first, last in stretches)


def whole_days(began_at: datetime, ended_at: datetime) -> list[tuple[date, date]]:
    """Return the first and last of the days that lie in a stretch as a whole, in a list that is empty without one."""
    first = (began_at - timedelta(microseconds=1)).date() + timedelta(days=1)
    last = ended_at.date() - timedelta(days=1)
    return [(first, last)] if first <= last else []


def groups(tx: Transaction, kind: str) -> dict[str, list[str]]:
    """Return the groups of each organisation that is in one.

    `kind` is "organization" (each by itself), "country", "group" (every group of organizations.toml), "all" (one of
    all), or the name of one group.
    """
    rows = tx.execute(select(OrganizationRow.key, OrganizationRow.country, OrganizationRow.groups))
    found = {key: _groups(kind, key, country, members) for key, country, members in rows}
    return {key: names for key, names in found.items() if names}


def compared_groups(tx: Transaction, kind: str) -> dict[str, list[str]]:
    """Return the same; beside all countries or groups stands everybody, for comparison."""
    found = groups(tx, kind)
    if kind not in ("country", "group"):
        return found
    return {key: [*found.get(key, ()), *names] for key, names in groups(tx, "all").items()}


def _groups(kind: str, key: str, country: str | None, members: list[str]) -> list[str]:
    of_kind = {"organization": [key], "country": [country or NO_COUNTRY], "group": members, "all": ["all"]}
    return of_kind.get(kind, [kind] if kind in members else [])


def watched(tx: Transaction) -> dict[str, Watched]:
    """Return since when each organisation has been watched, and until when; without those of which nothing was seen.

    Watching began with the first look that showed a repository.
    """
    looks = (
        select(RepoRow.organization, func.min(RepoRow.first_seen_at))
        .where(RepoRow.hub.not_in(WITNESSES))
        .group_by(RepoRow.organization)
    )
    ends = (
        select(AccountRow.organization, func.max(AccountRow.unwatched_at))
        .join(OrganizationRow, OrganizationRow.key == AccountRow.organization)
        .where(OrganizationRow.watched.is_(False))
        .group_by(AccountRow.organization)
    )
    until = {key: at.date() for key, at in tx.execute(ends) if at}
    return {key: Watched(at.date(), until.get(key)) for key, at in tx.execute(looks) if at}
