"""The command that counts launches: the analyst's table."""

from collections.abc import Mapping, Sequence

import click

from monitor.cli.context import known_groups, reading
from monitor.cli.output import Row, day_text, emit, format_option, grid
from monitor.cli.prose import paragraph
from monitor.core.contributions import Contributions
from monitor.core.count_rows import COMPARED, COUNTED
from monitor.core.counts import By
from monitor.core.text import listed

COUNTS_COLUMNS = (*COUNTED, *COMPARED, "watched_since", "is_running")


@click.command("counts")
@click.option("--by", type=click.Choice([by.value for by in By]), default="month", show_default=True)
@click.option(
    "--group",
    default="organization",
    show_default=True,
    metavar="organization|country|group|all|GROUP",
    help="Rows for each organisation, each country, each group of organizations.toml, everybody, or one group.",
)
@format_option
def counts_command(by: str, group: str, form: str) -> None:
    """Show launches, release days, repositories and blind days by period; groups also by their median laboratory.

    A whole period is compared with the one before over a fixed panel, the organisations that were watched over both,
    so that a longer watch list is no growth; and it is said who contributed what. Release days and blind days of a
    group are organisation-days: those of its organisations, added up. The period that is not over is marked.

    Example: release-monitor counts --by quarter --group country --format csv
    """
    from monitor.clock import utc_now
    from monitor.store import counting

    now, every = utc_now(), By(by)
    with reading() as tx:
        groups = known_groups(counting.groups(tx, group), group)
        table = counting.count_table(tx, groups, every, now)
    rows, compared = table.rows, table.compared
    emit(
        form,
        rows,
        columns=COUNTS_COLUMNS,
        table=lambda: _table(rows, compared, is_grouped=group != "organization"),
        flat=lambda: [_flat(row) for row in rows],
    )


def _flat(row: Row) -> Row:
    """Write lists as texts, for CSV."""
    return {
        **row,
        "contributions": ", ".join(
            f"{one['organization']} {one['change']:+}" for one in row["contributions"] or ()
        ),
        "left_out": ", ".join(f"{one['organization']} ({one['why']})" for one in row["left_out"] or ()),
    }


def _table(
    rows: Sequence[Row], compared: Mapping[tuple[str, str], Contributions], *, is_grouped: bool
) -> str:
    shown = [row for row in rows if is_grouped or row["launches"] or row["blind_days"]]
    summed = "org-" if is_grouped else ""
    table = grid(
        ["period", "group", "launches", f"release {summed}days", "repos", f"blind {summed}days", "dated by"],
        [[_period(row), *(row[name] for name in COUNTED[1:])] for row in shown],
        empty="Nothing to count yet.",
        below=[[_comparison(compared.get((r["period"], r["group"])))] for r in shown] if is_grouped else (),
    )
    if not shown:
        return table
    quiet = "Periods without a launch or a blind day are not shown here; JSON and CSV have them."
    hidden = [quiet] if len(shown) < len(rows) else []
    notes = [*(_panels(compared) if is_grouped else []), *hidden, *_dates(shown)]
    return "\n\n".join([table, *map(paragraph, notes)])


def _period(row: Row) -> str:
    return f"{row['period']}, so far" if row["is_running"] else str(row["period"])


def _comparison(compared: Contributions | None) -> str | None:
    if compared is None or compared.panel < 2:
        return str(compared) if compared else None
    return f"median lab {compared.median:g} (was {compared.previous_median:g}); {compared}"


def _panels(compared: Mapping[tuple[str, str], Contributions]) -> list[str]:
    """Say of the last comparison of each group who was compared, and who was left out and why."""
    last = {group: compared[period, group] for period, group in sorted(compared)}
    return [_panel(one) for one in last.values() if one.left_out]


def _panel(compared: Contributions) -> str:
    by_reason: dict[str, list[str]] = {}
    for organization, why in compared.left_out:
        by_reason.setdefault(why, []).append(organization)
    all_of_it = compared.panel + len(compared.left_out)
    return (
        f"{compared.group}, {compared.period}: {compared.panel} of {all_of_it} organisations are compared with the "
        f"period before; left out: {'; '.join(f'{listed(names)} ({why})' for why, names in by_reason.items())}."
    )


def _dates(rows: Sequence[Row]) -> list[str]:
    """Say which dates are creation dates."""
    began = sorted({day_text(row["watched_since"]) for row in rows if row["basis"] in ("created", "mixed")})
    if not began:
        return []
    days = began[0] if len(began) == 1 else f"{began[0]} to {began[-1]}"
    return [
        f"Before the day on which watching began ({days}) dates are creation dates of what was still public."
    ]
