"""Read each organisation's cadence: its state, its launches, when it could be seen, and since when it is watched."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from monitor.core.appearances import hub_name
from monitor.core.cadence.fleet import Fleet
from monitor.core.cadence.onboarding import onboard
from monitor.core.cadence.panel import Member
from monitor.core.cadence.record import Record
from monitor.core.cadence.state import CadenceState
from monitor.core.cadence.verdict import Verdict, verdict
from monitor.core.types import WITNESSES, Budgets, Weights
from monitor.store import Transaction, judging
from monitor.store.blindness import is_expected, unseen_since
from monitor.store.counting import blind_stretches, half_open, unasked_stretches, watched
from monitor.store.tables import AccountRow, OrganizationRow, ReleaseRow


@dataclass(frozen=True, slots=True)
class OrganizationCadence:
    """What is known of one organisation's rhythm. `last_error` is set where no account was ever seen."""

    key: str
    country: str | None
    watched_since: date | None  # the day of the first look that showed something
    state: CadenceState | None
    released_at: tuple[datetime, ...]  # of every dated release, in order
    hubs: tuple[str, ...]  # on which an account was seen
    is_seen: bool
    blind_since: datetime | None
    unseen: tuple[tuple[date, date], ...]  # stretches of whole days, [from, to), on which polls failed
    last_error: str | None

    @property
    def launches(self) -> tuple[date, ...]:
        """The day of every launch, in order, repeats included."""
        return tuple(at.date() for at in self.released_at)

    def record(self, now: datetime) -> Record:
        """Return its release days and blind stretches; while it cannot be seen, today is blind whenever that began."""
        today = now.date()
        out_of_sight = ((today, today + timedelta(days=1)),) if self.blind_since is not None else ()
        return Record(tuple(sorted(set(self.launches))), (*self.unseen, *out_of_sight))

    def verdict(self, budgets: Budgets, now: datetime) -> Verdict:
        """Say what the cadence is now."""
        return verdict(
            self.state,
            self.record(now),
            budgets,
            now.date(),
            hubs=[hub_name(hub) for hub in self.hubs],
            launches=self.launches,
            blind_since=self.blind_since.date() if self.blind_since else None,
        )


def organization_cadences(
    tx: Transaction, keys: Sequence[str], budgets: Budgets, now: datetime
) -> list[OrganizationCadence]:
    """Return the cadence of these organisations, of all that are watched where none is named.

    One that was not judged yet, because it was just seen for the first time, or corrected, is lived through here.
    """
    query = select(OrganizationRow).order_by(OrganizationRow.key)
    query = query.where(OrganizationRow.key.in_(keys)) if keys else query.where(OrganizationRow.watched)
    expected = set(tx.scalars(select(AccountRow.id).where(is_expected(now))))
    accounts: dict[str, list[AccountRow]] = defaultdict(list)
    for row in tx.scalars(select(AccountRow).where(AccountRow.watched, AccountRow.hub.not_in(WITNESSES))):
        accounts[row.organization].append(row)
    released: dict[str, list[datetime]] = defaultdict(list)
    dates = select(ReleaseRow.organization, ReleaseRow.released_at).where(
        ReleaseRow.released_at.is_not(None), ReleaseRow.weights != Weights.PENDING.value
    )
    for key, at in tx.execute(dates.order_by(ReleaseRow.released_at)):
        if at is not None:
            released[key].append(at)
    rows = tx.scalars(query).all()
    fleet = judging.fleet(tx)
    stretches, unasked, looks = blind_stretches(tx, now), unasked_stretches(tx, now), watched(tx)
    return [
        _lived_through(
            _cadence(
                row,
                # Those that are given up say nothing any more, unless there are no others.
                [one for one in accounts[row.key] if one.id in expected] or accounts[row.key],
                released[row.key],
                half_open((*stretches[row.key], *unasked[row.key])),
                looks[row.key].since if row.key in looks else None,
                lambda account: account.blind_since or unseen_since(tx, account, now),
            ),
            row.judged_until or now.date(),
            fleet,
            budgets,
        )
        for row in rows
    ]


def _lived_through(
    cadence: OrganizationCadence, until: date, fleet: Fleet, budgets: Budgets
) -> OrganizationCadence:
    days = tuple(sorted(set(cadence.launches)))
    if cadence.state is not None or not days:
        return cadence
    return replace(cadence, state=onboard(Record(days, cadence.unseen), fleet, budgets, until))


def _cadence(
    row: OrganizationRow,
    accounts: Sequence[AccountRow],
    released: Sequence[datetime],
    unseen: tuple[tuple[date, date], ...],
    watched_since: date | None,
    blind_since: Callable[[AccountRow], datetime | None],
) -> OrganizationCadence:
    seen = [account for account in accounts if account.listed_at is not None]
    return OrganizationCadence(
        key=row.key,
        country=row.country,
        watched_since=watched_since,
        state=CadenceState.from_json(row.cadence) if row.cadence else None,
        released_at=tuple(released),
        hubs=tuple(sorted({account.hub for account in seen})),
        is_seen=bool(seen),
        unseen=unseen,
        # Also where the monitor itself is down, and has not noted it yet.
        blind_since=min(filter(None, map(blind_since, seen)), default=None),
        last_error=next((account.last_error for account in accounts if account.last_error), None),
    )


def panel(cadences: Iterable[OrganizationCadence], now: datetime) -> dict[str, Member]:
    """Return those that have a cadence as members of a panel, by their keys."""
    return {
        one.key: Member.of(one.state, one.record(now)) for one in cadences if one.state and one.state.baseline
    }


def compared_with(
    tx: Transaction, cadences: Sequence[OrganizationCadence], budgets: Budgets, now: datetime
) -> list[OrganizationCadence]:
    """Return whom these are compared with: everybody watched, but nobody where none of these has an open change."""
    if not any(one.state and (one.state.change or one.state.incident) for one in cadences):
        return []
    return organization_cadences(tx, (), budgets, now)
