"""The command that checks the whole set-up and says what to click: doctor."""

from collections.abc import Iterator
from dataclasses import asdict

import click

from monitor.cli.context import config_directory, environment, say
from monitor.cli.output import emit, format_option
from monitor.cli.prose import entry, indented
from monitor.config import Config, Environment, load
from monitor.core.checkup import Finding, State
from monitor.core.text import counted
from monitor.errors import ConfigError

_WIDTH = len("problem  ")


@click.command("doctor")
@format_option
def doctor_command(form: str) -> None:
    """Check everything that is set up, and say what is wrong and what to click; exit 1 if something does not work.

    The files, the environment, the database, the disk; each hub, with one request; Slack's token, scopes, channels and
    connection. It sends nothing (`notify test` does), and changes nothing.

    Example: release-monitor doctor --format json
    """
    findings = list(_findings())
    emit(
        form,
        [{**asdict(finding), "state": finding.state.value} for finding in findings],
        columns=("subject", "state", "text", "remedy"),
        table=lambda: "\n".join(line for finding in findings for line in _lines(finding)),
    )
    problems = sum(finding.state is State.PROBLEM for finding in findings)
    if problems:
        say(f"{counted(problems, 'problem', 'problems')}; see the lines that begin with “problem”")
        raise click.exceptions.Exit(1)


def _findings() -> Iterator[Finding]:
    """Yield all that is found; where files or environment are wrong, that alone: all else follows from them."""
    from concurrent.futures import ThreadPoolExecutor

    from monitor.app import opened_apart
    from monitor.checkup import checked_config, checked_database, checked_hubs, checked_receivers

    config, env, problems = _read()
    yield from problems
    if config is None or env is None:
        return
    yield from checked_config(config, env)
    # The hubs note their limits in a database: in one of this moment, since the real one is not to be touched.
    with opened_apart(env) as app, app.hubs() as hubs:
        app.settings = config.settings
        # All at once, so that three that hang take no longer than one.
        with ThreadPoolExecutor(max_workers=2) as beside:
            of_database = beside.submit(lambda: list(checked_database(env)))
            of_hubs = beside.submit(lambda: list(checked_hubs(config, hubs)))
            of_receivers = list(checked_receivers(app, config))
        yield from (*of_database.result(), *of_hubs.result(), *of_receivers)


def _read() -> tuple[Config | None, Environment | None, list[Finding]]:
    problems: list[Finding] = []
    config: Config | None = None
    env: Environment | None = None
    try:
        config = load(config_directory())  # its warnings are findings
    except ConfigError as error:
        problems += [Finding("configuration", State.PROBLEM, problem) for problem in error.problems]
    try:
        env = environment()
    except ConfigError as error:
        problems += [Finding("environment", State.PROBLEM, problem) for problem in error.problems]
    return config, env, problems


def _lines(finding: Finding) -> Iterator[str]:
    yield entry(f"{finding.subject}: {finding.text}", f"{finding.state.value:<{_WIDTH}}")
    if finding.remedy:
        yield from indented(f"→ {finding.remedy}")
