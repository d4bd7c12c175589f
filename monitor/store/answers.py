"""Keep which answers of hubs something came of, and read those behind a release."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, insert, select

from monitor.core.citations import Citation
from monitor.core.types import Account, ChangeKind
from monitor.store import Transaction
from monitor.store.changes_of import is_about
from monitor.store.reading import JsonRow
from monitor.store.tables import AnswerRow, ChangeRow, RepoRow

FIRST_SEEN = "first seen"

_INSERT = insert(AnswerRow).returning(AnswerRow.id, sort_by_parameter_order=True)


def write_answers(
    tx: Transaction, polled: Iterable[tuple[Account, Iterable[Citation]]]
) -> list[dict[Citation, int]]:
    """Write the answers that something came of, and return for each of the polls the ids that they got."""
    cited = [(account, dict.fromkeys(citations)) for account, citations in polled]
    rows = [_values(account, one) for account, citations in cited for one in citations]
    ids = iter(tx.connection().execute(_INSERT, rows).scalars().all() if rows else ())
    return [{one: next(ids) for one in citations} for _, citations in cited]


def _values(account: Account, one: Citation) -> JsonRow:
    return {
        "hub": account.hub,
        "account": account.name,
        "url": one.url,
        "status": one.status,
        "sha256": one.sha256,
        "size": one.size,
        "received_at": one.received_at,
    }


def evidence_of(tx: Transaction, release_id: int) -> list[JsonRow]:
    """Return the answers that a release is known from, as they came, and those that changed it.

    `what` is "first seen" or the kind of a change, `repos` are the repositories concerned as they are called today:
    `url` answered `status` with `size` bytes whose SHA-256 is `sha256`, read whole at `received_at`.
    """
    about: dict[tuple[int, str], dict[str, None]] = defaultdict(dict)  # names in order, each once
    names: dict[tuple[str, str], str] = {}
    columns = RepoRow.hub, RepoRow.hub_id, RepoRow.name, RepoRow.first_answers
    query = select(*columns).where(RepoRow.release_id == release_id)
    for hub, hub_id, name, ids in tx.execute(query.order_by(RepoRow.first_seen_at, RepoRow.id)):
        names[hub, hub_id] = name
        for one in ids or ():
            about[one, FIRST_SEEN][name] = None
    for change in tx.execute(_changes(names)):
        for one in change.answers:
            about[one, change.kind][names[change.hub, change.hub_id]] = None
    query_answers = select(AnswerRow).where(AnswerRow.id.in_({one for one, _ in about}))
    answers = {row.id: row for row in tx.scalars(query_answers)}
    told = [_row(answers[one], what, list(repos)) for (one, what), repos in about.items() if one in answers]
    return sorted(told, key=lambda row: (row["received_at"], row["what"] != FIRST_SEEN))


def _changes(keys: Iterable[tuple[str, str]]) -> Select[*tuple[Any, ...]]:
    """Select what changed repositories; that they were published is what they were first seen by."""
    columns = ChangeRow.hub, ChangeRow.hub_id, ChangeRow.kind, ChangeRow.answers
    return (
        select(*columns)
        .where(is_about(keys), ChangeRow.answers.is_not(None), ChangeRow.kind != ChangeKind.PUBLISHED.value)
        .order_by(ChangeRow.id)
    )


def _row(answer: AnswerRow, what: str, repos: list[str]) -> JsonRow:
    return {
        "what": what,
        "repos": repos,
        "hub": answer.hub,
        "account": answer.account,
        "url": answer.url,
        "status": answer.status,
        "sha256": answer.sha256,
        "size": answer.size,
        "received_at": answer.received_at,
    }
