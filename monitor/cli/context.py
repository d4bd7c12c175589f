"""What commands need from their surroundings: configuration, environment, database."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monitor.config import Config, Environment, directory_named, find_directory, load, read_environment
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.store import Transaction

Command = TypeVar("Command", bound=Callable[..., Any])


def say(text: str) -> None:
    """Tell a person something that is not the result: on stderr."""
    click.echo(text, err=True)


def has_config() -> bool:
    """Tell whether there is a configuration, without putting a starter there."""
    return (directory_named(_option(), os.environ, Path.cwd()) / "organizations.toml").exists()


def config_directory() -> Path:
    """Return the folder of the configuration, putting the starter config there where there is none."""
    found = find_directory(_option(), os.environ, Path.cwd())
    if found.notice:
        say(found.notice)
    return found.directory


def _option() -> Path | None:
    option = click.get_current_context().find_root().obj["directory"]
    return Path(option) if option else None


def read_config() -> Config:
    """Read the configuration. Raises ConfigError."""
    config = load(config_directory())
    for warning in config.warnings:
        say(warning)
    return config


def environment() -> Environment:
    """Read the environment. Raises ConfigError."""
    return read_environment(os.environ)


def set_up_logs(*, quiet: bool = False) -> None:
    """Log to stderr as the options say; `quiet` for commands that report by themselves."""
    from monitor.logs import set_up_logs as set_up

    set_up(verbose=click.get_current_context().find_root().obj["verbose"], quiet=quiet)


@contextmanager
def opened_app(*, announce: bool = False) -> Iterator["App"]:
    """Open the app on the configured database and close it afterwards."""
    from monitor.app import open_app

    env = environment()
    app = open_app(env, say)
    try:
        if announce:
            say(f"database: {env.database_shown}")
            for notice in env.notices:
                say(notice)
        yield app
    finally:
        app.store.close()


@contextmanager
def reading() -> Iterator["Transaction"]:
    """Open the database for one command that reads."""
    from monitor.store.migrate import (
        open_store,  # without what polls and delivers: a reading command starts faster
    )

    store = open_store(environment().database_url, say)
    try:
        with store.reading() as tx:
            yield tx
    finally:
        store.close()


def known_organizations(keys: tuple[str, ...], config: Config) -> tuple[str, ...]:
    """Return the keys as given. Raises ConfigError, with a suggestion, for one that is not in the configuration."""
    place = str(config.directory / "organizations.toml")
    return _checked(keys, [organization.key for organization in config.organizations], place)


def ever_watched(tx: "Transaction", keys: tuple[str, ...], place: str) -> tuple[str, ...]:
    """Return the keys as given. Raises ConfigError, with a suggestion, for one that neither is nor was ever watched.

    `place` is where the person wrote them, for the error.
    """
    from monitor.store.reading import organization_keys

    known = organization_keys(tx)
    if not set(keys) <= set(known) and has_config():
        known += tuple(organization.key for organization in read_config().organizations)
    return _checked(keys, known, place)


def known_groups(groups: dict[str, list[str]], kind: str) -> dict[str, list[str]]:
    """Return the groups of each organisation as given. Raises ConfigError where nobody is in a group of that name."""
    if not groups and kind not in ("organization", "country", "group", "all"):
        raise ConfigError([f"--group: no organisation is in a group {kind!r}; see organizations.toml"])
    return groups


def _checked(keys: tuple[str, ...], known: Sequence[str], place: str) -> tuple[str, ...]:
    from monitor.config import suggestion

    problems = [
        f"{place}: no organisation {key!r}{suggestion(key, known)}" for key in keys if key not in known
    ]
    if problems:
        raise ConfigError(problems)
    return keys
