"""Note when an account could not be seen, and when it could again: its blind spots."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from monitor.errors import OF_THE_HUB, HubError, Trouble
from monitor.store import Transaction
from monitor.store.tables import AccountRow, BlindSpotRow, HubRow

# A poll that is this late, and later than it was to wait for, was missed because the monitor did not run. An account
# that fails for less was not out of sight: what is found after it is not late, and no blind spot is kept.
DOWNTIME = timedelta(hours=1)

# After a poll that a person or cron asked for nobody is awaited: for so long, a day and what one run may be later than
# another. That hides no whole day, which is what the cadence counts.
UNATTENDED = timedelta(hours=25)

# The reason of a blind spot in which nothing failed and nobody asked.
DOWN = "the monitor was down"

# An account that the hub does not know, or that shows nothing any more, holds up the verdicts on its organisation for
# so long; then it is given up, unless it comes back.
GIVEN_UP = timedelta(days=14)
GONE = (Trouble.NOT_FOUND.value, Trouble.EMPTY.value)


def is_expected(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an account is not given up."""
    return or_(
        AccountRow.blind_since.is_(None),
        AccountRow.blind_since > now - GIVEN_UP,
        AccountRow.trouble.not_in(GONE),
    )


def record_trouble(tx: Transaction, account: int, error: HubError, now: datetime) -> None:
    """Write that an account, by its id, could not be seen: its health and nothing else."""
    row = tx.get_one(AccountRow, account)
    is_first = not row.failures
    row.failures += 1
    row.trouble, row.last_error = error.trouble.value, str(error)
    row.hinted_at = None  # it would have the account asked again at once
    row.blind_since = row.blind_since or row.listed_at or now
    if is_first and row.listed_at is not None:  # what was never seen cannot be out of sight
        tx.add(BlindSpotRow(account_id=row.id, began_at=row.blind_since, reason=str(error)))


def record_pause(tx: Transaction, account: int, now: datetime) -> timedelta:
    """Note that its hub's pause kept an account from being seen; return for how long that went on.

    One that was never seen is not seen since it was first asked for. A trouble of its own says more than a pause.
    """
    row = tx.get_one(AccountRow, account)
    if row.listed_at is None:
        row.blind_since = row.blind_since or now
    if row.trouble is not None and row.trouble not in OF_THE_HUB:
        return timedelta(0)
    return now - (row.blind_since or row.listed_at or now)


def was_missed(
    listed_at: datetime, next_poll_at: datetime, paused_until: datetime | None, now: datetime
) -> bool:
    """Tell whether the poll that was to come next comes so late that nobody was there to make it.

    An account that is due again as soon as it was listed was asked for by hand: no time was said.
    """
    awaited = max(next_poll_at, paused_until or next_poll_at)  # when it was due, or its hub's pause was over
    patience = UNATTENDED if next_poll_at <= listed_at else max(DOWNTIME, awaited - listed_at)
    return now - awaited > patience


def unseen_since(tx: Transaction, row: AccountRow, seen_at: datetime) -> datetime | None:
    """Return since when an account was out of sight before this listing; None where it was not, or not for long."""
    if row.listed_at is None:
        return None
    if row.blind_since is not None:
        return row.blind_since if seen_at - row.blind_since > DOWNTIME else None
    hub = tx.get(HubRow, row.hub)
    paused_until = hub.paused_until if hub else None
    return row.listed_at if was_missed(row.listed_at, row.next_poll_at, paused_until, seen_at) else None


def end_blindness(tx: Transaction, row: AccountRow, seen_at: datetime) -> None:
    """Close the account's blind spot; where nothing failed but nobody asked for long, note one: we were down."""
    if row.blind_since is not None:
        end_blind_spot(tx, row, seen_at)
    elif unseen_since(tx, row, seen_at) is not None:
        tx.add(BlindSpotRow(account_id=row.id, began_at=row.listed_at, ended_at=seen_at, reason=DOWN))
    row.failures, row.trouble, row.last_error = 0, None, None


def end_blind_spot(tx: Transaction, row: AccountRow, now: datetime) -> None:
    """Note that an account is out of sight no longer: it was seen, or nobody looks for it any more.

    A stretch of less than DOWNTIME is not kept: it hides no day, hiccups are many, and an alert tells of a failure
    that repeats.
    """
    row.blind_since = None
    spots = select(BlindSpotRow).where(BlindSpotRow.account_id == row.id, BlindSpotRow.ended_at.is_(None))
    for spot in tx.scalars(spots):
        if now - spot.began_at < DOWNTIME:
            tx.delete(spot)
        else:
            spot.ended_at = now
