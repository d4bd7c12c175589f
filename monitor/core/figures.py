"""The plain figures beside a verdict: launches in this half-year and the last, and what their dates are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.core.cadence.record import Timeline
from monitor.core.cadence.state import CadenceState, regime_start

HALF_YEAR = 183  # days


@dataclass(frozen=True, slots=True)
class HalfYears:
    """Launches in the 183 days up to today, and in the 183 before; and how many of those days could not be seen."""

    launches: int
    launches_before: int
    blind_days: int
    blind_days_before: int

    def __str__(self) -> str:
        return f"{self.launches}, was {self.launches_before}"


def half_years(launches: Sequence[date], line: Timeline, today: date) -> HalfYears:
    """Count an organisation's launches (one day each, repeats included) by half-years, today the last day of one."""
    day = today.toordinal()
    ages = [day - launch.toordinal() for launch in launches]
    return HalfYears(
        launches=sum(0 <= age < HALF_YEAR for age in ages),
        launches_before=sum(HALF_YEAR <= age < 2 * HALF_YEAR for age in ages),
        blind_days=line.blind_days(day - HALF_YEAR, day),
        blind_days_before=line.blind_days(day - 2 * HALF_YEAR, day - HALF_YEAR),
    )


def evidence_since(state: CadenceState, line: Timeline) -> date | None:
    """Return the first day that today's verdict rests on; None before the first release day.

    A change that is open, or possible, is told by what was before it.
    """
    if state.baseline is None:
        return None
    decided = state.last_tick.toordinal()
    change = state.change
    if change is not None and change.changed_on is not None:
        begun = regime_start(state.spells, change.changed_on.toordinal() - 2)
        if begun is not None:
            return date.fromordinal(max(begun, line.horizon(decided)) + 1)
    return date.fromordinal(state.start(line, decided) + 1)


def creation_dates(since: date | None, watched_since: date | None) -> str | None:
    """Say how dates are to be read where evidence from `since` on reaches back before we watched; else None.

    What had been deleted or made private by the day of the first look cannot be known.
    """
    if since is None or watched_since is None or since >= watched_since:
        return None
    return f"dates before {watched_since} are creation dates of what was still public"
