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

    `formers` is kept of what takes ids from releases.
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
    """Return the ids of the releases that repositories were in before corrections took them away."""
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


def discarded_by(tx: Transaction, release_id: int) -> int | None:
    """Return the correction by which a release was taken out of the log; None where it was not."""
    rows = tx.scalars(select(CorrectionRow).where(CorrectionRow.kind == CorrectionKind.DISCARD.value)).all()
    return next(
        (row.id for row in rows if any(release_id in ids for ids in former_ids([row]).values())), None
    )


def no_release(tx: Transaction, release_id: int) -> str:
    """Say that there is no release of this id, and what became of it."""
    merged = merged_into(tx, release_id)
    if merged is not None:
        return f"release {release_id} was merged into {merged[0]} by correction {merged[1]}"
    if (number := discarded_by(tx, release_id)) is not None:
        return f"release {release_id} was taken out of the log by correction {number}"
    return f"no release {release_id}; `release-monitor log --format csv` has the ids"


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
