"""Show how far long work has come: a line that is rewritten on a terminal, a line a step elsewhere."""

import sys
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from monitor.record import Polled


class Progress:
    """Progress of `total` steps on stderr; use it as a context manager. Elsewhere than on a terminal every
    `every`-th step is a line."""

    def __init__(self, what: str, total: int = 0, every: int = 1) -> None:
        self._what = what
        self._total = total
        self._every = every
        self._done = 0
        self._is_terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_terminal and self._done:
            click.echo("\r\033[K", nl=False, err=True)

    def step(self, detail: str = "") -> None:
        """Tell that one more step is done."""
        self._done += 1
        line = f"{self._what} {self._done}/{self._total} {detail}".rstrip()
        if self._is_terminal:
            click.echo(f"\r\033[K{line[:100]}", nl=False, err=True)
        elif self._done % self._every == 0:
            click.echo(line, err=True)


def show_polled(progress: Progress, polled: "Polled") -> None:
    """Tell that one more account was polled, and what came of it."""
    outcome = "not seen" if polled.error else f"{polled.published} published" if polled.published else "ok"
    progress.step(f"{polled.account} {outcome}")
