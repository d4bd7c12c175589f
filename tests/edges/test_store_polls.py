"""What polls leave in the store, on both databases: repositories, blind spots, hints, and days to judge."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from monitor.core.contents import Confirmation, ConfirmationKind, Contents, Inspection
from monitor.core.decide import Decision, decide
from monitor.core.history import Findings, Rules
from monitor.core.types import Account, Listing, Newcomer, Organization, Repo
from monitor.errors import HubError, Trouble
from monitor.store import Store, blindness, counting, histories, judging, limits, polling, reading, watchlist
from monitor.store.reading import Filters
from monitor.store.release_log import release_log
from monitor.store.tables import AccountRow

NOW = datetime(2026, 6, 12, 8, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RULES = Rules(settle=timedelta(0))
ACME = Organization(
    "acme", "Acme", tuple(Account("acme", hub, "acme") for hub in ("huggingface", "modelscope", "github"))
)
ON_HUGGINGFACE, ON_MODELSCOPE, ON_GITHUB = ACME.accounts


def repo(name: str, created_at: datetime | None = NOW - 9 * DAY, **fields: object) -> Repo:
    full = f"acme/{name}"
    return Repo(f"id-{name}", full, f"https://hub.test/{full}", created_at, **fields)  # type: ignore[arg-type]


def watch(store: Store, *accounts: Account) -> Organization:
    organization = replace(ACME, accounts=accounts or ACME.accounts)
    with store.writing() as tx:
        watchlist.watch(tx, [organization], NOW)
    return organization


def see(
    store: Store, account: Account, *repos: Repo, now: datetime = NOW, found: Findings | None = None
) -> Decision:
    """Record a listing of an account as a poll does."""
    with store.writing() as tx:
        claim = claimed(tx, account, now)
        listing = Listing(account, now, repos, listed_as=account.name)
        (history,) = histories.load_histories(tx, [(ACME, listing)], now)
        decision = decide(history, listing, found or Findings(), RULES, now)
        polling.record_decisions(tx, [polling.Decided(claim, listing, decision, "v", history.repos)], RULES)
        polling.give_back(tx, claim, now + 10 * MINUTE)
    return decision


def fail(store: Store, account: Account, now: datetime) -> None:
    """Record that an account could not be seen."""
    with store.writing() as tx:
        claim = claimed(tx, account, now)
        blindness.record_trouble(tx, claim.id, HubError("out of order", Trouble.SERVER), now)
        polling.give_back(tx, claim, now + 10 * MINUTE)


def claimed(tx: object, account: Account, now: datetime) -> watchlist.Claim:
    selection = watchlist.Selection(hub=account.hub)
    (claim,) = watchlist.claim_selected(tx, selection, 0, now, 1)  # type: ignore[arg-type]
    return claim


def due(store: Store, now: datetime, most: int = 9) -> list[str]:
    with store.writing() as tx:
        claims = watchlist.claim_due(tx, ["acme"], now, {"huggingface": most})
    return [claim.account.name for claim in claims]


def hint(store: Store, *hub_ids: str, owner: str = "acme", now: datetime = NOW) -> Iterable[str]:
    newcomers = [Newcomer(hub_id, f"{owner}/{hub_id}", now) for hub_id in hub_ids]
    with store.writing() as tx:
        return watchlist.hint(tx, "huggingface", newcomers, now)


def unseen(store: Store, now: datetime) -> tuple[tuple[date, date], ...]:
    with store.reading() as tx:
        return counting.unseen_days(tx, "acme", now)


def test_everything_about_a_repository_comes_back_as_it_was_stored(store: Store) -> None:
    watch(store)
    said = Confirmation(ConfirmationKind.CODE, "code", "https://hub.test/c", NOW)
    whole = repo(
        "Whole",
        last_modified=NOW,
        sha="1" * 40,
        gated="auto",
        licence="other",
        pipeline_tag="text-generation",
        library="transformers",
        base_models=("acme/Base",),
        parameters=10**19,
        disabled=False,
        licence_name="own",
        licence_link="",
        has_weights=True,
        same_as="acme/Other",
        confirms=(said, replace(said, at=None)),
    )
    contents = Contents("1" * 40, {"a.gguf": "aa"}, {"LICENSE": "bb"}, (said,))
    see(store, ON_HUGGINGFACE, repo("Old"))
    found = Findings(inspections={"id-Whole": Inspection(contents)})
    first = see(store, ON_HUGGINGFACE, repo("Old"), whole, now=NOW + MINUTE, found=found)
    assert [known.contents for known in first.repos] == [contents]
    again = see(store, ON_HUGGINGFACE, repo("Old"), whole, now=NOW + 2 * MINUTE)
    assert (again.repos, again.changes, again.releases, again.is_settled) == ((), (), None, True)


def test_a_hint_has_an_account_listed_before_its_turn_and_beyond_the_share_of_the_sweeps(
    store: Store,
) -> None:
    watch(store, ON_HUGGINGFACE)
    see(store, ON_HUGGINGFACE, repo("Old"))
    assert due(store, NOW + MINUTE) == []
    assert hint(store, "id-Old") == ()  # it is known
    assert hint(store, "id-New", owner="somebody") == ()
    assert due(store, NOW + MINUTE) == []
    assert hint(store, "id-New") == ("id-New",)
    assert due(store, NOW + MINUTE, most=0) == ["acme"]


def test_a_hinted_account_that_fails_is_not_asked_again_at_once(store: Store) -> None:
    watch(store, ON_HUGGINGFACE)
    see(store, ON_HUGGINGFACE, repo("Old"))
    hint(store, "id-New")
    fail(store, ON_HUGGINGFACE, NOW + MINUTE)
    assert due(store, NOW + 2 * MINUTE) == []
    assert due(store, NOW + 12 * MINUTE) == ["acme"]


def test_a_hint_is_done_with_once_the_account_was_listed(sqlite_store: Store) -> None:
    watch(sqlite_store, ON_HUGGINGFACE)
    see(sqlite_store, ON_HUGGINGFACE, repo("Old"))
    hint(sqlite_store, "id-New")
    see(sqlite_store, ON_HUGGINGFACE, repo("Old"), now=NOW + MINUTE)
    assert due(sqlite_store, NOW + 2 * MINUTE) == []


@pytest.mark.parametrize("outcome", ["new", "same", "seen again"])
def test_a_hint_that_comes_while_an_account_is_listed_is_kept(outcome: str, store: Store) -> None:
    watch(store, ON_HUGGINGFACE)
    see(store, ON_HUGGINGFACE, repo("Old"))
    hint(store, "id-New")
    for later, hints in ((MINUTE, ["acme"]), (3 * MINUTE, [])):
        now = NOW + later
        with store.writing() as tx:
            claim = claimed(tx, ON_HUGGINGFACE, now)
        if hints:
            hint(store, "id-Newer", now=now + timedelta(seconds=2))
        with store.writing() as tx:
            if outcome == "same":
                polling.record_same(tx, [polling.Same(claim, now, now + 10 * MINUTE)])
            elif outcome == "seen again":
                polling.record_seen_again(tx, claim, now)
            else:
                listing = Listing(ON_HUGGINGFACE, now, (repo("Old"),), listed_as="acme")
                (history,) = histories.load_histories(tx, [(ACME, listing)], now)
                decision = decide(history, listing, Findings(), RULES, now)
                polling.record_decisions(tx, [polling.Decided(claim, listing, decision, None, ())], RULES)
            polling.give_back(tx, claim, now + 10 * MINUTE)
        with store.reading() as tx:
            assert list(tx.scalars(select(AccountRow.name).where(AccountRow.hinted_at.is_not(None)))) == hints


def test_an_account_that_has_no_baseline_yet_is_not_hinted(sqlite_store: Store) -> None:
    watch(sqlite_store, ON_HUGGINGFACE)
    assert hint(sqlite_store, "id-New") == ()


def test_accounts_that_published_within_thirty_days_weigh_twice(store: Store) -> None:
    watch(store)
    see(store, ON_HUGGINGFACE, repo("Old", NOW - 29 * DAY))
    for now, weight, active in ((NOW, 2.0, 1), (NOW + 2 * DAY, 1.0, 0)):
        with store.reading() as tx:
            assert limits.hub_limits(tx, "huggingface", now).weight == weight
            assert len(limits.active_accounts(tx, "huggingface", now)) == active


def test_whole_days_out_of_sight_are_unseen_while_it_lasts_and_afterwards(sqlite_store: Store) -> None:
    watch(sqlite_store)
    see(sqlite_store, ON_HUGGINGFACE, repo("Old"))
    fail(sqlite_store, ON_HUGGINGFACE, NOW + HOUR)
    whole = ((date(2026, 6, 13), date(2026, 6, 15)),)
    assert unseen(sqlite_store, NOW + 3 * DAY) == whole
    see(sqlite_store, ON_HUGGINGFACE, repo("Old"), now=NOW + 3 * DAY)
    assert unseen(sqlite_store, NOW + 9 * DAY) == whole


def test_our_own_downtime_is_out_of_sight_and_a_late_poll_is_not(sqlite_store: Store) -> None:
    watch(sqlite_store)
    see(sqlite_store, ON_HUGGINGFACE, repo("Old"))
    see(sqlite_store, ON_HUGGINGFACE, repo("Old"), now=NOW + HOUR)
    assert unseen(sqlite_store, NOW + HOUR) == ()
    decision = see(sqlite_store, ON_HUGGINGFACE, repo("Old"), repo("New"), now=NOW + HOUR + 3 * DAY)
    assert [known.found_late for known in decision.repos] == [True]
    assert unseen(sqlite_store, NOW + 9 * DAY) == ((date(2026, 6, 13), date(2026, 6, 15)),)


def test_a_pause_that_the_hub_asked_for_is_no_downtime_of_ours(sqlite_store: Store) -> None:
    watch(sqlite_store)
    see(sqlite_store, ON_HUGGINGFACE, repo("Old"))
    with sqlite_store.writing() as tx:
        for hour in (0, 1):  # a hub may ask again when a pause is over
            limits.note_hub(tx, "huggingface", NOW + (hour + 1) * HOUR, None, NOW + hour * HOUR)
    decision = see(sqlite_store, ON_HUGGINGFACE, repo("Old"), repo("New"), now=NOW + 2 * HOUR + MINUTE)
    assert [known.found_late for known in decision.repos] == [False]


def test_a_witness_that_cannot_be_seen_hides_no_day_and_holds_no_judgement(store: Store) -> None:
    watch(store)
    see(store, ON_HUGGINGFACE, repo("Old"))
    see(store, ON_GITHUB, repo("Code"))
    fail(store, ON_GITHUB, NOW + HOUR)
    see(store, ON_HUGGINGFACE, repo("Old"), now=NOW + 3 * DAY)
    assert unseen(store, NOW + 3 * DAY) == ((date(2026, 6, 13), date(2026, 6, 15)),)  # our own downtime alone
    assert to_judge(store) == ("acme",)


def to_judge(store: Store, now: datetime = NOW + 3 * DAY, *, baselines: bool = False) -> tuple[str, ...]:
    with store.reading() as tx:
        return judging.due(tx, ["acme"], now, baselines=baselines)


def test_an_organisation_is_judged_when_a_day_has_ended_for_all_its_accounts(store: Store) -> None:
    watch(store, ON_HUGGINGFACE, ON_MODELSCOPE)
    for account in (ON_HUGGINGFACE, ON_MODELSCOPE):
        see(store, account, repo("Old"))
    assert to_judge(store) == ()
    see(store, ON_HUGGINGFACE, repo("Old"), now=NOW + DAY)
    assert to_judge(store) == ()
    see(store, ON_MODELSCOPE, repo("Old"), now=NOW + DAY)
    assert to_judge(store) == ("acme",)


def test_a_launch_is_judged_at_once_unless_an_account_is_blind(store: Store) -> None:
    watch(store, ON_HUGGINGFACE, ON_MODELSCOPE)
    for account in (ON_HUGGINGFACE, ON_MODELSCOPE):
        see(store, account, repo("Old"))
    fail(store, ON_MODELSCOPE, NOW + MINUTE)
    see(store, ON_HUGGINGFACE, repo("Old"), repo("New"), now=NOW + MINUTE)
    assert to_judge(store, baselines=True) == ()
    see(store, ON_MODELSCOPE, repo("Old"), now=NOW + 2 * MINUTE)
    assert to_judge(store, baselines=True) == ("acme",)


def texts(store: Store) -> list[str]:
    with store.reading() as tx:
        return [row["text"].splitlines()[0] for row in reading.alerts(tx, Filters())]


def test_a_copy_of_one_of_many_that_were_found_late_does_not_overwrite_their_alert(store: Store) -> None:
    watch(store)
    for account in (ON_HUGGINGFACE, ON_MODELSCOPE):
        see(store, account, repo("Old"))
    later = NOW + 3 * DAY
    late = [repo(f"Foo-{number}.0", NOW + HOUR) for number in range(5)]
    see(store, ON_HUGGINGFACE, repo("Old"), *late, now=later)
    see(store, ON_MODELSCOPE, repo("Old"), now=later)
    assert texts(store) == ["Acme: 5 releases found after 3 days out of sight"]
    see(store, ON_MODELSCOPE, repo("Old"), late[0], now=later + MINUTE)
    assert texts(store) == ["Acme: 5 releases found after 3 days out of sight"]


def test_a_copy_amends_the_alert_that_was_sent_of_its_release(store: Store) -> None:
    watch(store)
    for account in (ON_HUGGINGFACE, ON_MODELSCOPE):
        see(store, account, repo("Old"))
    new = repo("New-1.0", NOW)
    see(store, ON_HUGGINGFACE, repo("Old"), new, now=NOW + MINUTE)
    for hours in range(1, 5):
        see(store, ON_MODELSCOPE, repo("Old"), now=NOW + hours * HOUR)
    see(store, ON_MODELSCOPE, repo("Old"), new, now=NOW + 5 * HOUR)
    with store.reading() as tx:
        (alert,) = reading.alerts(tx, Filters())
    assert "Hugging Face first, ModelScope 5 h later" in alert["text"]


def test_the_log_has_a_release_on_a_hub_when_its_weights_are_there(sqlite_store: Store) -> None:
    watch(sqlite_store)
    for account in (ON_HUGGINGFACE, ON_MODELSCOPE):
        see(sqlite_store, account, repo("Old"))
    empty = Findings(inspections={"id-New": Inspection(Contents("1"))})
    see(sqlite_store, ON_HUGGINGFACE, repo("Old"), repo("New"), now=NOW + MINUTE, found=empty)
    see(sqlite_store, ON_MODELSCOPE, repo("Old"), repo("New"), now=NOW + 2 * MINUTE)
    full = Findings(inspections={"id-New-GGUF": Inspection(Contents("1", {"a.gguf": "aa"}))})
    last = NOW + 3 * MINUTE
    see(sqlite_store, ON_HUGGINGFACE, repo("Old"), repo("New"), repo("New-GGUF"), now=last, found=full)
    with sqlite_store.reading() as tx:
        (release,) = (row for row in release_log(tx, Filters()) if row["name"] == "New")
    assert release["first_on"] == {"modelscope": NOW + 2 * MINUTE, "huggingface": last}
