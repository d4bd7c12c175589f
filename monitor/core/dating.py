"""Tell when a repository became public, as far as that is known."""

from datetime import UTC, datetime

from monitor.core.types import CREATION_KNOWN_FROM, Basis, KnownRepo

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


def dated(known: KnownRepo) -> tuple[datetime | None, Basis]:
    """Return when a repository was released, and how we know.

    The creation time where it lies inside the bracket in which the repository became public, else the bracket's
    upper end; on the baseline the creation time; before 2022-03-03 the hub does not know it.
    """
    created = known.repo.created_at
    if known.published_between is not None:
        low, high = known.published_between
        inside = created is not None and low <= created <= high
        return (created if inside else high), Basis.OBSERVED
    if created is None or created < CREATION_KNOWN_FROM:
        return None, Basis.UNKNOWN
    return created, Basis.CREATED


def undated_place(known: KnownRepo) -> datetime:
    """Return where a repository without a date stands among dated ones.

    Created before the hub kept dates: before all others. Otherwise nothing is known, so it comes last: there it
    takes the date from nothing that it is grouped with.
    """
    created = known.repo.created_at
    return EARLIEST if created is not None and created < CREATION_KNOWN_FROM else LATEST


def place(known: KnownRepo) -> datetime:
    """Return where a repository stands among others: its date, or the place of one that has none."""
    return dated(known)[0] or undated_place(known)


def span(known: KnownRepo) -> tuple[datetime, datetime]:
    """Return the moments between which a repository became public: one moment where its date is a creation time."""
    at = place(known)
    if known.published_between is not None and at != known.repo.created_at:
        return known.published_between
    return at, at
