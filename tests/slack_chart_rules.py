"""What Slack refuses in charts and buttons: the published limits, in the words that Slack answers with.

Sources: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block and block-elements; that a chart
of bars has at most 6 series rather than 12 is what the Rust crate slack-messaging 0.7 holds to.
Written without a look at what the monitor renders, and it knows nothing of it.
"""

from collections.abc import Iterator
from typing import Any


def chart(block: dict[str, Any], at: str) -> Iterator[str]:
    """Yield what is wrong with a `data_visualization` block of bars, lines or areas."""
    yield from _text(block.get("title"), 50, f"{at}/title")
    drawn = block.get("chart")
    if not isinstance(drawn, dict) or drawn.get("type") not in ("bar", "line", "area"):
        yield f"must be one of: bar, line, area [json-pointer:{at}/chart/type]"
        return
    axes, series = drawn.get("axis_config"), drawn.get("series")
    categories = axes.get("categories") if isinstance(axes, dict) else None
    if not isinstance(categories, list) or not 1 <= len(categories) <= 20:
        yield f"must have 1 to 20 items [json-pointer:{at}/chart/axis_config/categories]"
        return
    for label in categories:
        yield from _text(label, 20, f"{at}/chart/axis_config/categories")
    if len(set(categories)) < len(categories):
        yield f"must be unique [json-pointer:{at}/chart/axis_config/categories]"
    for key in ("x_label", "y_label"):
        if key in axes:
            yield from _text(axes[key], 50, f"{at}/chart/axis_config/{key}")
    yield from _series(series, categories, f"{at}/chart/series")


def _series(series: Any, categories: list[Any], at: str) -> Iterator[str]:
    if not isinstance(series, list) or not 1 <= len(series) <= 6:
        yield f"must have 1 to 6 items [json-pointer:{at}]"
        return
    names = [one.get("name") for one in series]
    if len(set(names)) < len(names):
        yield f"names must be unique [json-pointer:{at}]"
    for one in series:
        yield from _text(one.get("name"), 20, f"{at}/name")
        if [point.get("label") for point in one["data"]] != categories:
            yield f"labels must match axis categories [json-pointer:{at}/data]"
        if any(isinstance(p["value"], bool) or not isinstance(p["value"], int | float) for p in one["data"]):
            yield f"must be a number [json-pointer:{at}/data/value]"


def actions(elements: Any, at: str) -> Iterator[str]:
    """Yield what is wrong with the elements of an actions block."""
    if not isinstance(elements, list) or not 1 <= len(elements) <= 25:
        yield f"no more than 25 items allowed [json-pointer:{at}]"
        return
    ids = [element.get("action_id") for element in elements]
    if len(set(ids)) < len(ids):
        yield f"action_id must be unique [json-pointer:{at}]"
    for index, element in enumerate(elements):
        here = f"{at}/{index}"
        if "action_id" in element:
            yield from _text(element["action_id"], 255, f"{here}/action_id")
        if element.get("type") == "button":
            yield from _button(element, here)
        elif element.get("type") == "static_select":
            yield from _menu(element, here)
        else:
            yield f"unsupported type: {element.get('type')} [json-pointer:{here}/type]"


def _button(element: dict[str, Any], at: str) -> Iterator[str]:
    yield from _label(element.get("text"), 75, f"{at}/text")
    for key, most in (("value", 2000), ("url", 3000)):
        if key in element:
            yield from _text(element[key], most, f"{at}/{key}")


def _menu(element: dict[str, Any], at: str) -> Iterator[str]:
    options = element.get("options")
    if not isinstance(options, list) or not 1 <= len(options) <= 100:
        yield f"must have 1 to 100 items [json-pointer:{at}/options]"
        return
    for option in options:
        yield from _label(option.get("text"), 75, f"{at}/options/text")
        yield from _text(option.get("value"), 150, f"{at}/options/value")


def _label(label: Any, most: int, at: str) -> Iterator[str]:
    if not isinstance(label, dict) or label.get("type") != "plain_text":
        yield f"must be plain_text [json-pointer:{at}/type]"
    else:
        yield from _text(label.get("text"), most, at)


def _text(text: Any, most: int, at: str) -> Iterator[str]:
    if not isinstance(text, str) or not 1 <= len(text) <= most:
        yield f"must have 1 to {most} characters [json-pointer:{at}]"
