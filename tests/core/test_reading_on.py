"""Where messages lead."""

import pytest

from monitor.core.reading_on import leading_to_pages
from monitor.core.telling import Message, Notification


@pytest.mark.parametrize(
    ("about", "path"),
    [
        ({"alert": 7, "kind": "release", "organization": "acme", "release": 3}, "/releases/3"),
        ({"alert": 7, "kind": "cadence", "organization": "acme"}, "/organizations/acme"),
        ({"alert": 7, "kind": "cadence"}, "/alerts/7"),  # of many organisations at once
        ({"alert": 7, "kind": "change", "organization": "acme"}, "/alerts/7"),
        ({"alert": 7, "kind": "health"}, "/alerts/7"),
        ({}, "/alerts"),  # a digest
    ],
)
def test_a_message_leads_to_the_page_on_what_it_tells_of(about: dict[str, object], path: str) -> None:
    sent = Notification("1", "terminal", Message("Title", "", url="https://hub.test/a/b"), 0, **about)  # type: ignore[arg-type]
    assert leading_to_pages(sent, "https://models.test").message.url == f"https://models.test{path}"
    assert leading_to_pages(sent, None) == sent
