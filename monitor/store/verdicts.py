"""Read the verdict on each organisation's cadence, compared with how its group fares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.companions import companions
from monitor.core.types import Budgets
from monitor.store import Transaction
from monitor.store.cadence import OrganizationCadence, compared_with, organization_cadences, panel
from monitor.store.cadence_rows import JsonRow, verdict_row


@dataclass(frozen=True, slots=True)
class Judged:
    """An organisation's rhythm, and its row of `cadence`."""

    cadence: OrganizationCadence
    row: JsonRow


def verdicts(tx: Transaction, keys: Sequence[str], budgets: Budgets, now: datetime) -> list[Judged]:
    """Return the verdicts on these organisations; on all that are watched where none is named."""
    cadences = organization_cadences(tx, keys, budgets, now)
    known = [*cadences, *compared_with(tx, cadences, budgets, now)] if keys else cadences
    countries, members = {one.key: one.country for one in known}, panel(known, now)
    yesterday = now.date() - timedelta(days=1)
    return [
        Judged(one, verdict_row(one, budgets, now, companions(one.key, countries, members, yesterday)))
        for one in cadences
    ]
