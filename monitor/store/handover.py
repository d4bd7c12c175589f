"""Hand an account's history over to another organisation: its key was renamed, or the account changed hands."""

import re

from sqlalchemy import func, select, update

from monitor.store import Transaction, corrections
from monitor.store.tables import AccountRow, AlertRow, ChangeRow, OrganizationRow, ReleaseRow, RepoRow


def hand_over(tx: Transaction, account: AccountRow, to: str) -> None:
    """Give the account, its repositories and what is told of them to the organisation `to`.

    1. Releases that lie in the account as a whole go with it and keep their ids; of the others, its part is
       grouped anew at the next poll.
    2. Where it was the last account of its organisation, the key was renamed: the cadence alerts go as well.
    3. What people corrected goes with the repositories that it is about.
    4. Both cadences are lived through again, silently, from the first release; the cards of both are made anew.

    The caller holds the locks of both organisations and of the account: polls of either wait until this is written.
    """
    former = account.organization
    in_account = (RepoRow.hub == account.hub) & (RepoRow.account == account.name)
    ids = select(RepoRow.hub_id).where(in_account)
    shared = select(RepoRow.release_id).where(~in_account, RepoRow.release_id.is_not(None))
    whole = list(
        tx.scalars(select(RepoRow.release_id).where(in_account, RepoRow.release_id.not_in(shared)).distinct())
    )
    tx.execute(
        update(RepoRow).where(in_account, RepoRow.release_id.in_(shared)).values(release_id=None),
        execution_options={"synchronize_session": False},
    )
    moves = (
        (RepoRow, in_account),
        (ReleaseRow, ReleaseRow.id.in_(whole)),
        (ChangeRow, (ChangeRow.hub == account.hub) & ChangeRow.hub_id.in_(ids)),
        (AlertRow, AlertRow.release_id.in_(whole)),
    )
    for table, condition in moves:
        tx.execute(update(table).where(condition).values(organization=to))
    account.organization = to
    account.lease_token = account.lease_until = None  # a poll under way decides for the former organisation
    tx.flush()
    corrections.hand_over(tx, former, to)
    left = tx.scalar(select(func.count()).select_from(AccountRow).where(AccountRow.organization == former))
    if not left:
        _rename_alerts(tx, former, to)
    tx.execute(
        update(OrganizationRow).where(OrganizationRow.key.in_((former, to))).values(cadence=None, cards=0)
    )
    tx.execute(update(AccountRow).where(AccountRow.organization.in_((former, to))).values(validator=None))


def _rename_alerts(tx: Transaction, former: str, to: str) -> None:
    """Let the alerts of an organisation follow its key; those of its cadence carry it in theirs."""
    for row in tx.scalars(select(AlertRow).where(AlertRow.organization == former)):
        row.organization = to
        row.key = re.sub(f"^cadence:{re.escape(former)}:", f"cadence:{to}:", row.key)
