"""Answer /watch: show, lengthen and shorten the list of whom to watch, in the file that holds it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from monitor.config import HUBS, Config, load
from monitor.config.edit import add, hub_and_name, remove, updates
from monitor.config.rules import slug
from monitor.config.tables import as_toml
from monitor.conversation.answers import LINES, Answer, in_lines, said
from monitor.conversation.asked import Asked
from monitor.core.appearances import hub_name
from monitor.core.telling import Link, Message
from monitor.core.text import counted
from monitor.core.types import Account, Organization
from monitor.errors import ConfigError, NotWritableError
from monitor.hubs import Hub
from monitor.hubs.accounts import Checked, check

# As long as somebody waits gladly.
PATIENCE = timedelta(seconds=2)

HELP = Message(
    "How to use /watch",
    "It shows whom the monitor watches. Who is permitted to may also change it.",
    (
        ("/watch", "everybody who is watched, with accounts"),
        ("/watch add acme huggingface:acme-ai", "an organisation, or more accounts of one"),
        ("/watch add huggingface:acme-ai", "the same, under a key made of the name"),
        ("/watch add deepseek", "one of the list that comes with the monitor"),
        ("/watch remove acme", "no longer; its log is kept"),
    ),
    note=f"Hubs: {', '.join(HUBS)}",
)
_CHANGES = ("add", "remove")


def is_change(asked: Asked) -> bool:
    """Tell whether /watch would change anything."""
    return asked.words[:1] != [] and asked.words[0].casefold() in _CHANGES


@dataclass(slots=True)
class _Wanted:
    """An organisation as it would be watched, and what the hubs said of its new accounts."""

    accounts: Sequence[str]
    organization: Organization | None = None
    said: dict[str, Checked] = field(default_factory=dict)  # by account


class Watching:
    """The watch list in a folder, and the hubs that know whether an account exists."""

    def __init__(self, directory: Path, hubs: Mapping[str, Hub], patience: timedelta = PATIENCE) -> None:
        self._directory = directory
        self._hubs = hubs
        self._patience = patience

    def answer(self, asked: Asked) -> Answer:
        """Do what /watch says. Raises ConfigError where the list would be wrong."""
        try:
            return self._answer(asked)
        except ConfigError as error:  # where the folder is, is nobody's business in Slack
            raise ConfigError(
                [one.replace(f"{self._directory}{os.sep}", "") for one in error.problems]
            ) from None

    def _answer(self, asked: Asked) -> Answer:
        match [word.casefold() for word in asked.words[:1]] + asked.words[1:]:
            case [] | ["list"]:
                return self._list()
            case ["add", first, *more]:
                return self._add(first, more)
            case ["remove", key]:
                return self._remove(key.casefold())
            case _:
                return Answer(HELP)

    def _list(self) -> Answer:
        organizations = load(self._directory).organizations
        if not organizations:
            return Answer(HELP)
        lines = [Link(f"{one.name} ({one.key}): {_accounts(one)}") for one in organizations]
        title = f"{counted(len(lines), 'organisation is', 'organisations are')} watched"
        return in_lines(title, lines[:LINES], len(lines), "/watch help: how to change the list")

    def _add(self, first: str, more: Sequence[str]) -> Answer:
        key, accounts = first.casefold(), more
        if ":" in first:
            key, accounts = slug(hub_and_name(first)[1]), [first, *more]
        if not accounts:
            return self._add_shipped(key)
        return self._save(key, accounts)

    def _add_shipped(self, key: str) -> Answer:
        """Add what the list that comes with the monitor has of an organisation, and ours lacks."""
        shipped = next((one for one in updates(load(self._directory)) if one.key == key), None)
        if shipped is None:
            return said(
                f"Name at least one account of “{key}”",
                f"The list that comes with the monitor has no account of it that is not watched. Example: "
                f"/watch add {key} {HUBS[0]}:its-name-there",
            )
        return self._save(key, [str(account) for account in shipped.accounts], shipped)

    def _save(self, key: str, accounts: Sequence[str], like: Organization | None = None) -> Answer:
        wanted = _Wanted([str(Account(key, *hub_and_name(one))) for one in accounts])
        try:
            saved = add(
                self._directory,
                key,
                accounts,
                name=like.name if like else None,
                country=like.country if like else None,
                groups=like.groups if like else (),
                agreed=lambda *as_it_would_be: self._is_known(wanted, *as_it_would_be),
            )
        except NotWritableError:
            return _by_hand(wanted.organization)
        if saved is None:
            return _refused(wanted)
        return Answer(
            Message(
                f"{saved.name} is watched from now on",
                "The service takes it up by itself. What is public now becomes its baseline: logged, and not told.",
                links=tuple(_checked(one, wanted.said[one]) for one in wanted.accounts[:LINES]),
                more=max(0, len(wanted.accounts) - LINES),
                links_title="New accounts",
            )
        )

    def _is_known(self, wanted: _Wanted, organization: Organization, _: Config) -> bool:
        """Ask the hubs about the new accounts, for as long as somebody waits gladly; False where one is unknown."""
        wanted.organization = organization
        new = [one for one in organization.accounts if str(one) in wanted.accounts]
        wanted.said = {str(one): said for one, said in check(new, self._hubs, self._patience).items()}
        return not any(one.problem for one in wanted.said.values())

    def _remove(self, key: str) -> Answer:
        before = next((one for one in load(self._directory).organizations if one.key == key), None)
        try:
            removed = remove(self._directory, key)
        except NotWritableError:
            return said(
                "The list cannot be changed from here: its file is read-only",
                "Take these lines out of organizations.toml; the service takes it up by itself.",
                code=_toml(before),
            )
        return said(
            f"{removed.name} is no longer watched",
            "Its log is kept. These lines in organizations.toml would watch it again:",
            code=_toml(before),
        )


def _by_hand(organization: Organization | None) -> Answer:
    return said(
        "The list cannot be changed from here: its file is read-only",
        "Paste these lines into organizations.toml, in place of what stands there under this key; the service takes "
        "it up by itself.",
        code=_toml(organization),
    )


def _refused(wanted: _Wanted) -> Answer:
    lines = [_checked(account, said) for account, said in wanted.said.items() if said.problem]
    return in_lines("Nothing was saved", lines[:LINES], len(lines), "Correct the name and try again.")


def _checked(account: str, result: Checked) -> Link:
    hub, _, name = account.partition(":")
    return Link(f"{name} on {hub_name(hub)}: {result}")


def _accounts(organization: Organization) -> str:
    return ", ".join(map(str, organization.accounts))


def _toml(organization: Organization | None) -> str:
    return as_toml(organization) if organization else ""
