"""Turn a chart's drawing into a PNG, for receivers that show no SVG."""

from monitor.charts.drawing import svg
from monitor.core.telling import Chart

MISSING = "pictures need the extra: pip install 'release-monitor[png]'"


def can_draw() -> bool:
    """Tell whether the extra `png` is installed."""
    try:
        import font_lato  # noqa: F401
        import resvg_py  # noqa: F401
    except ImportError:
        return False
    return True


def png(chart: Chart, width: int = 900, height: int = 300) -> bytes:
    """Return the drawing as a PNG with two pixels for each, on white. Raises ImportError without the extra `png`.

    The font comes with the extra, because a fresh machine may have none, and then all text would be missing; letters
    that it lacks, Chinese for one, are taken from the machine's own.
    """
    import font_lato
    import resvg_py

    files = [font_lato.font_files["Lato"], font_lato.font_files["LatoBold"]]
    drawn: bytes = resvg_py.svg_to_bytes(
        svg_string=svg(chart, width, height), background="#ffffff", zoom=2, font_files=files,
        font_family="Lato", sans_serif_family="Lato",
    )  # fmt: skip
    return bytes(drawn)
