"""Organisations that release in a known way: by chance, in clusters, evenly, with weekends, holidays and whims."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Random = np.random.Generator

MONTH = 365.25 / 12  # days
WHIM = 30.4  # days for which a moody organisation keeps its mood
_DISPERSED = 1.5  # variance over mean of daily counts
_DUPLICATED, _COPIES, _WITHIN = 0.3, 2.0, 3.0  # share of releases, mean number of copies, days
_BURN_IN = 20  # mean gaps before the first day, so that the first gap is like any other

# New year's days of the Chinese calendar (Hong Kong Observatory's conversion tables).
_SPRING = ("2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17")
_CALENDAR = date(2020, 1, 1)
_CALENDAR_DAYS = 6 * 365

KINDS = (
    "poisson",
    "gamma 0.5",
    "gamma 3",
    "negative binomial",
    "near-duplicates",
    "weekdays",
    "holidays",
    "frailty",
)


def counts(kind: str, random: Random, per_month: Floats, factors: Floats) -> Ints:
    """Return how often each stream releases on each day: streams in rows, days in columns.

    `per_month` is the mean rate of each stream, `factors` what it is multiplied by, by stream and day.
    """
    daily = factors * (per_month / MONTH)[:, None]
    return _GENERATORS[kind](random, daily)


def _poisson(random: Random, daily: Floats) -> Ints:
    return random.poisson(daily)


def _negative_binomial(random: Random, daily: Floats) -> Ints:
    """Draw from the negative binomial with variance 1.5 times the mean."""
    return random.poisson(random.gamma(np.maximum(daily / (_DISPERSED - 1), 1e-12), _DISPERSED - 1))


def _renewals(shape: float) -> Callable[[Random, Floats], Ints]:
    """Draw gamma gaps in the time in which one release is due, and find the days on which they end."""

    def generate(random: Random, daily: Floats) -> Ints:
        streams, days = daily.shape
        due = daily.cumsum(axis=1)
        most = int(due[:, -1].max() * 1.6 + 60) + _BURN_IN
        at = random.gamma(shape, 1 / shape, (streams, most)).cumsum(axis=1) - _BURN_IN
        found = np.zeros((streams, days), dtype=np.int64)
        for row in range(streams):
            inside = at[row][(at[row] >= 0) & (at[row] < due[row, -1])]
            np.add.at(found[row], np.searchsorted(due[row], inside, side="right"), 1)
        return found

    return generate


def _near_duplicates(random: Random, daily: Floats) -> Ints:
    """Follow three releases in ten by copies, two on average, within three days; the mean rate stays as asked."""
    found = random.poisson(daily / (1 + _DUPLICATED * _COPIES))
    followed = random.binomial(found, _DUPLICATED)
    rows, days = np.nonzero(followed)
    rows, days = (np.repeat(place, followed[rows, days]) for place in (rows, days))
    copies = random.geometric(1 / _COPIES, len(rows))
    rows, days = np.repeat(rows, copies), np.repeat(days, copies)
    later = (random.uniform(size=len(rows)) + random.uniform(0, _WITHIN, len(rows))).astype(np.int64)
    inside = days + later < daily.shape[1]
    np.add.at(found, (rows[inside], (days + later)[inside]), 1)
    return found


def _weekdays(random: Random, daily: Floats) -> Ints:
    """A weekend's day has a fifth of a weekday's releases."""
    week = np.array([1.0, 1, 1, 1, 1, 0.2, 0.2])
    return random.poisson(daily * _placed(random, daily, week / week.mean()))


def _holidays(random: Random, daily: Floats) -> Ints:
    """Spring Festival (18 days at 10%, the 18 before at 150%), Christmas (10 days at 10%), August at half."""
    profile = np.ones(_CALENDAR_DAYS)
    for offset in range(_CALENDAR_DAYS):
        day = _CALENDAR + timedelta(offset)
        christmas = (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2)
        profile[offset] = 0.1 if christmas else 0.5 if day.month == 8 else 1.0
    for eve in _SPRING:
        at = (date.fromisoformat(eve) - _CALENDAR).days - 2
        profile[max(at - 18, 0) : at] *= 1.5
        profile[at : at + 18] *= 0.1
    return random.poisson(daily * _placed(random, daily, profile / profile.mean()))


def _frailty(random: Random, daily: Floats) -> Ints:
    """Each month has a mood of its own, gamma with a coefficient of variation of 0.5."""
    streams, days = daily.shape
    moods = random.gamma(4, 1 / 4, (streams, int(days / WHIM) + 2))
    phase = random.uniform(0, WHIM, (streams, 1))
    months = ((np.arange(days) + phase) / WHIM).astype(np.int64)
    return random.poisson(daily * np.take_along_axis(moods, months, axis=1))


def _placed(random: Random, daily: Floats, profile: Floats) -> Floats:
    """Repeat a profile over the days, each stream beginning anywhere in it."""
    streams, days = daily.shape
    begins = random.integers(0, len(profile), (streams, 1))
    placed: Floats = profile[(begins + np.arange(days)) % len(profile)]
    return placed


_GENERATORS: dict[str, Callable[[Random, Floats], Ints]] = {
    "poisson": _poisson,
    "gamma 0.5": _renewals(0.5),
    "gamma 3": _renewals(3.0),
    "negative binomial": _negative_binomial,
    "near-duplicates": _near_duplicates,
    "weekdays": _weekdays,
    "holidays": _holidays,
    "frailty": _frailty,
}
