"""A workspace of Slack in memory: channels, tokens and scopes, and the methods that the monitor calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from slack_rules import refused

TOKEN = "xoxb-1234567890-abcdefABCDEF0123456789"
APP_TOKEN = "xapp-1-A0123456789-abcdef"
SCOPES = "chat:write chat:write.public channels:read channels:join channels:history groups:history commands"
NEEDS = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.join": "channels:join",
    "conversations.info": "channels:read",
    "auth.test": "",
    "apps.connections.open": "",
    "blocks.validate": "",
}
TRUE = ("1", "true", True)
# What chat.update takes (https://docs.slack.dev/reference/methods/chat.update); more is refused here, aloud.
UPDATE_KEYS = {"channel", "ts", "text", "blocks", "metadata", "parse", "link_names", "reply_broadcast"}


@dataclass
class Channel:
    """A channel and the bot's place in it."""

    id: str
    name: str
    is_private: bool = False
    is_member: bool = True
    is_archived: bool = False
    messages: list[dict[str, Any]] = field(default_factory=list)
    locked: set[str] = field(default_factory=set)  # the threads that take no reply

    def message(self, stamp: object) -> dict[str, Any] | None:
        """The message with this timestamp."""
        return next((message for message in self.messages if message["ts"] == stamp), None)


class Workspace:
    """Refuses what Slack refuses. `posted` holds the stored messages, each with its channel, in order.

    With `paced`, a second message in one channel within a second is refused as Slack may.
    """

    def __init__(self, *, paced: bool = False, scopes: str = SCOPES) -> None:
        channels = (
            Channel("C0000000001", "releases"),
            Channel("C0000000002", "public", is_member=False),
            Channel("G0000000003", "private", is_private=True),
            Channel("G0000000004", "closed", is_private=True, is_member=False),
            Channel("C0000000005", "old", is_archived=True),
        )
        self.channels = {channel.id: channel for channel in channels}
        self.tokens = {TOKEN}
        self.app_tokens = {APP_TOKEN}
        self.scopes = set(scopes.split())
        self.posted: list[dict[str, Any]] = []
        self.times: dict[str, list[datetime]] = {}  # when something was posted, by channel
        self.page_limit = 200
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: TID251 - Slack has its own clock
        self._paced = paced
        self._last_post: dict[str, datetime] = {}
        self._lock = RLock()

    def call(self, method: str, body: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """Do what the method does and return its answer."""
        with self._lock:
            return self._refused(method, headers) or _METHODS[method](self, body)

    def webhook(self, body: Any) -> tuple[int, str | dict[str, Any]]:
        """Post through the webhook, whose channel is the first one; return status and body."""
        if not isinstance(body, dict):
            return 400, "invalid_payload"
        with self._lock:
            if answer := refused(body):
                return 400, str(answer["error"])
            if wait := self._must_wait("C0000000001"):
                return 429, {"retry_after": wait, "ok": False, "error": "rate_limited"}
            self._store(self.channels["C0000000001"], body)
        return 200, "ok"

    def _refused(self, method: str, headers: Mapping[str, str]) -> dict[str, Any] | None:
        if method not in _METHODS:
            return {"ok": False, "error": "unknown_method"}
        authorization = headers.get("Authorization", "")
        if not authorization:
            return {"ok": False, "error": "not_authed"}
        known = self.app_tokens if method == "apps.connections.open" else self.tokens
        if authorization.removeprefix("Bearer ") not in known:
            return {"ok": False, "error": "invalid_auth"}
        needed = NEEDS[method]
        if needed and needed not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            return {"ok": False, "error": "missing_scope", "needed": needed, "provided": provided}
        return None

    def _channel(self, name: object) -> Channel | None:
        for channel in self.channels.values():
            if name == channel.id or name in (channel.name, f"#{channel.name}"):
                return None if channel.is_private and not channel.is_member else channel
        return None

    def _must_wait(self, channel_id: str) -> int:
        now, last = self.clock(), self._last_post.get(channel_id)
        if self._paced and last and (now - last).total_seconds() < 1:
            return 1
        self._last_post[channel_id] = now
        return 0

    def delete(self, reference: str) -> None:
        """Delete a message, given as "channel/timestamp", as a person may."""
        channel, _, stamp = reference.partition("/")
        self.channels[channel].messages = [m for m in self.channels[channel].messages if m["ts"] != stamp]

    def _store(self, channel: Channel, body: dict[str, Any]) -> dict[str, Any]:
        stamp = f"{self.clock().timestamp():.6f}"
        newest = channel.messages[-1]["ts"] if channel.messages else "0"
        if float(stamp) <= float(newest):
            stamp = f"{float(newest) + 0.000002:.6f}"
        kept = {key: body[key] for key in ("text", "blocks", "metadata", "thread_ts") if key in body}
        if "thread_ts" in kept and body.get("reply_broadcast") in TRUE:
            kept["subtype"] = "thread_broadcast"
        message = {"type": "message", "bot_id": "B0000000001", "ts": stamp, **kept}
        channel.messages.append(message)
        self.posted.append({"channel": channel.id, **message})
        self.times.setdefault(channel.id, []).append(self.clock())
        return message

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(body.get("channel"))
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        if error := self._closed(channel) or _bad_metadata(body.get("metadata")):
            return {"ok": False, "error": error}
        if answer := refused(body) or _bad_thread(channel, body.get("thread_ts")):
            return answer
        if wait := self._must_wait(channel.id):
            return {"ok": False, "error": "ratelimited", "retry_after": wait}
        message = self._store(channel, body)
        return {"ok": True, "channel": channel.id, "ts": message["ts"], "message": message}

    def _update(self, body: dict[str, Any]) -> dict[str, Any]:
        """Replace a message of the bot's own; blocks that are not given stay, and so does the metadata."""
        if unknown := sorted(set(body) - UPDATE_KEYS):
            return {"ok": False, "error": "invalid_arg_name", "errors": unknown}
        channel = self.channels.get(str(body.get("channel")))  # by its id only
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        message = channel.message(body.get("ts"))
        if message is None:
            return {"ok": False, "error": "message_not_found"}
        if message.get("bot_id") != "B0000000001":
            return {"ok": False, "error": "cant_update_message"}
        changed = {key: body[key] for key in ("text", "blocks", "metadata") if key in body}
        if answer := refused({**message, **changed}):
            return answer
        message.update(changed, edited={"user": "U0000000001", "ts": f"{self.clock().timestamp():.6f}"})
        return {"ok": True, "channel": channel.id, "ts": message["ts"], "text": message["text"]}

    def _closed(self, channel: Channel) -> str:
        if channel.is_archived:
            return "is_archived"
        may_post = channel.is_member or "chat:write.public" in self.scopes
        return "" if may_post else "not_in_channel"

    def _history(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what stands in the channel itself: of the replies only those that were sent there as well."""

        def shown(message: dict[str, Any]) -> bool:
            return "thread_ts" not in message or message.get("subtype") == "thread_broadcast"

        return self._read(body, lambda channel: [m for m in reversed(channel.messages) if shown(m)])

    def _replies(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a thread, its first message first, whenever that was posted."""
        root = body.get("ts")

        def thread(channel: Channel) -> list[dict[str, Any]]:
            return [m for m in channel.messages if root in (m["ts"], m.get("thread_ts"))]

        answer = self._read(body, thread)
        if answer["ok"] and self.channels[str(body.get("channel"))].message(root) is None:
            return {"ok": False, "error": "thread_not_found"}
        return answer

    def _read(
        self, body: dict[str, Any], wanted: Callable[[Channel], list[dict[str, Any]]]
    ) -> dict[str, Any]:
        channel = next((c for c in self.channels.values() if c.id == body.get("channel")), None)
        if channel is None or (channel.is_private and not channel.is_member):
            return {"ok": False, "error": "channel_not_found"}
        if channel.is_archived or not channel.is_member:  # archiving puts bots out
            return {"ok": False, "error": "not_in_channel"}
        if channel.is_private and "groups:history" not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "groups:history", "provided": ""}
        start, limit = int(body.get("cursor") or 0), min(int(body.get("limit", 100)), self.page_limit)
        oldest, edge = float(body.get("oldest") or 0), body.get("inclusive") in TRUE
        found = [
            message
            for message in wanted(channel)
            if float(message["ts"]) > oldest or (edge and float(message["ts"]) == oldest)
        ]
        page = found[start : start + limit]
        if body.get("include_all_metadata") not in TRUE:
            page = [{key: value for key, value in m.items() if key != "metadata"} for m in page]
        more = start + limit < len(found)
        cursor = str(start + limit) if more else ""
        position = {"next_cursor": cursor}
        return {"ok": True, "messages": page, "has_more": more, "response_metadata": position}

    def _join(self, body: dict[str, Any]) -> dict[str, Any]:
        channel = self.channels.get(str(body.get("channel")))
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        if channel.is_private:
            return {"ok": False, "error": "method_not_supported_for_channel_type"}
        if channel.is_archived:
            return {"ok": False, "error": "is_archived"}
        channel.is_member = True
        return {"ok": True, "channel": {"id": channel.id, "name": channel.name}}

    def _info(self, body: dict[str, Any]) -> dict[str, Any]:
        channel = self.channels.get(str(body.get("channel")))
        if channel is None or (channel.is_private and not channel.is_member):
            return {"ok": False, "error": "channel_not_found"}
        if channel.is_private and "groups:read" not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "groups:read", "provided": ""}
        is_member = channel.is_member and not channel.is_archived
        about = {"id": channel.id, "is_archived": channel.is_archived, "is_member": is_member}
        return {"ok": True, "channel": about}

    def _connection(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "url": "wss://wss-primary.slack.com/link/?ticket=1"}

    def _validate(self, body: dict[str, Any]) -> dict[str, Any]:
        return refused({"text": "what the blocks say", **body}) or {"ok": True}

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "url": "https://acme.slack.com/", "team": "Acme", "user": "release-monitor"}


_METHODS = {
    "chat.postMessage": Workspace._post,
    "chat.update": Workspace._update,
    "conversations.history": Workspace._history,
    "conversations.replies": Workspace._replies,
    "conversations.join": Workspace._join,
    "conversations.info": Workspace._info,
    "auth.test": Workspace._auth_test,
    "apps.connections.open": Workspace._connection,
    "blocks.validate": Workspace._validate,
}


def _bad_metadata(metadata: Any) -> str:
    is_good = metadata is None or set(metadata) == {"event_type", "event_payload"}
    return "" if is_good else "invalid_metadata_format"


def _bad_thread(channel: Channel, root: object) -> dict[str, Any] | None:
    """Refuse a reply to what is not there, to another reply, and in a thread that is locked."""
    if root is None:
        return None
    parent = channel.message(root)
    if root in channel.locked:
        return {"ok": False, "error": "restricted_action_thread_locked"}
    is_good = parent is not None and "thread_ts" not in parent
    return None if is_good else {"ok": False, "error": "cannot_reply_to_message"}
