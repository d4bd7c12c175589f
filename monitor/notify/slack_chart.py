"""Show a chart as Slack's own: two rows of bars, before and since the change.

Limits: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block; two charts a message, 12 series
with names of their own, 20 points, and every series has a point for every category.
"""

from collections.abc import Sequence
from typing import Any

from monitor.core.launch_chart import month_name
from monitor.core.telling import Chart
from monitor.core.text import cut, named

_TITLE, _MONTHS = 45, 20

# Slack does not say whether it reads `&lt;` or emoji in these texts: with look-alikes it does not matter.
_LOOKALIKES = str.maketrans({"&": "＆", "<": "‹", ">": "›", ":": "꞉"})


def chart_block(chart: Chart) -> dict[str, Any]:
    """Return a `data_visualization` block: launches by month, apart before and since the change where there is one.

    >>> chart_block(Chart("Acme", ("2026-01",), (3,), (2,), 1.0))["chart"]["series"]
    [{'name': 'Launches', 'data': [{'label': 'Jan 2026', 'value': 3}]}]
    """
    labels = [f"{month_name(month)[:3]} {month[:4]}" for month in chart.months][-_MONTHS:]
    series = [_series(name, labels, counts) for name, counts in _rows(chart)]
    axes = {"categories": labels, "x_label": "Month", "y_label": "Launches"}
    return {
        "type": "data_visualization",
        "title": cut(_literal(chart.title), _TITLE),
        "chart": {"type": "bar", "series": series, "axis_config": axes},
    }


def _rows(chart: Chart) -> list[tuple[str, Sequence[int]]]:
    if not chart.since:
        return [("Launches", chart.launches)]
    before = [all_ - since for all_, since in zip(chart.launches, chart.since, strict=True)]
    return [("Before the change", before), ("Since the change", chart.since)]


def _series(name: str, labels: Sequence[str], counts: Sequence[int]) -> dict[str, Any]:
    points = zip(labels, counts[-_MONTHS:], strict=True)
    return {"name": name, "data": [{"label": label, "value": count} for label, count in points]}


def _literal(title: str) -> str:
    return named(title).translate(_LOOKALIKES).replace("꞉ ", ": ")  # no emoji begins with a space
