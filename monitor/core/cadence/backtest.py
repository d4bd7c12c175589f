"""Replay the past of many organisations, day by day, as if the monitor had watched them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from monitor.core.cadence.evidence import both_limits
from monitor.core.cadence.fleet import learn_fleet
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.regime import begin, tick
from monitor.core.cadence.state import CadenceState, Crossing
from monitor.core.cadence.verdict import verdict
from monitor.core.types import Budgets


@dataclass(frozen=True, slots=True)
class Row:
    """One crossing of one organisation. `raised_at` is 00:00 UTC after the day that decided."""

    organization: str
    crossing: Crossing

    @property
    def raised_at(self) -> datetime:
        """When the monitor would have raised it."""
        return _midnight(self.crossing.decided_on + timedelta(1))

    @property
    def changed_at(self) -> datetime | None:
        """When the new cadence most likely began: 00:00 UTC of that day."""
        return _midnight(self.crossing.changed_on) if self.crossing.changed_on else None


@dataclass(frozen=True, slots=True)
class Lived:
    """A day of a replay: the crossings decided at its end, and the state of each organisation that had a release."""

    day: date
    rows: list[Row]
    states: Mapping[str, CadenceState]


def replay(
    events: Mapping[str, Iterable[date]],
    until: date | None,
    budgets: Budgets,
    blind: Mapping[str, Iterable[tuple[date, date]]] | None = None,
) -> Iterator[Lived]:
    """Yield every day from the first event on; `states` is one mapping, which goes on to change with each day.

    `events` holds release days, in any order and with repeats; `blind` the stretches, [from, to), in which an
    organisation could not be seen. The dispersion of the fleet on a day is learnt from these organisations up to that
    day.
    """
    unseen = blind or {}
    records = {
        name: Record(tuple(sorted(set(days))), tuple(unseen.get(name, ()))) for name, days in events.items()
    }
    lines = {name: Timeline.of(record) for name, record in records.items() if record.release_days}
    if not lines:
        return
    levels = both_limits(budgets)
    last = until.toordinal() if until else max(line.days[-1] for line in lines.values())
    states: dict[str, CadenceState] = {}
    for day in range(min(line.days[0] for line in lines.values()), last + 1):
        fleet = learn_fleet(state.own for state in states.values())
        rows: list[Row] = []
        for name, line in lines.items():
            if line.days[0] == day:
                states[name] = begin(records[name], line, date.fromordinal(day))
            elif line.days[0] < day:
                states[name], crossings = tick(states[name], line, fleet, levels, day)
                rows += [Row(name, crossing) for crossing in crossings]
        yield Lived(date.fromordinal(day), rows, states)


def untold(events: Mapping[str, Iterable[date]], last: Lived, budgets: Budgets) -> dict[str, list[str]]:
    """Return the organisations by what could be told of them after the last day, such as what evidence is lacking."""
    said: dict[str, list[str]] = {}
    for name, days in events.items():
        seen = Record(tuple(sorted({day for day in days if day <= last.day})))
        why = verdict(last.states.get(name), seen, budgets, last.day).why
        said.setdefault(why, []).append(name)
    return said


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
