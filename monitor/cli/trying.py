"""The commands that try before one trusts: config, notify, db."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from monitor.cli.context import environment, opened_app, read_config, say
from monitor.config import Config, suggestion
from monitor.core.text import counted
from monitor.errors import ConfigError, NotifyError

if TYPE_CHECKING:
    from monitor.app import App


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
@click.argument("receivers", nargs=-1, metavar="[RECEIVER]...")
def notify_test(receivers: tuple[str, ...]) -> None:
    """Send one test message to each receiver now, those of routes included; exit 1 if one did not take it.

    Says what a bot of Slack may not do, and what to click. Example: release-monitor notify test slack:C0123456789
    """
    from monitor.checkup import receivers_of
    from monitor.config.receivers import SLACK

    config = read_config()
    with opened_app() as app:
        app.settings = config.settings
        known = receivers_of(config, app.environment)
        _refuse_strangers(receivers, known)
        chosen = receivers or known
        if any(receiver.startswith(f"{SLACK}:") for receiver in chosen):
            _say_scopes(app, config)
        sent = [_is_sent(app, receiver) for receiver in chosen]
    if not all(sent):
        raise click.exceptions.Exit(1)


def _refuse_strangers(receivers: Sequence[str], known: Sequence[str]) -> None:
    problems = [
        f"RECEIVER: {one!r} is not set up{suggestion(one, known)}; set up: {', '.join(known)}"
        for one in receivers
        if one not in known
    ]
    if problems:
        raise ConfigError(problems)


def _is_sent(app: "App", receiver: str) -> bool:
    """Send a test message, and say what became of it; tells whether it was taken."""
    from uuid import uuid4

    from monitor.checkup import sample_message
    from monitor.core.telling import Notification
    from monitor.notify import Checker

    notifier = app.notifiers()(receiver)
    if notifier is None:
        raise ConfigError([f"{receiver}: it is not set up"])
    try:
        if isinstance(notifier, Checker):
            say(f"{receiver}: {notifier.check()}")
        notifier.send(
            Notification(str(uuid4()), receiver, sample_message(), attempts=1, attempted_at=app.clock())
        )
    except NotifyError as error:
        say(f"{receiver}: not sent ({error.outcome}): {error}")
        return False
    say(f"{receiver}: sent")
    return True


def _say_scopes(app: "App", config: Config) -> None:
    """Say once, whatever the number of channels, which scopes the bot of Slack lacks, and what to click."""
    from monitor.checkup import use_of
    from monitor.core.checkup import State
    from monitor.notify.slack_checkup import SlackCheckup

    env = app.environment
    if not env.slack_bot_token:
        return
    for finding in SlackCheckup(env.slack_bot_token, env.slack_api_url, use_of(config, env)).token():
        if finding.state is not State.OK:
            say(f"{finding.subject}: {finding.text}" + (f"; {finding.remedy}" if finding.remedy else ""))


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
