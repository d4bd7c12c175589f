"""Print rows as a table, as JSON or as CSV; stdout holds nothing else."""

import csv
import json
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, TypeVar

import click

from monitor.cli.prose import indented, terminal_width, wrapped
from monitor.core.flat import cell, plain
from monitor.core.text import clean

Row = Mapping[str, Any]
Command = TypeVar("Command", bound=Callable[..., Any])

_GAP = "  "
_SNUG = 32  # columns; a text in lines of less is wrapped to less only where nothing else helps


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
        click.echo(json.dumps(rows, default=plain, ensure_ascii=False, indent=2))
    elif form == "csv":
        _write_csv(columns, flat() if flat else rows if isinstance(rows, Sequence) else [rows])
    else:
        click.echo(table())


def grid(
    headers: Sequence[str],
    rows: Sequence[Sequence[Any]],
    empty: str,
    *,
    texts: Collection[str] = (),
    fold: Sequence[str] = (),
    below: Sequence[Sequence[str | None]] = (),
) -> str:
    """Lay rows out in columns that fit the terminal; `empty` is said where there is no row.

    Where there is no room for all, the columns of `fold` go below their row, the first one first; then the columns
    of `texts` are broken between words. Nothing is cut: a table may still be wider than a very narrow terminal.
    `below` holds for each row what else is said below it. Texts are cleaned of control characters.
    """
    if not rows:
        return empty
    cells = [["" if cell is None else clean(str(cell)) for cell in row] for row in rows]
    columns = [_Column.of(name, those, name in texts) for name, *those in zip(headers, *cells, strict=True)]
    room = terminal_width()
    kept, folded = _parted(columns, fold, room)
    widths = _widths(kept, room)
    lines = [*_laid_out([one.header for one in kept], widths), _GAP.join("-" * width for width in widths)]
    for index, said in enumerate(below or [()] * len(rows)):
        lines += _laid_out([one.cells[index] for one in kept], widths)
        aside = [f"{one.header} {one.cells[index]}" for one in folded if one.cells[index]]
        lines += indented("; ".join([*aside, *filter(None, said)]))
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column with its widths: with all on one line, wrapped while it reads well, and no narrower than its words."""

    header: str
    cells: Sequence[str]
    natural: int
    snug: int
    least: int

    @classmethod
    def of(cls, header: str, cells: Sequence[str], is_text: bool) -> "_Column":
        from wcwidth import width

        title = max(map(width, header.split()))
        full = max(map(width, cells))
        words = max((width(word) for cell in cells for word in cell.split()), default=0) if is_text else full
        least = max(title, words)
        snug = max(least, min(full, _SNUG)) if is_text else least
        return cls(header, cells, max(width(header), full), snug, least)


def _parted(
    columns: Sequence[_Column], fold: Sequence[str], room: int | None
) -> tuple[Sequence[_Column], Sequence[_Column]]:
    """Return the columns of the table, and those that go below the rows for want of room."""
    gone: list[str] = []
    for header in fold:
        kept = [column for column in columns if column.header not in gone]
        if room is None or _total([column.snug for column in kept]) <= room:
            break
        gone.append(header)
    return [one for one in columns if one.header not in gone], [one for one in columns if one.header in gone]


def _widths(columns: Sequence[_Column], room: int | None) -> list[int]:
    """Make the widest column narrower, again and again, until all have room: only as it reads well, at first."""
    widths = [column.natural for column in columns]
    for floors in ([column.snug for column in columns], [column.least for column in columns]):
        while room is not None and _total(widths) > room:
            loose = [index for index, floor in enumerate(floors) if widths[index] > floor]
            if not loose:
                break
            widths[max(loose, key=widths.__getitem__)] -= 1
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _laid_out(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Lay out one row, in as many lines as its tallest cell."""
    from wcwidth import ljust

    parts = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    return [
        _GAP.join(ljust(part, width) for part, width in zip(line, widths, strict=True)).rstrip()
        for line in zip_longest(*parts, fillvalue="")
    ]


def day_text(moment: datetime | None) -> str:
    """Write the day of a moment for a table; "?" where it is not known."""
    return f"{moment:%Y-%m-%d}" if moment else "?"


def _write_csv(columns: Sequence[str], rows: Sequence[Row]) -> None:
    writer = csv.DictWriter(sys.stdout, fieldnames=columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: cell(row[name]) for name in columns})
