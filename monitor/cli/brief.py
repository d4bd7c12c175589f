"""The command that shows the weekly brief as it would be sent now."""

from typing import Any

import click

from monitor.cli.context import read_config, reading
from monitor.cli.output import emit, format_option
from monitor.core.brief import MONTH, WEEK, Pulse, Week, brief_message
from monitor.core.sparkline import monthly
from monitor.core.text import message_text

_COLUMNS = (
    *(
        "organization",
        "name",
        "launches_this_week",
        "launches_30_days",
        "launches_by_month",
        "regime",
        "level",
    ),
    *("since", "rate_per_month", "days_since_last", "gap_rank"),
)


@click.command("brief")
@format_option
def brief_command(form: str) -> None:
    """Show the weekly brief of the last seven days, as it would be sent now; sends nothing.

    Who released what and how often, whose cadence changed, who is quiet, what was withdrawn, and whether every
    account is seen.

    Example: release-monitor brief
    """
    from monitor.clock import utc_now
    from monitor.store.briefs import read_week

    budgets, now = read_config().settings.cadence, utc_now()
    with reading() as tx:
        week = read_week(tx, budgets, now)
    row = _row(week)
    emit(
        form,
        row,
        columns=_COLUMNS,
        table=lambda: message_text(brief_message(week)),
        flat=lambda: row["organizations"],
    )


def _row(week: Week) -> dict[str, Any]:
    return {
        "since": week.until - WEEK,
        "until": week.until,
        "text": message_text(brief_message(week)),
        "organizations": [_pulse_row(pulse, week) for pulse in week.pulses],
        "changes": list(week.changes),
        "possible": list(week.possible),
        "withdrawn": list(week.withdrawn),
        "accounts": len(week.accounts),
        "expected_false_alerts_per_month": round(week.false_alerts, 3),
    }


def _pulse_row(pulse: Pulse, week: Week) -> dict[str, Any]:
    today = week.until.date()
    return {
        "organization": pulse.key,
        "name": pulse.name,
        "launches_this_week": pulse.launched(today, WEEK),
        "launches_30_days": pulse.launched(today, MONTH),
        "launches_by_month": list(monthly(pulse.launches, today)),
        "regime": pulse.regime.value,
        "level": pulse.level.value if pulse.level else None,
        "since": pulse.since,
        "rate_per_month": pulse.per_month,
        "days_since_last": pulse.days_since_last,
        "gap_rank": f"{pulse.rank[0]} of {pulse.rank[1]}" if pulse.rank else None,
    }
