"""See what an account publishes: one module a hub, behind one small Protocol."""

from typing import Protocol

from monitor.core.types import Account, Listing, Look


class Hub(Protocol):
    """What a hub must do. Raises HubError, nothing else."""

    def list_repos(self, account: Account) -> Listing:
        """Return everything that the hub shows for the account, whole, or raise."""
        ...


class Looker(Protocol):
    """A hub on which one repository can be looked at directly."""

    def look(self, name: str) -> Look:
        """Look at the repository that was last known as `name` ("owner/name"), following renames."""
        ...
