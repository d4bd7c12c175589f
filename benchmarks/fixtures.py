"""Databases and repositories for the benchmarks."""

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.app import App
from monitor.config import read_environment
from monitor.core.cadence.fleet import COLD_START
from monitor.core.decide import decide
from monitor.core.history import Findings, Rules
from monitor.core.judge import judge
from monitor.core.types import Account, Listing, Organization, Repo
from monitor.demo.hub import DemoRepo
from monitor.store import Store, histories, judging, polling, watchlist
from monitor.store.migrate import prepare

ORGANIZATIONS = 20

# What the hub puts on an ordinary repository.
TAGS = (
    *("transformers", "safetensors", "qwen3", "text-generation", "conversational", "arxiv:2505.09388"),
    *("base_model:bench/base", "base_model:finetune:bench/base", "license:apache-2.0", "eval-results"),
    *("text-generation-inference", "endpoints_compatible", "deploy:azure", "region:us"),
)


def bench_organizations(number: int) -> dict[str, Organization]:
    """Organisations with one account each, by their keys."""
    keys = [f"bench-{n}" for n in range(number)]
    return {
        key: Organization(key, key.title(), (Account(key, "huggingface", key),), country="CN") for key in keys
    }


def bench_app(url: str, hub_url: str, clock: Callable[[], datetime]) -> App:
    """An app with an empty database at the URL, on a hub of this machine."""
    store = Store(url)
    prepare(store.engine)
    settings = {"DATABASE_URL": "sqlite:////unused", "HF_ENDPOINT": hub_url}
    return App(read_environment(settings), store, clock)


def demo_repos(accounts: int, each: int, now: datetime) -> list[DemoRepo]:
    """Repositories of many accounts, three a release, as a hub holds them."""
    return [
        DemoRepo(
            name=f"bench-{account}/Model-{number // 3}.0-{number % 3 + 1}B",
            created_at=now - timedelta(days=3 * (each - number)),
            public_from=now - timedelta(days=3 * (each - number)),
            tags=TAGS,
        )
        for account in range(accounts)
        for number in range(each)
    ]


def filled_database(url: str, *, releases: int, now: datetime) -> None:
    """Fill a database through the real decisions: organisations with some releases each, two repositories a release.

    Their cadences are judged, as they are soon after the first poll.
    """
    store = Store(url)
    prepare(store.engine)
    each = releases // ORGANIZATIONS
    organizations = bench_organizations(ORGANIZATIONS)
    with store.writing() as tx:
        watchlist.watch(tx, list(organizations.values()), now)
    for organization in organizations.values():
        _fill(
            store,
            organization,
            tuple(_repo(organization.key, number, now) for number in range(2 * each)),
            now,
        )
    store.close()


def _fill(store: Store, organization: Organization, repos: tuple[Repo, ...], now: datetime) -> None:
    """Record an organisation's baseline and judge its cadence."""
    (account,) = organization.accounts
    listing, rules = Listing(account, now, repos, listed_as=account.name), Rules()
    with store.writing() as tx:
        (claim,) = watchlist.claim_selected(tx, watchlist.Selection((organization.key,)), 0, now, 1)
        (history,) = histories.load_histories(tx, [(organization, listing)], now)
        decision = decide(history, listing, Findings(), rules, now)
        polling.record_decisions(tx, [polling.Decided(claim, listing, decision, None, history.repos)], rules)
        polling.give_back(tx, claim, now)
    with store.writing() as tx:
        past = judging.load_past(tx, organization, COLD_START, now)
        assert past is not None
        judging.record(tx, past, judge(past, rules, now), rules, now)


def _repo(key: str, number: int, now: datetime) -> Repo:
    name = f"{key}/Model-{number // 2}.0-{number % 2 + 1}B"
    return Repo(
        hub_id=f"{key}-{number:06}",
        name=name,
        url=f"https://huggingface.co/{name}",
        created_at=now - timedelta(days=17 * (number // 2)),
        licence="mit",
        pipeline_tag="text-generation",
    )
