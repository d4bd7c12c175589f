"""Check buttons and menus against what Slack takes, before a message is sent with them.

Limits: https://docs.slack.dev/reference/block-kit/block-elements.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST = 25  # in one block
_LONGEST = {"action_id": 255, "url": 3000, "value": 2000}
_TEXT, _OPTION_VALUE = 75, 150
_OPTIONS = {"static_select": 100, "overflow": 5}


def checked(elements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the elements of an actions block. Raises ValueError naming all that Slack would refuse."""
    problems = [problem for element in elements for problem in _problems(element)]
    ids = [element.get("action_id") for element in elements]
    if len(set(ids)) < len(ids):
        problems.append("an action_id stands there twice")
    if len(elements) > MOST:
        problems.append(f"more than {MOST} elements")
    if problems:
        raise ValueError("buttons that Slack would refuse: " + "; ".join(problems))
    return [dict(element) for element in elements]


def _problems(element: Mapping[str, Any]) -> Iterator[str]:
    kind = element.get("type")
    for key, longest in _LONGEST.items():
        if len(element.get(key, "")) > longest:
            yield f"{key} is longer than {longest}"
    if not element.get("action_id"):
        yield f"{kind} has no action_id"
    if kind == "button":
        yield from _of_text(element.get("text"))
    elif kind in _OPTIONS:
        yield from _of_options(element, kind)
    else:
        yield f"{kind} is no button and no menu"


def _of_options(element: Mapping[str, Any], kind: str) -> Iterator[str]:
    options = element.get("options", ())
    if not 1 <= len(options) <= _OPTIONS[kind]:
        yield f"{kind} has {len(options)} options"
    if kind == "static_select" and "placeholder" in element:
        yield from _of_text(element["placeholder"], longest=150)
    for option in options:
        yield from _of_text(option.get("text"))
        if not 1 <= len(option.get("value", "")) <= _OPTION_VALUE:
            yield f"an option's value has not 1 to {_OPTION_VALUE} characters"


def _of_text(text: Any, longest: int = _TEXT) -> Iterator[str]:
    """A label that is no `plain_text` would let a name format."""
    if not isinstance(text, Mapping) or text.get("type") != "plain_text":
        yield "a label is no plain_text"
    elif not 1 <= len(text.get("text", "")) <= longest:
        yield f"a label has not 1 to {longest} characters"
