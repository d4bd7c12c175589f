"""The command about the monitor itself: status."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.context import config_directory, environment, read_config, reading, say
from monitor.cli.output import Row, emit, format_option, grid
from monitor.cli.prose import entry
from monitor.config import Settings
from monitor.core.appearances import duration, hub_name
from monitor.core.flat import time_text
from monitor.core.text import counted
from monitor.errors import ConfigError
from monitor.status import read_status

if TYPE_CHECKING:
    pass

_SHOWN = 10


@click.command("status")
@format_option
def status_command(form: str) -> None:
    """Show how the monitor itself fares: accounts, delays, blind spots, outbox, database, expected false alerts."""
    from monitor.clock import utc_now
    from monitor.store.muting import mutes

    directory, settings, now = config_directory(), _settings(), utc_now()
    with reading() as tx:
        muted = mutes(tx, now)
        status = read_status(tx, settings, now) | {
            "database": environment().database_shown,
            "config": str(directory),
        }
    emit(
        form,
        status,
        columns=("organization", "hub", "account", "state", "last_seen_at", "last_error", "blind_since"),
        table=lambda: _status_table(status, [f"{one.name} {one.until_text()}" for one in muted]),
        flat=lambda: status["accounts"],
    )


def _settings() -> Settings:
    """Return the settings; where these are wrong just now, say so: the service runs on all the same."""
    try:
        return read_config().settings
    except ConfigError as error:
        for problem in error.problems:
            say(f"{problem} (the service goes on with the last good configuration)")
        return Settings()


def _status_table(status: Row, muted: Sequence[str]) -> str:
    accounts, deaf = status["accounts"], status["slack_commands"]
    states = [account["state"] for account in accounts]
    lines = [
        entry(status["database"], "database  "),
        entry(status["config"], "config    "),
        entry(", ".join(f"{states.count(s)} {s}" for s in sorted(set(states))) or "none", "accounts  "),
        f"outbox    {status['outbox']['waiting']} waiting, {status['outbox']['failed']} failed",
        f"expected  {status['expected_false_alerts_per_month']} false cadence alerts a month",
        *(entry(f"{receiver}: {reason}", "parked    ") for receiver, reason in status["parked"].items()),
        *(entry(text, "muted     ") for text in muted),
        *(
            [entry(f"not heard since {time_text(deaf['failing_since'])}: {deaf['problem']}", "commands  ")]
            if deaf
            else []
        ),
        *(
            entry(_seen_text(hub, delay, status["quotas"][hub]), "seen      ")
            for hub, delay in status["delays"].items()
        ),
        *_blind_lines(status["blind_spots"]),
        "",
        grid(
            ["organisation", "account", "state", "last seen", "repos"],
            [
                [
                    account["organization"],
                    f"{account['hub']}:{account['account']}",
                    account["state"],
                    f"{seen:%Y-%m-%d %H:%M}" if (seen := account["last_seen_at"]) else "never",
                    account["repos"],
                ]
                for account in accounts
            ],
            empty="No accounts are watched yet: `release-monitor poll` takes the configuration up.",
            fold=["repos"],
            below=[[_problem(account)] for account in accounts],
        ),
    ]
    return "\n".join(lines)


def _seen_text(hub: str, delay: Row, quota: Row) -> str:
    """Say how soon things are seen on a hub, and how often it lets us ask."""
    case = {name: duration(timedelta(seconds=seconds), seconds=True) for name, seconds in delay.items()}
    return (
        f"on {hub_name(hub)} what is new within {case['new']}, made public within {case['made_public']}, "
        f"changed within {case['changed']}, withdrawn within {case['withdrawn']}{_quota_text(quota)}"
    )


def _quota_text(quota: Row) -> str:
    if quota["requests"] is None:
        return ""
    window = duration(timedelta(seconds=quota["window_seconds"]), seconds=True)
    paused = f", paused until {time_text(quota['paused_until'])}" if quota["paused_until"] else ""
    return f"; it allows {counted(quota['requests'], 'request', 'requests')} in {window}{paused}"


def _blind_lines(spots: Sequence[Row]) -> list[str]:
    """List the latest blind spots: what was not seen, from when to when, and why."""
    lines = [
        entry(
            f"{spot['hub']}:{spot['account']} from {time_text(spot['began_at'])} "
            f"to {time_text(spot['ended_at']) or 'now'}: {spot['reason']}",
            "blind     ",
        )
        for spot in spots[:_SHOWN]
    ]
    more = len(spots) - len(lines)
    return [*lines, f"blind     and {more} more in the last 30 days"] if more > 0 else lines


def _problem(account: Row) -> str:
    if account["last_error"]:
        since = f" (blind since {time_text(account['blind_since'])})" if account["blind_since"] else ""
        return f"{account['last_error']}{since}"
    if account["rows_set_aside"]:
        return f"{account['rows_set_aside']} rows could not be read and were set aside"
    if account["listed_as"] != account["account"]:
        return f"renamed to {account['listed_as']} on the hub: change organizations.toml"
    return ""


def _deaf_text(deaf: Row) -> str:
    return f"not heard since {time_text(deaf['failing_since'])}: {deaf['problem']}"
