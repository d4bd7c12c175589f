"""The clock: the only place that reads the time of day. Everything else is given it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)  # noqa: TID251 - the one place
