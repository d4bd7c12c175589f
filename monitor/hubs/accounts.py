"""Ask a hub whether it knows an account."""

from monitor.core.types import Account
from monitor.errors import HubError, Trouble
from monitor.hubs import Directory, Hub

# Hubs that do not tell an account without models from none.
_UNSEEN_WHERE_EMPTY = frozenset({"modelscope", "openrouter"})


def problem_of(account: Account, hub: Hub) -> str | None:
    """Return why a hub does not know the account under this name, None if it does. Raises HubError."""
    spelling = _spelling(account, hub)
    if spelling is None:
        unknown = (
            "shows no model of such an account"
            if account.hub in _UNSEEN_WHERE_EMPTY
            else "knows no such account"
        )
        return f"the hub {unknown}; names are case-sensitive"
    return None if spelling == account.name else f"the hub spells it {spelling}"


def _spelling(account: Account, hub: Hub) -> str | None:
    """Return the account's name as the hub has it, None where there is none; a catalogue is listed for that."""
    if isinstance(hub, Directory):
        return hub.exists(account.name)
    try:
        hub.list_repos(account)
    except HubError as error:
        if error.trouble is Trouble.NOT_FOUND:
            return None
        raise
    return account.name
