"""An organisation as its table in organizations.toml says it."""

from collections.abc import Sequence
from typing import Any

import tomlkit

from monitor.config.model import HUBS
from monitor.core.types import Organization

Fields = dict[str, str | list[str]]

# What a table may say, in the order in which a new one says it.
FIELDS = ("name", "country", "groups", *HUBS, "include", "exclude")


def fields_of(organization: Organization) -> Fields:
    """Return what a table of it says; what is empty is left out."""
    accounts = {
        hub: [account.name for account in organization.accounts if account.hub == hub] for hub in HUBS
    }
    said: dict[str, str | list[str] | None] = {
        "name": organization.name if organization.name != organization.key else None,
        "country": organization.country,
        "groups": list(organization.groups),
        **accounts,
        "include": list(organization.include),
        "exclude": list(organization.exclude),
    }
    return {name: value for name, value in said.items() if value}


def as_toml(organization: Organization) -> str:
    """Return the lines of its table, for a person to paste."""
    return tomlkit.dumps({organization.key: fields_of(organization)}).rstrip("\n")


def rewrite(table: Any, fields: Fields) -> None:
    """Make a table of tomlkit's say just this; what it says already stays as it is written, comments included."""
    for name in [name for name in table if name in FIELDS and name not in fields]:
        del table[name]
    for name, value in fields.items():
        if isinstance(value, list) and name in table:
            _rewrite_array(table, name, value)
        elif table.get(name) != value:
            table[name] = value


def _rewrite_array(table: Any, name: str, wanted: Sequence[str]) -> None:
    array = table[name]
    for place in reversed(range(len(array))):
        if array[place] not in wanted:
            del array[place]
    for value in wanted:
        if value not in array:
            array.append(value)
    if list(array) != list(wanted):  # another order
        table[name] = list(wanted)
