"""The command that counts launches: the analyst's table."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import click

from monitor.cli.context import known_groups, reading
from monitor.cli.output import Row, day_text, emit, format_option, grid
from monitor.cli.prose import paragraph, with_evidence
from monitor.core.contributions import Contributions, Watched, contributions
from monitor.core.counts import By, Count, count

_COUNTED = ("period", "group", "launches", "release_days", "repos", "blind_days", "basis")
_COMPARED = ("median", "previous_median", "change", "contributions", "panel", "left_out")
COUNTS_COLUMNS = (*_COUNTED, *_COMPARED, "watched_since")
_NAMED = 5


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
    so that a longer watch list is no growth; and it is said who contributed what.

    Example: release-monitor counts --by quarter --group country --format csv
    """
    from monitor.clock import utc_now
    from monitor.store import counting

    now, every = utc_now(), By(by)
    with reading() as tx:
        groups = known_groups(counting.groups(tx, group), group)
        releases, blind = counting.counted_releases(tx), counting.blind_stretches(tx, now)
        watched = counting.watched(tx)
    compared = contributions(releases, blind, groups, watched, every, now.date())
    since = _since(groups, watched)
    rows = [
        _row(one, compared.get((one.period, one.group)), since.get(one.group))
        for one in count(releases, blind, groups, every, now.date())
    ]
    emit(
        form,
        rows,
        columns=COUNTS_COLUMNS,
        table=lambda: _table(rows, compared, is_grouped=group != "organization"),
        flat=lambda: [_flat(row) for row in rows],
    )


def _since(groups: Mapping[str, Sequence[str]], watched: Mapping[str, Watched]) -> dict[str, date]:
    """Return since when each group has been watched: its first organisation."""
    since: dict[str, date] = {}
    for organization, names in groups.items():
        for name in names if organization in watched else ():
            since[name] = min(since.get(name, date.max), watched[organization].since)
    return since


def _row(counted: Count, compared: Contributions | None, since: date | None) -> dict[str, Any]:
    row = {name: getattr(counted, name) for name in _COUNTED} | dict.fromkeys(_COMPARED)
    if compared is not None:
        row |= {
            "median": compared.median,
            "previous_median": compared.previous_median,
            "change": compared.change,
            "contributions": [
                {"organization": key, "change": change} for key, change in compared.by_organization
            ],
            "panel": compared.panel,
            "left_out": [{"organization": key, "why": why} for key, why in compared.left_out],
        }
    return row | {"watched_since": datetime.combine(since, time(), UTC) if since else None}


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
    table = grid(
        ["period", "group", "launches", "release days", "repositories", "blind days", "dated by"],
        [[row[name] for name in _COUNTED] for row in shown],
        empty="Nothing to count yet.",
    )
    if not shown:
        return table
    if is_grouped:
        table = with_evidence(table, [[_comparison(compared.get((r["period"], r["group"])))] for r in shown])
    notes = [*(_panels(compared) if is_grouped else []), *_dates(shown)]
    return "\n\n".join([table, *map(paragraph, notes)])


def _comparison(compared: Contributions | None) -> str | None:
    if compared is None:
        return None
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
        f"period before; left out: {'; '.join(f'{_names(names)} ({why})' for why, names in by_reason.items())}."
    )


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _dates(rows: Sequence[Row]) -> list[str]:
    """Say which dates are creation dates."""
    began = sorted({day_text(row["watched_since"]) for row in rows if row["basis"] in ("created", "mixed")})
    if not began:
        return []
    days = began[0] if len(began) == 1 else f"{began[0]} to {began[-1]}"
    return [
        f"Before the day on which watching began ({days}) dates are creation dates of what was still public."
    ]
