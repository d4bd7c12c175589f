"""Draw launches by month as a line of text."""

from collections.abc import Iterable
from datetime import date

MONTHS = 12
_BARS = "▁▂▃▄▅▆▇█"
_NONE = "·"
_LEAST = 3  # one launch is no tower


def monthly(launches: Iterable[date], today: date) -> tuple[int, ...]:
    """Count launches (one day each, repeats included) in each of the last twelve months, today's last."""
    present = today.year * 12 + today.month
    counts = [0] * MONTHS
    for day in launches:
        age = present - (day.year * 12 + day.month)
        if 0 <= age < MONTHS:
            counts[MONTHS - 1 - age] += 1
    return tuple(counts)


def sparkline(counts: Iterable[int]) -> str:
    """Draw numbers as bars, the greatest highest; a month without any is a dot.

    >>> sparkline([0, 1, 4, 8])
    '·▁▄█'
    """
    numbers = tuple(counts)
    most = max((*numbers, _LEAST))
    return "".join(_BARS[-(-number * len(_BARS) // most) - 1] if number else _NONE for number in numbers)
