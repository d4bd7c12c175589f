"""What the adapters of all hubs share: telling of limits, walking in bounded time, telling whose a row is."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from monitor.core.types import Account, Quota, Repo, SetAside
from monitor.errors import HubError, Trouble
from monitor.hubs.politeness import Politeness
from monitor.hubs.reading import read_each

# All pages of one listing together; a worker holds an account for a minute.
LONGEST_WALK = timedelta(seconds=45)


class Polite:
    """An adapter that tells what its hub said of its limits."""

    def __init__(self, politeness: Politeness) -> None:
        self._politeness = politeness

    @property
    def paused_until(self) -> datetime | None:
        """Until when the hub is not to be asked: it said so, or its quota is used up but for what we leave over.

        May lie in the past; None if it could always be asked.
        """
        return self._politeness.paused_until

    @property
    def quota(self) -> Quota | None:
        """How many requests the hub grants, as it says itself; until it did, what we assume, or None."""
        return self._politeness.quota


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a walk must be over, on the monotonic clock in seconds, and whose pages it walks, for the error."""

    ends: float
    name: str

    @classmethod
    def of_walk(cls, name: str) -> Self:
        """Begin a walk now."""
        return cls(time.monotonic() + LONGEST_WALK.total_seconds(), name)

    def check(self) -> None:
        """Raise HubError when the time for all pages together is up."""
        if time.monotonic() > self.ends:
            raise HubError(f"the pages of {self.name} take too long in all", Trouble.UNREACHABLE)


def read_listing(
    account: Account, rows: list[object], read: Callable[[object], Repo | None]
) -> tuple[tuple[Repo, ...], tuple[SetAside, ...]]:
    """Read the rows of an account's listing as `read_each` does. Raises HubError where not one can be read."""
    repos, aside = read_each(rows, read)
    if rows and len(aside) == len(rows):
        raise HubError(f"no row of {account} can be read: {aside[0].reason}", Trouble.SHAPE)
    return repos, aside


def parted(repos: tuple[Repo, ...], owners: Iterable[str]) -> tuple[tuple[Repo, ...], tuple[Repo, ...]]:
    """Part the repositories of these owners from those of others."""
    ours = frozenset(owners)
    strays = tuple(repo for repo in repos if repo.owner not in ours)
    return (tuple(repo for repo in repos if repo.owner in ours) if strays else repos), strays
