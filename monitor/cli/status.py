"""The command about the monitor itself: status."""

from math import log1p, sqrt
from typing import Any

import click

from monitor.cli.context import config_directory, environment, read_config, reading, say
from monitor.cli.output import Row, emit, format_option, grid, time_text
from monitor.core.types import Budgets
from monitor.errors import ConfigError


@click.command("status")
@format_option
def status_command(form: str) -> None:
    """Show how the monitor itself fares: accounts, outbox, database, expected false alerts."""
    from monitor.store import outbox
    from monitor.store.reading import accounts

    directory, budgets = config_directory(), _budgets()
    with reading() as tx:
        watched = accounts(tx)
        organizations = len({account["organization"] for account in watched})
        status: dict[str, Any] = {
            "accounts": watched,
            "outbox": outbox.counts(tx),
            "parked": outbox.parked(tx),
            "expected_false_alerts_per_month": expected_false_alerts(organizations, budgets),
            "database": environment().database_shown,
            "config": str(directory),
        }
    emit(
        form,
        status,
        columns=("organization", "hub", "account", "state", "last_seen_at", "last_error", "blind_since"),
        table=lambda: _status_table(status),
        flat=lambda: status["accounts"],
    )


def _budgets() -> Budgets:
    """Return the budgets of the settings; where these are wrong just now, say so: the service runs on all the same."""
    try:
        return read_config().settings.cadence
    except ConfigError as error:
        for problem in error.problems:
            say(f"{problem} (the service goes on with the last good configuration)")
        return Budgets()


def expected_false_alerts(organizations: int, budgets: Budgets) -> float:
    """Return the false alerts a month to expect of unchanged organisations: faster, slower and silent together.

    Each of the three has the probability p = 1 - sqrt(1 - P) a year, so the rate -ln(1 - p).
    """
    each = -log1p(-(1 - sqrt(1 - budgets.alert)))
    return round(organizations * 3 * each / 12, 3)


def _status_table(status: Row) -> str:
    accounts = status["accounts"]
    states = [account["state"] for account in accounts]
    lines = [
        f"database  {status['database']}",
        f"config    {status['config']}",
        "accounts  " + (", ".join(f"{states.count(s)} {s}" for s in dict.fromkeys(sorted(states))) or "none"),
        f"outbox    {status['outbox']['waiting']} waiting, {status['outbox']['failed']} failed",
        f"expected  {status['expected_false_alerts_per_month']} false cadence alerts a month",
        *(f"parked    {receiver}: {reason}" for receiver, reason in status["parked"].items()),
        "",
        grid(
            ["organisation", "account", "state", "last seen", "repos", "problem"],
            [
                [
                    account["organization"],
                    f"{account['hub']}:{account['account']}",
                    account["state"],
                    time_text(account["last_seen_at"]) or "never",
                    account["repos"],
                    _problem(account),
                ]
                for account in accounts
            ],
            empty="No accounts are watched yet: `release-monitor poll` takes the configuration up.",
            widths=[None, None, None, None, None, 60],
        ),
    ]
    return "\n".join(lines)


def _problem(account: Row) -> str:
    if account["last_error"]:
        since = f" (blind since {time_text(account['blind_since'])})" if account["blind_since"] else ""
        return f"{account['last_error']}{since}"
    if account["rows_set_aside"]:
        return f"{account['rows_set_aside']} rows could not be read and were set aside"
    if account["listed_as"] != account["account"]:
        return f"renamed to {account['listed_as']} on the hub: change organizations.toml"
    return ""
