"""What both files say, checked together; everything that is wrong with them at once."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monitor.config import route_warnings, rules
from monitor.config.files import ORGANIZATIONS, SETTINGS, Contents
from monitor.config.model import Config, Settings
from monitor.config.schema import read_organization, read_settings
from monitor.core.types import Organization
from monitor.errors import ConfigError


def parse(contents: Contents, directory: Path) -> Config:
    """Check contents as if they stood in the directory.

    Raises ConfigError with every problem of both files, one line each: "file: key: what is wrong; remedy".
    """
    problems: list[str] = []
    organizations = _organizations(contents.organizations, directory / ORGANIZATIONS, problems)
    of_settings = directory / SETTINGS
    are_known = not problems  # else a route may name one that merely cannot be read
    settings = _settings(contents.settings or b"", of_settings, problems)
    if are_known:
        strangers = route_warnings.problems(settings.routes, organizations)
        problems.extend(f"{of_settings}: {problem}" for problem in strangers)
    if problems:
        raise ConfigError(problems)
    doubts = route_warnings.warnings(settings.routes, organizations)
    warnings = tuple(f"{of_settings}: {doubt}" for doubt in doubts)
    if not organizations:
        warnings = (f"{directory / ORGANIZATIONS}: watches nobody yet",)
    return Config(organizations, settings, directory, contents.fingerprint, warnings)


def _organizations(content: bytes | None, path: Path, problems: list[str]) -> tuple[Organization, ...]:
    if content is None:
        problems.append(f"{path}: is missing; name the folder that has it with --config or MONITOR_CONFIG")
        return ()
    found = []
    for key, table in _toml(content, path, problems).items():
        try:
            found.append(_organization(key, table))
        except ConfigError as error:
            problems.extend(f"{path}: {problem}" for problem in error.problems)
    problems.extend(f"{path}: {problem}" for problem in _watched_twice(found))
    return tuple(found)


def _organization(key: str, table: object) -> Organization:
    problems = []
    try:
        rules.check_key(key)
    except ValueError as error:
        problems.append(str(error))
    if not isinstance(table, dict):
        raise ConfigError([*problems, f"{rules.shown(key)}: {_not_a_table(key, table)}"])
    try:
        organization = read_organization(key, table)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(problems)
    return organization


def _not_a_table(key: str, value: object) -> str:
    if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        return f"must be one table; write [{key}] instead of [[{key}]]"
    return "stands outside a table; move it below the [key] of its organisation"


def _settings(content: bytes, path: Path, problems: list[str]) -> Settings:
    written = _toml(content, path, problems)
    if not written:
        return Settings()
    try:
        return read_settings(written)
    except ConfigError as error:
        problems.extend(f"{path}: {problem}" for problem in error.problems)
        return Settings()


def _toml(content: bytes, path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        # Some editors begin a file with a byte order mark, which TOML does not know.
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problems.append(f"{path}: line {line}: is not UTF-8; save the file as UTF-8")
    except (ValueError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        problems.append(f"{path}: is no valid TOML: {error}")
    return {}


def _watched_twice(organizations: list[Organization]) -> Iterator[str]:
    """Find accounts that stand in the file twice; hubs take capitals in a namespace for small letters."""
    seen: dict[tuple[str, str], str] = {}
    for account in (account for organization in organizations for account in organization.accounts):
        place = f"{account.organization}.{account.hub}"
        known = (account.hub, account.name.casefold())
        if known in seen:
            yield f"{place}: `{account.name}` is watched already, under {seen[known]}; keep one of them"
        seen.setdefault(known, f"{place} as `{account.name}`")
