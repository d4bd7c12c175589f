"""The buttons below a message: what people can say about an organisation or a release with a click.

Only a bot with an app-level token hears clicks; `monitor.conversation` does what they say.
"""

from typing import Any

from monitor.core.telling import AlertKind, Notification

MUTE, NOT_A_RELEASE, SAME_AS = "mute", "not-a-release", "same-release-as"

# How long somebody may be muted, as the menu names it; None is until the cadence changes.
MUTED_FOR = {"1d": "for a day", "7d": "for a week", "change": "until its cadence changes"}


def actions_of(notification: Notification) -> list[dict[str, Any]]:
    """Return the buttons for a message: none where it is not about one organisation's launch or cadence."""
    kinds = (AlertKind.RELEASE.value, AlertKind.CADENCE.value)
    if notification.organization is None or notification.kind not in kinds:
        return []
    actions = [_mute(notification.organization)]
    if notification.kind == AlertKind.RELEASE.value and notification.release is not None:
        actions += _about(str(notification.release))
    return actions


def _mute(organization: str) -> dict[str, Any]:
    options = [
        {"text": _plain(text), "value": f"{length}|{organization}"} for length, text in MUTED_FOR.items()
    ]
    return {"type": "static_select", "action_id": MUTE, "placeholder": _plain("Mute…"), "options": options}


def _about(release: str) -> list[dict[str, Any]]:
    confirm = {
        "title": _plain("Not a release?"),
        "text": _plain("It leaves the log and counts no more, until somebody undoes this."),
        "confirm": _plain("Take it out"),
        "deny": _plain("Keep it"),
    }
    not_one = {
        "type": "button",
        "action_id": NOT_A_RELEASE,
        "text": _plain("Not a release"),
        "value": release,
    }
    same = {"type": "button", "action_id": SAME_AS, "text": _plain("Same release as…"), "value": release}
    return [{**not_one, "confirm": confirm}, same]


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
