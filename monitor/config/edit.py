"""Change organizations.toml as its owner would: comments and order stay, a bad result is never written."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Table, Whitespace

from monitor.bundled import bundled
from monitor.config.files import ORGANIZATIONS, Contents, read_contents, replace_file
from monitor.config.load import load
from monitor.config.model import HUBS, Config
from monitor.config.parse import parse
from monitor.config.rules import suggestion
from monitor.config.tables import as_toml, fields_of, rewrite
from monitor.core.types import Account, Organization
from monitor.errors import ChangedMeanwhileError, ConfigError


def add(
    directory: Path,
    key: str,
    accounts: Sequence[str],
    *,
    name: str | None = None,
    country: str | None = None,
    groups: Sequence[str] = (),
    agreed: Callable[[Organization, Config], bool] = lambda *_: True,
) -> Organization | None:
    """Add an organisation, or accounts to one that is there; return it as it now stands.

    An account is "hub:name", or "name" alone on the first hub. Name, country and groups replace what was there
    only where they are given. `agreed` is asked, with the configuration as it would be, before anything is written;
    where it says no, nothing is, and None returned. Raises ConfigError, the file untouched, where the result would be
    wrong.
    """
    before, document = _open(directory)
    table: Any = document.get(key)
    if new := table is None:
        table = tomlkit.table()
    # New keys belong before what is said about the next table, which tomlkit counts as a part of this one.
    rest = _take_after_last_key(table)
    for field, value in (("name", name), ("country", country), ("groups", list(groups))):
        if value:
            table[field] = value
    _append(table, accounts)
    if rest:
        table.value.body.extend(rest)
    text = tomlkit.dumps(document)
    if new:
        text = f"{text.rstrip()}\n\n{tomlkit.dumps({key: table})}".lstrip("\n")
    config = parse(replace(before, organizations=text.encode()), directory)
    added = next(organization for organization in config.organizations if organization.key == key)
    if not agreed(added, config):
        return None
    _replace(directory, before, text)
    return added


def put(
    directory: Path, organization: Organization, seen: str | None = None, *, is_trial: bool = False
) -> Config:
    """Have the file say just this of an organisation, whatever it says under its key now; return how that reads.

    `seen` is the `mark` of the file that somebody looked at, None where nobody did. In a trial nothing is written.
    Raises ConfigError, the file untouched, where the result would be wrong: a ChangedMeanwhileError where the file
    is not the one that was seen.
    """
    before, document = _open(directory)
    if seen is not None and seen != _mark_of(before):
        raise _changed_meanwhile(directory)
    text = _text_with(document, organization)
    config = parse(replace(before, organizations=text.encode()), directory)
    if organization not in config.organizations:  # a spelling of TOML that is not rewritten: dotted keys, say
        raise ConfigError(
            [
                f"{directory / ORGANIZATIONS}: {organization.key}: is written in a way that only a person can "
                f"change; make it a table [{organization.key}]"
            ]
        )
    return config if is_trial else _replace(directory, before, text)


def mark(directory: Path) -> str:
    """Return a short text that tells this state of the file from others. Raises ConfigError like `read_contents`."""
    return _mark_of(read_contents(directory))


def _mark_of(contents: Contents) -> str:
    return sha256(contents.organizations or b"").hexdigest()[:16]


def _text_with(document: TOMLDocument, organization: Organization) -> str:
    """Return the file as it reads with this organisation in place of what it says of it."""
    key, fields = organization.key, fields_of(organization)
    table: Any = document.get(key)
    if table is None:
        return f"{tomlkit.dumps(document).rstrip()}\n\n{as_toml(organization)}\n".lstrip("\n")
    # New keys belong before what is said about the next table, which tomlkit counts as a part of this one.
    rest = _take_after_last_key(table)
    rewrite(table, fields)
    if rest:
        table.value.body.extend(rest)
    return tomlkit.dumps(document)


def _append(table: Any, accounts: Iterable[str]) -> None:
    for hub, account in map(hub_and_name, accounts):
        if hub in table:
            table[hub].append(account)
        else:
            table[hub] = [account]


def remove(directory: Path, key: str) -> Organization:
    """Remove an organisation with the comments inside its table; return what it was.

    Raises ConfigError, with a suggestion, where there is none of that key.
    """
    before, document = _open(directory)
    if key not in document:
        near = suggestion(key, document)
        raise ConfigError([f"{directory / ORGANIZATIONS}: {key}: no organisation has this key{near}"])
    removed = next(item for item in parse(before, directory).organizations if item.key == key)
    table = document[key]
    place = next(
        index for index, (name, _) in enumerate(document.body) if name is not None and name.key == key
    )
    text = "".join(item.as_string() for _, item in _take_after_last_key(table))
    keep = text if text.strip() else ""
    document.remove(key)
    document.body[place] = (None, Whitespace(keep))
    _replace(directory, before, tomlkit.dumps(document))
    return removed


def updates(config: Config) -> tuple[Organization, ...]:
    """Return what the shipped list watches and this configuration does not.

    Each organisation holds only the accounts that are lacking; one whose accounts are all watched is left out,
    under whatever key they are watched.
    """
    watched = {_identity(account) for account in config.accounts}
    lacking = []
    for organization in load(bundled("config")).organizations:
        accounts = tuple(account for account in organization.accounts if _identity(account) not in watched)
        if accounts:
            lacking.append(replace(organization, accounts=accounts))
    return tuple(lacking)


def _identity(account: Account) -> tuple[str, str]:
    return account.hub, account.name.casefold()


def _open(directory: Path) -> tuple[Contents, TOMLDocument]:
    """Read a file that is valid as it stands: an invalid one is a person's to mend."""
    contents = read_contents(directory)
    parse(contents, directory)
    return contents, tomlkit.parse((contents.organizations or b"").decode("utf-8-sig"))


def _replace(directory: Path, before: Contents, text: str) -> Config:
    """Check the new text together with the settings, then put it in the file's place."""
    after = replace(before, organizations=text.encode())
    config = parse(after, directory)
    if read_contents(directory) != before:
        raise _changed_meanwhile(directory)
    replace_file(directory / ORGANIZATIONS, text.encode())
    return config


def _changed_meanwhile(directory: Path) -> ChangedMeanwhileError:
    return ChangedMeanwhileError(
        [f"{directory / ORGANIZATIONS}: was changed by somebody else just now; try again"]
    )


def hub_and_name(account: str) -> tuple[str, str]:
    """Read an account as people write it: "hub:name", or "name" alone on the first hub. Raises ConfigError."""
    hub, colon, name = account.partition(":")
    if not colon:
        return HUBS[0], account
    if hub not in HUBS:
        raise ConfigError([f"{account}: `{hub}` is no hub of this version; known: {', '.join(HUBS)}"])
    return hub, name


def _take_after_last_key(table: Any) -> list[tuple[None, Any]]:
    """Cut off and return what stands between a table's last key and the next table: it is about the next one."""
    if not isinstance(table, Table):
        return []
    body = table.value.body
    last = max((index for index, (key, _) in enumerate(body) if key is not None), default=-1)
    rest = [(None, item) for _, item in body[last + 1 :]]
    del body[last + 1 :]
    return rest
