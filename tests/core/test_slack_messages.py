"""Every kind of message with every bad name: Slack takes it, and it pings nobody and links nowhere but where we say.

slackblocks, which is not ours, checks lengths and counts; tests/edges/test_slack_types.py holds the same messages
against Slack's own types.
"""

import re
from functools import cache
from typing import Any

import pytest
import slackblocks

from bad_names import BAD_NAMES
from every_message import every_kind
from monitor.core.telling import Message
from monitor.notify.blocks import blocks, fallback, safe_url
from slack_rules import refused, texts

BUTTONS = [
    {
        "type": "button",
        "action_id": f"mute:{n}",
        "text": {"type": "plain_text", "text": "Mute a week", "emoji": False},
        "value": "1",
    }
    for n in range(4)
]
PLAINNESS = (0, 1, 2, 3)
INVISIBLE = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
OURS = re.compile(r"^\*.*\*$|_and [\d,]+ more_", re.MULTILINE)


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_slack_takes_every_kind_of_message_with_every_name(name: str) -> None:
    for shown, text, _ in rendered(name):
        assert refused({"text": text, "blocks": shown}) is None
        assert 0 < len(text) <= 4_000
        assert sum(map(len, texts(shown))) + len(text) <= 10_000
        assert second_opinion(shown) == len(shown)


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_no_name_pings_links_formats_or_hides(name: str) -> None:
    for shown, text, message in rendered(name):
        said = "\n".join([text, *strings(shown)])
        targets = {found.partition("|")[0].replace("&amp;", "&") for found in re.findall(r"<([^>]*)>", said)}
        assert targets <= addresses(message)
        assert not INVISIBLE.search(said)
        for node in objects(shown):
            assert node.get("verbatim") is True if node["type"] == "mrkdwn" else node["emoji"] is False
            if node["type"] == "mrkdwn":
                label = re.sub(r"<[^|>]*\|", "", OURS.sub("", node["text"]))
                assert not re.search(r"[*~`]|\b_\B|\B_\b|:[a-z+]+\d*:", label)


@pytest.mark.parametrize("kind", every_kind("Acme"))
def test_a_message_says_its_title_at_every_degree_of_plainness(kind: str) -> None:
    message = every_kind("Acme")[kind]
    for plainness in PLAINNESS:
        assert message.title in "\n".join([fallback(message, plainness), *texts(blocks(message, plainness))])


def test_the_rules_refuse_what_is_over_a_limit() -> None:
    shown = blocks(every_kind("Acme")["cadence faster alert"])
    (chart,) = [block for block in shown if block["type"] == "data_visualization"]
    assert refused({"text": "x", "blocks": [chart] * 2}) is None
    assert refused({"text": "x", "blocks": [chart] * 3}) is not None
    assert refused({"text": "x", "blocks": [chart | {"title": "x" * 51}]}) is not None
    assert refused({"text": "x", "blocks": [{**chart, "block_id": "a"}] * 2}) is not None


@cache
def rendered(name: str) -> list[tuple[list[dict[str, Any]], str, Message]]:
    """Every kind of message at every degree of plainness at which it looks different."""
    return [
        (blocks(message, plainness, actions=BUTTONS), fallback(message, plainness), message)
        for message in every_kind(name).values()
        for plainness in PLAINNESS
        if message.chart or plainness != 1
    ]


def second_opinion(shown: list[dict[str, Any]]) -> int:
    """Build the blocks with slackblocks, which raises for what Slack would refuse, and return how many there are."""
    built = [_built(block) for block in shown]
    message = slackblocks.Message(channel="C0000000001", text="x", blocks=built) if built else None
    return len(message.to_dict()["blocks"]) if message else 0


def _built(block: dict[str, Any]) -> slackblocks.Block:
    """Read a block; what slackblocks reads from no dict is built from its parts."""
    if block["type"] == "actions":
        buttons = [
            slackblocks.Button(b["text"]["text"], b["action_id"], value=b["value"]) for b in block["elements"]
        ]
        return slackblocks.ActionsBlock(buttons)
    if block["type"] == "data_visualization":
        chart = block["chart"]
        series = [
            slackblocks.DataSeries(one["name"], [slackblocks.DataPoint(**point) for point in one["data"]])
            for one in chart["series"]
        ]
        bars = slackblocks.BarChart(series, slackblocks.AxisConfig(**chart["axis_config"]))
        return slackblocks.DataVisualizationBlock(block["title"], bars)
    return slackblocks.Block.from_dict(block)


def strings(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [text for child in children for text in strings(child)]


def objects(node: Any) -> list[dict[str, Any]]:
    """Every text object in the blocks."""
    if isinstance(node, dict) and node.get("type") in ("plain_text", "mrkdwn"):
        return [node]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [text for child in children for text in objects(child)]


def addresses(message: Message) -> set[str | None]:
    return {safe_url(url) for url in (message.url, *(link.url for link in message.links))}
