"""People look at the watch list in Slack and change it: in the file, with its comments, after a look at the hubs."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from monitor.config import HUBS, load
from monitor.conversation.asked import Asked
from monitor.conversation.watching import Watching
from monitor.store import Store
from servers import Clock, StandInHub, repo, stall
from socket_server import SocketServer
from talking import Talk, shown, talk
from world import until

NOBODY = 65534
FILE = '# whom we watch\n[acme]\nname = "Acme AI"  # of old\nhuggingface = ["acme"]\n'


@pytest.fixture
def slack() -> Iterator[SocketServer]:
    with SocketServer() as slack:
        yield slack


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    with StandInHub(
        clock, [repo(f"{name}/One-7B", clock.now) for name in ("acme", "zenith", "baidu")]
    ) as hub:
        yield hub


@pytest.fixture
def here(sqlite_store: Store, clock: Clock, hub: StandInHub, slack: SocketServer, tmp_path: Path) -> Talk:
    here = talk(sqlite_store, clock, hub, slack, tmp_path)
    file(here).write_text(FILE)
    return here


def file(here: Talk) -> Path:
    return here.folder / "organizations.toml"


def watched(here: Talk) -> dict[str, list[str]]:
    return {one.key: [str(account) for account in one.accounts] for one in load(here.folder).organizations}


def test_the_list_is_shown_to_anybody(here: Talk) -> None:
    here.permit()
    with here.listening():
        lines = shown(here.slack.ask("/watch"))
    assert "1 organisation is watched" in lines
    assert "Acme AI (acme): huggingface:acme" in lines


def test_an_organisation_is_added_that_the_hub_knows_and_comments_stay(here: Talk) -> None:
    with here.listening():
        added = shown(here.slack.ask("/watch add zenith huggingface:zenith"))
        more = shown(here.slack.ask("/watch add acme huggingface:baidu"))
    assert "zenith is watched from now on" in added
    assert "zenith on Hugging Face: found" in added
    assert "baidu on Hugging Face: found" in more
    assert watched(here) == {
        "acme": ["huggingface:acme", "huggingface:baidu"],
        "zenith": ["huggingface:zenith"],
    }
    assert "# whom we watch" in file(here).read_text()
    assert "# of old" in file(here).read_text()


def test_an_account_alone_makes_its_key(here: Talk) -> None:
    with here.listening():
        here.slack.ask("/watch add huggingface:zenith")
    assert watched(here)["zenith"] == ["huggingface:zenith"]


def test_an_organisation_of_the_shipped_list_needs_its_key_alone(here: Talk) -> None:
    watching = Watching(here.folder, dict.fromkeys(HUBS, Known()))
    added = watching.answer(Asked("1", text="add DeepSeek"))
    assert added.message.title == "DeepSeek is watched from now on"
    assert {"huggingface:deepseek-ai", "github:deepseek-ai"} <= set(watched(here)["deepseek"])
    assert 'country = "CN"' in file(here).read_text()


def test_an_account_that_a_hub_spells_otherwise_is_not_saved(here: Talk) -> None:
    watching = Watching(here.folder, {"huggingface": Known()})
    refused = watching.answer(Asked("1", text="add zenith huggingface:ZENITH"))
    assert refused.message.title == "Nothing was saved"
    assert "the hub spells it zenith" in refused.message.links[0].text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/watch add nobody huggingface:nobody", "the hub knows no such account"),
        ("/watch add zenith floppy:zenith", "`floppy` is no hub"),
        ("/watch add Zenith! huggingface:zenith", "zenith!"),
        ("/watch add copy huggingface:acme", "acme"),
        ("/watch add nobody", "Name at least one account of “nobody”"),
        ("/watch add", "How to use /watch"),
        ("/watch add <!channel> <@U1|eve>", "`!channel` is no key"),
        ("/watch remove nobody", "no organisation has this key"),
        ("/watch remove acmee", "did you mean `acme`?"),
        ("/watch remove", "How to use /watch"),
        ("/watch out", "How to use /watch"),
        ("/watch add x github:zenith", "where releases are confirmed but never made"),
        ("/watch add " + "x" * 4000, "Name at least one account"),
    ],
)
def test_what_cannot_be_is_said_and_saved_nowhere(here: Talk, line: str, said: str) -> None:
    with here.listening():
        assert said in shown(here.slack.ask(line))
    assert file(here).read_text() == FILE


def test_an_account_is_saved_unverified_where_the_hub_does_not_answer_in_two_seconds(here: Talk) -> None:
    released = Event()
    here.hub.faults = [stall(released)] * 5
    with here.listening():
        answer = shown(here.slack.ask("/watch add zenith huggingface:zenith"))
        released.set()
    assert "zenith on Hugging Face: not verified: the hub did not answer in time" in answer
    assert "zenith" in watched(here)


def test_an_organisation_is_removed_and_the_lines_that_would_bring_it_back_are_shown(here: Talk) -> None:
    file(here).write_text(FILE + '[zenith]\nhuggingface = ["zenith"]\n')
    with here.listening():
        answer = shown(here.slack.ask("/watch remove ZENITH"))
    assert "zenith is no longer watched" in answer
    assert '[zenith]\nhuggingface = ["zenith"]' in answer
    assert list(watched(here)) == ["acme"]


def test_the_running_service_takes_an_addition_up_by_itself(here: Talk) -> None:
    from datetime import timedelta

    from monitor.worker import ticks

    with ticks(here.app, load(here.folder), pace=timedelta(0)) as service:
        service["converse"]()
        until(lambda: here.slack.links)
        service["poll"]()
        here.permit("U0123456789")
        here.slack.ask("/watch add zenith huggingface:zenith")
        service["poll"]()
        assert here.hub.requests[-1].first("author") == "zenith"
        service["converse"].stop()


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder in which this process may write nothing; root gives its rights away meanwhile."""
    folder = Path(tempfile.mkdtemp())
    (folder / "organizations.toml").write_text(FILE)
    (folder / "settings.toml").write_text("")
    folder.chmod(0o555)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(NOBODY)
    yield folder
    if was_root:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_read_only_list_is_said_with_the_lines_to_paste(read_only: Path) -> None:
    watching = Watching(read_only, {"huggingface": Known()})
    added = watching.answer(Asked("1", text="add acme huggingface:zenith"))
    removed = watching.answer(Asked("2", text="remove acme"))
    assert "read-only" in added.message.title
    assert added.code == '[acme]\nname = "Acme AI"\nhuggingface = ["acme", "zenith"]'
    assert "Take these lines out" in removed.message.lead
    assert removed.code.startswith("[acme]")


class Known:
    """A hub on which every account exists, in small letters."""

    def exists(self, name: str) -> str:
        return name.lower()

    def list_repos(self, *_: object) -> object:
        raise AssertionError("it can be asked directly")
