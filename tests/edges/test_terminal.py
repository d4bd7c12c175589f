"""Messages are printed as plain text, whatever the terminal can show."""

import io

import pytest

from monitor.core.telling import Message, Notification
from monitor.errors import NotifyError
from monitor.notify.terminal import Terminal


def notification(title: str) -> Notification:
    return Notification("d-1", "terminal", Message(title, "Lead."), attempts=1)


def test_messages_are_printed_with_a_blank_line_between() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    assert terminal.send(notification("One")) == ""
    terminal.send(notification("Two"))
    assert stream.getvalue() == "One\nLead.\n\nTwo\nLead.\n\n"


def test_no_control_sequence_reaches_the_terminal() -> None:
    stream = io.StringIO()
    Terminal(stream).send(notification("\x1b[31mred\x1b]0;title\x07\u202e[/red]\ud800"))
    assert stream.getvalue().splitlines()[0] == "[31mred]0;title[/red]\ufffd"


def test_a_terminal_without_the_letters_shows_question_marks() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Terminal(stream).send(notification("ERNIE → 模型"))
    assert raw.getvalue().startswith(b"ERNIE ? ??\n")


def test_a_closed_stream_is_a_failed_delivery() -> None:
    stream = io.StringIO()
    stream.close()
    with pytest.raises(NotifyError, match="cannot print"):
        Terminal(stream).send(notification("One"))
