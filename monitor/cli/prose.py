"""Sentences around the rows of a table, and how wide they may be."""

from shutil import get_terminal_size
from sys import maxsize

from monitor.core.text import clean

_READABLE = 100  # columns; a sentence that runs further is hard to read
_INDENT = " " * 4


def terminal_width() -> int | None:
    """Return the columns of the terminal, or of COLUMNS; None where the output goes elsewhere."""
    return get_terminal_size(fallback=(0, 0)).columns or None


def wrapped(text: str, width: int, first: str = "", later: str = "") -> list[str]:
    """Break a cleaned text between its words; a name, an address or a date is never cut, however long."""
    if text.isascii() and 0 < len(text) <= width - len(
        first
    ):  # almost every cell: nothing to measure or to break
        return [first + text]
    from wcwidth import wrap

    return wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def paragraph(text: str, label: str = "") -> str:
    """Wrap a text to the width of a terminal; below its first line it begins where it does beside the label."""
    return "\n".join(wrapped(clean(text), _line_width(), label, " " * len(label))).rstrip()


def entry(text: str, label: str = "") -> str:
    """Return an entry of a list, on one line where the output goes elsewhere: it can be searched there."""
    later = " " * (len(label) or len(_INDENT))
    return "\n".join(wrapped(clean(text), terminal_width() or maxsize, label, later))


def indented(text: str) -> list[str]:
    """Wrap a text that stands below a row; no line where it is empty."""
    return wrapped(clean(text), _line_width(), _INDENT, _INDENT)


def _line_width() -> int:
    return min(terminal_width() or _READABLE, _READABLE)
