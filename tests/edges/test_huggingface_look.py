"""What a direct look at one repository or account of the Hugging Face Hub says."""

from datetime import UTC, datetime

import pytest

from monitor.core.types import Look, Sight
from monitor.demo.hub import DemoRepo
from monitor.demo.server import Answer
from servers import Clock, ScriptedServer, StandInHub, huggingface, json_answer

MAY = datetime(2026, 5, 2, tzinfo=UTC)
now = Clock()


def look_at(answer: Answer, token: str | None = None) -> Look:
    with ScriptedServer(answer) as server, huggingface(server.url, token) as hub:
        return hub.look("acme/One")


def test_a_renamed_repository_keeps_its_id_and_answers_to_its_old_name() -> None:
    renamed = DemoRepo("acme/New", MAY, MAY, former_names=("acme/Old",))
    with StandInHub(now, [renamed]) as server, huggingface(server.url) as hub:
        assert hub.look("acme/Old") == Look(Sight.PUBLIC, renamed.object_id, "acme/New")
        assert hub.look("acme/New") == Look(Sight.PUBLIC, renamed.object_id, "acme/New")
        assert hub.look("acme/Never") == Look(Sight.GONE)


@pytest.mark.parametrize(
    ("status", "token", "sight"),
    [
        (401, None, Sight.GONE),
        (404, None, Sight.GONE),
        (410, None, Sight.GONE),
        (404, "hf_x", Sight.GONE),
        (401, "hf_x", Sight.UNSURE),
        (403, None, Sight.UNSURE),
        (500, None, Sight.UNSURE),
        (418, None, Sight.UNSURE),
    ],
)
def test_a_direct_look_says_gone_only_where_the_hub_does(
    status: int, token: str | None, sight: Sight
) -> None:
    assert look_at(json_answer('{"error": "no"}', status), token).sight is sight


@pytest.mark.parametrize(
    "body", ["<html>", "[]", "{}", '{"_id": 7, "id": "acme/One"}', '{"private": "perhaps"}']
)
def test_a_look_that_cannot_be_read_is_unsure(body: str) -> None:
    assert look_at(json_answer(body)).sight is Sight.UNSURE


def test_a_person_is_an_account_too() -> None:
    with StandInHub(now, users=["someone"]) as server, huggingface(server.url) as hub:
        assert (hub.exists("someone"), hub.exists("nobody"), hub.exists("../x")) == ("someone", None, None)
