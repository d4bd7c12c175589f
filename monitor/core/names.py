"""Read a repository's name: which product line and version it belongs to, and which checkpoint it is.

Qwen/Qwen3-30B-A3B-Instruct-2507-FP8
    checkpoint  qwen3 30b a3b instruct 2507    the very weights: everything but the format
    line        qwen3 2507                     what was launched: no size, role or format
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.core.vocabulary import (
    FIELDS,
    FOREIGN,
    FORMAT_PATTERN,
    FORMATS,
    PARTS,
    ROLES,
    SIZE,
    SYNONYMS,
    TIERS,
    VERSION,
    VISION,
)

_STATED_SIZE = re.compile(r"(?:(\d{1,4})x)?(\d{1,6}(?:\.\d{1,6})?)([mbt])", re.IGNORECASE)
_BETWEEN = re.compile(r"[-_ ]+|\.(?!\d)")
_DECIMAL = re.compile(r"(?<=\d)_(?=\d)")  # "2_5" is 2.5
_LAYOUT = re.compile(r"[-_][a-z0-9]+[-_]format$|(?<=q\d)_k(?:_[sml])?(?![a-z0-9])", re.IGNORECASE)
_SEEING = re.compile(r"(\d+(?:\.\d+)*)v")  # "4.5v" is a 4.5 that sees
_FOREIGN_VERSION = re.compile(r"r?\d{1,2}(?:\.\d+)*")  # "Llama-3.1", "DeepSeek-R1"
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Name:
    """What a repository's name says: words in lower case, in the order of the name where nothing else is said.

    `variant` is the line's family, then in alphabetical order its versions and fields: no words of its own.
    `series` is that without what tells models that see from those that do not; nothing where there is no version.
    """

    line: tuple[str, ...]
    checkpoint: tuple[str, ...]
    variant: tuple[str, ...]
    series: tuple[str, ...]


@lru_cache(maxsize=65536)
def read_name(short_name: str) -> Name:
    """Read a repository's name without its owner. Its first word is the family, whatever it says."""
    words = tuple(_words(_LAYOUT.sub("", short_name).casefold()))
    checkpoint = tuple([word for place, word in enumerate(words) if place == 0 or not _is_format(word)])
    own = _own(checkpoint)
    line = own[:1] + tuple([_canonical(word) for word in own[1:] if not _says_size_or_role(word)])
    telling = sorted(_telling(line[1:]))
    has_version = any(_DIGIT.search(word) for word in line)
    series = tuple([word for word in telling if word not in VISION])
    return Name(line, checkpoint, line[:1] + tuple(telling), line[:1] + series if has_version else ())


def says_product(name: Name) -> bool:
    """Tell whether a name says which product it is of: it has more than sizes, roles and formats."""
    return any(not _is_format(word) and not _says_size_or_role(word) for word in name.line)


def display_name(short_names: Sequence[str]) -> str:
    """Name a release after its repositories, with the words that they share.

    >>> display_name(["Qwen3-8B-Base", "Qwen3-8B", "Qwen3-235B-A22B-GGUF"])
    'Qwen3'
    >>> display_name(["Kimi-K2-Thinking", "Kimi-K2-Thinking-GGUF"])
    'Kimi-K2-Thinking'
    """
    return _name_of(tuple(short_names))


# A release is named anew at each poll, and seldom has new repositories then.
@lru_cache(maxsize=16384)
def _name_of(short_names: tuple[str, ...]) -> str:
    plainest = min(short_names, key=_how_plain)
    kept = _shared(plainest, short_names)
    words = [word for word in _words(plainest) if _canonical(word.casefold()) in kept]
    return "-".join(words) or plainest


def _how_plain(short_name: str) -> tuple[bool, int, str]:
    """Rank a name: of an embedding and its reranker the former names both; then the shorter one."""
    has_synonym = any(word in SYNONYMS for word in read_name(short_name).checkpoint)
    return has_synonym, len(short_name), short_name


def _shared(plainest: str, short_names: Sequence[str]) -> frozenset[str]:
    """Return the words of the plainest name that name all of them, in lower case: no format, no stage of training.

    Where the names share no family, no one's words are all's: then it is the plainest that names them.
    """
    name = read_name(plainest)
    checkpoints = {read_name(short).checkpoint for short in short_names}
    if len(checkpoints) == 1:
        return frozenset(map(_canonical, name.checkpoint))
    shared = frozenset.intersection(*(frozenset(map(_canonical, words)) for words in checkpoints))
    return shared - (ROLES - PARTS) if name.line[0] in shared else frozenset(name.line)


def size_in_name(short_name: str) -> int | None:
    """Return the number of parameters that a name states, the total of a mixture of experts.

    >>> size_in_name("Qwen3-30B-A3B-Instruct")
    30000000000
    """
    sizes = [match for token in _words(short_name) if (match := _STATED_SIZE.fullmatch(token))]
    if not sizes:
        return None
    experts, number, unit = sizes[0].groups()
    scale = {"m": 10**6, "b": 10**9, "t": 10**12}[unit.lower()]
    return int(int(experts or 1) * float(number) * scale)


def _words(text: str) -> list[str]:
    """Return the words of a name; a name of signs alone is one word."""
    return [word for word in _BETWEEN.split(_DECIMAL.sub(".", text)) if word] or [text]


def _own(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what a model was made of: "R1-Distill-Llama-70B" is R1's, "LongWriter-Llama3.1-8B" is LongWriter."""
    own = list(words[:1])
    is_behind_foreign = False
    for word in words[1:]:
        if word == "distill":
            break
        is_its_version = is_behind_foreign and _FOREIGN_VERSION.fullmatch(word) is not None
        is_foreign = FOREIGN.fullmatch(word) is not None
        is_behind_foreign = is_foreign and not _DIGIT.search(word)
        if not is_foreign and not is_its_version:
            own.append(word)
    return tuple(own)


def _telling(words: Sequence[str]) -> Iterator[str]:
    """Yield the words that tell a product from another: versions, and the fields that come before any other word.

    "Qwen3-Coder" is another product than "Qwen3"; "ESFT-gate-law" is a variant of "ESFT-gate-intent".
    """
    is_variant = False
    for word in words:
        seeing = _SEEING.fullmatch(word)
        if seeing:
            yield from (seeing[1], "v")
        elif VERSION.fullmatch(word) or (word in FIELDS and not is_variant):
            yield word
        else:
            is_variant = True


def _canonical(word: str) -> str:
    return SYNONYMS.get(word, word)


def _is_format(word: str) -> bool:
    return word in FORMATS or FORMAT_PATTERN.fullmatch(word) is not None


def _says_size_or_role(word: str) -> bool:
    return word in ROLES or word in TIERS or SIZE.fullmatch(word) is not None
