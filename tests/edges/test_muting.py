"""Organisations of which nobody is told for a while, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from locks import waits_for_a_lock
from monitor.core.history import Rules
from monitor.core.routing import Routing
from monitor.core.telling import Alert, AlertKind, Message
from monitor.core.timetable import Timetable
from monitor.core.types import Level
from monitor.store import Store, outbox, polling, watchlist
from monitor.store.alerts import raise_alerts
from monitor.store.muting import Mute, mute, mutes, unmute
from monitor.store.outbox import counts
from monitor.store.reading import Filters, alerts
from servers import Clock
from world import organization

DAY = timedelta(days=1)
RULES = Rules(routing=Routing(("terminal",)))


@pytest.fixture
def muted(store: Store, clock: Clock) -> Store:
    """A store that watches two organisations."""
    with store.writing() as tx:
        watchlist.watch(tx, [organization("acme"), organization("zenith")], clock.now)
    return store


def told(store: Store, alert: Alert) -> int:
    """Raise an alert, and return how many notifications wait."""
    with store.writing() as tx:
        raise_alerts(tx, [alert], RULES)
    with store.reading() as tx:
        return counts(tx)["waiting"]


def alert(key: str, clock: Clock, kind: AlertKind = AlertKind.RELEASE, organization: str = "acme") -> Alert:
    return Alert(key, organization, kind, Message(key, "Why."), clock.now, clock.now)


def test_of_a_muted_organisation_alerts_are_recorded_and_nobody_is_told(muted: Store, clock: Clock) -> None:
    with muted.writing() as tx:
        mute(tx, Mute("acme", clock.now + DAY, clock.now, "U0123456789"))
    assert told(muted, alert("one", clock)) == 0
    assert told(muted, alert("of another", clock, organization="zenith")) == 1
    with muted.reading() as tx:
        assert {row["text"].partition("\n")[0] for row in alerts(tx, Filters())} == {"one", "of another"}
        assert [(m.organization, m.name, m.made_by) for m in mutes(tx, clock.now)] == [
            ("acme", "Acme", "U0123456789")
        ]


def test_a_mute_ends_by_itself_and_a_new_one_replaces_it(muted: Store, clock: Clock) -> None:
    with muted.writing() as tx:
        mute(tx, Mute("acme", clock.now + 9 * DAY, clock.now))
        mute(tx, Mute("acme", clock.now + DAY, clock.now))
    clock.now += DAY
    with muted.reading() as tx:
        assert mutes(tx, clock.now) == ()
    assert told(muted, alert("one", clock)) == 1


def test_a_mute_is_ended_once(muted: Store, clock: Clock) -> None:
    with muted.writing() as tx:
        mute(tx, Mute("acme", clock.now + DAY, clock.now))
        assert (unmute(tx, "acme"), unmute(tx, "acme")) == (True, False)
    assert told(muted, alert("one", clock)) == 1


def test_a_mute_until_a_change_ends_with_a_change_that_is_told_and_not_with_a_possible_one(
    muted: Store, clock: Clock
) -> None:
    with muted.writing() as tx:
        mute(tx, Mute("acme", None, clock.now))
    clock.now += 999 * DAY
    assert told(muted, alert("release", clock)) == 0
    possible = replace(alert("possible", clock, AlertKind.CADENCE), level=Level.WATCHING)
    assert told(muted, possible) == 0
    assert told(muted, alert("change", clock, AlertKind.CADENCE)) == 1
    with muted.reading() as tx:
        assert mutes(tx, clock.now) == ()
    assert told(muted, alert("later", clock)) == 2


def test_a_mute_withholds_what_waits_but_for_what_is_waited_for(muted: Store, clock: Clock) -> None:
    told(muted, alert("a release", clock))
    told(muted, alert("a change of cadence", clock, AlertKind.CADENCE))
    assert told(muted, alert("of another", clock, organization="zenith")) == 3
    with muted.writing() as tx:
        assert mute(tx, Mute("acme", None, clock.now)) == 1
    with muted.reading() as tx:
        assert counts(tx)["waiting"] == 2
        recorded = {
            one["text"].partition("\n")[0]: len(one["notifications"]) for one in alerts(tx, Filters())
        }
    assert sorted(recorded.values()) == [0, 1, 1]


def test_a_mute_withholds_what_was_tried_in_vain_and_not_what_may_have_arrived(
    muted: Store, clock: Clock
) -> None:
    for key, is_doubtful in (("refused", False), ("in doubt", True)):
        told(muted, alert(key, clock))
        with muted.writing() as tx:
            claimed = outbox.claim(tx, ("terminal",), Timetable(), clock.now)
            assert claimed
            sent = outbox.stamp_attempt(tx, claimed, clock.now)
            assert sent
            later = outbox.Retry(clock.now + DAY, is_doubtful, 0, holds_receiver=False)
            outbox.mark_retry(tx, sent, "away", later, clock.now)
    with muted.writing() as tx:
        assert mute(tx, Mute("acme", clock.now + DAY, clock.now)) == 1
        assert counts(tx)["waiting"] == 1


def test_what_a_mute_withheld_is_not_told_when_it_ends(muted: Store, clock: Clock) -> None:
    told(muted, alert("one", clock))
    with muted.writing() as tx:
        mute(tx, Mute("acme", clock.now + DAY, clock.now))
        unmute(tx, "acme")
    assert told(muted, alert("one", clock)) == 0
    assert told(muted, alert("two", clock)) == 1


def test_a_mute_waits_for_a_poll_that_has_the_organisation_and_withholds_what_it_raised(
    postgres_store: Store, clock: Clock
) -> None:
    store = postgres_store
    with store.writing() as tx:
        watchlist.watch(tx, [organization("acme")], clock.now)

    def mute_it() -> int:
        with store.writing() as tx:
            return mute(tx, Mute("acme", None, clock.now))

    with ThreadPoolExecutor(1) as pool:
        with store.writing() as tx:
            polling.lock(tx, "acme")
            muting = pool.submit(mute_it)
            while not waits_for_a_lock(store):
                assert not muting.done()
            raise_alerts(tx, [alert("one", clock)], RULES)
        assert muting.result(20) == 1


def test_two_first_mutes_at_one_moment_are_one(postgres_store: Store, clock: Clock) -> None:
    with postgres_store.writing() as tx:
        watchlist.watch(tx, [organization("acme")], clock.now)

    def mute_once(number: int) -> int:
        with postgres_store.writing() as tx:
            return mute(tx, Mute("acme", None, clock.now, f"U{number}"))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(mute_once, range(8))) == [0] * 8
    with postgres_store.reading() as tx:
        assert len(mutes(tx, clock.now)) == 1
