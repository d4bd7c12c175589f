"""The commands on whom to watch: orgs."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from select import select
from typing import Any

import click

from monitor.cli.context import (
    config_directory,
    known_organizations,
    opened_app,
    read_config,
    say,
)
from monitor.cli.output import Command, Row, emit, format_option, grid
from monitor.cli.progress import Progress
from monitor.config import HUBS, Config
from monitor.core.text import clean
from monitor.core.types import Account, Organization
from monitor.errors import HubError, Trouble
from monitor.hubs import Hub
from monitor.hubs.accounts import problem_of

# What is piped in as an answer: within so many seconds, of so many bytes at most.
_PATIENCE = 1.0
_LONGEST_ANSWER = 100


@click.group("orgs")
def orgs_command() -> None:
    """List, add, remove and check the organisations to watch; the file keeps its comments."""


@orgs_command.command("list")
@format_option
def orgs_list(form: str) -> None:
    """List the organisations and their accounts."""
    rows = [_organization_row(organization) for organization in read_config().organizations]
    emit(
        form,
        rows,
        columns=("key", "name", "country", "groups", "accounts", "include", "exclude"),
        table=lambda: grid(
            ["key", "name", "country", "groups"],
            [[r["key"], r["name"], r["country"], ", ".join(r["groups"])] for r in rows],
            empty="Nobody is watched. Example: release-monitor orgs add acme --huggingface acme-ai",
            texts=["name", "groups"],
            below=[[", ".join(r["accounts"])] for r in rows],
        ),
    )


def _organization_row(organization: Organization) -> dict[str, Any]:
    return {
        "key": organization.key,
        "name": organization.name,
        "country": organization.country,
        "groups": list(organization.groups),
        "accounts": [str(account) for account in organization.accounts],
        "include": list(organization.include),
        "exclude": list(organization.exclude),
    }


def _hub_options(command: Command) -> Command:
    """Add an option for each hub."""
    for hub in reversed(HUBS):
        help_text = f"The same as {hub}:ACCOUNT."
        command = click.option(f"--{hub}", multiple=True, metavar="ACCOUNT", help=help_text)(command)
    return command


@orgs_command.command("add")
@click.argument("key")
@click.argument("more", nargs=-1, metavar="[HUB:ACCOUNT]...")
@click.option("--name", help="As messages say it [default: the key].")
@click.option("--country", metavar="CC", help="ISO 3166-1 alpha-2, e.g. CN.")
@click.option("--group", "groups", multiple=True, help="For comparisons; repeatable.")
@click.option(
    "--yes",
    is_flag=True,
    help='Save without asking; so too where nobody is there to be asked. An "n" that is piped in saves nothing.',
)
@_hub_options
def orgs_add(key: str, more: tuple[str, ...], yes: bool, **options: Any) -> None:
    """Watch one more organisation, or more accounts of one. An account's first listing is a silent baseline.

    Before it is saved, the hubs are asked, and it is shown how many releases there are, what cadence they have, and
    which alerts they would have raised in the last two years.

    Example: release-monitor orgs add acme --name "Acme AI" --country CN huggingface:acme-ai github:acme
    """
    from monitor.config.edit import add

    accounts = [*more, *(f"{hub}:{account}" for hub in HUBS for account in options.pop(hub))]
    if not accounts:
        raise click.UsageError("name at least one account, e.g. huggingface:acme-ai")
    shown = partial(_preview, accounts=accounts, yes=yes)
    organization = add(config_directory(), key, accounts, agreed=shown, **options)
    if organization is None:
        say("nothing was saved")
        raise click.exceptions.Exit(1)
    click.echo(
        f"watching {organization.name}: {', '.join(str(account) for account in organization.accounts)}"
    )
    say(f"`release-monitor orgs check {key}` asks the hubs whether its accounts exist.")


def _preview(organization: Organization, config: Config, *, accounts: Sequence[str], yes: bool) -> bool:
    """Show what watching the accounts that are added would give; return whether to save it."""
    from monitor.cli.preview import show_preview
    from monitor.config.edit import hub_and_name

    wanted = set(map(hub_and_name, accounts))
    added = [one for one in organization.accounts if (one.hub, one.name) in wanted]
    show_preview(organization, added, config)
    return yes or _is_agreed()


def _is_agreed() -> bool:
    """Ask at a terminal; elsewhere take the answer that was piped in. Where there is none at all, it is a yes."""
    # There is no input where it was closed, as a service manager does.
    if sys.stdin is not None and sys.stdin.isatty():
        return click.confirm("Watch it?", default=True, err=True)
    answer = _piped().strip()
    if answer.casefold() not in ("", "y", "yes", "n", "no"):
        say(f"“{clean(answer)}” is neither yes nor no; --yes saves without asking")
        return False
    return not answer.casefold().startswith("n")


def _piped() -> str:
    """Return the line that was piped in; "" where there is none: an input that stays open and silent is no answer."""
    if sys.stdin is None:
        return ""
    try:
        is_there = bool(select([sys.stdin], [], [], _PATIENCE)[0])
    except (OSError, ValueError):  # no file that can be waited for
        is_there = True
    return sys.stdin.buffer.readline(_LONGEST_ANSWER).decode(errors="replace") if is_there else ""


@orgs_command.command("remove")
@click.argument("key")
def orgs_remove(key: str) -> None:
    """Watch an organisation no longer; what was logged of it stays."""
    from monitor.config.edit import remove

    organization = remove(config_directory(), key)
    click.echo(f"no longer watching {organization.name}; its log is kept")


@orgs_command.command("check")
@click.argument("organizations", nargs=-1, metavar="[ORG]...")
@format_option
def orgs_check(organizations: tuple[str, ...], form: str) -> None:
    """Ask the hubs whether each account exists; exit 1 if one does not, or could not be asked about."""
    config = read_config()
    keys = known_organizations(organizations, config)
    accounts = [account for account in config.accounts if not keys or account.organization in keys]
    with opened_app() as app, app.hubs() as hubs, Progress("checked", len(accounts), every=10) as progress:
        rows = list(_checked(hubs, accounts, progress))
    emit(
        form,
        rows,
        columns=("organization", "hub", "account", "found", "problem"),
        table=lambda: grid(
            ["organisation", "account", "found"],
            [[r["organization"], f"{r['hub']}:{r['account']}", r["found"]] for r in rows],
            empty="Nobody is watched.",
            below=[[r["problem"]] for r in rows],
        ),
    )
    if any(row["found"] != "yes" for row in rows):
        raise click.exceptions.Exit(1)


def _checked(hubs: Mapping[str, Hub], accounts: Sequence[Account], progress: Progress) -> Iterator[Row]:
    """Ask about one account after the other; a hub that cannot be asked about one is not asked about the rest."""
    silent: dict[str, HubError] = {}
    for account in accounts:
        row = {"organization": account.organization, "hub": account.hub, "account": account.name}
        try:
            if account.hub in silent:
                raise silent[account.hub]
            problem = problem_of(account, hubs[account.hub])
            yield {**row, "found": "no" if problem else "yes", "problem": problem}
        except HubError as error:
            if error.trouble in (Trouble.UNREACHABLE, Trouble.QUOTA):
                silent[account.hub] = error
            yield {**row, "found": "unknown", "problem": str(error)}
        progress.step(str(account))


@orgs_command.command("updates")
@format_option
def orgs_updates(form: str) -> None:
    """Name the accounts that the shipped list has and yours lacks."""
    from monitor.config.edit import updates

    rows = [_organization_row(organization) for organization in updates(read_config())]
    emit(
        form,
        rows,
        columns=("key", "name", "country", "groups", "accounts", "include", "exclude"),
        table=lambda: grid(
            ["key", "name", "accounts that yours lacks"],
            [[row["key"], row["name"], ", ".join(row["accounts"])] for row in rows],
            empty="Your list has every account that the shipped one has.",
            texts=["name", "accounts that yours lacks"],
        ),
    )
