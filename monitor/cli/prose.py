"""Sentences around and below the rows of a table."""

from collections.abc import Sequence
from textwrap import wrap

from monitor.core.text import clean

_WIDTH = 100  # columns of a terminal
_INDENT = " " * 4


def paragraph(text: str) -> str:
    """Wrap a text to the width of a terminal."""
    return "\n".join(wrap(clean(text), _WIDTH))


def with_evidence(table: str, evidence: Sequence[Sequence[str | None]]) -> str:
    """Put below each row of a table, of one line each, what there is to say of it."""
    lines = table.splitlines()
    rows = len(lines) - len(evidence)
    below = (_indented("; ".join(filter(None, texts))) for texts in evidence)
    pairs = zip(lines[rows:], below, strict=True)
    return "\n".join([*lines[:rows], *(part for line, text in pairs for part in (line.rstrip(), *text))])


def _indented(text: str) -> list[str]:
    return wrap(clean(text), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
