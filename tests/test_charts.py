"""The drawing of a chart: what it shows, and that nothing in it runs, leaves or breaks."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from bad_names import BAD_NAMES
from monitor.charts.drawing import svg
from monitor.charts.png import can_draw, png
from monitor.core.telling import Chart, Pace

CHART = Chart(
    "Acme: launches a month",
    ("2026-01", "2026-02", "2026-03"),
    (1, 5, 2),
    (1, 3, 2),
    2.8,
    (Pace(0.0, 1.5, 1.2, 0.8, 1.7, "steady"), Pace(1.5, 2.8, 7.4, 5.0, 30.0, "faster")),
    1.5,
    "faster since 2026-02-15",
    (0, 3, 2),
    ((0.2, 0.6),),
    "Launches a month from January 2026 to March 2026.",
)
SIZES = [(480, 200), (900, 300)]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: Chart = CHART, width: int = 900, height: int = 300) -> ElementTree.Element:
    return ElementTree.fromstring(svg(chart, width, height))


def test_every_month_says_its_numbers_where_it_is_pointed_at() -> None:
    said = [title.text for title in drawn().iter(f"{SVG}title")]
    assert said[1:] == [
        "Not seen",
        "January 2026: 1 launch",
        "February 2026: 5 launches on 3 days",
        "March 2026, not over: 2 launches on 2 days",
        "steady: 1.2 release days a month (95%: 0.8 to 1.7); faster: 7.4 release days a month (95%: 5.0 to 30.0)",
    ]


def test_who_cannot_see_it_is_told_in_a_sentence() -> None:
    root = drawn()
    assert (root.get("role"), root.get("aria-label")) == ("img", CHART.described)
    assert root.findtext(f"{SVG}desc") == CHART.described


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_lies_inside_and_labels_do_not_overlap(width: int, height: int) -> None:
    months = tuple(f"{2025 + n // 12}-{n % 12 + 1:02}" for n in range(18))
    root = drawn(
        replace(CHART, months=months, launches=(9,) * 18, release_days=(4,) * 18, until=17.9), width, height
    )
    spans = []
    for text in root.iter(f"{SVG}text"):
        x, y, wide = float(text.get("x", 0)), float(text.get("y", 0)), len(text.text or "") * 5.8
        left = x - wide if text.get("text-anchor") == "end" else x
        if float(text.get("font-size", 11)) == 11:
            assert -1 <= left <= left + wide <= width + 6, text.text
            spans.append((y, left, left + wide))
    for row in {y for y, *_ in spans}:
        ordered = sorted(span[1:] for span in spans if span[0] == row)
        assert all(before[1] <= after[0] + 6 for before, after in pairwise(ordered))
    for rect in root.iter(f"{SVG}rect"):
        assert (
            0 <= float(rect.get("y", 0)) <= float(rect.get("y", 0)) + float(rect.get("height", 0)) <= height
        )


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_no_name_breaks_the_drawing_or_runs_in_it(name: str) -> None:
    root = drawn(replace(CHART, title=f"{name}: launches a month", described=name, change=name))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "text", "rect", "path", "g", "pattern",
    }  # fmt: skip
    attributes = {key for element in root.iter() for key in element.attrib}
    assert not [key for key in attributes if key.startswith("on") or "href" in key]


def test_the_same_chart_gives_the_same_text_and_another_one_other_patterns() -> None:
    assert svg(CHART) == svg(replace(CHART))
    ids = {re.findall(r'id="(\w+)"', svg(chart))[0] for chart in (CHART, replace(CHART, title="B"))}
    assert len(ids) == 2


def test_what_is_there_is_explained_even_where_there_is_little_room() -> None:
    said = [text.text for text in drawn(width=480, height=200).iter(f"{SVG}text")]
    assert said[1:5] == ["release days", "further launches", "pace, 95% interval", "not seen"]


def test_what_is_not_there_is_not_explained() -> None:
    bare = Chart("Acme", ("2026-01",), (1,), (1,), 0.5)
    said = [text.text for text in drawn(bare).iter(f"{SVG}text")]
    assert said[:2] == ["Acme", "release days"]
    assert not any(text and ("pace" in text or "seen" in text or "further" in text) for text in said)


@pytest.mark.skipif(not can_draw(), reason="the extra png is not installed")
def test_a_picture_has_its_text_on_a_machine_without_fonts() -> None:
    picture = png(CHART, 480, 200)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (960, 400)
    nameless = replace(CHART, title="", change="")
    assert len(picture) > len(png(nameless, 480, 200)) + 500  # the letters are drawn


def test_the_change_is_marked_with_its_day() -> None:
    assert CHART.change in [text.text for text in drawn().iter(f"{SVG}text")]
