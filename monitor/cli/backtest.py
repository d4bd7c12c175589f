"""The command that replays a file of release days."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.context import say
from monitor.cli.output import emit, format_option
from monitor.cli.prose import paragraph
from monitor.cli.replay import (
    ROW_COLUMNS,
    UNTIL,
    last_day,
    lived_through,
    present_budgets,
    raised_row,
    raised_table,
)
from monitor.core.text import counted, listed, more_text

if TYPE_CHECKING:
    from monitor.backtest import Events

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_MOST_SENTENCES = 10


@click.command("backtest")
@click.argument("path", type=_FILE, metavar="EVENTS.csv")
@click.option("--until", metavar="DATE", help=UNTIL.format(default="the day of the last row, at most today"))
@format_option
def backtest_command(path: Path, until: str | None, form: str) -> None:
    """Replay release days through the cadence engine, day by day, and show what would have been raised when.

    EVENTS.csv (- is standard input) has the columns organization and released_at (ISO 8601), separated by commas,
    semicolons or tabs; others are ignored. The budgets are those of settings.toml.
    Example: release-monitor backtest qwen.csv --until 2025-12-31
    """
    from monitor.backtest import read_events
    from monitor.clock import utc_now
    from monitor.core.cadence.backtest import Lived, untold

    budgets, today, end = present_budgets(), utc_now().date(), last_day(until)
    events = read_events(path, today)
    end = end or _present(events, today)
    if not events.days:
        say(f"{events.place}: no rows below the header")
    rows, last = lived_through(events.days, {}, end, budgets, events.place)
    raised = {row.organization for row in rows}
    others = {name: days for name, days in events.days.items() if name not in raised}
    found = [raised_row(row) for row in rows]

    def table() -> str:
        at = last or Lived(end or today, [], {})
        said = untold(others, at, budgets)
        return "\n\n".join([raised_table(found), *_untold(said, at.day, is_some_raised=bool(found))])

    emit(form, found, columns=ROW_COLUMNS, table=table)


def _present(events: "Events", today: date) -> date | None:
    """Return today if rows lie after it, saying so; None where the last row is the end."""
    if not events.future:
        return None
    rows = counted(events.future, "row is", "rows are")
    first = f"the first in line {events.first_future:,}"
    say(
        f"{events.place}: {rows} in the future ({first}); replayed up to today, {today}; for more give --until"
    )
    return today


def _untold(said: Mapping[str, list[str]], day: date, *, is_some_raised: bool) -> Iterator[str]:
    """Yield paragraphs that say of those of whom nothing was raised what could be told, most of them first."""
    if not said:
        return
    by_number = sorted(said.items(), key=lambda one: -len(one[1]))
    lines = [paragraph(f"{listed(names)}: {why}", "  ") for why, names in by_number[:_MOST_SENTENCES]]
    rest = [name for _, names in by_number[_MOST_SENTENCES:] for name in names]
    if rest:
        lines.append(f"  {more_text(len(rest))}")
    whom = " of the others" if is_some_raised else ""
    yield "\n".join([f"What could be told{whom} on {day}:", *lines])
