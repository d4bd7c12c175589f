"""The commands that try before one trusts: config, notify, db."""

from typing import Any

import click

from monitor.cli.context import environment, opened_app, read_config, say
from monitor.core.text import counted
from monitor.errors import ConfigError, NotifyError


@click.group("config")
def config_command() -> None:
    """Check the configuration."""


@config_command.command("check")
def config_check() -> None:
    """Check both files and the environment, and say everything that is wrong at once; exit 2 if anything is."""
    from monitor.config.receivers import unreachable

    problems: list[str] = []
    for read in (read_config, environment):
        try:
            read()
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    config = read_config()
    settings, env = config.settings, environment()
    routes = f", {counted(len(settings.routes), 'route', 'routes')}" if settings.routes else ""
    click.echo(
        f"{config.directory}: good: {len(config.organizations)} organisations, {len(config.accounts)} accounts{routes}"
    )
    for notice in (*env.notices, *unreachable(settings.routes, env)):
        say(notice)


@click.group("notify")
def notify_command() -> None:
    """Try the delivery of messages."""


@notify_command.command("secret")
def notify_secret() -> None:
    """Print a new secret for MONITOR_WEBHOOK_SECRET, with which a receiver checks that a message is ours."""
    from base64 import b64encode
    from secrets import token_bytes

    click.echo(f"whsec_{b64encode(token_bytes(32)).decode()}")


@notify_command.command("test")
def notify_test() -> None:
    """Send one test message to each configured receiver now; exit 1 if one did not take it."""
    from monitor.app import receivers
    from monitor.core.telling import Notification
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
    from monitor.core.telling import Link, Message

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
