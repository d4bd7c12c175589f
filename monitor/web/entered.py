"""What somebody typed of an organisation: read from a form, checked by the rules of the file, shown again as it was."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.config import HUBS
from monitor.config.rules import check_key, slug
from monitor.config.schema import read_organization
from monitor.config.tables import FIELDS, Fields, fields_of
from monitor.core.types import Organization
from monitor.errors import ConfigError

_TEXTS = frozenset({"name", "country"})
_WORDS = frozenset({"groups", *HUBS})  # separated by blanks or commas; globs have a line each
_SEPARATORS = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Entered:
    """A key, and the text of every field by its name in the file."""

    key: str
    texts: Mapping[str, str]

    @classmethod
    def of(cls, form: Mapping[str, str]) -> "Entered":
        """Read a form; a key that is left out is made of the name, or of the first account."""
        texts = {name: form.get(name, "").strip() for name in FIELDS}
        first = next((texts[hub].split()[0] for hub in HUBS if texts[hub]), "")
        key = form.get("key", "").strip() or slug(texts["name"]) or slug(first)
        return cls(key, texts)

    @classmethod
    def like(cls, organization: Organization) -> "Entered":
        """Return what one would type for an organisation."""
        fields = {"name": organization.name, **fields_of(organization)}
        return cls(organization.key, {name: _typed(name, fields) for name in FIELDS})

    @classmethod
    def nothing(cls) -> "Entered":
        """Return an empty form."""
        return cls("", dict.fromkeys(FIELDS, ""))

    def organization(self) -> Organization:
        """Return the organisation that is meant. Raises ConfigError with every problem, each by its field."""
        problems = []
        try:
            check_key(self.key)
        except ValueError as error:
            problems.append(f"key: {error}")
        fields = {name: _read(name, text) for name, text in self.texts.items() if text}
        try:
            organization = read_organization(self.key, fields)
        except ConfigError as error:
            raise ConfigError([*problems, *error.problems]) from None
        if problems:
            raise ConfigError(problems)
        return organization


def by_field(problems: Iterable[str], key: str) -> dict[str, str]:
    """Sort problems by the field that each is about; what is about none, or about others, stands under "".

    >>> by_field(["/etc/o.toml: acme.country: `XX` is no code", "acme: has no account; add one"], "acme")
    {'country': '`XX` is no code', '': 'has no account; add one'}
    """
    found: dict[str, str] = {}
    of_field = re.compile(rf"(?:^|: )(?:{re.escape(key)}\.)?({'|'.join((*FIELDS, 'key'))}): (.*)", re.DOTALL)
    of_key = re.compile(rf"(?:^|: ){re.escape(key)}: (.*)", re.DOTALL)
    for problem in problems:
        named, whole = of_field.search(problem), of_key.search(problem)
        place, text = (named[1], named[2]) if named else ("", whole[1] if whole else problem)
        found[place] = f"{found[place]}; {text}" if place in found else text
    return found


def _typed(name: str, fields: Fields) -> str:
    value = fields.get(name, "")
    if isinstance(value, str):
        return value
    return (", " if name == "groups" else "\n").join(value)


def _read(name: str, text: str) -> str | list[str]:
    if name in _TEXTS:
        return text
    entries = _SEPARATORS.split(text) if name in _WORDS else text.splitlines()
    return list(dict.fromkeys(entry.strip() for entry in entries if entry.strip()))
