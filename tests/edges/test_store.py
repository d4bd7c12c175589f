"""The store on both databases: its times, its leases, and the order of its outbox."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest
from sqlalchemy import select

from monitor.core.history import Rules
from monitor.core.routing import Routing
from monitor.core.telling import Alert, AlertKind, Message
from monitor.core.timetable import Timetable
from monitor.core.types import Account, Organization, Quota
from monitor.store import Store, Transaction, alerts, limits, outbox, watchlist
from monitor.store.migrate import prepare
from monitor.store.tables import AccountRow, OrganizationRow
from servers import Clock
from world import organization

NOW = datetime(2026, 6, 12, 8, 30, tzinfo=UTC)
LEASE = watchlist.LEASE


def watch(store: Store, *organizations: Organization) -> None:
    with store.writing() as tx:
        watchlist.watch(tx, organizations, NOW)


def _watched(tx: Transaction) -> list[str]:
    return list(tx.scalars(select(OrganizationRow.key)))


def claim(store: Store, now: datetime, most: int = 100) -> list[str]:
    with store.writing() as tx:
        claims = watchlist.claim_due(tx, _watched(tx), now, {"huggingface": most})
        return [claim.account.name for claim in claims]


def tell(store: Store, *titles: str, to: str = "slack:C1", due: timedelta = timedelta(0)) -> None:
    raised = [
        Alert(title, None, AlertKind.HEALTH, Message(title, "lead"), NOW, NOW + due) for title in titles
    ]
    with store.writing() as tx:
        alerts.raise_alerts(tx, raised, Rules(routing=Routing((to,))))


def claim_message(store: Store, now: datetime) -> str | None:
    with store.writing() as tx:
        notification = outbox.claim(tx, outbox.receivers(tx), Timetable(), now)
    return notification.message.title if notification else None


def test_times_come_back_aware_and_in_utc(store: Store) -> None:
    watch(store, organization("acme"))
    elsewhere = NOW.astimezone(timezone(timedelta(hours=8)))
    with store.writing() as tx:
        tx.scalars(select(AccountRow)).one().listed_at = elsewhere
    with store.reading() as tx:
        row = tx.scalars(select(AccountRow)).one()
        assert (row.listed_at, row.next_poll_at) == (NOW, NOW)
        assert row.listed_at is not None
        assert row.listed_at.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    watch(store, organization("acme"))
    with pytest.raises(Exception, match="without a zone"), store.writing() as tx:
        tx.scalars(select(AccountRow)).one().listed_at = NOW.replace(tzinfo=None)


def test_what_fails_half_way_leaves_nothing_behind(store: Store) -> None:
    def fail_half_way() -> None:
        with store.writing() as tx:
            watchlist.watch(tx, [organization("acme")], NOW)
            tx.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert claim(store, NOW) == []


def test_an_account_is_leased_to_one_worker_until_the_lease_runs_out(store: Store) -> None:
    watch(store, organization("acme", "one", "two"))
    assert claim(store, NOW, most=1) == ["one"]
    assert claim(store, NOW) == ["two"]
    assert claim(store, NOW + LEASE - timedelta(seconds=1)) == []
    assert claim(store, NOW + LEASE) == ["one", "two"]


def test_what_is_no_longer_watched_is_not_claimed(store: Store) -> None:
    watch(store, organization("acme", "one", "two"))
    watch(store, organization("acme", "two"))
    assert claim(store, NOW) == ["two"]


def test_a_pause_that_a_hub_asked_for_holds_its_accounts_across_a_restart(
    database_url: str, clock: Clock
) -> None:
    store = Store(database_url)
    prepare(store.engine)
    watch(store, organization("acme"))
    with store.writing() as tx:
        limits.note_hub(tx, "huggingface", NOW + timedelta(minutes=5), Quota(500, timedelta(minutes=5)), NOW)
    store.close()
    restarted = Store(database_url)
    assert claim(restarted, NOW + timedelta(minutes=4)) == []
    assert claim(restarted, NOW + timedelta(minutes=5)) == ["acme"]
    with restarted.reading() as tx:
        known = limits.hub_limits(tx, "huggingface", NOW)
    assert (known.quota, known.weight) == (Quota(500, timedelta(minutes=5)), 1.0)
    restarted.close()


def test_the_latest_pause_holds_whichever_worker_tells_of_it(store: Store) -> None:
    watch(store, organization("acme"))
    for minutes in (5, 1, None):
        pause = NOW + timedelta(minutes=minutes) if minutes else None
        with store.writing() as tx:
            limits.note_hub(tx, "huggingface", pause, None, NOW)
    assert claim(store, NOW + timedelta(minutes=4)) == []


def test_workers_that_claim_at_once_never_get_the_same_account(postgres_store: Store) -> None:
    names = [f"account-{number}" for number in range(40)]
    watch(postgres_store, organization("acme", *names))
    barrier = Barrier(8)

    def work(_: int) -> list[str]:
        barrier.wait(10)
        return [name for _ in range(8) for name in claim(postgres_store, NOW, most=3)]

    with ThreadPoolExecutor(8) as pool:
        claimed = [name for names in pool.map(work, range(8)) for name in names]
    assert sorted(claimed) == sorted(names)


def test_workers_that_claim_at_once_never_get_the_same_message(postgres_store: Store) -> None:
    receivers = [f"slack:C{number}" for number in range(10)]
    for receiver in receivers:
        tell(postgres_store, f"1 to {receiver}", f"2 to {receiver}", to=receiver)
    barrier = Barrier(8)

    def work(_: int) -> list[str | None]:
        barrier.wait(10)
        return [claim_message(postgres_store, NOW) for _ in range(6)]

    with ThreadPoolExecutor(8) as pool:
        claimed = [title for titles in pool.map(work, range(8)) for title in titles if title]
    # The second message to a receiver waits for the first one.
    assert sorted(claimed) == sorted(f"1 to {receiver}" for receiver in receivers)


def test_workers_that_start_at_once_agree_on_whom_to_watch(postgres_store: Store) -> None:
    organizations = [organization(f"org-{number}") for number in range(20)]
    barrier = Barrier(4)

    def start(_: int) -> None:
        barrier.wait(10)
        watch(postgres_store, *organizations)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(4)))
    assert len(claim(postgres_store, NOW)) == 20


def test_workers_that_raise_the_same_alert_at_once_raise_it_once(postgres_store: Store) -> None:
    barrier = Barrier(4)

    def raise_hello(_: int) -> None:
        barrier.wait(10)
        tell(postgres_store, "hello")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(raise_hello, range(4)))
    assert claim_message(postgres_store, NOW) == "hello"
    with postgres_store.reading() as tx:
        assert outbox.counts(tx) == {"waiting": 1, "failed": 0}


def test_workers_that_note_what_a_hub_said_at_once_do_not_collide(postgres_store: Store) -> None:
    barrier = Barrier(4)

    def note(_: int) -> None:
        barrier.wait(10)
        with postgres_store.writing() as tx:
            limits.note_hub(tx, "huggingface", NOW, None, NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(4)))


def test_messages_to_one_receiver_are_claimed_in_their_order_one_at_a_time(store: Store) -> None:
    tell(store, "first", "second")
    tell(store, "elsewhere", to="slack:C2")
    assert claim_message(store, NOW) == "first"
    assert claim_message(store, NOW) == "elsewhere"
    assert claim_message(store, NOW) is None


def test_a_message_that_is_not_due_yet_holds_nothing_up(store: Store) -> None:
    tell(store, "later", due=timedelta(minutes=5))
    tell(store, "now")
    assert claim_message(store, NOW) == "now"
    assert claim_message(store, NOW + timedelta(minutes=5)) == "later"


def test_an_alert_is_raised_once_whatever_is_raised_again(store: Store) -> None:
    tell(store, "hello")
    tell(store, "hello")
    with store.reading() as tx:
        assert outbox.counts(tx) == {"waiting": 1, "failed": 0}


def test_accounts_of_two_organisations_stay_apart(store: Store) -> None:
    watch(store, organization("acme"), organization("zenith"))
    with store.reading() as tx:
        chosen = watchlist.selected(tx, watchlist.Selection(("zenith",)))
    assert list(chosen.values()) == [Account("zenith", "huggingface", "zenith")]
