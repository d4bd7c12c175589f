"""Whom to watch, how, and with what: the two files and the environment.

Importing this is cheap: `load` imports pydantic when it is called, and tomlkit comes with `monitor.config.edit`.
"""

from monitor.config.directory import Found, directory_named, find_directory, fingerprint
from monitor.config.environment import Environment
from monitor.config.environment import read as read_environment
from monitor.config.load import load
from monitor.config.model import (
    HUBS,
    Charts,
    Config,
    NotifySettings,
    PollSettings,
    Settings,
    SlackSettings,
    WebSettings,
)
from monitor.config.rules import suggestion

__all__ = [
    "HUBS",
    "Charts",
    "Config",
    "Environment",
    "Found",
    "NotifySettings",
    "PollSettings",
    "Settings",
    "SlackSettings",
    "WebSettings",
    "directory_named",
    "find_directory",
    "fingerprint",
    "load",
    "read_environment",
    "suggestion",
]
