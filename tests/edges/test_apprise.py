"""Other services by Apprise: taken, refused, missing, and what is never said."""

import json
import subprocess
import sys
from datetime import timedelta
from threading import Event

import pytest

from bad_names import BAD_NAMES
from monitor.clock import utc_now
from monitor.config import read_environment
from monitor.core.telling import Message, Notification
from monitor.demo.server import Answer
from monitor.errors import ConfigError, NotifyError, Outcome
from monitor.notify.apprise import INSTALL, Apprise
from servers import ScriptedServer, refused_url, stall

VARIABLE = "MONITOR_APPRISE_URL"


def address(url: str, rest: str = "/hook/SECRETPATH123?+X-Token=SECRETTOKEN456") -> str:
    return url.replace("http://", "json://") + rest


def note(title: str = "Acme released Nova", lead: str = "Why.") -> Notification:
    return Notification("7d3f", "apprise", Message(title, lead), attempts=1, attempted_at=utc_now())


def test_title_and_text_arrive() -> None:
    with ScriptedServer(Answer()) as server:
        service = Apprise(address(server.url), VARIABLE)
        assert service.send(note()) == ""
        assert service.check() == "by Apprise to JSON"
    said = json.loads(server.requests[0].body)
    assert (said["title"], said["message"]) == ("Acme released Nova", "Why.")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (401, Outcome.BAD_DESTINATION),
        (403, Outcome.BAD_DESTINATION),
        (404, Outcome.BAD_DESTINATION),
        (410, Outcome.BAD_DESTINATION),
        (429, Outcome.RETRY),
        (500, Outcome.RETRY),
        (503, Outcome.RETRY),
    ],
)
def test_a_refusal_is_tried_again_unless_a_person_is_needed(status: int, outcome: Outcome) -> None:
    with ScriptedServer(Answer(status)) as server, pytest.raises(NotifyError) as caught:
        Apprise(address(server.url), VARIABLE).send(note())
    assert caught.value.outcome is outcome
    assert "SECRET" not in str(caught.value)


PROGRAM = """
import sys

from monitor.core.telling import Message, Notification
from monitor.errors import NotifyError
from monitor.logs import set_up_logs
from monitor.notify.apprise import Apprise

set_up_logs(verbose=True)
try:
    Apprise(sys.argv[1], "MONITOR_APPRISE_URL").send(Notification("7d3f", "apprise", Message("a", "b"), attempts=1))
except NotifyError as error:
    print(error.outcome, error)
"""


def test_nobody_listening_is_tried_again_and_nothing_secret_is_said_or_logged() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, address(refused_url())],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.startswith("retry ")
    assert "SECRET" not in done.stdout + done.stderr
    assert done.stderr == ""  # neither a warning of Python's nor a log line of Apprise's


def test_a_service_that_never_answers_ends_with_the_deadline() -> None:
    released = Event()
    with ScriptedServer(stall(released)) as server:
        service = Apprise(address(server.url), VARIABLE, timedelta(seconds=0.4))
        with pytest.raises(NotifyError) as caught:
            service.send(note())
        released.set()
    assert caught.value.outcome is Outcome.DOUBTFUL


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_no_name_stops_a_message_or_mentions_anybody(name: str) -> None:
    with ScriptedServer(Answer()) as server:
        Apprise(address(server.url), VARIABLE).send(note(name, name))
    said = "".join(json.loads(one.body)["title"] + json.loads(one.body)["message"] for one in server.requests)
    assert not any(ping in said for ping in ("@everyone", "@here", "<!channel", "<@U123ABC"))


@pytest.mark.parametrize("url", ["nowhere://x", "json://", "mailto://"])
def test_an_address_that_apprise_does_not_know_names_its_variable(url: str) -> None:
    with pytest.raises((ConfigError, ValueError), match=r"(?i)apprise|address"):
        Apprise(url, VARIABLE)


def test_a_library_that_is_not_there_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)  # as where the extra is not installed
    with pytest.raises(ConfigError, match="MONITOR_APPRISE_URL: needs a library") as caught:
        Apprise("json://127.0.0.1/", VARIABLE)
    assert INSTALL in str(caught.value)


def test_any_number_of_addresses_each_have_a_name() -> None:
    found = read_environment(
        {"MONITOR_APPRISE_URL": "json://a.org", "MONITOR_APPRISE_URL_OPS": "json://b.org"}
    )
    assert dict(found.apprise_urls) == {"apprise": "json://a.org", "apprise:ops": "json://b.org"}
