"""The commands about cadence: cadence, backtest."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from monitor.cli.context import ever_watched, has_config, read_config, reading
from monitor.cli.output import Row, day_text, emit, format_option, grid
from monitor.cli.progress import Progress
from monitor.errors import ConfigError

_BARS = " ▁▂▃▄▅▆▇█"
_MONTHS = 12


@click.command("cadence")
@click.argument("organizations", nargs=-1, metavar="[ORG]...")
@click.option(
    "--history", is_flag=True, help="Show every regime that each went through, not only the present one."
)
@format_option
def cadence_command(organizations: tuple[str, ...], history: bool, form: str) -> None:
    """Show each organisation's regime now, with the evidence and the plain figures beside it.

    Rates are release days a month: a day with several releases counts once. The bars are releases in each of the
    last twelve months. Example: release-monitor cadence deepseek alibaba
    """
    from monitor.clock import utc_now
    from monitor.store.cadence import history_rows, organization_cadences, verdict_row

    config = read_config()
    now = utc_now()
    with reading() as tx:
        cadences = organization_cadences(
            tx, ever_watched(tx, organizations, "ORG"), config.settings.cadence, now
        )
    if history:
        _emit_history(form, [row for cadence in cadences for row in history_rows(cadence)])
        return
    rows = [verdict_row(cadence, config.settings.cadence, now) for cadence in cadences]
    bars = [_bars(cadence.released_at, now) for cadence in cadences]
    emit(form, rows, columns=CADENCE_COLUMNS, table=lambda: _cadence_table(rows, bars))


CADENCE_COLUMNS = (
    *("organization", "regime", "level", "rate_per_month", "interval", "interval_level", "since"),
    *(
        "previous_rate_per_month",
        "releases",
        "release_days",
        "last_released_at",
        "days_since_last",
        "gap_rank",
    ),
    *("blind", "why"),
)


def _cadence_table(rows: Sequence[Row], bars: Sequence[str]) -> str:
    return grid(
        ["organisation", "12 months", "regime", "a month (95%)", "last", "why"],
        [
            [
                row["organization"],
                bar,
                f"possibly {row['regime']}" if row["level"] == "watching" else row["regime"],
                _rate(row),
                day_text(row["last_released_at"]) if row["last_released_at"] else "",
                row["why"],
            ]
            for row, bar in sorted(
                zip(rows, bars, strict=True), key=lambda pair: pair[0]["regime"] == "unknown"
            )
        ],
        empty="Nobody is watched yet: `release-monitor poll` takes the configuration up.",
        widths=[None, None, None, None, None, 58],
    )


def _rate(row: Row) -> str:
    if row["rate_per_month"] is None or row["interval"] is None:
        return ""
    low, high = row["interval"]
    return f"{row['rate_per_month']:.1f} ({low:.1f} to {high:.1f})"


def _bars(released_at: Iterable[datetime], now: datetime) -> str:
    """Draw the releases of each of the last twelve months as bars, the present month last."""
    present = now.year * 12 + now.month
    counts = [0] * _MONTHS
    for at in released_at:
        age = present - (at.year * 12 + at.month)
        if 0 <= age < _MONTHS:
            counts[_MONTHS - 1 - age] += 1
    most = max(*counts, 3)  # one launch is no tower
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // most)] if count else "·" for count in counts)


def _emit_history(form: str, rows: Sequence[Row]) -> None:
    emit(
        form,
        rows,
        columns=("organization", "regime", "since", "until", "rate_per_month", "interval"),
        table=lambda: grid(
            ["organisation", "regime", "since", "until", "a month (95%)"],
            [
                [
                    row["organization"],
                    row["regime"],
                    day_text(row["since"]),
                    day_text(row["until"]) if row["until"] else "now",
                    _rate(row),
                ]
                for row in rows
            ],
            empty="No regime yet: 4 release days are needed.",
        ),
    )


# Days; a date that is wrong by a typing error would be replayed day by day.
LONGEST_REPLAY = 100 * 366


@click.command("backtest")
@click.argument("events", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="EVENTS.csv")
@click.option(
    "--until", metavar="DATE", help="Last day to replay [default: the day of the last row], e.g. 2026-06-11."
)
@format_option
def backtest_command(events: Path, until: str | None, form: str) -> None:
    """Replay release days through the cadence engine, day by day, and show what would have been raised when.

    EVENTS.csv has the columns organization and released_at (ISO 8601); others are ignored. The budgets are those
    of settings.toml. Example: release-monitor backtest qwen.csv --until 2025-12-31
    """
    from monitor.backtest import read_events
    from monitor.core.cadence.backtest import replay

    budgets = _budgets()
    by_organization = read_events(events)
    last = _last_day(until)
    first = min((min(days) for days in by_organization.values()), default=None)
    end = last or max((max(days) for days in by_organization.values()), default=None)
    total = (end - first).days + 1 if first and end else 0
    if total > LONGEST_REPLAY:
        raise ConfigError([f"{events}: spans {total // 365} years; check its dates ({first} to {end})"])
    found = []
    with Progress("replaying day", total, every=365) as progress:
        for _, rows in replay(by_organization, last, budgets):
            progress.step()
            found += [_backtest_row(row) for row in rows]
    emit(form, found, columns=BACKTEST_COLUMNS, table=lambda: _backtest_table(found))


BACKTEST_COLUMNS = (
    *("organization", "level", "direction", "raised_at", "changed_at"),
    *("before_per_month", "after_per_month", "evidence"),
)


def _budgets() -> Any:
    """Return the budgets of the settings where there is a configuration; a backtest needs none."""
    from monitor.core.types import Budgets

    return read_config().settings.cadence if has_config() else Budgets()


def _last_day(until: str | None) -> Any:
    if until is None:
        return None
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        raise click.BadParameter(
            f"{until!r} is no date; write it as 2026-06-11", param_hint="--until"
        ) from None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _backtest_row(row: Any) -> dict[str, Any]:
    crossing = row.crossing
    return {
        "organization": row.organization,
        "level": crossing.level.value,
        "direction": crossing.direction.value,
        "raised_at": row.raised_at,
        "changed_at": row.changed_at,
        "before_per_month": round(crossing.before.per_month, 2) if crossing.before else None,
        "after_per_month": round(crossing.after.per_month, 2) if crossing.after else None,
        "evidence": crossing.evidence,
    }


def _backtest_table(rows: Sequence[Row]) -> str:
    return grid(
        ["raised", "organisation", "level", "direction", "changed", "evidence"],
        [
            [
                day_text(row["raised_at"]),
                row["organization"],
                row["level"],
                row["direction"],
                day_text(row["changed_at"]) if row["changed_at"] else "",
                row["evidence"],
            ]
            for row in rows
        ],
        empty="Nothing would have been raised.",
        widths=[None, None, None, None, None, 64],
    )
