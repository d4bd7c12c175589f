"""The command line: `release-monitor`. Each command's module is imported only when it is called."""

import importlib
import sys
from collections.abc import Sequence

import click

from monitor import __version__
from monitor.errors import ConfigError, MonitorError

# The commands in the order of the help, with the module of each and what the help says without importing it.
_COMMANDS = {
    "demo": ("service", "Watch the whole service at work on recorded history; needs no network."),
    "run": ("service", "Run the service: poll, decide, deliver, serve the pages."),
    "worker": ("service", "Run a worker: any number of them on one PostgreSQL."),
    "web": ("service", "Serve the release log: pages, JSON API, feeds."),
    "poll": ("service", "Poll every account once now; send nothing."),
    "deliver": ("service", "Send everything that is due."),
    "log": ("reading", "Show the release log."),
    "changes": ("reading", "Show what happened to repositories: withdrawn, returned, renamed, ..."),
    "cadence": ("cadence", "Show each organisation's cadence, with evidence."),
    "counts": ("counts", "Show launches, release days and repositories by period."),
    "alerts": ("reading", "Show alerts and the state of their delivery."),
    "brief": ("brief", "Show the weekly brief as it would be sent now."),
    "status": ("status", "Show how the monitor itself fares."),
    "backtest": ("backtest", "Replay release days from a CSV file through the cadence engine."),
    "replay": ("replay", "Try other budgets, or another grouping, on what was recorded."),
    "releases": ("releases", "Look at one release; merge, split and rename releases."),
    "orgs": ("editing", "List, add, remove and check the organisations to watch."),
    "routes": ("routes", "Say who is told of what, and when."),
    "mute": ("muting", "Tell nobody of an organisation for a while, or list who is muted."),
    "unmute": ("muting", "Tell of a muted organisation again."),
    "doctor": ("doctor", "Check everything that is set up, and say what to click."),
    "config": ("trying", "Check the configuration."),
    "notify": ("trying", "Try the delivery of messages."),
    "smoke": ("smoke", "Ask the hubs what their documentation leaves open; needs the internet."),
    "db": ("trying", "Migrate and check the database."),
}


class _Commands(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _with_config_first(args))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"monitor.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


def _with_config_first(args: Sequence[str]) -> list[str]:
    """Let `--config DIR` stand behind the command as well as before it: people write it where they think of it."""
    front: list[str] = []
    rest = list(args)
    for index, arg in enumerate(rest):
        if arg == "--":
            break
        if arg == "--config":
            front, rest = rest[index : index + 2], rest[:index] + rest[index + 2 :]
            break
        if arg.startswith("--config="):
            front, rest = [arg], rest[:index] + rest[index + 1 :]
            break
    return front + rest


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="First steps: `release-monitor demo`, then `release-monitor run`.",
)
@click.version_option(__version__, prog_name="release-monitor")
@click.option(
    "--config",
    "directory",
    metavar="DIR",
    help="Folder of organizations.toml and settings.toml [default: $MONITOR_CONFIG, else ./config].",
)
@click.option("-v", "--verbose", is_flag=True, help="Log every poll.")
@click.pass_context
def cli(ctx: click.Context, directory: str | None, verbose: bool) -> None:
    """Watch what laboratories publish on model hubs, and tell when their release cadence changes."""
    ctx.obj = {"directory": directory, "verbose": verbose}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exit 0 when done, 1 when something failed, 2 for wrong usage or configuration."""
    try:
        cli.main(list(arguments) if arguments is not None else None, standalone_mode=True)
    except MonitorError as error:
        for line in str(error).splitlines():
            print(f"release-monitor: {line}", file=sys.stderr)  # noqa: T201
        sys.exit(2 if isinstance(error, ConfigError) else 1)
    except OSError as error:  # stdout is on a disk that is full
        print(f"release-monitor: cannot write the result: {error.strerror or error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
