"""Text that strangers wrote is cleaned, cut and laid out without harm."""

import unicodedata

import pytest

from monitor.core.telling import Link, Message
from monitor.core.text import clean, cut, message_text, named

FAMILY = "👨‍👩‍👧"
FLAG = "🇨🇳"
ACCENTED = "e\u0301"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x07", "[31mred"),
        ("a\x00b", "ab"),
        ("one\r\ntwo\tthree\u2028four", "one two three four"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a\u200db", "ab"),
        (FAMILY, FAMILY),
        ("half \ud800", "half \ufffd"),
        ("\ufffe\U0001ffff", "\ufffd\ufffd"),
        ("  \u00a0 a \u3000 b ", "a b"),
        ("a&b &lt; <!channel>", "a&b &lt; <!channel>"),
        ("שלום 模型", "שלום 模型"),
    ],
)
def test_what_is_invisible_goes_and_what_is_seen_stays(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_a_letter_keeps_eight_of_two_thousand_accents() -> None:
    stacked = clean("a" + "\u0301\u200b" * 2000 + "b")
    assert sum(unicodedata.combining(char) > 0 for char in stacked) == 8
    assert stacked[0] == "a"
    assert stacked[-1] == "b"


@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "\u200b", "\u3164", "\u2800\u115f", "\n", "\u0301"])
def test_a_name_that_shows_nothing_is_called_unnamed(blank: str) -> None:
    assert named(blank) == "(unnamed)"


@pytest.mark.parametrize("unit", [FAMILY, FLAG, ACCENTED, "👍🏽", "❤️"])
@pytest.mark.parametrize("limit", range(8, 40))
def test_a_cut_never_falls_inside_a_character(unit: str, limit: int) -> None:
    shortened = cut(unit * 30, limit)
    assert len(shortened) <= limit
    assert shortened.removesuffix("…") == unit * ((len(shortened) - 1) // len(unit))


def test_a_text_that_fits_is_not_cut() -> None:
    assert cut("exactly", 7) == "exactly"


def test_a_cut_measures_what_will_be_sent() -> None:
    shortened = cut("&" * 100, 51, lambda text: 5 * text.count("&") + text.count("…"))
    assert shortened == "&" * 10 + "…"


def test_a_message_is_laid_out_in_plain_lines() -> None:
    message = Message(
        title="DeepSeek released V4",
        lead="2 repositories on Hugging Face.",
        facts=(("Licence", "mit"),),
        links=(Link("deepseek-ai/V4", "https://huggingface.co/deepseek-ai/V4"), Link("\x1b]0;x\x07")),
        more=1200,
        note="Sure.",
        url="https://models.example.org/releases/1",
    )
    assert message_text(message).splitlines() == [
        "DeepSeek released V4",
        "2 repositories on Hugging Face.",
        "Licence: mit",
        "- deepseek-ai/V4",
        "- ]0;x",
        "and 1,200 more",
        "Sure.",
        "https://models.example.org/releases/1",
    ]


def test_a_message_of_two_strings_is_two_lines() -> None:
    assert message_text(Message("Title", "Lead.")) == "Title\nLead."
