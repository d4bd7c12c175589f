"""Text that strangers wrote, made safe to show: cleaned, cut between characters as people see them, laid out."""

import unicodedata
from collections.abc import Callable, Sequence
from itertools import takewhile

from monitor.core.telling import Message

UNNAMED = "(unnamed)"
ELLIPSIS = "…"

_JOINER = "\u200d"  # glues emoji into one
_MARKS_KEPT = 8  # combining marks on one letter; more are a prank ("zalgo")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f")  # letters and marks that show nothing


def clean(text: str) -> str:
    """Return the text on one line without anything invisible.

    Controls, direction overrides and zero-width characters go (a joiner stays between two emoji), lone
    surrogates and noncharacters become U+FFFD, every run of white space one space, and at most eight
    combining marks stay on one letter. The result may be empty.
    """
    if text.isascii() and text.isprintable():  # almost every name: nothing to look for letter by letter
        return " ".join(text.split())
    shown: list[str] = []
    marks = 0
    for index, char in enumerate(text):
        kept = _joiner(text, index) if char == _JOINER else _visible(char)
        if not kept:
            continue
        marks = marks + 1 if _is_mark(kept) else 0
        if marks <= _MARKS_KEPT:
            shown.append(kept)
    return " ".join("".join(shown).split())


def named(text: str) -> str:
    """Return the cleaned text, or "(unnamed)" where nothing would be seen."""
    cleaned = clean(text)
    if all(char in _BLANK or char.isspace() or _is_mark(char) for char in cleaned):
        return UNNAMED
    return cleaned


def cut(text: str, limit: int, size: Callable[[str], int] = len) -> str:
    """Shorten the text until its size is at most `limit`, with an ellipsis and never inside a character.

    A letter with its accents, a flag and a joined emoji count as one character. `size` measures what will be
    sent, in code points: pass the length after escaping, so that no escape is ever cut.
    """
    if size(text) <= limit:
        return text
    end = min(len(text) - 1, limit)
    while end > 0 and (size(text[:end]) + len(ELLIPSIS) > limit or not _may_cut(text, end)):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def message_text(message: Message) -> str:
    """Lay a message out as plain lines: title, lead, facts, links by their texts, what is not named, note, address."""
    lines = [
        named(message.title),
        clean(message.lead),
        *(f"{clean(label)}: {clean(value)}" for label, value in message.facts),
        f"{clean(message.links_title)}:" if message.links_title and message.links else "",
        *(f"- {named(link.text)}" for link in message.links),
        more_text(message.more),
        clean(message.note),
        clean(message.url or ""),
    ]
    return "\n".join(line for line in lines if line)


def counted(number: int, one: str, many: str) -> str:
    """Say how many there are of something.

    >>> counted(1, "repository", "repositories"), counted(1234, "row", "rows")
    ('1 repository', '1,234 rows')
    """
    return f"{number:,} {one if number == 1 else many}"


def more_text(more: int) -> str:
    """Say how many are not named; "" where all are."""
    return f"and {more:,} more" if more > 0 else ""


def listed(names: Sequence[str], most: int = 5) -> str:
    """Name a few, and say how many more there are.

    >>> listed(["alibaba", "baidu", "zhipu"], most=2)
    'alibaba, baidu and 1 more'
    """
    return " ".join(filter(None, (", ".join(names[:most]), more_text(len(names) - most))))


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Zs", "Zl", "Zp") or char in "\t\n\v\f\r\x85":
        return " "
    if category == "Cs" or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF:
        return "\ufffd"
    return "" if category in ("Cc", "Cf") else char


def _joiner(text: str, index: int) -> str:
    around = text[index - 1 : index] + text[index + 1 : index + 2]
    return _JOINER if len(around) == 2 and all(_is_emoji_part(char) for char in around) else ""


def _is_emoji_part(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk") or char == "\ufe0f"


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def _may_cut(text: str, index: int) -> bool:
    """Tell whether a new character begins at `index`: a short form of Unicode Standard Annex 29."""
    before, after = text[index - 1], text[index]
    if _JOINER in (before, after) or _is_mark(after) or _is_skin_tone(after):
        return False
    if _is_flag_half(before) and _is_flag_half(after):
        halves = sum(1 for _ in takewhile(_is_flag_half, reversed(text[:index])))
        return halves % 2 == 0
    return True


def _is_skin_tone(char: str) -> bool:
    return "\U0001f3fb" <= char <= "\U0001f3ff"


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"
