"""The commands that read what was logged: log, changes, alerts."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from typing import Any

import click

from monitor.cli.context import ever_watched, reading
from monitor.cli.output import Row, day_text, emit, format_option, grid
from monitor.config import HUBS
from monitor.core.flat import LOG_COLUMNS, log_rows
from monitor.core.types import WITNESSES


class Day(click.ParamType[datetime]):
    """A day or a moment, ISO 8601; a day means its beginning, or its end for `until`."""

    name = "date"

    def __init__(self, at: time) -> None:
        self.at = at

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it; a moment without a zone is UTC."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write it as 2026-04-24 or 2026-04-24T08:00:00Z", param, ctx)
        if len(value) == len("2026-04-24"):
            moment = datetime.combine(moment.date(), self.at)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def hub_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --hub."""
    return click.option("--hub", type=click.Choice(HUBS), help="Only what is on this hub.")(command)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --org, --since, --until, --search and --limit."""
    for option in (
        click.option("--limit", type=click.IntRange(min=1), help="Show at most so many rows [default: all]."),
        click.option("--search", metavar="TEXT", help="Only what has this text in its name."),
        click.option("--until", type=Day(time.max), help="Up to this day, inclusive."),
        click.option("--since", type=Day(time.min), help="From this day on."),
        click.option(
            "--org", "organizations", multiple=True, metavar="ORG", help="Only this organisation; repeatable."
        ),
    ):
        command = option(command)
    return command


@click.command("log")
@hub_option
@filter_options
@click.option(
    "--rows",
    type=click.Choice(["releases", "repos"]),
    default="releases",
    show_default=True,
    help="What a row of a CSV is.",
)
@format_option
def log_command(form: str, rows: str, **filters: Any) -> None:
    """Show the release log: one row for each launch, the newest first.

    Example: release-monitor log --org deepseek --since 2026-01-01
    """
    from monitor.store.release_log import release_log

    with reading() as tx:
        releases = release_log(tx, _filters(tx, **filters))
    emit(
        form,
        releases,
        columns=LOG_COLUMNS[rows],
        table=lambda: _log_table(releases),
        flat=lambda: log_rows(rows, releases),
    )


def _log_table(releases: Sequence[Row]) -> str:
    rows = [
        [
            day_text(release["released_at"]),
            release["organization"],
            release["name"],
            release["kind"],
            ", ".join(release["hubs"]),
            len(_models(release)),
            release["licence"],
            _state(release),
        ]
        for release in releases
    ]
    return grid(
        ["released", "organisation", "release", "kind", "first on", "repos", "licence", "state"],
        rows,
        empty="No release matches. Where nothing is logged yet, `release-monitor poll` looks now.",
        fold=["repos", "first on", "kind", "licence", "state"],
    )


def _models(release: Row) -> list[Row]:
    """Return the repositories that hold the models, without those that only confirm the release."""
    return [repo for repo in release["repos"] if repo["hub"] not in WITNESSES]


def _state(release: Row) -> str:
    if all(repo["state"] == "withdrawn" for repo in _models(release)):
        return "withdrawn"
    return {"yes": "public", "pending": "weights pending", "none": "weights gone"}[release["weights"]]


@click.command("changes")
@hub_option
@filter_options
@format_option
def changes_command(form: str, **filters: Any) -> None:
    """Show what happened to repositories: published, withdrawn, returned, renamed, licence, gating, weights, disabled.

    Example: release-monitor changes --search licence --since 2026-06-01
    """
    from monitor.store.reading import changes

    with reading() as tx:
        rows = changes(tx, _filters(tx, **filters))
    emit(
        form,
        rows,
        columns=("organization", "hub", "repo", "kind", "before", "after", "detail", "seen_at"),
        table=lambda: grid(
            ["seen", "organisation", "kind", "repository", "before", "after"],
            [
                [
                    f"{r['seen_at']:%Y-%m-%d %H:%M}",
                    r["organization"],
                    r["kind"],
                    r["repo"],
                    r["before"],
                    r["after"],
                ]
                for r in rows
            ],
            empty="No change matches. The first listing of an account is its baseline and has none.",
            fold=["before", "after", "organisation"],
        ),
    )


@click.command("alerts")
@filter_options
@format_option
def alerts_command(form: str, **filters: Any) -> None:
    """Show alerts and what became of their notifications, the newest first."""
    from monitor.store.reading import alerts

    with reading() as tx:
        rows = alerts(tx, _filters(tx, **filters))
    emit(
        form,
        rows,
        columns=(
            *("id", "organization", "kind", "level", "direction", "raised_at", "resolved_at", "changed_at"),
            *("text", "notifications"),
        ),
        table=lambda: _alerts_table(rows),
        flat=lambda: [{**row, "notifications": _delivery(row["notifications"])} for row in rows],
    )


def _alerts_table(rows: Sequence[Row]) -> str:
    return grid(
        ["raised", "kind", "level", "what", "delivery"],
        [
            [
                f"{row['raised_at']:%Y-%m-%d %H:%M}",
                row["kind"],
                row["level"],
                row["text"].splitlines()[0],
                _delivery(row["notifications"]),
            ]
            for row in rows
        ],
        empty="No alerts yet: the first listing of each account is its baseline and raises none.",
        texts=["what", "delivery"],
        fold=["delivery", "level"],
    )


def _delivery(notifications: Sequence[Row]) -> str:
    return ", ".join(f"{n['receiver']} {n['state']}" for n in notifications) or "recorded only"


def _filters(tx: Any, organizations: tuple[str, ...], **rest: Any) -> Any:
    from monitor.store.reading import Filters

    return Filters(organizations=ever_watched(tx, organizations, "--org"), **rest)
