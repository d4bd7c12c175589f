"""Show how far long work has come: a line that is rewritten on a terminal, a line a step elsewhere."""

import sys
from types import TracebackType
from typing import Self

import click

from monitor.poll import Polled


class Progress:
    """Progress on stderr; use it as a context manager."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._done = 0
        self._is_terminal = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._is_terminal and self._done:
            click.echo("\r\033[K", nl=False, err=True)

    def account(self, polled: Polled, total: int) -> None:
        """Tell that one more of `total` accounts was polled."""
        self._done += 1
        outcome = (
            "not seen" if polled.error else f"{polled.published} published" if polled.published else "ok"
        )
        line = f"{self._what} {self._done}/{total} {polled.account} {outcome}"
        if self._is_terminal:
            click.echo(f"\r\033[K{line[:100]}", nl=False, err=True)
        else:
            click.echo(line, err=True)
