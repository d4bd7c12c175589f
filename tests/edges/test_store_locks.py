"""Workers that write at once on PostgreSQL: nobody waits for somebody who waits for him, and nothing is overwritten."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from locks import waits_for_a_lock
from monitor.core.decide import decide
from monitor.core.history import Findings, Rules
from monitor.core.releases import regroup
from monitor.core.types import Account, KnownRepo, Listing, Organization, Repo
from monitor.errors import ConfigError
from monitor.store import Store, correcting, histories, polling, watchlist
from monitor.store.corrections import corrections_of
from monitor.store.repos import Rewrite, known_repos, write_repos
from monitor.store.tables import AccountRow, RepoRow
from world import organization

NOW = datetime(2026, 6, 12, 8, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LAB = Account("first", "huggingface", "lab")
FIRST = Organization("first", "First", (LAB, replace(LAB, name="other")))
SECOND = Organization("second", "Second", (replace(LAB, organization="second"),))


def watch(store: Store, *organizations: Organization, now: datetime = NOW) -> None:
    with store.writing() as tx:
        watchlist.watch(tx, organizations, now)


def claim(store: Store, keys: list[str], now: datetime = NOW) -> tuple[watchlist.Claim, ...]:
    with store.writing() as tx:
        return watchlist.claim_due(tx, keys, now, {"huggingface": 999, "github": 999})


def repo(name: str, owner: str = "lab") -> Repo:
    path = f"{owner}/{name}"
    return Repo(f"id-{path}", path, f"https://hub.test/{path}", NOW - timedelta(days=9))


def test_an_account_that_changes_hands_while_it_is_polled_stops_neither_the_poll_nor_the_change(
    postgres_store: Store,
) -> None:
    store = postgres_store
    watch(store, FIRST)
    ours = next(one for one in claim(store, ["first"]) if one.account == LAB)
    listing = Listing(LAB, NOW, (repo("One"), repo("Two")), listed_as="lab")
    both = (Organization("first", "First", FIRST.accounts[1:]), SECOND)
    with ThreadPoolExecutor(1) as pool:
        with store.writing() as tx:
            polling.lock(tx, "first")
            moving = pool.submit(watch, store, *both, now=NOW + MINUTE)
            while not waits_for_a_lock(store):
                assert not moving.done()
            assert polling.hold(tx, [ours])
            (history,) = histories.load_histories(tx, [(FIRST, listing)], NOW)
            decision = decide(history, listing, Findings(), Rules(), NOW)
            polling.record_decisions(tx, [polling.Decided(ours, listing, decision, None, ())], Rules())
            polling.give_back(tx, ours, NOW + MINUTE)
        moving.result(20)
    with store.reading() as tx:
        assert set(tx.scalars(select(RepoRow.organization))) == {"second"}
        assert not polling.hold(tx, [ours])


def test_an_account_that_is_claimed_as_it_changes_hands_is_lost_to_who_claimed_it(
    postgres_store: Store,
) -> None:
    watch(postgres_store, FIRST)
    with ThreadPoolExecutor(1) as pool:
        with postgres_store.writing() as tx:
            claims = watchlist.claim_due(tx, ["first"], NOW, {"huggingface": 9})
            moving = pool.submit(watch, postgres_store, SECOND)
            while not waits_for_a_lock(postgres_store):
                assert not moving.done()
        moving.result(20)
    ours = next(one for one in claims if one.account == LAB)
    with postgres_store.writing() as tx:
        assert not polling.hold(tx, [ours])


def test_workers_that_record_the_same_accounts_in_another_order_do_not_wait_for_each_other(
    postgres_store: Store,
) -> None:
    acme = organization("acme", *(f"account-{n}" for n in range(100)))
    watch(postgres_store, acme)
    barrier = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        for turn in range(5):
            now = NOW + turn * MINUTE
            seen = [polling.Same(one, now, now + MINUTE) for one in claim(postgres_store, ["acme"], now)]
            assert len(seen) == 100

            def record(seen: list[polling.Same]) -> None:
                barrier.wait(10)
                with postgres_store.writing() as tx:
                    polling.record_same(tx, seen)

            assert list(pool.map(record, (seen, seen[::-1]))) == [None, None]


def test_what_was_seen_the_same_is_not_recorded_by_who_lost_the_account(store: Store) -> None:
    watch(store, organization("acme"))
    (lost,) = claim(store, ["acme"])
    later = NOW + watchlist.LEASE
    (held,) = claim(store, ["acme"], later)
    for one, listed_at in ((lost, None), (held, later)):
        with store.writing() as tx:
            polling.record_same(tx, [polling.Same(one, later, later + MINUTE)])
        with store.reading() as tx:
            assert tx.scalars(select(AccountRow.listed_at)).one() == listed_at


def test_accounts_that_are_to_be_read_anew_are_locked_in_the_order_in_which_others_write_them(
    postgres_store: Store,
) -> None:
    """Code that was there before joins the first models of two organisations, while another worker saw no change."""
    store = postgres_store
    keys = ["acme", "beta"]
    watch(store, *(organization(key, key, github=key) for key in keys))
    claims = {one.account: one for one in claim(store, keys)}
    code = {key: KnownRepo("github", key, repo("Lyra-7B", key), NOW) for key in keys}
    with store.writing() as tx:
        write_repos(tx, [Rewrite(key, (), (code[key],), None) for key in keys])

    def launch() -> None:
        with store.writing() as tx:
            polling.lock(tx, *keys)
            rewrites = []
            for key in reversed(keys):
                model, known = KnownRepo("huggingface", key, repo("Lyra-7B", key), NOW), known_repos(tx, key)
                rewrites.append(Rewrite(key, known, (model,), regroup((*known, model))))
            write_repos(tx, rewrites)

    first, second = (
        polling.Same(claims[Account(key, "github", key)], NOW, NOW + MINUTE)
        for key in sorted(keys, key=lambda key: claims[Account(key, "github", key)].id)
    )
    with ThreadPoolExecutor(1) as pool:
        with store.writing() as tx:
            polling.record_same(tx, [first])
            launching = pool.submit(launch)
            while not waits_for_a_lock(store):
                assert not launching.done()
            polling.record_same(tx, [second])
        launching.result(20)
    with store.reading() as tx:
        assert None not in set(tx.scalars(select(RepoRow.release_id)))


def test_a_correction_that_changes_hands_while_it_is_undone_is_left_as_it_is(postgres_store: Store) -> None:
    """Its new organisation is not locked: a poll may be grouping it anew."""
    store = postgres_store
    watch(store, organization("acme"))
    with store.writing() as tx:
        models = tuple(KnownRepo("huggingface", "acme", repo(name), NOW) for name in ("Lyra", "Vega"))
        write_repos(tx, [Rewrite("acme", (), models, regroup(models))])
    with store.writing() as tx:
        ids = tx.scalars(select(RepoRow.release_id)).all()
        made = correcting.merge(tx, [one for one in ids if one is not None], NOW)

    def undo() -> None:
        with store.writing() as tx:
            correcting.undo(tx, made.number, NOW)

    with ThreadPoolExecutor(1) as pool:
        with store.writing() as tx:
            watchlist.watch(tx, [organization("labs", "acme")], NOW + MINUTE)
            undoing = pool.submit(undo)
            while not waits_for_a_lock(store):
                assert not undoing.done()
        with pytest.raises(ConfigError, match="correction 1 changed hands just now; try again"):
            undoing.result(20)
    with store.reading() as tx:
        assert [one.number for one in corrections_of(tx, "labs")] == [made.number]
