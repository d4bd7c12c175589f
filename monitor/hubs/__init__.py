"""See what an account publishes: one module a hub, behind one small Protocol."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from monitor.core.contents import Contents, Inspection
from monitor.core.types import Account, Listing, Look, Newcomer, Quota, Repo, Unchanged


class Hub(Protocol):
    """What a hub must do. Raises HubError, nothing else."""

    def list_repos(self, account: Account, known: str | None = None) -> Listing | Unchanged:
        """Return everything that the hub shows for the account, whole, or raise.

        `known` is the validator of a listing that we have: where the hub shows just that again, say so instead.
        """
        ...


@runtime_checkable
class Looker(Protocol):
    """A hub on which one repository can be looked at directly. Raises HubError, nothing else."""

    def look(self, name: str) -> Look:
        """Look at the repository that was last known as `name` ("owner/name"), following renames."""
        ...


@runtime_checkable
class Directory(Protocol):
    """A hub that can be asked whether an account exists. Raises HubError, nothing else."""

    def exists(self, name: str) -> str | None:
        """Return the account's name as the hub itself spells it, None if there is none."""
        ...


@runtime_checkable
class Inspector(Protocol):
    """A hub on which one can see what a repository holds. Raises HubError, nothing else."""

    def inspect(self, repo: Repo, before: Contents | None, since: str | None) -> Inspection | None:
        """Look into a repository as it was just listed; None where the hub does not show what is in it.

        `before` is what it held when it was last looked into; where that is None, and `since` is the revision that it
        had before, the hub is asked what it held then.
        """
        ...


@runtime_checkable
class Newsreel(Protocol):
    """A hub that shows its newest repositories, whoever made them. Raises HubError, nothing else."""

    def newest(self, back_to: datetime) -> tuple[Newcomer, ...]:
        """Return what was created since `back_to`, the newest first, or as much of it as a few pages hold."""
        ...


@runtime_checkable
class Metered(Protocol):
    """A hub that tells its limits."""

    @property
    def paused_until(self) -> datetime | None:
        """Until when it asked not to be asked; may lie in the past."""
        ...

    @property
    def quota(self) -> Quota | None:
        """How many requests it grants in a window, once it said so."""
        ...
