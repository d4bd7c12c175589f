"""What an answer of Slack means for the message: delivered, or what it needs next.

Sources of the words: https://docs.slack.dev/reference/methods/, the errors of chat.postMessage, chat.update,
files.getUploadURLExternal and files.completeUploadExternal, and Slack's change log of 2016-05-17 for incoming webhooks.
A word that is not known here is doubtful: it is never taken for "not delivered".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.core.text import clean, cut
from monitor.errors import NotifyError, Outcome
from monitor.notify.guard import unanswered
from monitor.notify.retry_after import wait_asked_for

_RETRY = (
    "ratelimited rate_limited request_timeout message_limit_exceeded external_channel_migrating "
    "streaming_state_conflict"
).split()
# "It's possible some aspect of the operation succeeded before the error was raised."
_DOUBTFUL = (
    "internal_error fatal_error service_unavailable team_added_to_org rollup_error update_failed file_update_failed"
).split()
_BAD_MESSAGE = (
    "alt_txt_too_large as_user_not_supported attachment_payload_limit_exceeded block_mismatch cannot_reply_to_message "
    "cant_broadcast_message cant_update_message channels_limit_exceeded duplicate_channel_not_found "
    "duplicate_message_not_found edit_window_closed file_not_found invalid_arg_name invalid_arguments "
    "invalid_array_arg invalid_attachments invalid_blocks invalid_blocks_format invalid_charset invalid_form_data "
    "invalid_metadata_format invalid_metadata_schema invalid_payload invalid_post_type markdown_text_conflict "
    "message_not_found message_too_long metadata_must_be_sent_from_app metadata_too_large missing_argument "
    "missing_file_data missing_post_type missing_text_or_fallback_or_attachments msg_blocks_too_long msg_too_long "
    "no_dual_broadcast_content_update no_text snippet_too_large thread_not_found too_many_attachments "
    "too_many_contact_cards unknown_snippet_type unknown_subtype"
).split()
_INSTALL = "install the app again and set its new SLACK_BOT_TOKEN"
_INVITE = "invite the bot: /invite @its-name in the channel"
_CHANNEL = "check the channel's id, and invite the bot if it is private"
_ADMIN = "ask an administrator of the workspace"
_WEBHOOK = "make a new incoming webhook and set SLACK_WEBHOOK_URL"
_TOKEN = "SLACK_BOT_TOKEN must be the bot's own token (xoxb-…)"  # noqa: S105 - a sentence, not a token
# Nothing can be delivered until a person does what stands on the right.
_REMEDIES = {
    "access_denied": _ADMIN,
    "accesslimited": "this network may not use the API: " + _ADMIN,
    "account_inactive": _INSTALL,
    "action_prohibited": _ADMIN,
    "app_access_restricted": _ADMIN,
    "channel_is_archived": "unarchive the channel or choose another one",
    "channel_not_found": _CHANNEL,
    "deprecated_endpoint": "update release-monitor",
    "ekm_access_denied": _ADMIN,
    "enterprise_is_restricted": _ADMIN,
    "file_upload_size_restricted": _ADMIN,
    "file_uploads_disabled": _ADMIN,
    "invalid_auth": "check SLACK_BOT_TOKEN",
    "invalid_channel": _CHANNEL,
    "invalid_token": _WEBHOOK,
    "is_archived": "unarchive the channel or choose another one",
    "is_bot": _TOKEN,
    "is_inactive": "unarchive the channel or choose another one",
    "messages_tab_disabled": "switch the app's messages tab on",
    "method_deprecated": "update release-monitor",
    "method_not_supported_for_channel_type": _CHANNEL,
    "missing_scope": "add the scope to the app and install it again",
    "no_active_hooks": _WEBHOOK,
    "no_permission": _INSTALL,
    "no_service": _WEBHOOK,
    "no_team": _WEBHOOK,
    "not_allowed_token_type": _TOKEN,
    "not_authed": "set SLACK_BOT_TOKEN",
    "not_in_channel": _INVITE,
    "org_login_required": _ADMIN,
    "posting_to_channel_denied": _INVITE,
    "posting_to_general_channel_denied": _ADMIN,
    "send_on_behalf_not_allowed": _ADMIN,
    "storage_limit_reached": "delete old files in the workspace, or switch pictures off: [slack] charts",
    "team_access_not_granted": _ADMIN,
    "team_disabled": _ADMIN,
    "team_not_found": "check SLACK_BOT_TOKEN",
    "token_expired": _INSTALL,
    "token_revoked": "SLACK_BOT_TOKEN is revoked: " + _INSTALL,
    "two_factor_setup_required": _ADMIN,
    "unknown_method": "check SLACK_API_URL",
    "user_not_found": _WEBHOOK,
}
_OUTCOMES = {
    **dict.fromkeys(_RETRY, Outcome.RETRY),
    **dict.fromkeys(_DOUBTFUL, Outcome.DOUBTFUL),
    **dict.fromkeys(_BAD_MESSAGE, Outcome.BAD_MESSAGE),
    **dict.fromkeys(_REMEDIES, Outcome.BAD_DESTINATION),
}
_FAMILIES = {
    "restricted_action": Outcome.BAD_DESTINATION,
    "slack_connect_": Outcome.BAD_DESTINATION,
    "draft_": Outcome.BAD_MESSAGE,
    "invalid_blocks": Outcome.BAD_MESSAGE,
    "invalid_metadata": Outcome.BAD_MESSAGE,
}
# What a webhook's status says where its body does not.
_WEBHOOK_STATUS = {
    400: Outcome.BAD_MESSAGE,
    408: Outcome.RETRY,
    413: Outcome.BAD_MESSAGE,
    **dict.fromkeys((401, 403, 404, 405, 410), Outcome.BAD_DESTINATION),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of Slack: its status, its headers and its body, decoded where it is JSON and raw text where not."""

    status: int
    headers: Mapping[str, str]
    body: object

    @property
    def word(self) -> str:
        """The error as Slack names it; "" where it names none."""
        body = self.body
        if isinstance(body, dict):
            body = body.get("error")
        return body.strip() if isinstance(body, str) else ""


def bot_outcome(reply: Reply) -> Outcome | None:
    """Return what a message needs after this answer of the Web API; None where it is delivered."""
    if reply.status == 200 and isinstance(reply.body, dict) and reply.body.get("ok") is True:
        return None
    return _by_transport(reply) or word_outcome(reply.word) or Outcome.DOUBTFUL


def webhook_outcome(reply: Reply) -> Outcome | None:
    """Return what a message needs after this answer of a webhook; None for exactly 200 and "ok"."""
    if reply.status == 200 and reply.body == "ok":
        return None
    return (
        _by_transport(reply)
        or word_outcome(reply.word)
        or _WEBHOOK_STATUS.get(reply.status, Outcome.DOUBTFUL)
    )


def word_outcome(word: str) -> Outcome | None:
    """Return what an error word of Slack means, None for one that is not known."""
    if word in _OUTCOMES:
        return _OUTCOMES[word]
    return next((outcome for family, outcome in _FAMILIES.items() if word.startswith(family)), None)


def refusal(reply: Reply, outcome: Outcome, sent_at: datetime | None) -> NotifyError:
    """Return the error for an answer that says no: Slack's word, the remedy, the wait that it asks for."""
    word = reply.word
    known = word if word_outcome(word) else ""
    said = known or (f"HTTP {reply.status}" + (f", {cut(clean(word), 80)}" if word else ""))
    parts = [f"Slack answered {said}", _detail(reply), _REMEDIES.get(word) or _general_remedy(reply, word)]
    return NotifyError(": ".join(filter(None, parts)), outcome, retry_after(reply, sent_at))


def failure(error: Exception) -> NotifyError:
    """Return the error for a request that got no usable answer."""
    return unanswered(error, "Slack")


def retry_after(reply: Reply, sent_at: datetime | None) -> timedelta | None:
    """Return the wait that the answer asks for, at most an hour. Webhooks say it in the body as well."""
    said = reply.body.get("retry_after") if isinstance(reply.body, dict) else None
    return wait_asked_for(reply.headers, sent_at, str(said) if type(said) in (int, float) else "")


def decoded(text: str) -> object:
    """Return the JSON in a webhook's answer, or the text itself where it is none."""
    try:
        return json.loads(text) if text.startswith("{") else text
    except (ValueError, RecursionError):
        return text


def _by_transport(reply: Reply) -> Outcome | None:
    if reply.status == 429:
        return Outcome.RETRY
    if reply.status >= 500:
        return Outcome.DOUBTFUL
    # Slack redirects no post: something in between answered, and Slack never saw the message.
    return Outcome.RETRY if 300 <= reply.status < 400 else None


def _general_remedy(reply: Reply, word: str) -> str:
    if 300 <= reply.status < 400:
        return "a redirect, which is not followed: check SLACK_API_URL and the proxy"
    if word.startswith(("restricted_action", "slack_connect_")):
        return _ADMIN
    return ""


def _detail(reply: Reply) -> str:
    """Return the scope that is missing, or where in the blocks the fault is, if Slack says so."""
    body: dict[str, Any] = reply.body if isinstance(reply.body, dict) else {}
    details = [body.get("needed")]
    errors, metadata = body.get("errors"), body.get("response_metadata")
    details += errors if isinstance(errors, list) else []
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    details += messages if isinstance(messages, list) else []
    return next((cut(clean(detail), 160) for detail in details if isinstance(detail, str) and detail), "")
