"""Fold the repositories of a launch into a line: how many sizes, which stages of training, which quantisations."""

import re
from collections.abc import Iterable, Sequence

from monitor.core.appearances import listed
from monitor.core.names import size_in_name
from monitor.core.text import counted
from monitor.core.types import KnownRepo

_BETWEEN = re.compile(r"[-_. ]+")

# What the words of a name are called in a sentence, in the order in which they are told.
_STAGES = {
    "base": "base",
    "pretrain": "base",
    "pretrained": "base",
    "instruct": "instruct",
    "it": "instruct",
    "inst": "instruct",
    "chat": "chat",
    "thinking": "thinking",
    "think": "thinking",
    "reasoning": "reasoning",
    "reasoner": "reasoning",
}
_METHODS = {
    "gguf": "GGUF",
    "awq": "AWQ",
    "gptq": "GPTQ",
    "exl2": "EXL2",
    "exl3": "EXL3",
    "bnb": "bitsandbytes",
}
_PRECISIONS = {
    "fp8": "FP8",
    "mxfp8": "MXFP8",
    "fp4": "FP4",
    "nvfp4": "NVFP4",
    "mxfp4": "MXFP4",
    "int8": "INT8",
    "int4": "INT4",
}
_PROGRAMS = {"mlx": "MLX", "onnx": "ONNX", "openvino": "OpenVINO", "paddle": "Paddle", "pt": "PyTorch"}

# What "pt" is short for shows beside what it stands: "gemma-3-4b-it", or "ERNIE-4.5-0.3B-Paddle".
_PT = {"it": "pretrained", "paddle": "pt"}


def variants_text(repos: Iterable[KnownRepo]) -> str:
    """Say what the repositories of a launch are: sizes, stages, quantisations; "" where their names say none of it.

    A copy on another hub is the same variant. What is quantised is counted by repository.
    """
    names = list(dict.fromkeys(known.repo.short_name for known in repos))
    words = _told_apart([_words(name) for name in names])
    parts = [_sizes_text(names), _stages_text(words), _quantised_text(words), _programs_text(words)]
    return "; ".join(filter(None, parts))


def parameters_text(repos: Sequence[KnownRepo]) -> str:
    """Say how many parameters there are, as the weights' own headers have it; "" where none says so.

    Quantised weights count otherwise: they are asked only where there are no others.
    """
    plain = [known for known in repos if _is_plain(known)] or repos
    sizes = sorted({known.repo.parameters for known in plain if known.repo.parameters})
    if not sizes:
        return ""
    low, high = human_count(sizes[0]), human_count(sizes[-1])
    return low if low == high else f"{low} to {high}"


def human_count(number: int) -> str:
    """Write a number of parameters as people do.

    >>> human_count(684_531_386_000)
    '685B'
    """
    for unit, size in (("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if number >= size:
            value = number / size
            return f"{value:.0f}{unit}" if value >= 10 else f"{value:.1f}{unit}"
    return str(number)


def _words(name: str) -> frozenset[str]:
    return frozenset(_BETWEEN.split(name.casefold()))


def _told_apart(words: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Read "pt" as what it is short for in this launch; leave it out where that does not show."""
    there = frozenset().union(*words)
    meant = [word for beside, word in _PT.items() if beside in there]
    return [each - {"pt"} | frozenset(meant[-1:]) if "pt" in each else each for each in words]


def _named(words: Iterable[frozenset[str]], names: dict[str, str]) -> list[str]:
    """Return what is in one of the names, each once, in the order of the table."""
    there = frozenset().union(*words)
    return list(dict.fromkeys(shown for word, shown in names.items() if word in there))


def _sizes_text(names: Iterable[str]) -> str:
    sizes = sorted({size for name in names if (size := size_in_name(name))})
    shown = list(dict.fromkeys(map(_size, sizes)))
    if len(shown) < 2:
        return ""
    if len(shown) == 2:
        return listed(shown)
    return f"{len(shown)} sizes, {shown[0]} to {shown[-1]}"


def _size(number: int) -> str:
    """Write a size as names do: "0.5B", not "500M"."""
    if number >= 10**12:
        return f"{number / 10**12:g}T"
    return f"{number / 10**9:g}B" if number >= 10**8 else human_count(number)


def _stages_text(words: Sequence[frozenset[str]]) -> str:
    """Name the stages of training, where there is more than one repository to tell apart."""
    stages = _named(words, _STAGES)
    if len(words) == 1:
        return ""
    base = {word for word, stage in _STAGES.items() if stage == "base"}
    if stages == ["base"] and not all(each & base for each in words):
        return "base and tuned"
    return listed(stages)


def _quantised_text(words: Sequence[frozenset[str]]) -> str:
    """Count what is quantised; of "GPTQ-Int4" the method says enough."""
    by_method = [each & _METHODS.keys() for each in words]
    quantised = [
        each for each in (m or w & _PRECISIONS.keys() for m, w in zip(by_method, words, strict=True)) if each
    ]
    if not quantised:
        return ""
    names = listed(_named(quantised, _METHODS | _PRECISIONS))
    if len(words) == 1:
        return f"quantised ({names})"
    return f"{counted(len(quantised), 'quantisation', 'quantisations')} ({names})"


def _programs_text(words: Sequence[frozenset[str]]) -> str:
    programs = _named(words, _PROGRAMS)
    return f"for {listed(programs)}" if programs else ""


def _is_plain(known: KnownRepo) -> bool:
    """Tell whether a name says nothing of a format."""
    return not _words(known.repo.short_name) & (_METHODS.keys() | _PRECISIONS.keys() | _PROGRAMS.keys())
