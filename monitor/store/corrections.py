"""Keep what people corrected about the grouping of an organisation's repositories."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, tuple_

from monitor.core.corrections import Correction, CorrectionKind, Key
from monitor.store import Transaction
from monitor.store.tables import CorrectionRow, RepoRow

# The ids of the releases that repositories were in, the latest first.
Formers = Mapping[Key, Sequence[int]]

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


def add(
    tx: Transaction, organization: str, correction: Correction, now: datetime, formers: Formers | None = None
) -> int:
    """Write a correction, whatever its number says, and return the number that it has now.

    `formers` is kept of a merge: the ids that it takes from releases.
    """
    row = CorrectionRow(
        organization=organization,
        kind=correction.kind.value,
        repos=_rows(correction.repos, formers or {}),
        rest=_rows(correction.rest, formers or {}),
        name=correction.name,
        made_at=now,
    )
    tx.add(row)
    tx.flush()
    return row.id


def former_ids(rows: Iterable[CorrectionRow]) -> Formers:
    """Return the ids that repositories had before corrections merged their releases."""
    formers: dict[Key, list[int]] = {}
    for row in sorted(rows, key=lambda row: row.id, reverse=True):
        for hub, hub_id, *ids in (*row.repos, *row.rest):
            held = formers.setdefault((hub, hub_id), [])
            held += [one for one in ids if one not in held]
    return formers


def merged_into(tx: Transaction, release_id: int) -> tuple[int, int] | None:
    """Return into which release one was merged, as it is now, and by which correction; None where it was not."""
    merges = select(CorrectionRow).where(CorrectionRow.kind == CorrectionKind.MERGE.value)
    for row in tx.scalars(merges.order_by(CorrectionRow.id)).all():
        theirs = [key for key, ids in former_ids([row]).items() if release_id in ids]
        is_theirs = tuple_(RepoRow.hub, RepoRow.hub_id).in_(theirs)
        query = select(RepoRow.release_id).where(is_theirs, RepoRow.release_id.is_not(None))
        holder = tx.scalar(query.order_by(RepoRow.id).limit(1)) if theirs else None
        if holder is not None:
            return holder, row.id
    return None


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


def _rows(keys: Iterable[Key], formers: Formers) -> list[list[Any]]:
    return [[*key, *formers.get(key, ())] for key in sorted(keys)]


def _keys(rows: Iterable[list[Any]]) -> frozenset[Key]:
    return frozenset((hub, hub_id) for hub, hub_id, *_ in rows)
