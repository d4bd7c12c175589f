"""The commands that edit and try: orgs, config, notify, db."""

from typing import Any

import click

from monitor.cli.context import (
    config_directory,
    environment,
    known_organizations,
    opened_app,
    read_config,
    say,
)
from monitor.cli.output import emit, format_option, grid
from monitor.core.types import Account, Organization
from monitor.errors import ConfigError, HubError, NotifyError


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
            ["key", "name", "country", "groups", "accounts"],
            [
                [r["key"], r["name"], r["country"], ", ".join(r["groups"]), ", ".join(r["accounts"])]
                for r in rows
            ],
            empty="Nobody is watched. Example: release-monitor orgs add acme --huggingface acme-ai",
            widths=[None, None, None, None, 60],
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


@orgs_command.command("add")
@click.argument("key")
@click.argument("more", nargs=-1, metavar="[HUB:ACCOUNT]...")
@click.option("--name", help="As messages say it [default: the key].")
@click.option("--country", metavar="CC", help="ISO 3166-1 alpha-2, e.g. CN.")
@click.option("--group", "groups", multiple=True, help="For comparisons; repeatable.")
@click.option(
    "--huggingface", "accounts", multiple=True, metavar="ACCOUNT", help="The same as huggingface:ACCOUNT."
)
def orgs_add(key: str, more: tuple[str, ...], accounts: tuple[str, ...], **rest: Any) -> None:
    """Watch one more organisation. Its first listing is a silent baseline.

    Example: release-monitor orgs add acme --name "Acme AI" --country CN huggingface:acme-ai
    """
    from monitor.config.edit import add

    if not (more or accounts):
        raise click.UsageError("name at least one account, e.g. huggingface:acme-ai")
    organization = add(config_directory(), key, (*more, *accounts), **rest)
    click.echo(
        f"watching {organization.name}: {', '.join(str(account) for account in organization.accounts)}"
    )
    say(f"`release-monitor orgs check {key}` asks the hub whether its accounts exist.")


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
    with opened_app() as app, app.huggingface() as hub:
        rows = [_check(hub, account) for account in accounts]
    emit(
        form,
        rows,
        columns=("organization", "hub", "account", "found", "problem"),
        table=lambda: grid(
            ["organisation", "account", "found", "problem"],
            [[r["organization"], f"{r['hub']}:{r['account']}", r["found"], r["problem"]] for r in rows],
            empty="Nobody is watched.",
        ),
    )
    if any(row["found"] != "yes" for row in rows):
        raise click.exceptions.Exit(1)


def _check(hub: Any, account: Account) -> dict[str, Any]:
    row = {"organization": account.organization, "hub": account.hub, "account": account.name}
    try:
        spelling = hub.exists(account.name)
    except HubError as error:
        return {**row, "found": "unknown", "problem": str(error)}
    if spelling is None:
        return {**row, "found": "no", "problem": "the hub knows no such account; names are case-sensitive"}
    if spelling != account.name:
        return {**row, "found": "no", "problem": f"the hub spells it {spelling}"}
    return {**row, "found": "yes", "problem": None}


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
        ),
    )


@click.group("config")
def config_command() -> None:
    """Check the configuration."""


@config_command.command("check")
def config_check() -> None:
    """Check both files and the environment, and say everything that is wrong at once; exit 2 if anything is."""
    problems: list[str] = []
    for read in (read_config, environment):
        try:
            read()
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    config = read_config()
    click.echo(
        f"{config.directory}: good: {len(config.organizations)} organisations, {len(config.accounts)} accounts"
    )
    for notice in environment().notices:
        say(notice)


@click.group("notify")
def notify_command() -> None:
    """Try the delivery of messages."""


@notify_command.command("test")
def notify_test() -> None:
    """Send one test message to each configured receiver now; exit 1 if one did not take it."""
    from monitor.app import receivers
    from monitor.core.types import Notification
    from monitor.notify import Checker

    failed = False
    with opened_app() as app:
        notifier_for, now = app.notifiers(), app.clock()
        for receiver in receivers(app.environment):
            notifier = notifier_for(receiver)
            if notifier is None:  # receivers() names only what is set up
                continue
            try:
                if isinstance(notifier, Checker):
                    say(f"{receiver}: {notifier.check()}")
                notifier.send(Notification(_uid(), receiver, _test_message(), attempts=1, attempted_at=now))
                say(f"{receiver}: sent")
            except NotifyError as error:
                failed = True
                say(f"{receiver}: not sent ({error.outcome}): {error}")
    if failed:
        raise click.exceptions.Exit(1)


def _uid() -> str:
    from uuid import uuid4

    return str(uuid4())


def _test_message() -> Any:
    from monitor.core.types import Link, Message

    return Message(
        title="A test message of the release monitor",
        lead="If you can read this, alerts will arrive here. An alert looks like this one:",
        facts=(
            ("Before", "1.2 release days a month (95%: 0.8 to 1.7)"),
            ("Since then", "4.8 (95%: 2.9 to 7.1)"),
        ),
        links=(Link("Example-4 (2026-04-24)", "https://huggingface.co/models"),),
        note="Sent by `release-monitor notify test`.",
    )


@click.group("db")
def db_command() -> None:
    """Migrate and check the database."""


@db_command.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's schema; a SQLite file is copied first. Stop the workers before."""
    from monitor.store import Store
    from monitor.store.engine import shown
    from monitor.store.migrate import upgrade

    store = Store(environment().database_url)
    try:
        before, after = upgrade(store.engine)
        where = shown(store.engine)
    finally:
        store.close()
    click.echo(f"{where}: schema {after}" + ("" if before == after else f", was {before or 'empty'}"))


@db_command.command("check")
def db_check() -> None:
    """Check that the database can be used as it is; exit 1 if not. A SQLite file is created or migrated first."""
    from monitor.store.engine import shown
    from monitor.store.migrate import HEAD, open_store

    store = open_store(environment().database_url, say)
    try:
        with store.reading():
            click.echo(f"{shown(store.engine)}: schema {HEAD}, good")
    finally:
        store.close()
