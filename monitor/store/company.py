"""Read what the others did since an organisation changed its pace."""

from datetime import datetime

from monitor.core.cadence.panel import Member
from monitor.core.cadence.state import CadenceState
from monitor.core.companions import Companions, companions
from monitor.core.types import Budgets
from monitor.store import Transaction
from monitor.store.cadence import organization_cadences, panel


def company(
    tx: Transaction, organization: str, cadence: CadenceState, budgets: Budgets, now: datetime
) -> Companions | None:
    """Return whether an organisation with this cadence, which is not written yet, changed alone; None without a change.

    The others are taken as they were judged last.
    """
    cadences = {one.key: one for one in organization_cadences(tx, (), budgets, now)}
    own = cadences.get(organization)
    if own is None or cadence.baseline is None:
        return None
    members = panel(cadences.values(), now) | {organization: Member.of(cadence, own.record(now))}
    countries = {key: one.country for key, one in cadences.items()}
    return companions(organization, countries, members, cadence.last_tick)
