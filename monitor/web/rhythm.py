"""What the page of an organisation shows of its rhythm: the chart, the gaps, and what other budgets would have told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from monitor.charts.drawing import svg
from monitor.core.cadence.backtest import Row, replay
from monitor.core.cadence.record import Timeline
from monitor.core.cadence.verdict import regime_rate
from monitor.core.launch_chart import cadence_chart
from monitor.core.replays import Compared, compare
from monitor.core.types import Budgets
from monitor.store import Transaction
from monitor.store.cadence import OrganizationCadence
from monitor.store.recorded import recorded

_GAPS = 12

# The chances of a false alarm a year that can be tried, with the chance at which a change is possible.
BUDGETS = {"0.01": Budgets(0.01, 0.05), "0.05": Budgets(0.05, 0.20), "0.20": Budgets(0.20, 0.40)}


@dataclass(frozen=True, slots=True)
class Gap:
    """Days between two release days, the second one None while the gap is open."""

    begin: date
    end: date | None
    days: int


def drawing(name: str, cadence: OrganizationCadence, now: datetime) -> str | None:
    """Return the chart of an organisation's rhythm for a page; None where no launch of 18 months has a date."""
    state, record = cadence.state, cadence.record(now)
    chart = cadence_chart(
        name,
        [day for day in cadence.launches if day <= now.date()],
        now.date(),
        spells=state.spells if state else (),
        crossing=(state.change or state.incident) if state else None,
        rate=regime_rate(state, Timeline.of(record)) if state and state.spells else None,
        unseen=record.blind,
    )
    return svg(chart, in_page=True) if chart else None


def gaps(launches: Sequence[date], today: date) -> tuple[list[Gap], int]:
    """Return the latest gaps between release days, the open one first, and the longest of all in days."""
    days = sorted(set(launches))
    closed = [Gap(begin, end, (end - begin).days) for begin, end in pairwise(days)]
    opened = [Gap(days[-1], None, (today - days[-1]).days)] if days else []
    longest = max((gap.days for gap in (*closed, *opened)), default=0)
    return [*opened, *reversed(closed)][:_GAPS], longest


def replays(tx: Transaction, present: Budgets, now: datetime) -> dict[str, list[Compared]]:
    """Return what each of the budgets would have told of everybody, compared with the present ones.

    Twenty organisations over four years take some seconds.
    """
    past = recorded(tx, (), now)

    def told(budgets: Budgets) -> list[Row]:
        return [row for day in replay(past.days, now.date(), budgets, past.blind) for row in day.rows]

    usual = told(present)
    return {name: compare(usual, usual if one == present else told(one)) for name, one in BUDGETS.items()}
