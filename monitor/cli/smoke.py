"""The command that asks the hubs what their documentation leaves open: smoke."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from monitor.cli.context import environment, read_config
from monitor.cli.output import emit, format_option
from monitor.cli.progress import Progress
from monitor.cli.prose import entry
from monitor.config import HUBS, Environment

if TYPE_CHECKING:
    from monitor.hubs.probing import Access
    from monitor.smoke import Finding


@click.command("smoke")
@click.option("--hub", type=click.Choice(HUBS), help="Only this hub [default: those that are watched].")
@format_option
def smoke_command(hub: str | None, form: str) -> None:
    """Ask the hubs, live, what their documentation leaves open; exit 1 if one could not be asked.

    Reads a few public pages, at most eight requests a hub, under the tokens that are set. It needs the internet.
    """
    from monitor.smoke import QUESTIONS

    env = environment()
    hubs = [hub] if hub else _watched_hubs()
    with Progress("asked", sum(len(QUESTIONS[name]) for name in hubs)) as progress:
        findings = [finding for name in hubs for finding in _ask(_access(name, env), progress)]
    emit(
        form,
        [asdict(finding) for finding in findings],
        columns=("hub", "question", "answer", "evidence"),
        table=lambda: "\n".join(map(_line, findings)),
    )
    if any(finding.answer is None for finding in findings):
        raise click.exceptions.Exit(1)


def _watched_hubs() -> list[str]:
    watched = {account.hub for account in read_config().accounts}
    return [hub for hub in HUBS if hub in watched] or list(HUBS)


def _ask(access: "Access", progress: Progress) -> Iterator["Finding"]:
    from monitor.clock import utc_now
    from monitor.hubs.probing import Prober
    from monitor.smoke import QUESTIONS, ask

    with Prober(access, utc_now) as prober:
        for finding in ask(prober, QUESTIONS[access.hub]):
            progress.step(finding.hub)
            yield finding


def _access(hub: str, env: Environment) -> "Access":
    from monitor.hubs.probing import Access

    endpoint, token = {
        "huggingface": (env.hf_endpoint, env.hf_token),
        "modelscope": (env.modelscope_endpoint, env.modelscope_token),
        "github": (env.github_api_url, env.github_token),
        "openrouter": (env.openrouter_api_url, None),
    }[hub]
    return Access(hub, endpoint, token, env.contact)


def _line(finding: "Finding") -> str:
    answer = "could not be asked" if finding.answer is None else finding.answer
    return entry(f"{finding.hub}: {finding.question}: {answer} ({finding.evidence})")
