"""The manifest of the Slack app: what Slack's schema takes, what the monitor hears, and no right that it does not use.

The keys and lengths are those of https://github.com/slackapi/manifest-schema, schemas/manifest.schema.1.0.0.json, in
which no other key is allowed.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from slack_workspace import NEEDS

MANIFEST = Path(__file__).parents[1] / "docs/slack/manifest.yaml"
# For each key: the keys below it, or the type and the longest text.
SCHEMA: dict[str, Any] = {
    "display_information": {"name": 35, "description": 140, "background_color": 7},
    "features": {
        "app_home": {
            "home_tab_enabled": bool,
            "messages_tab_enabled": bool,
            "messages_tab_read_only_enabled": bool,
        },
        "bot_user": {"display_name": 80, "always_online": bool},
        "slash_commands": [{"command": 32, "description": 2000, "usage_hint": 1000, "should_escape": bool}],
    },
    "oauth_config": {"scopes": {"bot": [50]}},
    "settings": {
        "interactivity": {"is_enabled": bool},
        "org_deploy_enabled": bool,
        "socket_mode_enabled": bool,
        "token_rotation_enabled": bool,
    },
}


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    return found


def problems(value: Any, shape: Any, at: str = "") -> list[str]:
    if isinstance(shape, dict):
        unknown = [f"{at}/{key}: unknown" for key in value.keys() - shape.keys()]
        return unknown + [
            p for key in value.keys() & shape.keys() for p in problems(value[key], shape[key], f"{at}/{key}")
        ]
    if isinstance(shape, list):
        return [p for place, item in enumerate(value) for p in problems(item, shape[0], f"{at}/{place}")]
    is_good = (
        isinstance(value, bool) if shape is bool else isinstance(value, str) and 1 <= len(value) <= shape
    )
    return [] if is_good else [f"{at}: {value!r}"]


def test_slacks_schema_takes_it() -> None:
    assert problems(manifest(), SCHEMA) == []
    commands = manifest()["features"]["slash_commands"]
    assert all(re.fullmatch(r"/[a-z]+", one["command"]) and one["should_escape"] for one in commands)


def test_the_bot_has_the_rights_that_it_uses_and_no_more() -> None:
    used = {scope for scope in NEEDS.values() if scope} | {"chat:write.public", "groups:history", "commands"}
    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == used


def test_commands_and_clicks_come_through_a_socket_and_need_no_public_address() -> None:
    settings = manifest()["settings"]
    assert (settings["socket_mode_enabled"], settings["interactivity"]) == (True, {"is_enabled": True})
    assert "url" not in MANIFEST.read_text().replace("https://api.slack.com/apps", "")


def test_every_command_of_the_manifest_is_answered_and_no_other_one() -> None:
    answered = re.findall(
        r'bolt\.command\("(/\w+)"\)', (MANIFEST.parents[2] / "monitor/conversation/listening.py").read_text()
    )
    assert sorted(answered) == sorted(one["command"] for one in manifest()["features"]["slash_commands"])
