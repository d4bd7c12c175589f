"""Messages become blocks that Slack takes, and names never formatting; slackblocks, which is not ours, agrees."""

import json
import re

import pytest
from slackblocks import Block

from monitor.core.telling import Link, Message
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
HOSTILE = [
    "<!channel> model",
    "<@U123ABC>",
    "<#C123|x>",
    "<!subteam^S1>",
    "<!date^0^{_}|x>",
    "<https://evil.test|https://huggingface.co>",
    "a&b &lt; &amp;lt;",
    "*bold* _italic_ ~gone~ `code` ```x```",
    ":tada: :+1:",
    "@here #general",
    "http://evil.test/x",
    "\x1b[31m\x1b]8;;http://evil.test\x07",
    "a\x00b\u202eb\u2066",
    "met\u0430-llama\u200b",
    "\ud800",
    "\ufffe\uffff",
    "👨‍👩‍👧" * 400,
    "e" + "\u0301" * 2000,
    "x" * 10_000,
    "",
    " \u00a0",
    "one\r\ntwo\u2028three",
    "שלום עולם",
    "[/red] [link=x]",
    "<script>alert(1)</script>",
    "> quoted",
    "&" * 5_000,
    "|" * 500,
]


def _everywhere(name: str) -> Message:
    link = Link(name, f"https://huggingface.co/{name}")
    return Message(name, name, ((name, name),) * 12, (link,) * 20, 5, name, f"https://example.org/{name}")


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


def test_plain_sections_hold_the_same_words_without_a_header() -> None:
    plain = blocks(RELEASE, plainness=1)
    assert {block["type"] for block in plain} == {"section"}
    said = "\n".join(texts(plain))
    assert all(part in said for part in (RELEASE.title, RELEASE.lead, "Kind: base", "deepseek-ai/gone"))
    assert said.endswith(f"<{RELEASE.url}|Read on>")


def test_the_plainest_message_is_one_line_with_a_link() -> None:
    assert blocks(RELEASE, plainness=2) == []
    assert fallback(RELEASE, plainness=2) == (
        "DeepSeek released DeepSeek-V4 · 2 repositories on Hugging Face. · deepseek-ai/DeepSeek-V4, "
        "deepseek-ai/gone, and 3 more <https://models.example.org/releases/7>"
    )


def test_the_smallest_message_has_no_empty_block() -> None:
    assert [block["type"] for block in blocks(Message("Hello", ""))] == ["header"]


@pytest.mark.parametrize("plainness", [0, 1, 2, 3])
@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_every_name_makes_a_message_that_slack_takes(name: str, plainness: int) -> None:
    shown, text = blocks(_everywhere(name), plainness), fallback(_everywhere(name), plainness)
    assert refused({"text": text, "blocks": shown}) is None
    assert sum(map(len, texts(shown))) + len(text) <= 10_000
    assert 0 < len(text) <= 4_000
    assert all(Block.from_dict(block) for block in shown)
    json.dumps(shown).encode()


@pytest.mark.parametrize("plainness", [0, 1, 2])
@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_becomes_a_mention_or_a_link_of_its_own(name: str, plainness: int) -> None:
    said = [fallback(_everywhere(name), plainness), *texts(blocks(_everywhere(name), plainness))]
    for target in re.findall(r"<([^>]*)>", "\n".join(said)):
        assert target.startswith(("https://huggingface.co/", "https://example.org/"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\u200b\ufeff]", "\n".join(said))


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_in_mrkdwn_no_name_formats(name: str) -> None:
    nodes = [field for block in blocks(_everywhere(name)) for field in _objects(block)]
    for node in nodes:
        if node["type"] != "mrkdwn":
            assert node["emoji"] is False
            continue
        assert node["verbatim"] is True
        own = (
            re.sub(r"^\*(.*)\*$", r"\1", node["text"])
            .replace("_and 5 more_", "")
            .replace("_and 10 more_", "")
        )
        shown = re.sub(r"<[^|>]*\|", "", own)
        assert not re.search(r"[*~`]|\b_\B|\B_\b|:[a-z+]+\d*:", shown)


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


def _objects(block: dict) -> list[dict]:
    return [block["text"]] if "text" in block else [*block.get("fields", []), *block.get("elements", [])]
