"""A release log of any size, written straight into the tables: for benchmarks of lists, and tests of their plans."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from monitor.core.telling import Link, Message
from monitor.core.types import Budgets, KnownRepo, Repo, RepoState, Weights
from monitor.store import Store, cards
from monitor.store.bulk import insert_rows
from monitor.store.cadence import organization_cadences
from monitor.store.rows import REPO_COLUMNS, message_json, repo_values
from monitor.store.tables import (
    AccountRow,
    AlertRow,
    ChangeRow,
    NotificationRow,
    OrganizationRow,
    ReleaseRow,
    RepoRow,
)

EACH = 5  # repositories a release
FAMILIES = (
    "Qwen DeepSeek ERNIE GLM Hunyuan Llama Mistral Gemma Phi Kimi MiniMax Step Yi Baichuan Lyra Orion".split()
)
FIELDS = ("", "", "", "-Coder", "-VL", "-Omni", "-Math", "-Audio", "-Image", "-Embedding")
KINDS = {
    "language": 55,
    "vision-language": 15,
    "image": 8,
    "speech": 6,
    "video": 5,
    "embedding": 6,
    "other": 5,
}
LICENCES = {"apache-2.0": 50, "mit": 20, "llama3": 8, "other": 12, "cc-by-nc-4.0": 4, None: 6}
COUNTRIES = {"CN": 55, "US": 25, "FR": 8, "DE": 5, "KR": 4, None: 3}
PARTS = ("", "-Instruct", "-FP8", "-GGUF", "-AWQ")
STATES = {
    (RepoState.PUBLIC, Weights.YES): 92,
    (RepoState.WITHDRAWN, Weights.YES): 5,
    (RepoState.PUBLIC, Weights.PENDING): 3,
}
YEARS = 4

TOLD = {
    ("release", "alert"): 80,
    ("cadence", "alert"): 4,
    ("cadence", "watching"): 6,
    ("change", "alert"): 10,
}
CHANGES = {"published": 40, "withdrawn": 15, "renamed": 15, "licence": 20, "returned": 10}

_BATCH = 5_000

Row = tuple[Any, ...]


def fill(store: Store, releases: int, organizations: int, now: datetime, seed: int = 6) -> None:
    """Write a log of so many releases, of five repositories each, into an empty database, and make the cards.

    A few organisations have most of the releases; one in 100 has no date.
    """
    draw = random.Random(seed)
    keys = [f"{FAMILIES[n % len(FAMILIES)].lower()}-{n}" for n in range(organizations)]
    with store.writing() as tx:
        names: tuple[str, ...] = ("key", "name", "country", "groups", "watched")
        rows: list[Row] = [(key, key.title(), _one(draw, COUNTRIES), [], True) for key in keys]
        insert_rows(tx, OrganizationRow, names, rows)
        account = ("organization", "hub", "name", "watched", "next_poll_at", "rows_set_aside", "failures")
        insert_rows(tx, AccountRow, account, [(key, "huggingface", key, True, now, 0, 0) for key in keys])
    for begin in range(0, releases, _BATCH):
        made = [_release(draw, keys, number, now) for number in range(begin, min(begin + _BATCH, releases))]
        with store.writing() as tx:
            names = ("id", "organization", "name", "kind", "released_at", "basis", "first_seen_at", "weights")
            insert_rows(tx, ReleaseRow, names, [row for row, _ in made])
            repos = [
                (row[1], row[0], *repo_values(known)) for row, known_repos in made for known in known_repos
            ]
            insert_rows(tx, RepoRow, ("organization", "release_id", *REPO_COLUMNS), repos)
    cards.catch_up(store)


def tell(store: Store, alerts: int, now: datetime, seed: int = 6) -> None:
    """Write so many alerts, each with its delivery, and as many changes, about a log that `fill` wrote.

    One alert in a hundred, of the first releases, says the monitor's own trouble, and the next one that it is over.
    """
    draw = random.Random(seed)
    with store.writing() as tx:
        about = tx.execute(
            select(ReleaseRow.id, ReleaseRow.organization, ReleaseRow.name)
            .limit(alerts)
            .order_by(ReleaseRow.id)
        ).all()
        names: tuple[str, ...] = ("key", "organization", "release_id", "kind", "level", "raised_at", "due_at")
        names += ("subjects", "message", "answers")
        rows = [_alert(draw, number, *release, now) for number, release in enumerate(about, start=1)]
        insert_rows(tx, AlertRow, names, rows)
        sent = (
            "uid",
            "alert_id",
            "receiver",
            "state",
            "due_at",
            "attempts",
            "doubtful",
            "plainness",
            "sent_at",
        )
        deliveries: list[Row] = [
            (f"uid-{number}", number, "slack", "sent", row[6], 1, False, 0, row[6])
            for number, row in enumerate(rows, start=1)
        ]
        insert_rows(tx, NotificationRow, sent, deliveries)
        changed = ("organization", "hub", "hub_id", "repo", "kind", "before", "after", "seen_at")
        changes: list[Row] = [
            (key, "huggingface", f"{number}-0", f"{key}/{name}", _one(draw, CHANGES), "mit", "other", row[5])
            for (number, key, name), row in zip(about, rows, strict=True)
        ]
        insert_rows(tx, ChangeRow, changed, changes)


def judge(store: Store, now: datetime) -> None:
    """Write the cadence of every organisation up to yesterday, as a service does that has watched them all along."""
    with store.writing() as tx:
        tx.execute(update(AccountRow).values(listed_at=now))
        for one in organization_cadences(tx, (), Budgets(), now):
            row = tx.get_one(OrganizationRow, one.key)
            if one.state is not None:
                row.cadence, row.judged_until = one.state.to_json(), one.state.last_tick
                row.dispersion = one.state.own.phi if one.state.own else None


def _alert(draw: random.Random, number: int, release: int, key: str, name: str, now: datetime) -> Row:
    is_health = number % 100 < 2 and number > 2
    kind, level = ("health", "alert") if is_health else _one(draw, TOLD)
    at = (now - timedelta(days=YEARS * 365) + timedelta(minutes=number)).replace(microsecond=0)
    links = (Link(f"{key}/{name}", f"https://huggingface.example/{key}/{name}"),)
    message = Message(
        title=f"{key}: {name}", lead=f"{key} published {name}.", facts=(("Kind", kind),), links=links
    )
    answered = number - 1 if is_health and number % 100 == 1 else None
    ours = (None, None) if is_health else (key, release)
    return (f"{kind}:{number}", *ours, kind, level, at, at, [], message_json(message), answered)


def _release(draw: random.Random, keys: list[str], number: int, now: datetime) -> tuple[Row, list[KnownRepo]]:
    key = keys[min(int(draw.paretovariate(0.8)) - 1, draw.randrange(len(keys)))]
    at = (now - timedelta(seconds=draw.randrange(YEARS * 365 * 86_400))).replace(microsecond=0)
    version = f"{draw.randrange(1, 5)}.{draw.randrange(10)}"
    name = f"{key.partition('-')[0].title()}{draw.choice(('-', ''))}{version}{draw.choice(FIELDS)}"
    state, weights = _one(draw, STATES)
    is_dated = bool(number % 100)
    row: Row = (number + 1, key, name, _one(draw, KINDS), at if is_dated else None)
    row += ("created" if is_dated else "unknown", at, weights.value)
    return row, list(_repos(draw, row, state, weights))


def _repos(draw: random.Random, row: Row, state: RepoState, weights: Weights) -> Iterator[KnownRepo]:
    number, key, name, _, _, _, at, _ = row
    licence, size = _one(draw, LICENCES), draw.choice((1, 3, 7, 14, 32, 72, 405))
    elsewhere = draw.random() < 0.4
    for order, part in enumerate(PARTS[:EACH]):
        hub = "modelscope" if elsewhere and order == EACH - 1 else "huggingface"
        full = f"{key}/{name}-{number}-{size}B{part}"
        repo = Repo(
            hub_id=f"{number}-{order}",
            name=full,
            url=f"https://{hub}.example/{full}",
            created_at=at + timedelta(minutes=order),
            gated="manual" if number % 9 == 0 else "no",
            licence=licence,
            pipeline_tag="text-generation",
            parameters=size * 10**9,
        )
        yield KnownRepo(hub, key, repo, at, state=state, weights=weights)


def _one(draw: random.Random, weighted: dict[Any, int]) -> Any:
    return draw.choices(list(weighted), list(weighted.values()))[0]
