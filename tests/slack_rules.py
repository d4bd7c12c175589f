"""What Slack refuses in a message: the published limits of Block Kit, in the words that Slack answers with.

Sources: https://docs.slack.dev/reference/block-kit/blocks for the limits; for the words, answers quoted in
metabase issue 54276, python-slack-sdk issue 1658 and SlackNet issue 241; bolt-js issues 2509 and 2867 for the sum.
Written without a look at what the monitor renders, and it knows nothing of it.
"""

from collections.abc import Iterator
from typing import Any

from slack_chart_rules import actions, chart

MOST_TEXT = 10_000  # in one message; refusals were seen from 11,341 on
KEYS = {
    "header": {"type", "block_id", "text"},
    "section": {"type", "block_id", "text", "fields", "accessory", "expand"},
    "context": {"type", "block_id", "elements"},
    "divider": {"type", "block_id"},
    "actions": {"type", "block_id", "elements"},
    "data_visualization": {"type", "block_id", "title", "chart"},
}
MOST_CHARTS = 2  # in one message: vercel/chat issue 696


def refused(post: dict[str, Any]) -> dict[str, Any] | None:
    """Return Slack's answer to a post that it does not take, None for one that it takes."""
    blocks, text = post.get("blocks"), post.get("text")
    if not blocks and not text:
        return {"ok": False, "error": "no_text"}
    if blocks is not None and not isinstance(blocks, list):
        return {"ok": False, "error": "invalid_blocks_format"}
    if problems := list(_of_message(blocks or [])):
        messages = [f"[ERROR] {problem}" for problem in problems]
        return {
            "ok": False,
            "error": "invalid_blocks",
            "errors": problems,
            "response_metadata": {"messages": messages},
        }
    if length(blocks or []) > MOST_TEXT:
        return {"ok": False, "error": "msg_blocks_too_long"}
    return None


def texts(node: Any) -> Iterator[str]:
    """Yield every text in the blocks."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from texts(child)


def length(blocks: list[Any]) -> int:
    """Return the characters of a message: its texts, and all that stands in charts and buttons."""
    drawn = [block for block in blocks if block.get("type") in ("data_visualization", "actions")]
    return sum(map(len, texts([block for block in blocks if block not in drawn]))) + sum(map(_strings, drawn))


def _strings(node: Any) -> int:
    if isinstance(node, str):
        return len(node)
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return sum(map(_strings, children))


def _of_message(blocks: list[Any]) -> Iterator[str]:
    if len(blocks) > 50:
        yield "no more than 50 items allowed [json-pointer:/blocks]"
    ids = [block["block_id"] for block in blocks if isinstance(block, dict) and "block_id" in block]
    if len(ids) != len(set(ids)):
        yield "block_id must be unique [json-pointer:/blocks]"
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)]
    if kinds.count("data_visualization") > MOST_CHARTS:
        yield f"no more than {MOST_CHARTS} data_visualization blocks allowed [json-pointer:/blocks]"
    for index, block in enumerate(blocks):
        at = f"/blocks/{index}"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind not in KEYS:
            yield f"unsupported type: {kind} [json-pointer:{at}/type]"
            continue
        for key in sorted(set(block) - KEYS[kind]):
            yield f"additional property: {key} [json-pointer:{at}]"
        yield from _of_block(kind, block, at)


def _of_block(kind: str, block: dict[str, Any], at: str) -> Iterator[str]:
    if kind == "header":
        yield from _of_text(block.get("text"), 150, f"{at}/text", ("plain_text",))
    elif kind == "section":
        yield from _of_section(block, at)
    elif kind == "context":
        yield from _of_list(block.get("elements"), 10, 2000, f"{at}/elements")
    elif kind == "actions":
        yield from actions(block.get("elements"), f"{at}/elements")
    elif kind == "data_visualization":
        yield from chart(block, at)


def _of_section(block: dict[str, Any], at: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text [json-pointer:{at}]"
    if "text" in block:
        yield from _of_text(block["text"], 3000, f"{at}/text")
    if "fields" in block:
        yield from _of_list(block["fields"], 10, 2000, f"{at}/fields")


def _of_list(items: Any, most: int, longest: int, at: str) -> Iterator[str]:
    if not isinstance(items, list) or not items:
        yield f"no fewer than 1 items allowed [json-pointer:{at}]"
        return
    if len(items) > most:
        yield f"no more than {most} items allowed [json-pointer:{at}]"
    for index, item in enumerate(items):
        yield from _of_text(item, longest, f"{at}/{index}")


def _of_text(
    text: Any, longest: int, at: str, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")
) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"must be one of: {', '.join(kinds)} [json-pointer:{at}/type]"
        return
    if not isinstance(text.get("text"), str) or not text["text"]:
        yield f"must be more than 0 characters [json-pointer:{at}/text]"
    elif len(text["text"]) > longest:
        yield f"must be less than {longest + 1} characters [json-pointer:{at}/text]"
    own = "emoji" if text["type"] == "plain_text" else "verbatim"
    for key in sorted(set(text) - {"type", "text", own}):
        yield f"additional property: {key} [json-pointer:{at}]"
