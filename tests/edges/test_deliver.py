"""Delivery to a strict Slack over HTTP: each message once, in order, paced, and never lost."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from monitor.app import App, receivers
from monitor.config import Settings, WebSettings, read_environment
from monitor.core.history import Rules
from monitor.core.routing import Routing
from monitor.core.telling import Alert, AlertKind, Message
from monitor.store import Store, alerts, outbox
from outbox import MINUTE, PATIENCE, SECOND, Outbox
from servers import Clock, refused_url
from slack_server import Fault, SlackServer
from slack_workspace import TOKEN, Workspace
from world import CHANNEL

REFUSED = Fault(body={"ok": False, "error": "invalid_blocks"})
LIMITED = Fault(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"})


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(Workspace(paced=True)) as server:
        yield server


@pytest.fixture
def out(sqlite_store: Store, clock: Clock, slack: SlackServer) -> Outbox:
    return Outbox(sqlite_store, clock, slack)


@pytest.fixture
def out_on_both(store: Store, clock: Clock, slack: SlackServer) -> Outbox:
    return Outbox(store, clock, slack)


def test_messages_are_sent_once_and_in_order_and_one_a_second(out_on_both: Outbox) -> None:
    out = out_on_both
    out.tell(*"abcdef")
    began = out.clock.now
    assert out.deliver() == 6
    assert out.posted == list("abcdef")  # and the server refuses more than one a second
    assert out.clock.now - began == 5 * SECOND
    assert out.deliver(after=MINUTE) == 0
    assert (out.posted, out.counts()) == (list("abcdef"), (0, 0))


def test_workers_that_deliver_at_once_send_each_message_once_and_in_order(
    postgres_store: Store, clock: Clock, slack: SlackServer
) -> None:
    out = Outbox(postgres_store, clock, slack)
    slack.workspace = Workspace()
    out.tell(*"abcdefgh")
    barrier = Barrier(3)

    def work() -> None:
        deliverer = out.app.deliverer(pace=timedelta(0))
        barrier.wait(10)
        for _ in range(40):
            deliverer.deliver_one()

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert out.posted == list("abcdefgh")


def test_a_wait_that_slack_asks_for_is_obeyed(out: Outbox) -> None:
    out.tell("a", "b")
    out.slack.script(LIMITED)
    assert out.deliver() == 1
    asked = len(out.slack.asked)
    for _ in range(9):
        out.deliver(after=3 * SECOND)
    assert len(out.slack.asked) == asked
    out.deliver(after=3 * SECOND)
    assert (out.posted, out.counts()) == (["a", "b"], (0, 0))


def test_ten_minutes_of_refusals_end_in_everything_sent_once(out: Outbox) -> None:
    out.tell("a", "b")
    out.slack.script(*[LIMITED] * 20)
    for _ in range(20):
        out.deliver(after=31 * SECOND)
    assert out.posted == []
    out.deliver(after=31 * SECOND)
    assert out.posted == ["a", "b"]


@pytest.mark.parametrize("cut", ["drop", "reset", "half"])
def test_a_message_that_was_accepted_and_whose_answer_was_lost_is_not_sent_twice(
    out_on_both: Outbox, cut: str
) -> None:
    out = out_on_both
    out.tell("a", "b")
    out.slack.script(Fault(commit=True, cut=cut))
    out.deliver()
    assert out.posted == ["a"]
    assert out.deliver(after=9 * SECOND) == 0  # a look too early would miss what arrives late
    assert out.slack.methods() == ["chat.postMessage"]
    out.deliver(after=3 * SECOND)
    assert out.posted == ["a", "b"]
    assert out.slack.methods() == ["chat.postMessage", "conversations.history", "chat.postMessage"]
    assert out.counts() == (0, 0)


def test_a_message_that_arrives_after_we_gave_up_is_not_sent_twice(out: Outbox) -> None:
    out.tell("a")
    out.slack.script(Fault(cut="drop"))
    out.deliver()
    assert out.posted == []
    lost = out.slack.asked[-1]
    out.clock.now += 10 * SECOND
    out.slack.workspace.call("chat.postMessage", lost.body, lost.headers)
    out.deliver(after=2 * SECOND)
    assert (out.posted, out.counts()) == (["a"], (0, 0))


@pytest.mark.parametrize(
    "fault",
    [Fault(cut="drop"), Fault(500), Fault(503, headers={"Retry-After": "5"}), Fault(200, b"<html>"), Fault(
        body={"ok": False, "error": "internal_error"}
    )],
)  # fmt: skip
def test_a_message_that_did_not_arrive_is_sent_again(out: Outbox, fault: Fault) -> None:
    out.tell("a", "b")
    out.slack.script(fault)
    out.deliver()
    assert out.posted == []
    out.deliver(after=15 * SECOND)
    assert (out.posted, out.counts()) == (["a", "b"], (0, 0))


def test_a_look_that_fails_is_repeated_and_nothing_is_sent_before_it_worked(out: Outbox) -> None:
    out.tell("a")
    out.slack.script(
        Fault(commit=True, cut="drop"),
        Fault(
            429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "40"}, method="conversations.history"
        ),
        Fault(500, method="conversations.history"),
    )
    for _ in range(8):
        out.deliver(after=12 * SECOND)
    assert (out.posted, out.counts()) == (["a"], (0, 0))
    assert out.slack.methods().count("chat.postMessage") == 1


def test_a_slack_that_cannot_be_reached_for_a_day_gets_everything_in_order_afterwards(out: Outbox) -> None:
    out.tell(*"abcde")
    there, out.app = out.app, out.app_at(refused_url())
    for _ in range(96):
        out.deliver(after=15 * MINUTE)
    assert (out.slack.asked, out.counts()) == ([], (5, 0))
    out.app = there
    out.deliver(after=16 * MINUTE)
    assert (out.posted, out.counts()) == (list("abcde"), (0, 0))


def test_a_message_that_is_refused_goes_plainer_then_plainest_then_fails_and_the_next_goes_on(
    out: Outbox,
) -> None:
    out.tell("bad", "good")
    out.slack.script(REFUSED, REFUSED, REFUSED)
    out.deliver()
    assert (out.posted, out.counts()) == (["good"], (0, 1))
    full, plain, plainest, _ = [asked.body for asked in out.slack.asked]
    assert {block["type"] for block in full["blocks"]} > {block["type"] for block in plain["blocks"]}
    assert "blocks" not in plainest
    assert plainest["text"].startswith("bad")
    out.deliver(after=timedelta(days=1))
    assert out.posted == ["good"]


def test_a_message_whose_shape_is_refused_once_arrives_plainer(out: Outbox) -> None:
    out.tell("odd")
    out.slack.script(REFUSED)
    out.deliver()
    assert (out.posted, out.counts()) == (["odd"], (0, 0))


def test_a_revoked_token_holds_everything_until_it_was_mended(out_on_both: Outbox) -> None:
    out = out_on_both
    out.tell("a", "b", "c")
    out.slack.workspace.tokens.clear()
    out.deliver()
    assert (len(out.slack.asked), out.counts()) == (1, (3, 0))
    with out.store.reading() as tx:
        assert "invalid_auth" in str(outbox.parked(tx))
    assert out.deliver_one() is None
    out.slack.workspace.tokens.add(TOKEN)
    out.deliver(after=SECOND)  # a person said `release-monitor deliver`
    assert (out.posted, out.counts()) == (["a", "b", "c"], (0, 0))
    with out.store.reading() as tx:
        assert outbox.parked(tx) == {}


def test_a_service_that_goes_on_tries_a_mended_receiver_within_ten_minutes(out: Outbox) -> None:
    out.tell("a")
    out.slack.workspace.channels[CHANNEL].is_archived = True
    assert out.deliver_one() == "a"
    out.slack.workspace.channels[CHANNEL].is_archived = False
    out.clock.now += 9 * MINUTE
    assert out.deliver_one() is None
    out.clock.now += MINUTE
    assert (out.deliver_one(), out.posted) == ("a", ["a"])


def test_what_waits_for_a_receiver_that_is_not_set_up_here_is_left_to_another_process(out: Outbox) -> None:
    out.tell("a")
    without = read_environment({"DATABASE_URL": "sqlite:////unused"})
    App(without, out.store, out.clock).deliverer().deliver_all(out.wait, PATIENCE)
    with out.store.reading() as tx:
        assert outbox.waiting_receivers(tx) == (f"slack:{CHANNEL}",)
        assert outbox.parked(tx) == {}
    out.deliver()
    assert out.posted == ["a"]


def test_a_worker_that_dies_before_it_sends_loses_and_repeats_nothing(out_on_both: Outbox) -> None:
    out = out_on_both
    out.tell("a", "b")
    out.claim(is_being_sent=False)
    assert out.deliver(after=20 * SECOND) == 0
    out.deliver(after=10 * SECOND)
    assert out.posted == ["a", "b"]
    assert "conversations.history" not in out.slack.methods()  # it was never attempted: nothing to look for


def test_a_worker_that_dies_while_it_sends_leaves_a_message_that_is_looked_up_and_sent(out: Outbox) -> None:
    out.tell("a", "b")
    out.claim(is_being_sent=True)
    out.deliver(after=30 * SECOND)
    assert out.posted == ["a", "b"]
    assert out.slack.methods()[0] == "conversations.history"


def test_a_worker_that_dies_after_it_sent_leaves_a_message_that_is_looked_up_and_found(out: Outbox) -> None:
    out.tell("a", "b")
    dies = Fault(commit=True, cut="drop")
    out.slack.script(dies)
    out.deliver_one()
    out.clock.now += 12 * SECOND
    out.claim(is_being_sent=False)  # ... and the next one dies when it was about to look
    out.deliver(after=30 * SECOND)
    assert (out.posted, out.counts()) == (["a", "b"], (0, 0))


def test_a_worker_that_was_paused_beyond_its_lease_sends_and_writes_nothing(out: Outbox) -> None:
    out.tell("a")
    paused = out.claim(is_being_sent=True)
    out.deliver(after=30 * SECOND)
    retry = outbox.Retry(out.clock.now, doubtful=False, plainness=0)
    with out.store.writing() as tx:
        assert outbox.stamp_attempt(tx, paused, out.clock.now) is None
        outbox.mark_retry(tx, paused, "late", retry, out.clock.now)
        outbox.give_up(tx, paused, "late", out.clock.now, is_refused=False)
    out.deliver(after=60 * MINUTE)
    assert (out.posted, out.counts()) == (["a"], (0, 0))


def test_a_message_that_never_gets_a_clear_answer_lets_the_others_pass_in_the_end(out: Outbox) -> None:
    out.tell("a", "b")
    out.slack.script(*[Fault(500, method="chat.postMessage")] * 6)
    for _ in range(30):
        out.deliver(after=MINUTE)
    assert sorted(out.posted) == ["a", "b"]


def test_slack_that_is_away_for_days_loses_nothing_and_is_asked_rarely(out: Outbox) -> None:
    out.tell("a")
    away = out.app_at(refused_url() + "/api/")
    ends = out.clock.now + timedelta(days=3)
    attempts = 0
    while out.clock.now < ends:
        out.clock.now += 16 * MINUTE
        attempts += away.deliverer().deliver_one() is not None
    assert out.counts() == (1, 0)
    assert attempts < 300
    out.deliver(after=60 * MINUTE)
    assert out.posted == ["a"]


def test_without_slack_messages_are_printed(
    sqlite_store: Store, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = read_environment({"DATABASE_URL": "sqlite:////unused"})
    message = Message("Acme released Nova", "1 repository.")
    alert = Alert("key", None, AlertKind.RELEASE, message, clock.now, clock.now)
    with sqlite_store.writing() as tx:
        alerts.raise_alerts(tx, [alert], Rules(routing=Routing(receivers(environment))))
    App(environment, sqlite_store, clock).deliverer().deliver_all(never, PATIENCE)
    assert "Acme released Nova" in capsys.readouterr().out


def never(seconds: float) -> None:
    raise AssertionError("there is nothing to wait for")


def test_messages_lead_to_our_own_pages_where_readers_can_reach_them(out: Outbox) -> None:
    out.tell("a")
    out.app.settings = Settings(web=WebSettings(public_url="https://models.test"))
    assert out.deliver() == 1
    out.app.settings = Settings()
    out.tell("b")
    assert out.deliver(after=MINUTE) == 1
    first, second = (str(post["blocks"]) for post in out.slack.posted)
    assert "<https://models.test/alerts/1|Read on>" in first
    assert "models.test" not in second
