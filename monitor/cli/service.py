"""The commands that act: demo, run, worker, poll, deliver."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import click

from monitor.app import App
from monitor.cli.context import known_organizations, opened_app, read_config, say, set_up_logs
from monitor.cli.progress import Progress, show_polled
from monitor.config import HUBS, Config
from monitor.core.text import counted


class Address(click.ParamType[tuple[str, int]]):
    """A host and a port, as in settings.toml."""

    name = "address"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Read it."""
        from monitor.config.rules import parse_address

        try:
            return value if isinstance(value, tuple) else parse_address(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


_address = click.option(
    "--address",
    type=Address(),
    metavar="HOST:PORT",
    help="Serve the pages there [default: `address` of [web], 127.0.0.1:8080].",
)


@click.command("run")
@_address
def run_command(address: tuple[str, int] | None) -> None:
    """Run the service in one process: poll, decide, deliver, until Ctrl-C or SIGTERM.

    Without any setting it watches the shipped organisations on all hubs, keeps a SQLite file in your data
    folder, prints its messages here, and serves the release log at http://127.0.0.1:8080. SLACK_BOT_TOKEN and
    SLACK_CHANNEL (or SLACK_WEBHOOK_URL) send the messages to Slack.
    """
    _serve(pages=True, address=address)


@click.command("worker")
def worker_command() -> None:
    """Run a worker: polls and deliveries, no pages. Any number of them may share one PostgreSQL."""
    _serve(pages=False)


@click.command("web")
@_address
def web_command(address: tuple[str, int] | None) -> None:
    """Serve the release log: pages, JSON API, feeds, until Ctrl-C or SIGTERM; polls and sends nothing.

    Reading is open on 127.0.0.1. MONITOR_WEB_TOKEN lets people change the watch list; an address that others can reach
    needs MONITOR_WEB_READ_TOKEN, or `open = true` in [web].

    Example: release-monitor web
    """
    from monitor.web.serving import wait_for_signal, web_alone

    set_up_logs()
    config = _at(address, read_config())
    with opened_app(announce=True) as app, web_alone(app, config) as served:
        say(f"release log: {served}")
        wait_for_signal()


def _at(address: tuple[str, int] | None, config: Config) -> Config:
    """Return the configuration with another address for the pages."""
    if address is None:
        return config
    web = replace(config.settings.web, host=address[0], port=address[1])
    return replace(config, settings=replace(config.settings, web=web))


def _serve(*, pages: bool, address: tuple[str, int] | None = None) -> None:
    from monitor.config.receivers import unreachable
    from monitor.deliver import PACE
    from monitor.worker import run

    set_up_logs()
    config = _at(address, read_config())
    with opened_app(announce=True) as app, ExitStack() as stack:
        accounts = len(config.accounts)
        say(f"watching {len(config.organizations)} organisations, {accounts} accounts ({config.directory})")
        for doubt in unreachable(config.settings.routes, app.environment):
            say(doubt)
        if pages:
            from monitor.web.serving import web_beside

            say(f"release log: {stack.enter_context(web_beside(app, config))}")
        run(app, config, pace=PACE)


@click.command("poll")
@click.argument("organizations", nargs=-1, metavar="[ORG]...")
@click.option("--hub", type=click.Choice(HUBS), help="Only accounts on this hub.")
def poll_command(organizations: tuple[str, ...], hub: str | None) -> None:
    """Poll every account once now, due or not, and send nothing; exit 1 if any could not be seen.

    Example: release-monitor poll deepseek moonshot
    """
    from monitor.store.watchlist import Selection

    set_up_logs(quiet=True)
    config = read_config()
    selection = Selection(known_organizations(organizations, config), hub)
    with opened_app() as app, app.hubs() as hubs, app.poller(hubs) as poller:
        watch = app.watch(config)
        with Progress("polling", poller.count(selection)) as progress:
            polled = poller.poll_selected(watch, selection, partial(show_polled, progress))
    failed = [result for result in polled if result.error]
    for result in failed:
        say(f"{result.account}: {result.error}")
    published, changes = sum(r.published for r in polled), sum(r.changes for r in polled)
    click.echo(
        f"{len(polled) - len(failed)} of {counted(len(polled), 'account', 'accounts')} seen: "
        f"{counted(published, 'repository', 'repositories')} published, "
        f"{counted(changes - published, 'other change', 'other changes')}, "
        f"{counted(sum(r.alerts for r in polled), 'alert', 'alerts')}"
    )
    if failed:
        raise click.exceptions.Exit(1)


@click.command("deliver")
def deliver_command() -> None:
    """Send everything that is due, one message a second, and stop when nothing is due within 2 seconds.

    Exit 1 if something failed for good, or waits for a person (a revoked token, a channel without the bot). In quiet
    hours nothing is sent.
    """
    from monitor.config.receivers import variable
    from monitor.store import outbox

    set_up_logs()
    config = read_config()
    with opened_app() as app:
        app.settings = config.settings
        with app.store.reading() as tx:
            failed_before = outbox.counts(tx)["failed"]
        app.deliverer().deliver_all(Event().wait, patience=timedelta(seconds=2))
        with app.store.reading() as tx:
            counts, parked = outbox.counts(tx), outbox.parked(tx)
            strangers = [name for name in outbox.waiting_receivers(tx) if app.notifiers()(name) is None]
    parked |= {name: f"it is not set up here; set {variable(name)}" for name in strangers}
    for receiver, reason in parked.items():
        say(f"{receiver}: held: {reason}")
    if counts["failed"]:
        say(f"{counts['failed']} notifications failed for good; see `release-monitor alerts`")
    if counts["waiting"]:
        waiting = counted(counts["waiting"], "notification waits", "notifications wait")
        say(f"{waiting}{_till_when(app)}; see `release-monitor alerts`")
    if parked or counts["failed"] > failed_before:
        raise click.exceptions.Exit(1)


def _till_when(app: App) -> str:
    """Say until when quiet hours hold everything, or that each has a time of its own."""
    timetable = app.settings.notify.timetable
    until = timetable.quiet_until(app.clock())
    if until is None:
        return " for their time"
    local = until.astimezone(ZoneInfo(timetable.time_zone))
    return f" until {local:%Y-%m-%d %H:%M} {timetable.time_zone}: these are quiet hours"


@click.command("demo")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    help="Stop after so many seconds [default: when the recorded history ends].",
)
@click.option(
    "--days-a-second", type=click.FloatRange(0.1, 30), default=4.0, show_default=True, help="How fast."
)
def demo_command(seconds: float | None, days_a_second: float) -> None:
    """Watch the whole service at work on recorded history; needs no network and no account anywhere.

    A hub on this machine replays what eight laboratories published on Hugging Face from June 2025 on, some days a
    second; the real service polls it, logs releases, and says what it would post to Slack. Keeps nothing.
    """
    from monitor.demo import play

    set_up_logs(quiet=True)
    play(seconds=seconds, days_a_second=days_a_second, say=say)
