"""The newest repositories of the whole Hugging Face Hub, whoever made them."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from monitor.core.types import Newcomer, Quota
from monitor.demo.server import Answer
from monitor.errors import HubError, HubPaused, Trouble
from servers import (
    Clock,
    ScriptedServer,
    StandInHub,
    html_answer,
    huggingface,
    json_answer,
    object_id,
    repo,
)

NOW = Clock().now
MINUTE = timedelta(minutes=1)
now = Clock()


def row(number: int, at: datetime, **changes: object) -> dict[str, object]:
    created = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "_id": object_id(at, number),
        "id": f"u{number}/M",
        "createdAt": created,
        "private": False,
    } | changes


def newest(*answers: Answer, back_to: datetime = NOW - MINUTE) -> tuple[Newcomer, ...]:
    with ScriptedServer(*answers) as server, huggingface(server.url) as hub:
        return hub.newest(back_to)


def test_the_newest_of_all_accounts_come_with_one_request() -> None:
    many = [repo(f"user{i}/M{i}", NOW - i * MINUTE) for i in range(500)]
    with StandInHub(now, many) as server, huggingface(server.url) as hub:
        found = hub.newest(NOW - 30 * MINUTE)
    assert found == tuple(Newcomer(each.object_id, each.name, each.created_at) for each in many[:31])
    (asked,) = server.requests
    assert (asked.first("author"), asked.first("sort"), asked.first("limit")) == (None, "createdAt", "100")


def test_more_pages_are_read_until_one_is_old_enough_and_five_at_most() -> None:
    many = [repo(f"user{i}/M{i}", NOW - i * MINUTE) for i in range(600)]
    with StandInHub(now, many) as server, huggingface(server.url) as hub:
        assert len(hub.newest(NOW - 150 * MINUTE)) == 151
        assert len(server.requests) == 2
        assert len(hub.newest(NOW - timedelta(days=9))) == 500
        assert len(server.requests) == 7


def test_a_mirror_that_ignores_the_order_is_read_all_the_same() -> None:
    rows = [row(1, NOW), row(2, NOW - timedelta(days=9)), row(3, NOW - MINUTE / 2), row(4, NOW)]
    assert [each.name for each in newest(json_answer(json.dumps(rows)))] == ["u1/M", "u4/M", "u3/M"]


def test_rows_that_cannot_be_read_and_private_ones_are_skipped() -> None:
    rows = [
        7,
        row(2, NOW, id="../../x"),
        row(3, NOW, createdAt="soon"),
        row(4, NOW, private=True),
        row(5, NOW, private="perhaps"),
        row(6, NOW, _id=None),
        row(7, NOW),
    ]
    assert [each.name for each in newest(json_answer(json.dumps(rows)))] == ["u7/M"]


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (html_answer(), Trouble.SHAPE),
        (json_answer("{}"), Trouble.SHAPE),
        (json_answer('[{"_id": "x"}]'), Trouble.SHAPE),
        (Answer(304), Trouble.SHAPE),
        (json_answer("", 403), Trouble.REFUSED),
        (html_answer(502), Trouble.SERVER),
        (html_answer(429), Trouble.QUOTA),
    ],
)
def test_what_is_no_listing_is_an_error(answer: Answer, trouble: Trouble) -> None:
    with pytest.raises(HubError) as caught:
        newest(answer)
    assert caught.value.trouble is trouble


def test_a_hub_without_repositories_has_no_newest() -> None:
    assert newest(json_answer("[]")) == ()


def often(ask: Callable[[], object]) -> None:
    for _ in range(100):
        ask()


def test_the_fast_lane_goes_on_where_sweeps_must_stop() -> None:
    with (
        StandInHub(now, [repo("acme/M", NOW)], quota=Quota(100, 5 * MINUTE)) as server,
        huggingface(server.url) as hub,
    ):
        with pytest.raises(HubPaused):
            often(lambda: hub.exists("acme"))
        swept = len(server.requests)
        with pytest.raises(HubPaused):
            often(lambda: hub.newest(NOW - MINUTE))
    assert swept < len(server.requests) <= 90
