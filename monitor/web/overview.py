"""What the overview shows: every organisation's rhythm at a glance, made once for all readers of half a minute."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from monitor.charts.spark import spark
from monitor.core.appearances import hub_name
from monitor.core.sparkline import monthly
from monitor.core.text import counted
from monitor.store import Transaction, counting
from monitor.store.asking import organization_names
from monitor.store.reading import accounts
from monitor.store.verdicts import Judged

# A change is news for so long.
NEWS = timedelta(days=30)
_SEEN_LATELY = timedelta(hours=1)
_NAMED = 3

SORTS = {"news": "What changed", "name": "Name", "last": "Last release", "rate": "Rate"}


@dataclass(frozen=True, slots=True)
class Line:
    """An organisation on the overview. `gap` is how many of its gaps the open one is longer than, and of how many."""

    key: str
    name: str
    country: str | None
    groups: tuple[str, ...]
    row: Mapping[str, Any]
    launches: tuple[int, ...]  # by month, the running one last
    gap: tuple[int, int] | None

    @property
    def bars(self) -> str:
        """Its launches of twelve months as a drawing."""
        said = f"{counted(sum(self.launches), 'launch', 'launches')} in 12 months: {', '.join(map(str, self.launches))}"
        return spark(self.launches, said)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everybody who is watched, as at `made_at`, and a sentence on how well they are seen."""

    lines: tuple[Line, ...]
    seen: str
    is_all_seen: bool
    made_at: datetime

    @property
    def changed(self) -> tuple[Line, ...]:
        """Those whose cadence is called changed or silent, and that is news."""
        return tuple(line for line in self.lines if is_news(line.row, self.made_at.date()))


def overview(tx: Transaction, judged: Iterable[Judged], now: datetime) -> Overview:
    """Read what else it shows of everybody who was judged."""
    names, groups = organization_names(tx), counting.groups(tx, "group")
    lines = [
        _line(one, names[one.cadence.key], tuple(groups.get(one.cadence.key, ())), now) for one in judged
    ]
    seen, is_all_seen = _seen(accounts(tx), now)
    return Overview(tuple(lines), seen, is_all_seen, now)


def chosen(
    lines: Sequence[Line], sort: str, today: date, country: str | None = None, group: str | None = None
) -> list[Line]:
    """Return the lines of a country or group in the order that is asked for."""
    kept = [
        line for line in lines if country in (None, line.country) and (group is None or group in line.groups)
    ]
    orders = {
        "news": lambda line: (*_newsworthiness(line.row, today), _days(line), line.name.casefold()),
        "name": lambda line: line.name.casefold(),
        "last": lambda line: (_days(line), line.name.casefold()),
        "rate": lambda line: (-(line.row["rate_per_month"] or 0), line.name.casefold()),
    }
    return sorted(kept, key=orders[sort])


def is_news(row: Mapping[str, Any], today: date) -> bool:
    """Tell whether a cadence was called changed, and began to be so no longer than a month ago, or is silent."""
    if row["level"] != "alert" or row["regime"] not in ("faster", "slower", "silent"):
        return False
    return row["regime"] == "silent" or row["since"] is None or (today - row["since"].date()) <= 3 * NEWS


def _newsworthiness(row: Mapping[str, Any], today: date) -> tuple[bool, bool]:
    return not is_news(row, today), row["level"] != "watching"


def _days(line: Line) -> int:
    days = line.row["days_since_last"]
    return 10**6 if days is None else days


def _line(one: Judged, name: str, groups: tuple[str, ...], now: datetime) -> Line:
    row = one.row
    shorter, _, of = (row["gap_rank"] or "").partition(" of ")
    return Line(
        key=one.cadence.key,
        name=name,
        country=one.cadence.country,
        groups=groups,
        row=row,
        launches=monthly(one.cadence.launches, now.date()),
        gap=(int(shorter), int(of)) if of else None,
    )


def _seen(rows: Sequence[Mapping[str, Any]], now: datetime) -> tuple[str, bool]:
    """Say how many accounts were seen lately, and which were not."""
    if not rows:
        return "No account is watched yet.", False
    lately = [one for one in rows if one["last_seen_at"] and now - one["last_seen_at"] <= _SEEN_LATELY]
    if len(lately) == len(rows):
        return f"All {len(rows)} accounts were seen within the last hour.", True
    missing = [f"{hub_name(one['hub'])} {one['account']}" for one in rows if one not in lately]
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    named = f"{', '.join(missing[:_NAMED])}{more}"
    return f"{len(lately)} of {len(rows)} accounts were seen within the last hour; not {named}.", False
