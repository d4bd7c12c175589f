"""Draw a row of numbers as small bars, for a line of a table."""

from collections.abc import Sequence
from html import escape

_BAR, _HEIGHT = 7, 24  # pixels
_LEAST = 3  # one launch is no tower


def spark(numbers: Sequence[int], said: str) -> str:
    """Return the drawing as SVG for a page; `said` tells the same in words. The last number is of a running month."""
    most = max([*numbers, _LEAST])
    width = len(numbers) * _BAR
    bars = "".join(
        _bar(index, number, most, running=index == len(numbers) - 1) for index, number in enumerate(numbers)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" width="{width}" height="{_HEIGHT}" '
        f'role="img" aria-label="{escape(said)}" class="spark"><title>{escape(said)}</title>{bars}</svg>'
    )


def _bar(index: int, number: int, most: int, *, running: bool) -> str:
    height = max(1, round(number / most * (_HEIGHT - 1)))
    strength = "0.55" if running else "1"
    return (
        f'<rect x="{index * _BAR}" y="{_HEIGHT - height}" width="{_BAR - 2}" height="{height}" '
        f'fill="currentColor" fill-opacity="{strength if number else "0.3"}"/>'
    )
