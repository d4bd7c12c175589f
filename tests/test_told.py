"""The page of messages and the pictures are what the monitor says now."""

import re

from docs import make_messages
from docs.episodes import episodes
from docs.pictures.make import HERE, pictures
from monitor.core.text import message_text
from monitor.notify.blocks import blocks


def test_the_page_of_messages_is_current() -> None:
    assert make_messages.PAGE.read_text(encoding="utf-8") == make_messages.page(), (
        "run: python -m docs.make_messages"
    )


def test_the_pictures_of_messages_are_current() -> None:
    stale = [
        name
        for name, drawn in pictures().items()
        if (HERE / f"{name}.svg").read_text(encoding="utf-8") != drawn
    ]
    assert stale == [], "run: python -m docs.pictures.make"


def test_every_picture_is_shown_and_described() -> None:
    page = (HERE / "README.md").read_text(encoding="utf-8")
    described = dict(re.findall(r"!\[([^\]]{15,})\]\((\w+\.svg)\)", page))
    assert {f"{name}.svg" for name in pictures()} - {"alert.svg"} == set(described.values())


def test_each_message_says_what_happened_in_a_headline_and_why_to_believe_it() -> None:
    for episode in episodes():
        message = episode.message
        assert 3 <= len(re.findall(r"[\w./:()-]+", message.title)) <= 14, episode.title
        assert len(message.lead) > 20, episode.title
        assert message.lead.endswith("."), episode.title
        assert len(message_text(message)) < 2_000, episode.title
        assert sum(len(str(block)) for block in blocks(message)) < 12_000, episode.title
