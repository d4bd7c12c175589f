"""Tables fit the terminal, whatever stands in them, and nothing is lost."""

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from wcwidth import width

from monitor.cli import cli
from monitor.cli.cadence_tables import CADENCE_COLUMNS, GROUP_COLUMNS, cadence_table, groups_table
from monitor.cli.output import grid
from monitor.cli.prose import entry, indented, paragraph

HEADERS = ["seen", "organisation", "release", "what was said of it", "state"]
NAME = "acme/" + "a-very-long-name-" * 3 + "7B"
TEXT = "the weights were made public on 2026-04-24 (see https://hub.example/acme/a-very-long-name) " * 2
ROWS = [["2026-04-24", "acme", NAME, TEXT, "public"], ["2026-04-25", "zenith", "通义千问-7B", "", None]]


def fitted(columns: int, monkeypatch: pytest.MonkeyPatch, **settings: object) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    return grid(HEADERS, ROWS, "none", **settings)  # type: ignore[arg-type]


def widest(table: str) -> int:
    return max(map(width, table.splitlines()))


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.mark.usefixtures("piped")
def test_where_the_output_goes_elsewhere_each_row_is_one_line() -> None:
    table = grid(HEADERS, ROWS, "none", texts=["what was said of it"], fold=["state"])
    assert len(table.splitlines()) == 2 + len(ROWS)
    assert " ".join(TEXT.split()) in table
    assert "\n" not in entry(TEXT, "said  ")


@pytest.mark.parametrize("columns", [200, 140, 120])
def test_texts_are_wrapped_to_the_width_of_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = fitted(columns, monkeypatch, texts=["what was said of it"], fold=["state", "organisation"])
    assert widest(table) <= columns
    assert "https://hub.example/acme/a-very-long-name)" in table
    assert NAME in table
    assert table.count("2026-04-24") == 3  # of the row, and twice in the text


def test_columns_are_folded_below_their_row_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = ["state", "what was said of it", "organisation"]
    all_on_one_line = widest(fitted(1000, monkeypatch, fold=fold))
    assert fitted(all_on_one_line, monkeypatch, fold=fold) == fitted(1000, monkeypatch, fold=fold)
    some = fitted(all_on_one_line - 1, monkeypatch, fold=fold).splitlines()
    assert (some[0].split()[-1], some[3]) == ("it", "    state public")
    all_of_them = fitted(70, monkeypatch, fold=fold)
    assert all_of_them.splitlines()[0].split() == ["seen", "release"]
    assert "    organisation acme; what was said of it the weights were made" in all_of_them
    assert all_of_them.splitlines()[-1] == "    organisation zenith"  # an empty cell is not named
    assert widest(all_of_them) <= 70


def test_dates_names_and_addresses_are_whole_even_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = fitted(1, monkeypatch, texts=["what was said of it"], fold=["state"])
    for whole in ("2026-04-24", NAME, "https://hub.example/acme/a-very-long-name)"):
        assert any(whole in line for line in table.splitlines())


def test_wide_letters_take_two_columns_and_joined_emoji_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    names = ["Qwen", "通义千问", "👨‍👩‍👧 家", "한국어", "é́"]
    lines = grid(["name", "state"], [[name, "public"] for name in names], "none").splitlines()[2:]
    assert {width(line[: line.index("public")]) for line in lines} == {10}


def test_a_heading_that_is_wider_than_its_column_gives_way_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    table = grid(["name", "days since last (longer than)"], [["Qwen 3 Omni", "41 (33 of 34)"]], "none")
    assert table.splitlines() == [
        "name         days since last",
        "             (longer than)",
        "-----------  -----------------",
        "Qwen 3 Omni  41 (33 of 34)",
    ]


def test_what_is_said_below_a_row_stands_below_all_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    below = [["why so", None], [None, None]]
    lines = fitted(100, monkeypatch, texts=["what was said of it"], fold=["state"], below=below).splitlines()
    assert lines[-2:] == ["    state public; why so", lines[-1]]
    assert lines[-1].split() == ["2026-04-25", "zenith", "通义千问-7B"]


def test_sentences_are_as_wide_as_the_terminal_and_never_wider_than_one_can_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for columns, most in ((60, 60), (400, 100)):
        monkeypatch.setenv("COLUMNS", str(columns))
        for text in (paragraph(TEXT), "\n".join(indented(TEXT)), paragraph(TEXT, "said  ")):
            assert most - 45 < widest(text) <= most
    assert indented("") == []


def test_a_table_without_rows_says_why() -> None:
    assert grid(HEADERS, [], "Nobody is watched.") == "Nobody is watched."


def test_no_control_sequence_reaches_the_terminal_in_a_table() -> None:
    assert "\x1b" not in grid(["name"], [["\x1b[31mred\x1b]8;;https://evil.example\x07"]], "none")


@pytest.mark.parametrize("columns", [80, 120])
def test_a_real_terminal_is_asked_how_wide_it_is(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    said = in_terminal(columns, f"from monitor.cli.prose import paragraph; print(paragraph({TEXT!r}))")
    assert said == _paragraph(columns, monkeypatch)


def in_terminal(columns: int, program: str) -> str:
    """Run a program on a terminal of so many columns and return what it prints."""
    ours, its = pty.openpty()
    try:
        os.set_blocking(ours, True)
        _resize(its, columns)
        subprocess.run([sys.executable, "-c", program], stdout=its, check=True, timeout=30)
        return os.read(ours, 10_000).decode().replace("\r\n", "\n").strip()
    finally:
        os.close(its)
        os.close(ours)


def _resize(terminal: int, columns: int) -> None:
    import fcntl
    import struct
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def _paragraph(columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    return paragraph(TEXT)


def test_nobody_watched_is_said_alike_by_each_table_of_cadences(tmp_path: object) -> None:
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.db", "MONITOR_CONFIG": f"{tmp_path}/config"}
    said = {
        CliRunner().invoke(cli, ["cadence", *options], env=environ).stdout
        for options in ([], ["--history"], ["--group", "country"])
    }
    assert said == {"Nobody is watched yet: `release-monitor poll` takes the configuration up.\n"}


def test_how_dates_are_to_be_read_is_said_once_below_a_table_of_cadences() -> None:
    since = datetime(2026, 4, 1, tzinfo=UTC)
    note = "dates before 2026-04-01 are creation dates of what was still public"
    row = dict.fromkeys((*CADENCE_COLUMNS, *GROUP_COLUMNS), None) | {"moved": [], "regime": "faster"}
    row |= {"watched_since": since, "dates": note, "why": f"7 release days in 9 days; {note}"}
    for table in (cadence_table([row, row], [[], []], since, "Budgets."), groups_table([row, row])):
        assert (table.count("7 release days in 9 days"), table.count("creation dates")) == (2, 1)
