"""Print rows as a table, as JSON or as CSV; stdout holds nothing else."""

import csv
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import click

from monitor.core.text import clean

Row = Mapping[str, Any]
Command = TypeVar("Command", bound=Callable[..., Any])

# A spreadsheet takes a text that begins with one of these for a formula. Source: OWASP, CSV injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def format_option(command: Command) -> Command:
    """Add `--format table|json|csv`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "csv"]),
        default="table",
        show_default=True,
        help="How to print the result.",
    )(command)


def emit(
    form: str,
    rows: Sequence[Row] | Row,
    *,
    columns: Sequence[str],
    table: Callable[[], str],
    flat: Callable[[], Sequence[Row]] | None = None,
) -> None:
    """Print the result: `table` for people; `columns` are those of CSV, whose rows `flat` gives where they differ."""
    if form == "json":
        click.echo(json.dumps(rows, default=_plain, ensure_ascii=False, indent=2))
    elif form == "csv":
        _write_csv(columns, flat() if flat else rows if isinstance(rows, Sequence) else [rows])
    else:
        click.echo(table())


def time_text(moment: datetime | None) -> str | None:
    """Write a moment as JSON and CSV have it.

    >>> time_text(datetime(2026, 4, 24, 3, 0, tzinfo=UTC))
    '2026-04-24T03:00:00Z'
    """
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def grid(
    headers: Sequence[str],
    rows: Sequence[Sequence[Any]],
    empty: str,
    widths: Sequence[int | None] | None = None,
) -> str:
    """Lay rows out in columns; `empty` is said where there is none. Texts are cleaned of control characters."""
    from tabulate import tabulate

    if not rows:
        return empty
    cells = [["" if cell is None else clean(str(cell)) for cell in row] for row in rows]
    return tabulate(
        cells,
        headers,
        tablefmt="simple",
        disable_numparse=True,
        maxcolwidths=list(widths) if widths else None,
    )


def day_text(moment: datetime | None) -> str:
    """Write the day of a moment for a table; "?" where it is not known."""
    return f"{moment:%Y-%m-%d}" if moment else "?"


def _write_csv(columns: Sequence[str], rows: Sequence[Row]) -> None:
    writer = csv.DictWriter(sys.stdout, fieldnames=columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(row[name]) for name in columns})


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        value = " ".join(str(_plain(item)) for item in value)
    if isinstance(value, datetime | date):
        return _plain(value)
    if isinstance(value, str):
        text = clean(value)
        return f"'{text}" if text.startswith(_FORMULA) else text
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_text(value)
    return str(value)
