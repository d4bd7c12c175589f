"""Build the chart of an organisation's launches by month, with the regimes of its cadence."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitor.core.cadence.state import Crossing, Rate, Spell, enter
from monitor.core.telling import Chart, Pace
from monitor.core.types import Basis, Direction, Level, Organization, Regime, Release, Weights

MONTHS = 18  # as far back as the cadence compares

_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_COMPARED = (Direction.FASTER, Direction.SLOWER)


def launch_chart(
    organization: Organization,
    releases: Iterable[Release],
    today: date,
    *,
    spells: Sequence[Spell] = (),
    crossing: Crossing | None = None,
    rate: Rate | None = None,
    unseen: Iterable[tuple[date, date]] = (),
) -> Chart | None:
    """Chart an organisation's releases, see `cadence_chart`; None where no launch of the last months has a date."""
    days = _launch_days(releases, today)
    return cadence_chart(
        organization.name, days, today, spells=spells, crossing=crossing, rate=rate, unseen=unseen
    )


def cadence_chart(
    name: str,
    days: Sequence[date],
    today: date,
    *,
    spells: Sequence[Spell] = (),
    crossing: Crossing | None = None,
    rate: Rate | None = None,
    unseen: Iterable[tuple[date, date]] = (),
) -> Chart | None:
    """Chart the last 18 months up to the end of today; None where no launch is in them.

    `days` has the day of each launch in order, repeats included, `crossing` is the change that the chart is to show,
    `rate` the pace now where the last spell has none of its own, `unseen` are stretches, [from, to), in which an
    account could not be seen.
    """
    calendar = _Calendar.of(days, today)
    if calendar is None:
        return None
    changed_on = crossing.changed_on if crossing else None
    shown = changed_on if changed_on and changed_on >= calendar.first else None
    is_compared = crossing is not None and shown is not None and crossing.direction in _COMPARED
    chart = Chart(
        title=f"{name}: launches a month",
        months=tuple(f"{month:%Y-%m}" for month in calendar.months),
        launches=calendar.counts(days),
        release_days=calendar.counts(set(days)),
        until=calendar.until,
        paces=_paces(_with(tuple(spells), crossing), calendar, rate),
        changed_at=calendar.place(shown) if shown else None,
        change=_change(crossing) if crossing and shown else "",
        since=calendar.counts(day for day in days if shown and day >= shown) if is_compared else (),
        blind=calendar.stretches(unseen),
    )
    return replace(chart, described=_described(chart, crossing if shown else None))


def month_name(month: str) -> str:
    """Write a month as people do.

    >>> month_name("2025-07")
    'July 2025'
    """
    return f"{_NAMES[int(month[5:]) - 1]} {month[:4]}"


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The months of a chart by their first days, and the first day of which nothing is known yet."""

    months: tuple[date, ...]
    end: date

    @classmethod
    def of(cls, days: Sequence[date], today: date) -> "_Calendar | None":
        """Take 18 months up to today's, or those since the first launch; None without a launch in them."""
        last = today.replace(day=1)
        months = [_months_before(last, back) for back in range(MONTHS - 1, -1, -1)]
        recent = [day for day in days if day >= months[0]]
        if not recent:
            return None
        start = months[0] if days[0] < months[0] else recent[0].replace(day=1)
        return cls(tuple(month for month in months if month >= start), today + timedelta(1))

    @property
    def first(self) -> date:
        return self.months[0]

    @property
    def until(self) -> float:
        return self.place(self.end)

    def place(self, day: date) -> float:
        """Return how many months after the first day of the chart a day begins."""
        months = (day.year - self.first.year) * 12 + day.month - self.first.month
        return round(months + (day.day - 1) / monthrange(day.year, day.month)[1], 3)

    def counts(self, days: Iterable[date]) -> tuple[int, ...]:
        """Count the days in each month."""
        found = [day.replace(day=1) for day in days]
        return tuple(found.count(month) for month in self.months)

    def stretches(self, unseen: Iterable[tuple[date, date]]) -> tuple[tuple[float, float], ...]:
        """Place stretches, [from, to), as far as they lie in the chart; those that overlap or touch are one."""
        placed: list[tuple[float, float]] = []
        for begin, end in sorted(unseen):
            low, high = self.clipped(begin, end)
            if placed and low <= placed[-1][1]:
                placed[-1] = (placed[-1][0], max(high, placed[-1][1]))
            elif low < high:
                placed.append((low, high))
        return tuple(placed)

    def clipped(self, begin: date, end: date | None) -> tuple[float, float]:
        """Place a stretch, [begin, end), inside the chart; it is empty or turned round where it lies outside."""
        return self.place(max(begin, self.first)), self.place(min(end or self.end, self.end))


def _months_before(first: date, back: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 - back, 12)
    return date(year, month + 1, 1)


def _launch_days(releases: Iterable[Release], today: date) -> list[date]:
    """Return the day of each launch that the cadence counts, in order; one day may stand there several times."""
    found = (
        release.released_at.date()
        for release in releases
        if release.released_at and release.basis is not Basis.UNKNOWN
        if release.weights is not Weights.PENDING
    )
    return sorted(day for day in found if day <= today)


def _with(spells: tuple[Spell, ...], crossing: Crossing | None) -> tuple[Spell, ...]:
    """Enter the crossing, which may be a possible change only, as if it were a spell: spells are called changes."""
    if crossing is None or crossing.changed_on is None:
        return spells
    known = spells or (Spell(Regime.LEARNING, date.min),)
    if crossing.direction is Direction.RESUMED:
        return enter(known, Regime.STEADY, crossing.changed_on)
    return enter(known, Regime(crossing.direction), crossing.changed_on, crossing.before, crossing.after)


def _paces(spells: Sequence[Spell], calendar: _Calendar, rate: Rate | None) -> tuple[Pace, ...]:
    """Place each spell that has a rate; in a silence there is none to be drawn."""
    paces: list[Pace] = []
    for spell, own in zip(spells, _rates(spells, rate), strict=True):
        low, high = calendar.clipped(spell.since, spell.until)
        if own is None or spell.regime is Regime.SILENT or low >= high:
            continue
        pace = Pace(low, high, own.per_month, own.low, own.high, spell.regime.value)
        if paces and _is_same(paces[-1], pace):
            pace = replace(pace, start=paces.pop().start)
        paces.append(pace)
    return tuple(paces)


def _is_same(former: Pace, pace: Pace) -> bool:
    return (former.end, former.rate, former.low) == (pace.start, pace.rate, pace.low)


def _rates(spells: Sequence[Spell], now: Rate | None) -> list[Rate | None]:
    """Return the rate of each spell: "steady" goes on with the pace before it, and tells it where that is not known.

    The last spell has the rate of now, if that is given.
    """
    rates = [spell.rate for spell in spells]
    if rates and now:
        rates[-1] = now
    for index in range(len(spells) - 1, 0, -1):  # learning, then steady: one pace, measured at its end
        if spells[index].regime is Regime.STEADY and spells[index - 1].rate is None:
            rates[index - 1] = rates[index]
    known: Rate | None = None
    for index, spell in enumerate(spells):
        rates[index] = rates[index] or known
        known = known if spell.regime is Regime.SILENT else rates[index]
    return rates


def _change(crossing: Crossing) -> str:
    if crossing.direction is Direction.RESUMED:
        return f"resumed {crossing.changed_on}"
    possibly = "possibly " if crossing.level is Level.WATCHING else ""
    return f"{possibly}{crossing.direction} since {crossing.changed_on}"


def _described(chart: Chart, crossing: Crossing | None) -> str:
    """Say in a sentence what the chart shows."""
    months = [month_name(month) for month in (chart.months[0], chart.months[-1])]
    span = f"from {months[0]} to {months[1]}" if len(chart.months) > 1 else f"in {months[1]}"
    said = [f"Launches a month {span}, {_numbers(chart)}", *_told(chart, crossing)]
    if chart.blind:
        said.append("part of the time could not be seen")
    return "; ".join(said) + "."


def _numbers(chart: Chart) -> str:
    """Say how many launches whole months had, before and since the change where there is one."""
    if not chart.since or chart.changed_at is None:
        return _range(chart.launches[:-1] or chart.launches)
    before = [count for place, count in enumerate(chart.launches) if place + 1 <= chart.changed_at]
    whole = [count for place, count in enumerate(chart.launches[:-1]) if place >= chart.changed_at]
    after = _range(whole) if whole else f"{sum(chart.since)} in all"
    return f"{_range(before)} before the change and {after} since" if before else f"{after} since the change"


def _told(chart: Chart, crossing: Crossing | None) -> list[str]:
    if crossing is None:
        last = chart.paces[-1] if chart.paces else None
        return [f"the pace is {last.rate:.1f} release days a month"] if last else []
    if not (chart.since and crossing.before and crossing.after):
        return [chart.change]
    verb = "may have changed" if crossing.level is Level.WATCHING else "changed"
    rates = f"from {crossing.before.per_month:.1f} to {crossing.after.per_month:.1f} release days a month"
    return [f"the pace {verb} {rates} on {crossing.changed_on}"]


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low} to {high}" if low != high else f"{low or 'none'}"
