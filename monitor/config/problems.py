"""Pydantic's findings in our words: "key: what is wrong; remedy"."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from monitor.config.rules import printable, shown, slug, suggestion

_WORDS = {
    "bool_type": "must be true or false, not {input}",
    "string_type": "must be text in quotes, not {input}",
    "list_type": 'must be a list, such as ["…"], not {input}',
    "model_type": "must be a table, not {input}",
    "float_type": "must be a number such as 0.05, not {input}",
    "finite_number": "must be a number such as 0.05, not {input}",
    "missing": 'is missing; say where it leads, such as ["C0123456789"]',  # of a route: nothing else must be there
    "greater_than": "must be above {gt:g}, not {input}",
    "less_than": "must be below {lt:g}, not {input}",
}

Finding = Mapping[str, Any]


def in_words(findings: Iterable[Finding], known: Mapping[str, Collection[str]], table: str = "") -> list[str]:
    """Return one line for each finding.

    `known` holds the keys of each table by its dotted name; `table` is the name of the outermost one.
    """
    return [_line(finding, known, table) for finding in findings]


def _line(finding: Finding, known: Mapping[str, Collection[str]], table: str) -> str:
    # Places within a list say little: the message quotes the entry itself.
    names = [part for part in finding["loc"] if isinstance(part, str)]
    place = printable(_place(finding["loc"], [table, *names] if table else names))
    return f"{place}: {_text(finding, names, known)}"


def _place(loc: Sequence[str | int], names: list[str]) -> str:
    """Return the dotted key; routes have no names, and are counted."""
    if names[0] == "routes" and len(loc) > 1:
        return ": ".join(filter(None, [f"route {int(loc[1]) + 1}", ".".join(names[1:])]))
    return ".".join(names)


def _text(finding: Finding, names: list[str], known: Mapping[str, Collection[str]]) -> str:
    context = finding.get("ctx", {})
    if finding["type"] == "extra_forbidden":
        return _unknown(names, finding["input"], known.get(".".join(names[:-1]), ()))
    if finding["type"] == "value_error":
        return str(context["error"])
    template = _WORDS.get(finding["type"])
    return template.format(input=shown(finding["input"]), **context) if template else str(finding["msg"])


def _unknown(names: list[str], value: object, choices: Collection[str]) -> str:
    key = names[-1]
    if near := suggestion(key, choices):
        return f"unknown key{near}"
    if isinstance(value, dict) and "huggingface" in choices:  # [01.AI] is a table AI in a table 01
        return f"unknown table; the key of an organisation has no dots: write [{slug(key) or 'key'}] with hyphens"
    return f"unknown key; known here: {', '.join(choices)}"
