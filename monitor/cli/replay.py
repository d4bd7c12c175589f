"""The command that lives through the recorded past again, and what it shares with `backtest`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.context import ever_watched, has_config, read_config, reading
from monitor.cli.output import Row, day_text, emit, format_option, grid
from monitor.cli.progress import Progress
from monitor.cli.prose import paragraph
from monitor.core.types import Budgets, Level
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.core.cadence import backtest
    from monitor.core.replays import Compared
    from monitor.store.recorded import Recorded

# Days; a date that is wrong by a typing error would be replayed day by day.
LONGEST_REPLAY = 100 * 366

_PROBABILITY = click.FloatRange(0, 1, min_open=True, max_open=True)
UNTIL = "Last day to replay [default: {default}], e.g. 2026-06-11."

ROW_COLUMNS = (
    *("organization", "level", "direction", "raised_at", "changed_at"),
    *("before_per_month", "after_per_month", "evidence"),
)
REPLAY_COLUMNS = (*ROW_COLUMNS, "against", "days")


@click.command("replay")
@click.argument("organizations", nargs=-1, metavar="[ORG]...")
@click.option(
    "--alert", type=_PROBABILITY, help="Another budget of alerts, e.g. 0.2 [default: settings.toml]."
)
@click.option("--watch", type=_PROBABILITY, help="Another budget of what is called possible, e.g. 0.5.")
@click.option("--each-repo", is_flag=True, help="Take every repository for a launch of its own.")
@click.option("--until", metavar="DATE", help=UNTIL.format(default="yesterday"))
@format_option
def replay_command(organizations: tuple[str, ...], until: str | None, form: str, **proposed: Any) -> None:
    """Live through the recorded releases under other settings, before they are saved, and show what would differ.

    Without options it shows what the present settings would have raised, had they been watched from the first
    release on. Example: release-monitor replay alibaba --alert 0.2 --watch 0.5
    """
    from monitor.clock import utc_now
    from monitor.core.replays import compare
    from monitor.store.recorded import recorded

    now = utc_now()
    end = min(last_day(until) or now.date() - timedelta(days=1), now.date())
    present = present_budgets()
    trial = _Trial(_other_budgets(present, proposed["alert"], proposed["watch"]), proposed["each_repo"])
    with reading() as tx:
        named = ever_watched(tx, organizations, "ORG")
        usual = recorded(tx, named, now)
        other = recorded(tx, named, now, each_repo=True) if trial.each_repo else usual
    was = _of(named, _replayed(usual, end, present))
    would_be = was if trial == _Trial(present) else _of(named, _replayed(other, end, trial.budgets))
    compared = compare(was, would_be)
    rows = [{**raised_row(one.row), "against": one.against.value, "days": one.days} for one in compared]
    watched = len(named or usual.days)
    emit(
        form,
        rows,
        columns=REPLAY_COLUMNS,
        table=lambda: _replay_table(rows, compared, present, trial, watched),
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """The rules that are tried."""

    budgets: Budgets
    each_repo: bool = False


def _other_budgets(present: Budgets, alert: float | None, watch: float | None) -> Budgets:
    budgets = Budgets(present.alert if alert is None else alert, present.watch if watch is None else watch)
    if not budgets.alert <= budgets.watch:  # nor is "nan", which a range lets through
        raise click.UsageError(
            f"alert ({budgets.alert:g}) must not be above watch ({budgets.watch:g}); give both --alert and --watch"
        )
    return budgets


def _replayed(past: "Recorded", until: date, budgets: Budgets) -> list["backtest.Row"]:
    rows, _ = lived_through(past.days, past.blind, until, budgets, "the release log")
    return rows


def lived_through(
    days: Mapping[str, Iterable[date]],
    blind: Mapping[str, Iterable[tuple[date, date]]],
    until: date | None,
    budgets: Budgets,
    source: str,
) -> tuple[list["backtest.Row"], "backtest.Lived | None"]:
    """Return every crossing, and the last day if there was one, showing how far it has come.

    Raises ConfigError for a past of more than 100 years.
    """
    from monitor.core.cadence.backtest import replay

    first = min((min(those) for those in days.values() if those), default=None)
    end = until or max((max(those) for those in days.values() if those), default=None)
    total = max((end - first).days + 1, 0) if first and end else 0
    if total > LONGEST_REPLAY:
        raise ConfigError([f"{source}: spans {total // 365} years; check its dates ({first} to {end})"])
    rows: list[backtest.Row] = []
    last = None
    with Progress("replaying day", total, every=365) as progress:
        for last in replay(days, until, budgets, blind):
            progress.step()
            rows += last.rows
    return rows, last


def _of(named: Sequence[str], rows: Sequence["backtest.Row"]) -> list["backtest.Row"]:
    """Keep the rows of those that are named: the others were replayed for the fleet's sake."""
    return [row for row in rows if not named or row.organization in named]


def present_budgets() -> Budgets:
    """Return the budgets of the settings where there is a configuration; a replay needs none."""
    return read_config().settings.cadence if has_config() else Budgets()


def last_day(until: str | None) -> date | None:
    """Return the UTC day that `--until` names. Raises BadParameter."""
    if until is None:
        return None
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        raise click.BadParameter(
            f"{until!r} is no date; write it as 2026-06-11", param_hint="--until"
        ) from None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def raised_row(row: "backtest.Row") -> dict[str, Any]:
    """Return what JSON and CSV have of a crossing."""
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


def raised_table(rows: Sequence[Row]) -> str:
    """Lay crossings out for people."""
    compared = any("against" in row for row in rows)
    return grid(
        [
            "raised",
            *(["against now"] if compared else []),
            "organisation",
            "level",
            "direction",
            "changed",
        ],
        [
            [
                day_text(row["raised_at"]),
                *([_against(row)] if compared else []),
                row["organization"],
                row["level"],
                row["direction"],
                day_text(row["changed_at"]) if row["changed_at"] else "",
            ]
            for row in rows
        ],
        empty="Nothing would have been raised.",
        below=[[row["evidence"]] for row in rows],
    )


def _against(row: Row) -> str:
    """Say how a row compares with the present settings: "9 days sooner", "new"."""
    return f"{row['days']} d {row['against']}" if row["days"] else str(row["against"])


def _replay_table(
    rows: Sequence[dict[str, Any]],
    compared: Sequence["Compared"],
    present: Budgets,
    trial: _Trial,
    organizations: int,
) -> str:
    if trial == _Trial(present):
        return raised_table([{name: row[name] for name in ROW_COLUMNS} for row in rows])
    return "\n\n".join(
        [raised_table(rows), "\n".join(map(paragraph, _differences(compared, present, trial, organizations)))]
    )


def _differences(
    compared: Sequence["Compared"], present: Budgets, trial: _Trial, organizations: int
) -> Iterable[str]:
    """Yield what differs from the present settings, a line each."""
    from monitor.core.cadence.budget import expected_false_alerts_per_month
    from monitor.core.replays import Against

    now = [one for one in compared if one.against is not Against.NEW]
    then = [one for one in compared if one.against not in (Against.GONE, Against.ALERT)]
    yield f"{_told(then)}; with the settings now {_told(now)}"
    if trial.each_repo:
        yield "every repository is taken for a launch: near-duplicates then raise more false alarms than stated"
    if trial.budgets != present:
        before, after = (
            expected_false_alerts_per_month(organizations, one.alert) for one in (present, trial.budgets)
        )
        yield f"expected false alerts a month: {after:.2g}; with the settings now {before:.2g}"


def _told(compared: Sequence["Compared"]) -> str:
    from monitor.core.text import counted

    alerts = sum(one.row.crossing.level is Level.ALERT for one in compared)
    possible = counted(len(compared) - alerts, "possible change", "possible changes")
    return f"{counted(alerts, 'alert', 'alerts')} and {possible}"
