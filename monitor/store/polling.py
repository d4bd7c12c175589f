"""What polls write: decisions about accounts, seen together, and the leases of those accounts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, delete, select, update

from monitor.core.citations import Citation
from monitor.core.decide import Decision
from monitor.core.history import Rules
from monitor.core.types import WITNESSES, Change, KnownRepo, Listing
from monitor.store import Transaction
from monitor.store.alerts import amend, raise_alerts
from monitor.store.answers import write_answers
from monitor.store.blindness import end_blindness
from monitor.store.bulk import as_texts, is_among
from monitor.store.repos import Rewrite, write_repos
from monitor.store.tables import (
    AccountRow,
    ChangeRow,
    OrganizationRow,
    RepoRow,
    SetAsideRow,
)
from monitor.store.watchlist import Claim

_ORGANIZATION = OrganizationRow.__table__
_ACCOUNT = AccountRow.__table__
_REPO = RepoRow.__table__

# What every poll that brings something new asks: building a statement takes longer than answering it.
# The locks in one order, as everybody who takes several: else two would wait for each other.
_LOCK = (
    select(_ORGANIZATION.c.key)
    .where(is_among(_ORGANIZATION.c.key, "keys"))
    .order_by(_ORGANIZATION.c.key)
    .with_for_update()
)
_IS_OF = OrganizationRow.key == bindparam("of")
_NOTE_LAUNCH = update(OrganizationRow).where(_IS_OF).values(unjudged=True)
_BEGIN_WATCHING = (
    update(OrganizationRow)
    .where(_IS_OF)
    .values(cadence=None, judged_until=bindparam("yesterday"), unjudged=True)
)


_SAME = (
    update(AccountRow)
    .where(AccountRow.id == bindparam("row"), AccountRow.lease_token == bindparam("token"))
    .values(
        listed_at=bindparam("seen_at"),
        next_poll_at=bindparam("next_at"),
        hinted_at=case((AccountRow.hinted_at == bindparam("hint"), None), else_=AccountRow.hinted_at),
        lease_until=None,
        lease_token=None,
    )
)


def lock(tx: Transaction, *organizations: str) -> None:
    """Take the organisations' row locks: the polls of the accounts of each decide one after another."""
    tx.execute(_LOCK, {"keys": as_texts(organizations)}).all()


def hold(tx: Transaction, claims: Iterable[Claim]) -> list[Claim]:
    """Return those of the claims that are still ours, and are until this is written.

    A worker that was paused beyond its lease must not write.
    """
    by_id = {claim.id: claim for claim in claims}
    accounts = select(AccountRow).where(AccountRow.id.in_(by_id)).order_by(AccountRow.id).with_for_update()
    rows = tx.scalars(accounts).all()
    tx.info[AccountRow] = rows  # a session forgets what nobody refers to, and would read it again
    return [by_id[row.id] for row in rows if row.lease_token == by_id[row.id].token]


def renew(tx: Transaction, claim: Claim, until: datetime) -> None:
    """Hold an account longer, for a poll that has more to ask."""
    row = tx.get_one(AccountRow, claim.id)
    if row.lease_token == claim.token:
        row.lease_until = until


@dataclass(frozen=True, slots=True)
class Decided:
    """What one poll decided, and what about.

    `validator` is kept where the same listing again would change nothing. `known` are the organisation's
    repositories as stored.
    """

    claim: Claim
    listing: Listing
    decision: Decision
    validator: str | None
    known: Sequence[KnownRepo]

    @property
    def key(self) -> str:
        """The key of the organisation."""
        return self.claim.account.organization


def record_decisions(tx: Transaction, decided: Sequence[Decided], rules: Rules) -> None:
    """Write everything that polls of as many organisations decided, in the caller's one transaction.

    A listing that is doubted does not count as one: the account was not seen.
    """
    answers = write_answers(tx, [(one.claim.account, _cited(one.decision)) for one in decided])
    write_repos(
        tx,
        [
            Rewrite(one.key, one.known, one.decision.repos, one.decision.releases, ids)
            for one, ids in zip(decided, answers, strict=True)
            if one.decision.repos or one.decision.releases is not None
        ],
    )
    for one, ids in zip(decided, answers, strict=True):
        tx.add_all(_change_row(one.key, change, ids) for change in one.decision.changes)
        amend(tx, one.decision.amended, one.listing.seen_at)
        raise_alerts(tx, one.decision.alerts, rules)
        row = tx.get_one(AccountRow, one.claim.id)
        row.validator = one.validator if one.decision.is_settled else None
        if not one.decision.doubt:
            _take_hint(row, one.claim)
            _write_seen(tx, row, one.listing, one.decision)
    if launched := [{"of": one.key} for one in decided if one.decision.launched]:
        tx.connection().execute(_NOTE_LAUNCH, launched)
    if begun := [_first_day(one) for one in decided if _begins(one)]:
        tx.connection().execute(_BEGIN_WATCHING, begun)


def _cited(decision: Decision) -> Iterator[Citation]:
    """Yield the answers that something came of: what is new, and what changed."""
    yield from (citation for known in decision.repos for citation in known.cites)
    yield from (citation for change in decision.changes for citation in change.cites)


def _change_row(organization: str, change: Change, answers: Mapping[Citation, int]) -> ChangeRow:
    return ChangeRow(
        organization=organization,
        hub=change.hub,
        hub_id=change.hub_id,
        repo=change.repo,
        kind=change.kind.value,
        before=change.before,
        after=change.after,
        detail=change.detail,
        seen_at=change.seen_at,
        answers=[answers[one] for one in change.cites] or None,
    )


def _begins(one: Decided) -> bool:
    """Tell whether the cadence is to be lived through anew, silently up to yesterday: a baseline rewrites the past."""
    is_new = one.decision.is_baseline and not one.decision.doubt
    return is_new and one.claim.account.hub not in WITNESSES


def _first_day(one: Decided) -> dict[str, object]:
    return {"of": one.key, "yesterday": one.listing.seen_at.date() - timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Same:
    """An account that was seen as it was before, and when it is due again."""

    claim: Claim
    seen_at: datetime
    next_poll_at: datetime


def record_same(tx: Transaction, seen: Sequence[Same]) -> None:
    """Write that these accounts were seen as before, all at once, and end their leases; but for those we lost.

    Accounts that failed before, or were not asked for long, are not among them: their blind spots end one by one.
    """
    # In the order of ids, as everybody who writes several accounts: else two would wait for each other.
    rows = [
        {
            "row": one.claim.id,
            "token": one.claim.token,
            "seen_at": one.seen_at,
            "next_at": one.next_poll_at,
            "hint": one.claim.hinted_at,
        }
        for one in sorted(seen, key=lambda one: one.claim.id)
    ]
    if rows:
        tx.connection().execute(_SAME, rows)


def record_seen_again(tx: Transaction, claim: Claim, seen_at: datetime) -> None:
    """Write that an account which could not be seen, or was not asked for long, is as it was before."""
    row = tx.get_one(AccountRow, claim.id)
    end_blindness(tx, row, seen_at)
    row.listed_at = seen_at
    _take_hint(row, claim)


def _take_hint(row: AccountRow, claim: Claim) -> None:
    """Let a hint be done with, unless it came since the claim: it speaks of what this listing may lack."""
    if row.hinted_at == claim.hinted_at:
        row.hinted_at = None


def _write_seen(tx: Transaction, row: AccountRow, listing: Listing, decision: Decision) -> None:
    end_blindness(tx, row, listing.seen_at)
    row.listed_at, row.repos_listed = listing.seen_at, len(listing.repos)
    row.listed_as = listing.listed_as if listing.listed_as != row.name else None
    row.published_at = _newest(row, listing, decision)
    _set_aside(tx, row, listing)


def _newest(row: AccountRow, listing: Listing, decision: Decision) -> datetime | None:
    """Return when the account last published something, as far as sweeping it more often depends on it."""
    if decision.launched:
        return listing.seen_at
    if not decision.is_baseline:
        return row.published_at
    return max((repo.created_at for repo in listing.repos if repo.created_at), default=None)


def give_back(tx: Transaction, claim: Claim, next_poll_at: datetime) -> None:
    """End the lease of an account and say when it is due again."""
    row = tx.get_one(AccountRow, claim.id)
    row.lease_until, row.lease_token = None, None
    row.next_poll_at = next_poll_at


def _set_aside(tx: Transaction, row: AccountRow, listing: Listing) -> None:
    if row.rows_set_aside or listing.set_aside:
        tx.execute(delete(SetAsideRow).where(SetAsideRow.account_id == row.id))
    row.rows_set_aside = len(listing.set_aside)
    tx.add_all(
        SetAsideRow(account_id=row.id, seen_at=listing.seen_at, reason=bad.reason, raw=bad.raw)
        for bad in listing.set_aside
    )
