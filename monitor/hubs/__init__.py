"""See what an account publishes: one module a hub, behind one small Protocol."""

from datetime import datetime
from typing import Protocol, runtime_checkable

from monitor.core.types import Account, Listing, Look, Quota


class Hub(Protocol):
    """What a hub must do. Raises HubError, nothing else."""

    def list_repos(self, account: Account) -> Listing:
        """Return everything that the hub shows for the account, whole, or raise."""
        ...


@runtime_checkable
class Looker(Protocol):
    """A hub on which one repository can be looked at directly. Raises HubError, nothing else."""

    def look(self, name: str) -> Look:
        """Look at the repository that was last known as `name` ("owner/name"), following renames."""
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
