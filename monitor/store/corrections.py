"""Keep what people corrected about the grouping of an organisation's repositories."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from monitor.core.corrections import Correction, CorrectionKind, Key
from monitor.store import Transaction
from monitor.store.tables import CorrectionRow, RepoRow

_CORRECTION = CorrectionRow.__table__

# Every poll that brings something new asks this: building a statement takes longer than answering it.
_OF_ORGANIZATION = (
    select(_CORRECTION).where(_CORRECTION.c.organization == bindparam("key")).order_by(_CORRECTION.c.id)
)


def corrections_of(tx: Transaction, organization: str) -> tuple[Correction, ...]:
    """Return the corrections of an organisation, in the order in which they were made."""
    return tuple(correction(row) for row in tx.execute(_OF_ORGANIZATION, {"key": organization}))


def correction(row: Any) -> Correction:
    """Return a correction as the core knows it."""
    return Correction(row.id, CorrectionKind(row.kind), _keys(row.repos), _keys(row.rest), row.name)


def add(tx: Transaction, organization: str, correction: Correction, now: datetime) -> int:
    """Write a correction, whatever its number says, and return the number that it has now."""
    row = CorrectionRow(
        organization=organization,
        kind=correction.kind.value,
        repos=sorted(map(list, correction.repos)),
        rest=sorted(map(list, correction.rest)),
        name=correction.name,
        made_at=now,
    )
    tx.add(row)
    tx.flush()
    return row.id


def hand_over(tx: Transaction, former: str, to: str) -> None:
    """Let the corrections follow whose repositories all went to another organisation."""
    rows = tx.scalars(select(CorrectionRow).where(CorrectionRow.organization == former)).all()
    if not rows:
        return
    left = select(RepoRow.hub, RepoRow.hub_id).where(RepoRow.organization == former)
    stayed = {(hub, hub_id) for hub, hub_id in tx.execute(left)}
    for row in rows:
        if stayed.isdisjoint(_keys([*row.repos, *row.rest])):
            row.organization = to


def _keys(pairs: Iterable[list[str]]) -> frozenset[Key]:
    return frozenset((hub, hub_id) for hub, hub_id in pairs)
