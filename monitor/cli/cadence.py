"""The command that shows the cadence of organisations, or of whole groups."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.cadence_tables import (
    CADENCE_COLUMNS,
    GROUP_COLUMNS,
    HISTORY_COLUMNS,
    budgets_text,
    cadence_table,
    groups_table,
    history_table,
)
from monitor.cli.context import ever_watched, known_groups, read_config, reading
from monitor.cli.output import Row, emit, format_option
from monitor.core.types import Budgets

if TYPE_CHECKING:
    from monitor.store import Transaction


@click.command("cadence")
@click.argument("organizations", nargs=-1, metavar="[ORG]...")
@click.option(
    "--history", is_flag=True, help="Show every regime that each went through, not only the present one."
)
@click.option(
    "--group",
    metavar="country|group|all|GROUP",
    help="Show groups: each country, each group of organizations.toml, everybody, or one group.",
)
@format_option
def cadence_command(organizations: tuple[str, ...], history: bool, group: str | None, form: str) -> None:
    """Show each organisation's regime now, with the evidence and the plain figures beside it.

    Rates are release days a month: a day with several releases counts once. The bars are releases in each of the
    last twelve months; "half-year" is launches in the last 183 days and in the 183 before; the open gap is ranked
    among all earlier ones. A group has changed when its organisations did together, each against its own past.

    Example: release-monitor cadence deepseek alibaba --history
    """
    if group and (organizations or history):
        raise click.UsageError("--group goes without ORG and without --history")
    from monitor.clock import utc_now

    budgets, now = read_config().settings.cadence, utc_now()
    with reading() as tx:
        if group:
            _show_groups(tx, group, budgets, now, form)
            return
        keys = ever_watched(tx, organizations, "ORG")
        (_show_history if history else _show_cadences)(tx, keys, budgets, now, form)


def _show_cadences(
    tx: "Transaction", keys: tuple[str, ...], budgets: Budgets, now: datetime, form: str
) -> None:
    from monitor.store.reading import watched_organizations
    from monitor.store.verdicts import verdicts

    judged = verdicts(tx, keys, budgets, now)
    rows = [one.row for one in judged]
    released = [one.cadence.released_at for one in judged]
    budgets_shown = budgets_text(watched_organizations(tx), budgets)
    emit(
        form,
        rows,
        columns=CADENCE_COLUMNS,
        table=lambda: cadence_table(rows, released, now, budgets_shown),
    )


def _show_history(
    tx: "Transaction", keys: tuple[str, ...], budgets: Budgets, now: datetime, form: str
) -> None:
    from monitor.store.cadence import organization_cadences
    from monitor.store.cadence_rows import history_rows

    cadences = organization_cadences(tx, keys, budgets, now)
    rows = [row for one in cadences for row in history_rows(one, now)]
    emit(
        form,
        rows,
        columns=HISTORY_COLUMNS,
        table=lambda: history_table(rows, is_somebody_watched=bool(cadences)),
    )


def _show_groups(tx: "Transaction", kind: str, budgets: Budgets, now: datetime, form: str) -> None:
    """Show groups."""
    from monitor.store import counting
    from monitor.store.cadence import organization_cadences
    from monitor.store.cadence_rows import group_rows

    groups = known_groups(counting.compared_groups(tx, kind), kind)
    rows: list[Row] = [*group_rows(organization_cadences(tx, (), budgets, now), groups, budgets, now)]
    emit(form, rows, columns=GROUP_COLUMNS, table=lambda: groups_table(rows))
