"""What a route may ask for and where it may lead: plain checks that raise ValueError("wrong; remedy")."""

import re
from collections.abc import Collection

from monitor.config.receivers import APPRISE, SLACK_WEBHOOK, TERMINAL, WEBHOOK
from monitor.config.rules import shown, suggestion
from monitor.core.routing import CHANGES, KINDS
from monitor.core.types import Level

# Receivers with a name, besides channels of Slack.
_RECEIVERS = (SLACK_WEBHOOK, WEBHOOK, APPRISE, TERMINAL)


def check_filled(values: list[str]) -> list[str]:
    """Return a list of a route that has something in it."""
    if not values:
        raise ValueError("is empty; name at least one, or leave the key out")
    return values


def check_tables(value: object) -> object:
    """Return what stands under [[routes]]; one table alone is a slip."""
    if isinstance(value, dict):
        raise ValueError("are several; write [[routes]] instead of [routes]")
    return value


def check_kind(kind: str) -> str:
    """Return a kind of alert as routes know them."""
    return _check_choice(kind, "kind of alert", KINDS)


def check_change(change: str) -> str:
    """Return a kind of change as routes know them."""
    return _check_choice(change, "kind of change", CHANGES)


def check_level(level: str) -> str:
    """Return how sure a change of cadence is."""
    return _check_choice(level, "level", [level.value for level in Level])


def _check_choice(value: str, what: str, choices: Collection[str]) -> str:
    if value in choices:
        return value
    near = suggestion(value, choices) or f"; known: {', '.join(choices)}"
    raise ValueError(f"{shown(value)} is no {what}{near}")


def check_person(text: str) -> str:
    """Return the id of a person on Slack, U… or (Enterprise) W…. Source: docs.slack.dev, users.info."""
    if re.fullmatch(r"[UW][A-Z0-9]{2,}", text):
        return text
    raise ValueError(
        f"{shown(text)} is no id of a person on Slack, such as U0123456789; it stands in the person's profile "
        "under ⋮, “Copy member ID”"
    )


def receiver(text: str) -> str:
    """Return the receiver that a channel of a route names: a channel's id on Slack, or a receiver by its name."""
    if re.fullmatch(r"[CGD][A-Z0-9]{2,}", bare := text.removeprefix("slack:")):
        return f"slack:{bare}"
    if text in _RECEIVERS or re.fullmatch(r"apprise:[a-z0-9_]+", text):
        return text
    raise ValueError(f"{shown(text)} is no channel; {_receiver_remedy(bare)}")


def _receiver_remedy(text: str) -> str:
    find = "open the channel's details on Slack: it stands at their end"
    if text.startswith("#"):
        return f"write its id, such as C0123456789, which outlives a new name; {find}"
    if text.startswith("@") or re.fullmatch(r"[UW][A-Z0-9]{2,}", text):
        return "messages to a person cannot be routed; make a channel for them, and write its id"
    if re.fullmatch(r"[CGD](?=.*[0-9])[A-Z0-9]{8,}", text.upper()):
        return f"did you mean `{text.upper()}`?"
    if near := suggestion(text, _RECEIVERS):
        return near.removeprefix("; ")
    return f"write a channel's id, such as C0123456789 ({find}), or {', '.join(_RECEIVERS)} or apprise:name"
