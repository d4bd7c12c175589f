"""What a message looks like as blocks, at each degree of plainness."""

from dataclasses import replace

import pytest

from monitor.core.telling import Chart, Link, Message
from monitor.notify.blocks import blocks, fallback, safe_url
from slack_rules import refused, texts

REPO = "https://huggingface.co/deepseek-ai/DeepSeek-V4"
RELEASE = Message(
    title="DeepSeek released DeepSeek-V4",
    lead="2 repositories on Hugging Face.",
    facts=(("Kind", "base"), ("Released", "2026-11-23 10:00:00 UTC")),
    links=(Link("deepseek-ai/DeepSeek-V4", REPO), Link("deepseek-ai/gone")),
    more=3,
    note="Seen on Hugging Face at 2026-11-23 10:02 UTC.",
    url="https://models.example.org/releases/7",
)
CHARTED = replace(
    RELEASE,
    chart=Chart(
        "DeepSeek: launches a month", ("2026-01", "2026-02", "2026-03"), (1, 5, 5), (1, 4, 4), 2.9,
        changed_at=1.5, since=(0, 3, 5),
    ),
)  # fmt: skip


def test_a_full_message_reads_from_the_title_down_to_the_small_print() -> None:
    header, lead, facts, links, footer = blocks(RELEASE)
    assert header["text"] == {"type": "plain_text", "text": RELEASE.title, "emoji": False}
    assert lead["text"]["text"] == RELEASE.lead
    assert [field["text"] for field in facts["fields"]] == [
        "*Kind*", "base", "*Released*", "2026-11-23 10:00:00 UTC",
    ]  # fmt: skip
    assert links["text"]["text"] == (f"• <{REPO}|deepseek-ai/DeepSeek-V4>\n• deepseek-ai/gone\n_and 3 more_")
    assert [element["text"] for element in footer["elements"]] == [RELEASE.note, f"<{RELEASE.url}|Read on>"]


def test_an_address_that_is_linked_already_is_not_repeated() -> None:
    footer = blocks(Message("T", "L", links=(Link("x", REPO),), url=REPO))[-1]
    assert footer["text"]["text"] == f"• <{REPO}|x>"


def test_a_chart_stands_below_the_facts_and_is_the_first_to_go() -> None:
    drawn = [block["type"] for block in blocks(CHARTED)]
    assert drawn == ["header", "section", "section", "data_visualization", "section", "context"]
    assert blocks(CHARTED, plainness=1) == blocks(CHARTED, charts=False) == blocks(RELEASE)


def test_a_chart_compares_the_launches_before_and_since_the_change() -> None:
    (drawn,) = [block for block in blocks(CHARTED) if block["type"] == "data_visualization"]
    assert drawn["title"] == "DeepSeek: launches a month"
    assert drawn["chart"]["axis_config"]["categories"] == ["Jan 2026", "Feb 2026", "Mar 2026"]
    assert {row["name"]: [point["value"] for point in row["data"]] for row in drawn["chart"]["series"]} == {
        "Before the change": [1, 2, 0],
        "Since the change": [0, 3, 5],
    }


def test_buttons_stand_above_the_small_print_and_go_with_the_header() -> None:
    button = {"type": "button", "action_id": "mute", "text": {"type": "plain_text", "text": "Mute"}}
    for plainness in (0, 1):
        shown = blocks(RELEASE, plainness, actions=[button])
        assert [block["type"] for block in shown[-2:]] == ["actions", "context"]
        assert refused({"text": "x", "blocks": shown}) is None
    assert {block["type"] for block in blocks(RELEASE, 2, actions=[button])} == {"section"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"text": {"type": "mrkdwn", "text": "Mute"}}, "no plain_text"),
        ({"text": {"type": "plain_text", "text": "x" * 76}}, "1 to 75"),
        ({"action_id": ""}, "no action_id"),
        ({"value": "x" * 2_001}, "value is longer"),
        ({"type": "image"}, "no button and no menu"),
        ({"type": "static_select", "options": []}, "has 0 options"),
    ],
)
def test_a_button_that_slack_would_refuse_is_a_fault_of_ours(change: dict, problem: str) -> None:
    button = {"type": "button", "action_id": "mute", "text": {"type": "plain_text", "text": "Mute"}}
    with pytest.raises(ValueError, match=problem):
        blocks(RELEASE, actions=[button | change])
    with pytest.raises(ValueError, match="twice"):
        blocks(RELEASE, actions=[button, button])


def test_what_does_not_fit_is_counted() -> None:
    links = tuple(Link(f"{n} " + "x" * 140, f"https://x.test/{'y' * 200}{n}") for n in range(40))
    for plainness in (0, 2):
        said = "\n".join(texts(blocks(Message("T", "L", links=links, more=2), plainness)))
        named = said.count("•")
        assert 10 < named < 40
        assert f"and {42 - named} more" in said


def test_plain_sections_hold_the_same_words_without_a_header() -> None:
    plain = blocks(RELEASE, plainness=2)
    assert {block["type"] for block in plain} == {"section"}
    said = "\n".join(texts(plain))
    assert all(part in said for part in (RELEASE.title, RELEASE.lead, "Kind: base", "deepseek-ai/gone"))
    assert said.endswith(f"<{RELEASE.url}|Read on>")


def test_the_plainest_message_is_one_line_with_a_link() -> None:
    assert blocks(RELEASE, plainness=3) == []
    assert fallback(RELEASE, plainness=3) == (
        "DeepSeek released DeepSeek-V4 · 2 repositories on Hugging Face. · deepseek-ai/DeepSeek-V4, "
        "deepseek-ai/gone, and 3 more <https://models.example.org/releases/7>"
    )


def test_the_smallest_message_has_no_empty_block() -> None:
    assert [block["type"] for block in blocks(Message("Hello", ""))] == ["header"]


def test_a_name_with_underscores_is_left_as_it_is() -> None:
    links = blocks(Message("T", "L", links=(Link("org/model_v2_base-10:30:00"),)))[-1]
    assert links["text"]["text"] == "• org/model_v2_base-10:30:00"


@pytest.mark.parametrize(
    ("url", "encoded"),
    [
        ("https://x.test/a|b>c d<e", "https://x.test/a%7Cb%3Ec%20d%3Ce"),
        ("https://x.test/a%20b?c=1&d=2#e", "https://x.test/a%20b?c=1&d=2#e"),
        ("https://x.test/模", "https://x.test/%E6%A8%A1"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://user@x.test/", None),
        ("https://[x", None),
        ("https:///x", None),
        ("https://x.test/" + "a" * 3_000, None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_linked_and_none_ends_its_link_early(
    url: str | None, encoded: str | None
) -> None:
    assert safe_url(url) == encoded
