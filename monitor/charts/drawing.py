"""Draw a chart of launches as SVG: bars by month, the pace with its interval, the change, what was not seen.

No library does bars, steps, bands and tooltips in one chart without a script of its own (docs/decisions/
dependencies.md). All looks are attributes, so that the drawing shows under any Content-Security-Policy and in every
renderer; what is black here is `currentColor`, so that inside a page it has the page's own colour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from zlib import crc32

from monitor.core.launch_chart import month_name
from monitor.core.telling import Chart, Pace
from monitor.core.text import clean, counted, cut

FONT = "Lato, Helvetica, Arial, 'DejaVu Sans', sans-serif"
BARS, PACE = "#2f81f7", "#d9730d"  # at least 3 to 1 on white and on near black

# A document of its own has no page around it that could give it colours.
_DARK = "@media (prefers-color-scheme: dark) { svg:root { color: #e6edf3; background: #0d1117; } }"
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 10, 56, 22  # pixels around the plot
_LETTER = 0.53  # the width of a letter, as part of its size
_SMALL = 11


def svg(chart: Chart, width: int = 900, height: int = 300, *, in_page: bool = False) -> str:
    """Return the drawing as a whole SVG document of so many pixels, without an XML declaration; text is escaped.

    In a page it has no style of its own: what is black is `currentColor` there, and a strict policy allows none.
    The same chart always gives the same text, so that it can be kept, compared and linked by its hash.
    """
    plot = _Plot.of(chart, width, height)
    name, said = _text(chart.title), _text(chart.described)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" aria-label="{said or name}" font-family="{FONT}" font-size="{_SMALL}" fill="currentColor">',
        f"<title>{name}</title><desc>{said}</desc>" + ("" if in_page else f"<style>{_DARK}</style>"),
        _label(
            0, 14, cut(clean(chart.title), int(width / (14 * _LETTER))), 'font-size="14" font-weight="bold"'
        ),
        *_legend(chart, plot),
        *_grid(plot),
        *_blind(chart, plot),
        *_bars(chart, plot),
        *_paces(chart, plot),
        *_change(chart, plot),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where things stand: pixels of places and of numbers; `id` tells this drawing's patterns from another's."""

    width: int
    bottom: int
    months: int
    top: float  # the number at the upper edge
    step: int
    id: str

    @classmethod
    def of(cls, chart: Chart, width: int, height: int) -> "_Plot":
        """Leave room for every bar and pace; an interval may reach beyond, and is cut."""
        highest = max(1.0, *chart.launches, *(pace.rate * 1.2 for pace in chart.paces))
        sizes = (size * 10**power for power in range(6) for size in (1, 2, 5))
        step = next(size for size in sizes if highest / size <= 4)
        top = step * -(-highest // step)
        mark = crc32(
            f"{chart.title}{chart.months}{chart.launches}{width}x{height}".encode("utf-8", "replace")
        )
        return cls(width, height - _BOTTOM, len(chart.months), top, step, f"c{mark:08x}")

    def x(self, place: float) -> float:
        return round(_LEFT + place * (self.width - _LEFT - _RIGHT) / self.months, 1)

    def y(self, number: float) -> float:
        share = min(number / self.top, 1)
        return round(self.bottom - share * (self.bottom - _TOP), 1)


def _legend(chart: Chart, plot: _Plot) -> Iterator[str]:
    """Explain what is drawn, and only that, as far as there is room."""
    solid = f'<rect x="{{x}}" y="23" width="10" height="10" fill="{BARS}"/>'
    light = f'<rect x="{{x}}" y="23" width="10" height="10" fill="{BARS}" fill-opacity="0.35"/>'
    line = f'<path d="M{{x}} 28h12" stroke="{PACE}" stroke-width="2"/>'
    hatch = f'<rect x="{{x}}" y="23" width="10" height="10" fill="url(#{plot.id}h)"/>'
    entries = [(solid, "release days")]
    entries += [(light, "further launches")] * (chart.launches != chart.release_days)
    entries += [(line, "pace, 95% interval")] * bool(chart.paces)
    entries += [(hatch, "not seen")] * bool(chart.blind)
    x = 0.0
    for sign, words in entries:
        if x + 15 + len(words) * _SMALL * _LETTER > plot.width:
            return
        yield sign.format(x=round(x, 1)) + _label(x + 15, 32, words)
        x += 15 + len(words) * _SMALL * _LETTER + 12


def _grid(plot: _Plot) -> Iterator[str]:
    right = plot.width - _RIGHT
    for number in range(0, int(plot.top) + 1, plot.step):
        y, strength = plot.y(number), "0.6" if number == 0 else "0.15"
        yield f'<path d="M{_LEFT} {y}H{right}" stroke="currentColor" stroke-opacity="{strength}"/>'
        yield _label(_LEFT - 5, y + 4, str(number), 'text-anchor="end" fill-opacity="0.75"')


def _blind(chart: Chart, plot: _Plot) -> Iterator[str]:
    if not chart.blind:
        return
    yield (
        f'<pattern id="{plot.id}h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path d="M0 0V6" stroke="currentColor" stroke-opacity="0.45" stroke-width="2"/></pattern>'
    )
    for begin, end in chart.blind:
        x, wide = plot.x(begin), max(1.5, round(plot.x(end) - plot.x(begin), 1))
        box = f'x="{x}" y="{_TOP}" width="{wide}" height="{plot.bottom - _TOP}"'
        yield f'<rect {box} fill="url(#{plot.id}h)"><title>Not seen</title></rect>'


def _bars(chart: Chart, plot: _Plot) -> Iterator[str]:
    """Draw a column for each month that shows its numbers wherever it is pointed at; the running one is dashed."""
    every = max(1, -(-60 * plot.months // plot.width))  # a label takes 60 pixels
    for index, (month, launches, days) in enumerate(
        zip(chart.months, chart.launches, chart.release_days, strict=True)
    ):
        left, right = plot.x(index), plot.x(index + 1)
        running = index == plot.months - 1
        wide = round((right - left) * 0.7, 1)
        x = round(left + (right - left - wide) / 2, 1)
        yield f"<g><title>{_text(_month_said(month, launches, days, running=running))}</title>"
        yield (
            f'<rect x="{left}" y="{_TOP}" width="{round(right - left, 1)}" height="{plot.bottom - _TOP}"'
            ' fill="none" pointer-events="all"/>'
        )
        for number, strength in ((launches, "0.35"), (days, "1")):
            y = plot.y(number)
            if number:
                box = f'x="{x}" y="{y}" width="{wide}" height="{round(plot.bottom - y, 1)}"'
                yield f'<rect {box} fill="{BARS}" fill-opacity="{strength}"/>'
        if running:
            y = plot.y(max(launches, plot.top / 10))
            box = f'x="{x}" y="{y}" width="{wide}" height="{round(plot.bottom - y, 1)}"'
            yield f'<rect {box} fill="none" stroke="currentColor" stroke-dasharray="3 2"/>'
        yield "</g>"
        if index % every == 0 and left + 56 <= plot.width:
            words = f"{month_name(month)[:3]} {month[:4]}"
            yield _label(left, plot.bottom + 15, words, 'fill-opacity="0.75"')


def _month_said(month: str, launches: int, days: int, *, running: bool) -> str:
    when = f"{month_name(month)}, not over" if running else month_name(month)
    many = f" on {counted(days, 'day', 'days')}" if launches > 1 else ""
    return f"{when}: {counted(launches, 'launch', 'launches')}{many}"


def _paces(chart: Chart, plot: _Plot) -> Iterator[str]:
    """Draw the pace as steps, each over the band of its interval."""
    for pace in chart.paces:
        left, right, high, low = plot.x(pace.start), plot.x(pace.end), plot.y(pace.high), plot.y(pace.low)
        yield (
            f'<path d="M{left} {high}H{right}V{low}H{left}Z" fill="{PACE}" fill-opacity="0.18"'
            ' pointer-events="none"/>'
        )
    steps = [
        f"{'V' if former and former.end == pace.start else f'M{plot.x(pace.start)} '}{plot.y(pace.rate)}"
        f"H{plot.x(pace.end)}"
        for former, pace in pairwise([None, *chart.paces])
        if pace
    ]
    if steps:
        said = _text("; ".join(map(_pace_said, chart.paces)))
        yield (
            f'<path d="{"".join(steps)}" fill="none" stroke="{PACE}" stroke-width="2"><title>{said}</title></path>'
        )


def _pace_said(pace: Pace) -> str:
    return f"{pace.regime}: {pace.rate:.1f} release days a month (95%: {pace.low:.1f} to {pace.high:.1f})"


def _change(chart: Chart, plot: _Plot) -> Iterator[str]:
    """Mark the day of the change, with its label on the side that has room."""
    if chart.changed_at is None:
        return
    x, wide = plot.x(chart.changed_at), len(chart.change) * _SMALL * _LETTER
    yield f'<path d="M{x} {_TOP - 14}V{plot.bottom}" stroke="currentColor" stroke-dasharray="4 3"/>'
    side = "start" if x + 4 + wide <= plot.width else "end"
    yield _label(x + (4 if side == "start" else -4), _TOP - 5, chart.change, f'text-anchor="{side}"')


def _label(x: float, y: float, words: str, look: str = "") -> str:
    return f'<text x="{round(x, 1)}" y="{round(y, 1)}" {look}>{_text(words)}</text>'.replace(" >", ">")


def _text(words: str) -> str:
    return escape(clean(words))
