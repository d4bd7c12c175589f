"""Draw a year of days as a calendar: the more launches, the stronger the colour; a column is a week."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from html import escape

from monitor.core.launch_chart import month_name
from monitor.core.text import counted

WEEKS = 53
_CELL = 13  # pixels from one day to the next
_LEFT, _TOP = 30, 18
# From how many launches on a day has the next colour; the page's sheet gives the colours `heat-0` to `heat-4`.
_STEPS = (1, 2, 4, 7)


def first_day(today: date) -> date:
    """Return the first day that is drawn: a Monday, 52 weeks before this week's."""
    return today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))


def heat_map(launches: Mapping[date, int], today: date, address: str) -> str:
    """Return the drawing of the year up to today as SVG for a page; a day with launches leads to `address`.

    `address` has one `{day}` or more, which becomes 2026-04-24. Colours are classes: the page's sheet has them.
    """
    first = first_day(today)
    width, height = _LEFT + WEEKS * _CELL, _TOP + 7 * _CELL
    said = _described(launches, first, today)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="group" aria-label="{escape(said)}" class="heat" font-size="10" '
            'fill="currentColor">',
            *_months(first, today),
            *(
                f'<text x="0" y="{_TOP + row * _CELL + 10}">{name}</text>'
                for row, name in ((0, "Mon"), (4, "Fri"))
            ),
            *_days(launches, first, today, address),
            "</svg>",
        ]
    )


def _months(first: date, today: date) -> Iterator[str]:
    """Name each month above its first whole week."""
    for week in range(WEEKS):
        monday = first + timedelta(days=7 * week)
        if monday <= today and monday.day <= 7 and week < WEEKS - 1:
            yield f'<text x="{_LEFT + week * _CELL}" y="11">{month_name(f"{monday:%Y-%m}")[:3]}</text>'


def _days(launches: Mapping[date, int], first: date, today: date, address: str) -> Iterator[str]:
    for age in range((today - first).days + 1):
        day = first + timedelta(days=age)
        number = launches.get(day, 0)
        x, y = _LEFT + age // 7 * _CELL, _TOP + age % 7 * _CELL
        level = sum(number >= step for step in _STEPS)
        said = f"{day}: {counted(number, 'launch', 'launches')}"
        cell = (
            f'<rect x="{x}" y="{y}" width="{_CELL - 2}" height="{_CELL - 2}" rx="2" class="heat-{level}">'
            f"<title>{said}</title></rect>"
        )
        # By keyboard the list below the drawing is quicker than 300 days.
        link = f'<a href="{escape(address.replace("{day}", str(day)))}" tabindex="-1" aria-label="{said}">{cell}</a>'
        yield link if number else cell


def _described(launches: Mapping[date, int], first: date, today: date) -> str:
    shown = {day: number for day, number in launches.items() if first <= day <= today}
    total = counted(sum(shown.values()), "launch", "launches")
    if not shown:
        return f"No launch from {first} to {today}."
    busiest = max(shown, key=lambda day: (shown[day], day))
    return f"{total} from {first} to {today}, most on {busiest}: {shown[busiest]}."
