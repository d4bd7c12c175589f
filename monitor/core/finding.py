"""Find releases by what somebody types: words that begin so, in capitals or not, with accents or without.

What an index holds of a text, and what a search asks of it, is made here and is plain ASCII, so that it means the same
on each database and nothing that is typed can be read as an operator.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from hashlib import blake2s

# Every beginning of a word up to here is in the index by itself: asking for one is then as quick as for a whole word.
SHORT = 8

_LONGEST = 40  # letters of a word that count
_MOST_WORDS = 400  # of one release
_MOST_TYPED = 8

# Letters and digits; a dot between digits belongs to its number ("2.5").
_WORD = re.compile(r"(?:[^\W_]|(?<=\d)\.(?=\d))+")
_NUMBER_INSIDE = re.compile(r"(?<=[^\W\d])\d.*")
# Scripts that put no space between words: what is sought may begin at any letter.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)


def typed_words(text: str) -> tuple[str, ...]:
    """Return the words of what somebody typed, at most eight of them; none where there are only signs."""
    return tuple(dict.fromkeys(word[:_LONGEST] for word in _WORD.findall(_folded(text[:1000]))))[:_MOST_TYPED]


def index_terms(texts: Iterable[str]) -> list[str]:
    """Return every term under which texts are found, each once: the short beginnings of their words, and long words."""
    words = dict.fromkeys(word[:_LONGEST] for text in texts for word in _words(text[:1000]))
    beginnings = (
        word[:end]
        for word in list(words)[:_MOST_WORDS]
        for end in (*range(1, min(len(word), SHORT) + 1), len(word))
    )
    return [_ascii(term) for term in dict.fromkeys(beginnings)]


def sought_term(word: str) -> tuple[str, bool]:
    """Return the term to look up for a typed word, and whether it is only the beginning of those that fit."""
    return _ascii(word), len(word) > SHORT


def value_term(field: str, value: str) -> str:
    """Return the term of a release of which a field has this value; no word is like it.

    >>> value_term("kind", "language")
    '.kind.6e00b9bbc8efbcd8'
    """
    return f".{field}.{blake2s(value.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text, and other ways to type them: "qwen 3" for Qwen3, "ernie4.5" for ERNIE-4.5."""
    before = ""
    for word in _WORD.findall(_folded(text)):
        yield word
        if inside := _NUMBER_INSIDE.search(word):
            yield inside[0]
        if before.isalpha() and word[0].isdigit():
            yield before + word
        for letter in _UNSPACED.finditer(word[:_LONGEST]) if not word.isascii() else ():
            yield word[letter.start() :]
        before = word


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKC", plain.casefold())


def _ascii(word: str) -> str:
    """Write each other letter as its number, so that beginnings stay beginnings."""
    if word.isascii():
        return word
    return "".join(letter if letter.isascii() else f"_{ord(letter):x}_" for letter in word)
