"""Values for tests of the core, with only what a test is about spelt out."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from monitor.core.cadence.backtest import Row, replay
from monitor.core.cadence.fleet import COLD_START
from monitor.core.cadence.record import Record
from monitor.core.cadence.regime import advance
from monitor.core.cadence.state import CadenceState
from monitor.core.contents import Contents, Inspection
from monitor.core.history import Findings, History, Rules
from monitor.core.routing import Routing
from monitor.core.types import Account, Budgets, KnownRepo, Listing, Organization, Repo

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ACCOUNT = Account("acme", "huggingface", "acme-ai")
ACME = Organization("acme", "Acme", (ACCOUNT,))
RULES = Rules(routing=Routing(("terminal",)))
NOTHING = Findings()  # nothing was looked at besides the listing
_OF_REPO = frozenset(Repo.__dataclass_fields__) - {"name", "url", "created_at"}


def at(text: str) -> datetime:
    """Read "2026-05-01" or "2026-05-01T10:00" as a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def repo(name: str, created: datetime | str | None = None, hub_id: str | None = None, **fields: Any) -> Repo:
    """A repository of acme-ai; its id is its name unless told otherwise."""
    full = name if "/" in name else f"acme-ai/{name}"
    created_at = at(created) if isinstance(created, str) else created
    return Repo(hub_id or full, full, f"https://hub.test/{full}", created_at=created_at, **fields)


def known(
    name: str,
    created: datetime | str | None = "2026-01-01",
    *,
    between: tuple[datetime, datetime] | None = None,
    first_seen_at: datetime | None = None,
    **fields: Any,
) -> KnownRepo:
    """A repository that we know; part of the baseline unless it has a bracket."""
    of_repo = {key: fields.pop(key) for key in _OF_REPO & fields.keys()}
    return KnownRepo(
        hub=fields.pop("hub", "huggingface"),
        account=fields.pop("account", ACCOUNT.name),
        repo=repo(name, created, **of_repo),
        first_seen_at=first_seen_at or (between[1] if between else NOW - timedelta(days=30)),
        published_between=between,
        **fields,
    )


def listing(*repos: Repo, seen_at: datetime = NOW, account: Account = ACCOUNT, **fields: Any) -> Listing:
    """A complete listing of an account, acme-ai unless told otherwise."""
    return Listing(account, seen_at, repos, listed_as=fields.pop("listed_as", account.name), **fields)


def history(
    *repos: KnownRepo, listed_at: datetime | None = NOW - timedelta(minutes=1), **fields: Any
) -> History:
    """What was known of acme; its account was listed a minute ago unless told otherwise (None: never)."""
    account = fields.pop("account", ACCOUNT)
    return History(
        organization=fields.pop("organization", ACME),
        account=account,
        repos=repos,
        listed_at=fields.pop("listed", {account: listed_at} if listed_at else {}),
        **fields,
    )


def inspected(repo_id: str, now: Contents, before: Contents | None = None, **fields: Any) -> Findings:
    """What was found because one repository was looked into."""
    return Findings(inspections={repo_id: Inspection(now, before, **fields)})


def weekly(first: date, releases: int, every: int = 7) -> tuple[date, ...]:
    """Release days at a regular pace."""
    return tuple(first + timedelta(days=n * every) for n in range(releases))


def cadence_after(days: Iterable[date], until: date) -> CadenceState:
    """The state of a cadence that lived through these release days."""
    state, _ = advance(None, Record(tuple(days)), COLD_START, Budgets(), until)
    return state


def backtest(events: Mapping[str, Iterable[date]], until: date | None, budgets: Budgets) -> list[Row]:
    """Every crossing of a replay, in order of time."""
    return [row for lived in replay(events, until, budgets) for row in lived.rows]
