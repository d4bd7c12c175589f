"""What people click below messages: mutes and corrections, by those who are permitted to, each once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from monitor.core.telling import Alert, AlertKind, Message
from monitor.notify.slack_actions import MUTE, NOT_A_RELEASE, SAME_AS
from monitor.store import Store, alerts, muting
from monitor.store.correcting import all_corrections
from servers import Clock, StandInHub, repo
from socket_server import PERSON, STRANGER, SocketServer
from talking import RULES, Talk, buttons, shown, talk
from world import CHANNEL, until

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FEBRUARY = datetime(2026, 2, 1, 9, tzinfo=UTC)


@pytest.fixture
def slack() -> Iterator[SocketServer]:
    with SocketServer() as slack:
        yield slack


@pytest.fixture
def hub(clock: Clock) -> Iterator[StandInHub]:
    with StandInHub(clock, [repo(f"acme/Old{n}-7B", FEBRUARY + n * DAY) for n in range(1, 25)]) as hub:
        yield hub


@pytest.fixture
def here(sqlite_store: Store, clock: Clock, hub: StandInHub, slack: SocketServer, tmp_path: Path) -> Talk:
    return talk(sqlite_store, clock, hub, slack, tmp_path)


def launched(here: Talk, *names: str) -> list[dict[str, Any]]:
    """Let acme launch something after the baseline, have it told, and return the messages in the channel."""
    here.poll()
    for name in names:
        here.clock.now += DAY
        here.hub.repos += (repo(name, here.clock.now),)
        here.poll(HOUR)
    here.deliver()
    return [message for message in here.slack.workspace.posted if SAME_AS in buttons(message)]


def mutes(here: Talk) -> tuple[muting.Mute, ...]:
    with here.app.store.reading() as tx:
        return muting.mutes(tx, here.clock.now)


def corrections(here: Talk) -> list[str]:
    with here.app.store.reading() as tx:
        return [row["kind"] for row in all_corrections(tx)]


def thread(here: Talk) -> list[str]:
    """What was said in threads."""
    return [message["text"] for message in here.slack.workspace.posted if message.get("thread_ts")]


@pytest.mark.parametrize(("length", "until_text"), [("1d", "2026-06-14"), ("7d", "2026-06-20")])
def test_a_click_mutes_an_organisation_and_everybody_reads_who_did_it(
    here: Talk, length: str, until_text: str
) -> None:
    (message,) = launched(here, "acme/New-7B")
    menu = buttons(message)[MUTE]
    value = next(option["value"] for option in menu["options"] if option["value"].startswith(f"{length}|"))
    with here.listening():
        answer = here.slack.answer_to(here.slack.click(MUTE, value, chosen=True, message=message["ts"]))
        until(lambda: thread(here))
        assert f"Acme AI is muted until {until_text}" in shown(answer)
        assert thread(here) == [f"Acme AI is muted until {until_text} 01:00 UTC, by @alice."]
        assert [(one.organization, one.made_by) for one in mutes(here)] == [("acme", f"slack:{PERSON}")]
        ((action, undo),) = buttons(answer).items()
        undone = here.slack.answer_to(here.slack.click(action, undo["value"]))
        until(lambda: len(thread(here)) == 2)
    assert thread(here)[1] == "Acme AI is told of again, by @alice."
    assert undone["replace_original"]
    assert "is told of again" in shown(undone)
    assert mutes(here) == ()


def test_a_mute_says_what_it_withholds(here: Talk) -> None:
    launched(here)
    here.hub.repos += (repo("acme/New-7B", here.clock.now),)
    here.poll(HOUR)
    with here.listening():
        answer = here.slack.answer_to(here.slack.click(MUTE, "7d|acme", chosen=True))
    assert "withheld" in shown(answer)


def test_a_mute_until_the_cadence_changes_has_no_end(here: Talk) -> None:
    launched(here)
    with here.listening():
        answer = here.slack.answer_to(here.slack.click(MUTE, "change|acme", chosen=True))
    assert "until its cadence changes" in shown(answer)
    assert [one.until for one in mutes(here)] == [None]


@pytest.mark.parametrize("permitted", [(), ("U0000000001", "U0000000002")])
def test_who_is_not_permitted_changes_nothing_and_reads_how_to_be(
    here: Talk, permitted: tuple[str, ...]
) -> None:
    (message,) = launched(here, "acme/New-7B")
    here.permit(*permitted)
    release = buttons(message)[NOT_A_RELEASE]["value"]
    with here.listening():
        sent = [
            here.slack.click(MUTE, "1d|acme", STRANGER, chosen=True),
            here.slack.click(NOT_A_RELEASE, release, STRANGER),
            here.slack.click("merge|C1|1.0|1", "2", STRANGER, chosen=True),
            here.slack.click("undo-correction", "1", STRANGER),
            here.slack.click("unmute", "acme", STRANGER),
            here.slack.command("/watch add evil huggingface:evil", STRANGER),
            here.slack.command("/watch REMOVE acme", STRANGER),
        ]
        answers = [shown(here.slack.answer_to(envelope)) for envelope in sent]
        reading = here.slack.answer_to(here.slack.click(SAME_AS, release, STRANGER))
    assert all(f'permitted = ["{STRANGER}"]' in answer for answer in answers)
    assert "is the same release as" in shown(reading)
    assert (mutes(here), corrections(here), thread(here)) == ((), [], [])
    assert "evil" not in (here.folder / "organizations.toml").read_text()


def test_the_setting_holds_from_the_moment_in_which_it_is_changed(here: Talk) -> None:
    launched(here)
    with here.listening():
        here.permit(STRANGER)
        refused = here.slack.answer_to(here.slack.click(MUTE, "1d|acme", PERSON, chosen=True))
        here.slack.answer_to(here.slack.click(MUTE, "1d|acme", STRANGER, chosen=True))
    assert "permitted" in shown(refused)
    assert [one.made_by for one in mutes(here)] == [f"slack:{STRANGER}"]


def test_a_release_is_merged_with_one_of_the_latest_twenty_and_parted_again(here: Talk) -> None:
    (message,) = launched(here, "acme/New-7B")
    before = here.log()
    with here.listening():
        asked = here.slack.click(SAME_AS, buttons(message)[SAME_AS]["value"], message=message["ts"])
        ((action, menu),) = buttons(here.slack.answer_to(asked)).items()
        assert len(menu["options"]) == 20
        assert menu["options"][0]["text"]["text"] == "2026-02-25 Old24-7B"
        merged = here.slack.answer_to(here.slack.click(action, menu["options"][0]["value"], chosen=True))
        assert "These are one release" in shown(merged)
        assert merged["replace_original"]
        assert len(here.log()) == len(before) - 1
        until(lambda: thread(here))
        assert [post["thread_ts"] for post in here.slack.workspace.posted if post.get("thread_ts")] == [
            message["ts"]
        ]
        ((action, undo),) = buttons(merged).items()
        assert "is undone" in shown(here.slack.answer_to(here.slack.click(action, undo["value"])))
    assert len(here.log()) == len(before)


def test_what_is_no_release_leaves_the_log_with_a_click_and_comes_back_with_another(here: Talk) -> None:
    (message,) = launched(here, "acme/New-7B")
    before = here.log()
    with here.listening():
        button = buttons(message)[NOT_A_RELEASE]
        assert button["confirm"]["text"]["text"].startswith("It leaves the log")
        answer = here.slack.answer_to(here.slack.click(NOT_A_RELEASE, button["value"], message=message["ts"]))
        assert "“New-7B” is not a release" in shown(answer)
        assert [release["name"] for release in here.log()] == [release["name"] for release in before[1:]]
        again = here.slack.answer_to(here.slack.click(NOT_A_RELEASE, button["value"]))
        assert "merged with another one or taken out meanwhile" in shown(again)
        ((action, undo),) = buttons(answer).items()
        here.slack.answer_to(here.slack.click(action, undo["value"]))
        until(lambda: len(thread(here)) == 2)
    assert here.log() == before
    assert thread(here) == [
        "“New-7B” is not a release: correction 1, by @alice.",
        "Correction 1 is undone, by @alice.",
    ]


def test_of_a_click_at_a_reply_everybody_reads_in_the_thread_that_it_stands_in(here: Talk) -> None:
    (message,) = launched(here, "acme/New-7B")
    here.hub.repos += (repo("acme/New-7B-GGUF", here.clock.now),)
    here.poll(HOUR)
    here.deliver()
    posted = here.slack.workspace.posted
    reply = posted[-1]
    assert reply["thread_ts"] == message["ts"]
    before = len(posted)
    with here.listening():
        here.slack.answer_to(
            here.slack.click(MUTE, "1d|acme", chosen=True, message=reply["ts"], thread=reply["thread_ts"])
        )
        until(lambda: len(posted) > before)
    assert posted[-1]["thread_ts"] == message["ts"]


def test_a_click_that_comes_twice_acts_once_also_over_two_workers(
    store: Store, clock: Clock, hub: StandInHub, slack: SocketServer, tmp_path: Path
) -> None:
    here = talk(store, clock, hub, slack, tmp_path)
    here.poll()
    first, second = (release["id"] for release in here.log()[:2])
    with here.listening(), here.listening():
        sent = [
            slack.click(
                f"merge|C0000000001|1.0|{first}", str(second), chosen=True, envelope="same", link=link
            )
            for link in (0, 1, 0, 1)
        ]
        slack.answer_to(sent[0])
        slack.ask("/watch")
    assert len(slack.answers_to("same")) == 1
    assert corrections(here) == ["merge"]


@pytest.mark.parametrize(
    ("action", "value"),
    [
        (MUTE, ""),
        (MUTE, "1d|nobody"),
        (MUTE, "9d|acme"),
        (MUTE, "|"),
        (SAME_AS, "x"),
        (SAME_AS, "999999"),
        (NOT_A_RELEASE, "-1"),
        (NOT_A_RELEASE, "9" * 40),
        ("merge|||", "1"),
        ("merge|C1|1.0|1", "1"),
        ("merge|C1|1.0|1|2|3", "4"),
        ("undo-correction", "7"),
        ("unmute", "nobody"),
    ],
)
def test_a_click_that_makes_no_sense_changes_nothing_and_is_answered(
    here: Talk, action: str, value: str
) -> None:
    here.poll()
    before = here.log()
    with here.listening():
        answer = here.slack.answer_to(here.slack.click(action, value, chosen="|" in value))
    assert shown(answer)
    assert "stumbled" not in shown(answer)
    assert (here.log(), mutes(here), corrections(here)) == (before, (), [])


def test_a_database_that_is_away_is_said_and_the_next_click_works(here: Talk) -> None:
    launched(here)
    with here.listening():
        rename(here.app.store, "envelope", "away")
        answer = here.slack.answer_to(here.slack.click(MUTE, "1d|acme", chosen=True))
        rename(here.app.store, "away", "envelope")
        here.slack.answer_to(here.slack.click(MUTE, "1d|acme", chosen=True))
    assert "cannot be used just now" in shown(answer)
    assert len(mutes(here)) == 1


def rename(store: Store, table: str, name: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


def test_there_are_buttons_below_launches_and_cadences_of_a_bot_that_hears_clicks_alone(
    sqlite_store: Store, clock: Clock, hub: StandInHub, slack: SocketServer, tmp_path: Path
) -> None:
    here = talk(sqlite_store, clock, hub, slack, tmp_path)
    here.poll()
    tell(here, "one", AlertKind.CADENCE, "acme")
    tell(here, "two", AlertKind.CHANGE, "acme")
    tell(here, "three", AlertKind.HEALTH, None)
    here.deliver()
    deaf = talk(sqlite_store, clock, hub, slack, tmp_path, SLACK_APP_TOKEN="")
    tell(deaf, "four", AlertKind.CADENCE, "acme")
    deaf.deliver()
    has = {message["text"].partition(" ")[0]: list(buttons(message)) for message in slack.workspace.posted}
    assert {name: has[name] for name in ("one", "two", "three", "four")} == {
        "one": [MUTE],
        "two": [],
        "three": [],
        "four": [],
    }


def test_a_message_that_is_edited_keeps_its_buttons(here: Talk) -> None:
    here.poll()
    tell(here, "one", AlertKind.CADENCE, "acme")
    here.deliver()
    now = here.clock.now
    with here.app.store.writing() as tx:
        alerts.amend(tx, [Alert("one", "acme", AlertKind.CADENCE, Message("other", "Why."), now, now)], now)
    here.clock.now += HOUR
    here.deliver()
    (message,) = (one for one in here.slack.workspace.channels[CHANNEL].messages if MUTE in buttons(one))
    assert message["text"].startswith("other")


def tell(here: Talk, key: str, kind: AlertKind, organization: str | None) -> None:
    now = here.clock.now
    with here.app.store.writing() as tx:
        alerts.raise_alerts(tx, [Alert(key, organization, kind, Message(key, "Why."), now, now)], RULES)


def test_a_name_in_a_menu_or_an_answer_is_text(here: Talk) -> None:
    """A repository whose name would ping everybody, were it not escaped; hubs allow no such name, a bug might."""
    here.poll()
    with here.app.store.engine.begin() as connection:
        connection.execute(text("UPDATE release SET name = '<!channel> *x* ' || name || ' <@U123>'"))
        connection.execute(text("UPDATE organization SET name = '<!here|x>'"))
    first = here.log()[0]["id"]
    with here.listening():
        said = [
            here.slack.answer_to(here.slack.click(SAME_AS, str(first))),
            here.slack.answer_to(here.slack.click(MUTE, "7d|acme", chosen=True)),
            here.slack.answer_to(
                here.slack.click(f"merge|C0000000001|1.0|{first}", str(first + 1), chosen=True)
            ),
        ]
        until(lambda: not here.slack._server.slack.errors)
    raw = json.dumps([said, here.slack.workspace.posted], ensure_ascii=False)
    assert not [sign for sign in ("<!", "<@", "<#") if sign in raw]
