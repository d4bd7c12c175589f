"""Say the week in one message: who released what, whose cadence changed, who is quiet, and that all was seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.core.appearances import duration, hub_name, listed
from monitor.core.health import AccountHealth
from monitor.core.sparkline import monthly, sparkline
from monitor.core.telling import Link, Message
from monitor.core.text import counted
from monitor.core.types import Level, Regime

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)

# As many organisations have a line each, where there are more of which there is something to say, or anything.
LINES = 20
_NAMED = 3  # of each kind of news
_UNSEEN_AFTER = timedelta(days=1)  # what was not listed for so long counts as not seen, for whatever reason
_QUIET_RANK = 0.9  # a gap longer than nine in ten of the earlier ones is worth a word
_QUIET_GAPS = 5  # where there were that many


@dataclass(frozen=True, slots=True)
class Pulse:
    """How an organisation stands: its launches (one day each, repeats included, in order) and its cadence.

    `rank` says of how many earlier gaps the present one is longer, and how many there were. `level` is None where
    nothing changed.
    """

    key: str
    name: str
    launches: tuple[date, ...]
    regime: Regime
    level: Level | None = None
    since: date | None = None
    per_month: float | None = None
    days_since_last: int | None = None
    rank: tuple[int, int] | None = None

    def launched(self, until: date, days: timedelta) -> int:
        """Count the launches of so many whole days before a day: on that one there may come more."""
        return sum(until - days <= day < until for day in self.launches)

    @property
    def is_quiet(self) -> bool:
        """Whether its present gap is longer than nine in ten of its earlier ones, and no silence yet."""
        if self.rank is None or self.regime is Regime.SILENT:
            return False
        shorter, gaps = self.rank
        return gaps >= _QUIET_GAPS and shorter >= _QUIET_RANK * gaps


@dataclass(frozen=True, slots=True)
class Week:
    """What the brief tells: the week up to `until`; which changes of cadence were called, or called possible."""

    until: datetime
    pulses: tuple[Pulse, ...]
    accounts: tuple[AccountHealth, ...]
    changes: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()  # repositories
    false_alerts: float = 0.0  # to be expected in a month


def brief_message(week: Week) -> Message:
    """Say the week: a line for each organisation, the most active first; of many without news none but their number."""
    today = week.until.date()
    ranked = sorted(week.pulses, key=lambda pulse: _place(pulse, today))
    told = ranked if len(ranked) <= LINES else [pulse for pulse in ranked if _is_news(pulse, today)][:LINES]
    rest = len(ranked) - len(told)
    return Message(
        title=_title(week, today),
        lead=f"{sources_text(week.accounts, week.until)} {_said(week)}",
        facts=tuple(_facts(week, today, rest)),
        links_title="Launches a month for a year, and now",
        links=tuple(Link(_line(pulse, today)) for pulse in told),
        note=f"{counted(len(ranked), 'organisation', 'organisations')} watched{_false(week.false_alerts)}. "
        "`release-monitor cadence` has the evidence.",
    )


def sources_text(accounts: Sequence[AccountHealth], now: datetime) -> str:
    """Say that every account is seen, and how recently; else which are not."""
    seen = [at for one in accounts if (at := _seen_at(one, now))]
    blind = [one for one in accounts if _seen_at(one, now) is None]
    if not accounts:
        return "No account is watched."
    age = f" within the last {_within(now - min(seen))}" if seen else ""
    if not blind:
        number = counted(len(accounts), "account", "accounts")
        return f"All sources healthy: {len(seen)} of {number} seen{age}."
    names = ", ".join(f"{hub_name(one.account.hub)} {one.account.name}" for one in blind[:_NAMED])
    more = f" and {len(blind) - _NAMED} more" if len(blind) > _NAMED else ""
    return f"{len(seen)} of {len(accounts)} accounts seen{age}; not seen: {names}{more}."


def _false(a_month: float) -> str:
    """Say how many alerts of the whole watch list are to be expected to be false."""
    if a_month <= 0:
        return ""
    often = f"{a_month:.1f} a month" if a_month >= 1 else f"one in {round(1 / a_month)} months"
    return f"; of their cadence alerts {often} is expected to be false"


def _seen_at(one: AccountHealth, now: datetime) -> datetime | None:
    is_seen = one.listed_at is not None and not one.failures and now - one.listed_at < _UNSEEN_AFTER
    return one.listed_at if is_seen else None


def _within(age: timedelta) -> str:
    return "hour" if age <= timedelta(hours=1) else f"{age // timedelta(hours=1) + 1} hours"


def _title(week: Week, today: date) -> str:
    """Say the week in about ten words."""
    active = sorted((p for p in week.pulses if p.launched(today, WEEK)), key=lambda p: _place(p, today))
    number = sum(pulse.launched(today, WEEK) for pulse in active)
    few = listed([pulse.name for pulse in active])
    by = few if len(active) <= _NAMED else counted(len(active), "organisation", "organisations")
    launches = f"{counted(number, 'launch', 'launches')} by {by}" if active else "no launch"
    changes = (
        f", {counted(len(week.changes), 'change of cadence', 'changes of cadence')}" if week.changes else ""
    )
    return f"Weekly brief: {launches}{changes}"


def _said(week: Week) -> str:
    if week.changes:
        return f"{'; '.join(week.changes[:_NAMED])}{_more(week.changes)}."
    return "No cadence changed this week."


def _facts(week: Week, today: date, rest: int) -> Iterable[tuple[str, str]]:
    before = sum(pulse.launched(today - WEEK, 12 * WEEK) for pulse in week.pulses) / 12
    now = sum(pulse.launched(today, WEEK) for pulse in week.pulses)
    week_of = f"{today - WEEK} to {today - timedelta(days=1)}"
    yield (
        "Week",
        f"{week_of}: {counted(now, 'launch', 'launches')}; {before:.1f} a week in the 12 weeks before",
    )
    if possible := [*week.possible, *map(_perhaps_silent, filter(_is_perhaps_silent, week.pulses))]:
        yield "Possible", _some(possible)
    quiet = [_quiet(pulse) for pulse in week.pulses if pulse.is_quiet]
    if quiet:
        yield "Quiet", _some(quiet)
    if week.withdrawn:
        yield "Withdrawn", _some(week.withdrawn)
    if rest:
        yield "Others", f"{rest}: nothing new"


def _some(items: Sequence[str]) -> str:
    return "; ".join(items[:_NAMED]) + _more(items)


def _more(items: Sequence[str]) -> str:
    return f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""


def _is_perhaps_silent(pulse: Pulse) -> bool:
    return pulse.regime is Regime.SILENT and pulse.level is Level.WATCHING


def _perhaps_silent(pulse: Pulse) -> str:
    """Say since when somebody may be silent, as of today: what was told on its first day is out of date."""
    days = counted(pulse.days_since_last or 0, "day", "days")
    return f"{pulse.name} may have fallen silent: no release for {days}"


def _quiet(pulse: Pulse) -> str:
    shorter, gaps = pulse.rank or (0, 0)
    longer = "each" if shorter == gaps else shorter
    return f"{pulse.name} {pulse.days_since_last} days, longer than {longer} of its {gaps} gaps"


def _line(pulse: Pulse, today: date) -> str:
    """Write an organisation's line: "Acme ▁▂▃ 2 this week, 5 in 30 days; faster since 2026-05-01"."""
    week, month = pulse.launched(today, WEEK), pulse.launched(today, MONTH)
    numbers = f"{week} this week, {month} in 30 days" if month else _last(pulse)
    return f"{pulse.name} {sparkline(monthly(pulse.launches, today))} {numbers}; {_regime(pulse)}"


def _last(pulse: Pulse) -> str:
    if pulse.days_since_last is None:
        return "no launch seen"
    return f"the last one {duration(timedelta(days=max(2, pulse.days_since_last)))} ago"


def _regime(pulse: Pulse) -> str:
    if pulse.is_quiet and pulse.level is None:
        return "quiet"
    possibly = "possibly " if pulse.level is Level.WATCHING else ""
    since = f" since {pulse.since}" if pulse.level and pulse.since else ""
    return f"{possibly}{pulse.regime.value}{since}"


def _is_news(pulse: Pulse, today: date) -> bool:
    return pulse.level is not None or pulse.launched(today, WEEK) > 0


def _place(pulse: Pulse, today: date) -> tuple[int, int, int, str]:
    """Rank organisations: what was launched this week, in a month, in a year; then by name."""
    spans = (WEEK, MONTH, 52 * WEEK)
    week, month, year = (-pulse.launched(today, span) for span in spans)
    return week, month, year, pulse.name
