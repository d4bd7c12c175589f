"""Ask hubs about accounts: whether they know them, and what they show of them, many at once."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from monitor.core.types import Account, Listing
from monitor.errors import HubError, Trouble
from monitor.hubs import Directory, Hub

# Hubs that do not tell an account without models from none.
_UNSEEN_WHERE_EMPTY = frozenset({"modelscope", "openrouter"})
_AT_ONCE = 4

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a hub said of an account: `problem` is why it does not know it, `doubt` why it could not be asked."""

    problem: str | None = None
    doubt: str | None = None

    def __str__(self) -> str:
        return self.problem or (f"not verified: {self.doubt}" if self.doubt else "found")


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


def check(
    accounts: Iterable[Account], hubs: Mapping[str, Hub], patience: timedelta
) -> dict[Account, Checked]:
    """Ask about each account, all within that time."""
    answers = _at_once(accounts, lambda one: problem_of(one, hubs[one.hub]), patience)
    return {
        account: Checked(doubt=str(answer)) if isinstance(answer, HubError) else Checked(answer)
        for account, answer in answers.items()
    }


def listed(
    accounts: Iterable[Account], hubs: Mapping[str, Hub], patience: timedelta
) -> dict[Account, Listing | HubError]:
    """Return what the hubs list of each account, or why one cannot be listed, all within that time."""

    def list_one(account: Account) -> Listing:
        found = hubs[account.hub].list_repos(account)
        assert isinstance(found, Listing)  # noqa: S101 - nothing was known that it could be unchanged from
        return found

    return _at_once(accounts, list_one, patience)


def _at_once(
    accounts: Iterable[Account], ask: Callable[[Account], Answer], patience: timedelta
) -> dict[Account, Answer | HubError]:
    """Ask about some at a time. One that is late goes on behind our back: a request cannot be called off."""

    def answer(account: Account) -> Answer | HubError:
        try:
            return ask(account)
        except HubError as error:
            return error

    executor = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="account-check")
    asking = {account: executor.submit(answer, account) for account in accounts}
    done, _ = wait(asking.values(), patience.total_seconds())
    executor.shutdown(wait=False, cancel_futures=True)
    late = HubError("the hub did not answer in time", Trouble.UNREACHABLE)
    return {account: one.result() if one in done else late for account, one in asking.items()}


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
