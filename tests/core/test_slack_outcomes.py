"""Every answer that Slack is known to give has one meaning, and one that is not known is doubtful."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError

import pytest

from monitor.errors import Outcome
from monitor.notify.guard import NotSentError, TooLateError
from monitor.notify.slack_outcomes import (
    Reply,
    bot_outcome,
    decoded,
    failure,
    refusal,
    retry_after,
    webhook_outcome,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RETRY, DOUBTFUL = Outcome.RETRY, Outcome.DOUBTFUL
BAD_MESSAGE, BAD_DESTINATION = Outcome.BAD_MESSAGE, Outcome.BAD_DESTINATION

# By https://docs.slack.dev/reference/methods/: the common errors and those of the methods that are called. A word that
# two methods share stands at the first.
WORDS = {
    "all methods": {
        RETRY: "ratelimited rate_limited request_timeout",
        DOUBTFUL: "internal_error fatal_error service_unavailable team_added_to_org",
        BAD_MESSAGE: (
            "invalid_arg_name invalid_arguments invalid_array_arg invalid_charset invalid_form_data invalid_post_type "
            "missing_post_type"
        ),
        BAD_DESTINATION: (
            "access_denied accesslimited account_inactive app_access_restricted deprecated_endpoint ekm_access_denied "
            "enterprise_is_restricted invalid_auth is_bot method_deprecated missing_scope no_permission "
            "not_allowed_token_type not_authed org_login_required team_access_not_granted token_expired token_revoked "
            "two_factor_setup_required unknown_method"
        ),
    },
    "chat.postMessage": {
        RETRY: "message_limit_exceeded",
        BAD_MESSAGE: (
            "as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message "
            "duplicate_channel_not_found duplicate_message_not_found invalid_attachments invalid_blocks "
            "invalid_blocks_format invalid_metadata_format invalid_metadata_schema "
            "markdown_text_conflict message_too_long metadata_must_be_sent_from_app metadata_too_large "
            "missing_file_data msg_blocks_too_long msg_too_long no_text thread_not_found too_many_attachments "
            "too_many_contact_cards"
        ),
        BAD_DESTINATION: (
            "channel_not_found is_archived messages_tab_disabled method_not_supported_for_channel_type "
            "not_in_channel restricted_action restricted_action_non_threadable_channel "
            "restricted_action_read_only_channel restricted_action_thread_locked "
            "restricted_action_thread_only_channel send_on_behalf_not_allowed slack_connect_canvas_sharing_blocked "
            "slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked team_not_found"
        ),
    },
    "chat.update": {
        RETRY: "external_channel_migrating streaming_state_conflict",
        DOUBTFUL: "update_failed",
        BAD_MESSAGE: (
            "block_mismatch cant_broadcast_message cant_update_message edit_window_closed message_not_found "
            "no_dual_broadcast_content_update"
        ),
        BAD_DESTINATION: "is_inactive",
    },
    "files.getUploadURLExternal": {
        BAD_MESSAGE: (
            "alt_txt_too_large missing_argument snippet_too_large unknown_snippet_type unknown_subtype"
        ),
        BAD_DESTINATION: "file_upload_size_restricted file_uploads_disabled storage_limit_reached",
    },
    "files.completeUploadExternal": {
        DOUBTFUL: "file_update_failed",
        BAD_MESSAGE: "channels_limit_exceeded file_not_found",
        BAD_DESTINATION: "invalid_channel posting_to_channel_denied",
    },
}
WORD_TABLE = [
    (word, outcome)
    for outcomes in WORDS.values()
    for outcome, words in outcomes.items()
    for word in words.split()
]


@pytest.mark.parametrize(("word", "outcome"), WORD_TABLE)
def test_each_error_of_the_web_api_has_one_meaning(word: str, outcome: Outcome) -> None:
    assert bot_outcome(Reply(200, {}, {"ok": False, "error": word})) is outcome


BOT_SHAPES = [
    (200, {"ok": True, "ts": "1.2"}, None),
    (201, {"ok": True}, DOUBTFUL),
    (200, {"ok": "true"}, DOUBTFUL),
    (200, {"ok": False}, DOUBTFUL),
    (200, {"ok": False, "error": ["invalid_blocks"]}, DOUBTFUL),
    (200, {}, DOUBTFUL),
    (200, None, DOUBTFUL),
    (200, [], DOUBTFUL),
    (200, "<html>maintenance</html>", DOUBTFUL),
    (429, {"ok": False, "error": "ratelimited"}, RETRY),
    (429, {"ok": False, "error": "rate_limited"}, RETRY),
    (429, "", RETRY),
    (302, "", RETRY),
    (307, {"ok": True}, RETRY),
    (400, "", DOUBTFUL),
    (403, {"ok": False, "error": "invalid_auth"}, BAD_DESTINATION),
    (500, "", DOUBTFUL),
    (500, {"ok": False, "error": "invalid_blocks"}, DOUBTFUL),
    (502, "<html>", DOUBTFUL),
    (503, "", DOUBTFUL),
    (504, "", DOUBTFUL),
]


@pytest.mark.parametrize(("status", "body", "outcome"), BOT_SHAPES)
def test_each_shape_of_an_answer_of_the_web_api_has_one_meaning(
    status: int, body: object, outcome: Outcome | None
) -> None:
    assert bot_outcome(Reply(status, {}, body)) is outcome


WEBHOOK_SHAPES = [
    (200, "ok", None),
    (200, "OK", DOUBTFUL),
    (200, "ok\n", DOUBTFUL),
    (200, "o", DOUBTFUL),
    (200, "", DOUBTFUL),
    (200, "<html>ok</html>", DOUBTFUL),
    (200, '{"ok":true}', DOUBTFUL),
    (200, '{"ok":false,"error":"rate_limited"}', RETRY),
    (202, "ok", DOUBTFUL),
    (302, "", RETRY),
    (400, "invalid_payload", BAD_MESSAGE),
    (400, "invalid_blocks", BAD_MESSAGE),
    (400, "invalid_blocks_format", BAD_MESSAGE),
    (400, "missing_text_or_fallback_or_attachments", BAD_MESSAGE),
    (400, "no_text", BAD_MESSAGE),
    (400, "too_many_attachments", BAD_MESSAGE),
    (400, "something_else", BAD_MESSAGE),
    (400, "invalid_token", BAD_DESTINATION),
    (400, "user_not_found", BAD_DESTINATION),
    (403, "action_prohibited", BAD_DESTINATION),
    (403, "posting_to_general_channel_denied", BAD_DESTINATION),
    (403, "invalid_token", BAD_DESTINATION),
    (403, "", BAD_DESTINATION),
    (404, "channel_not_found", BAD_DESTINATION),
    (404, "no_service", BAD_DESTINATION),
    (404, "no_team", BAD_DESTINATION),
    (404, "no_active_hooks", BAD_DESTINATION),
    (404, "team_disabled", BAD_DESTINATION),
    (405, "", BAD_DESTINATION),
    (408, "", RETRY),
    (410, "channel_is_archived", BAD_DESTINATION),
    (413, "", BAD_MESSAGE),
    (418, "", DOUBTFUL),
    (429, '{"retry_after":1,"ok":false,"error":"rate_limited"}', RETRY),
    (429, "", RETRY),
    (500, "rollup_error", DOUBTFUL),
    (503, "<html>", DOUBTFUL),
    (200, "{" * 100_000, DOUBTFUL),
]


@pytest.mark.parametrize(("status", "body", "outcome"), WEBHOOK_SHAPES)
def test_each_answer_of_a_webhook_has_one_meaning(status: int, body: str, outcome: Outcome | None) -> None:
    assert webhook_outcome(Reply(status, {}, decoded(body))) is outcome


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("no_such_word_yet", DOUBTFUL),
        ("invalid_blocks_some_day", BAD_MESSAGE),
        ("invalid_metadata_some_day", BAD_MESSAGE),
        ("draft_some_day", BAD_MESSAGE),
        ("restricted_action_some_day", BAD_DESTINATION),
        ("slack_connect_some_day", BAD_DESTINATION),
    ],
)
def test_a_word_that_nobody_knows_yet_is_doubtful_unless_its_family_is_known(
    word: str, outcome: Outcome
) -> None:
    assert bot_outcome(Reply(200, {}, {"ok": False, "error": word})) is outcome


def test_the_documentation_says_how_many_answers_have_one_meaning() -> None:
    words = dict(WORD_TABLE)
    assert len(words) == len(WORD_TABLE) >= 70
    assert {*words.values()} == {RETRY, DOUBTFUL, BAD_MESSAGE, BAD_DESTINATION}
    shapes = [len({repr(shape) for shape in table}) for table in (BOT_SHAPES, WEBHOOK_SHAPES)]
    assert shapes == [len(BOT_SHAPES), len(WEBHOOK_SHAPES)]
    page = (Path(__file__).parents[2] / "docs" / "slack.md").read_text(encoding="utf-8")
    assert f"{len(words)} error words and {sum(shapes)} shapes of answers have one meaning each" in page


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("30", 30),
        ("0", 0),
        ("1.5", 1.5),
        ("86400", 3600),
        ("999999999999", 3600),
        ("Mon, 23 Nov 2026 12:00:42 GMT", 42),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 23 Nov 2036 12:00:00 GMT", 3600),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("soon", None),
        ("٣", None),
        ("9" * 5_000, None),
        ("Mon, 99 Nov 2026 12:00:00 GMT", None),
        ("", None),
    ],
)
def test_the_wait_that_slack_asks_for_is_read_and_capped(asked: str, seconds: float | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(Reply(429, {"retry-AFTER": asked}, ""), NOON) == expected


def test_a_date_to_wait_for_counts_from_the_answers_own_clock() -> None:
    headers = {"Retry-After": "Mon, 23 Nov 2026 18:00:10 GMT", "Date": "Mon, 23 Nov 2026 18:00:00 GMT"}
    assert retry_after(Reply(429, headers, ""), NOON) == timedelta(seconds=10)
    assert retry_after(Reply(429, {"Retry-After": headers["Date"]}, ""), None) is None


@pytest.mark.parametrize(("asked", "expected"), [(7, 7), (0.5, 0.5), (True, None), ("7", None), (-1, None)])
def test_a_webhook_may_say_the_wait_in_its_body(asked: object, expected: float | None) -> None:
    wait = retry_after(Reply(429, {}, {"retry_after": asked}), NOON)
    assert wait == (None if expected is None else timedelta(seconds=expected))


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (URLError(NotSentError("connection refused")), RETRY),
        (URLError(BrokenPipeError()), DOUBTFUL),
        (NotSentError("x"), RETRY),
        (TooLateError(), DOUBTFUL),
        (TimeoutError(), DOUBTFUL),
        (ConnectionResetError(), DOUBTFUL),
        (AttributeError("'list' object has no attribute 'get'"), DOUBTFUL),
    ],
)
def test_only_a_request_that_was_never_written_is_surely_not_sent(error: Exception, outcome: Outcome) -> None:
    assert failure(error).outcome is outcome


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "token_revoked"}, "SLACK_BOT_TOKEN is revoked: install the app again"),
        ({"error": "not_in_channel"}, "invite the bot"),
        ({"error": "missing_scope", "needed": "chat:write"}, "chat:write: add the scope"),
        ({"error": "restricted_action_thread_locked"}, "ask an administrator"),
        ({"error": "invalid_blocks", "errors": ["no more than 50 items"]}, "no more than 50 items"),
        (
            {"error": "invalid_blocks", "errors": 5, "response_metadata": {"messages": [7, "[ERROR] x"]}},
            "[ERROR] x",
        ),
        ({"error": "invalid_blocks", "response_metadata": []}, "invalid_blocks"),
        ({"error": "odd\x1b[31m" + "x" * 500}, "HTTP 200, odd[31mxxx"),
    ],
)
def test_a_refusal_names_the_word_and_the_remedy(body: dict, words: str) -> None:
    error = refusal(Reply(200, {}, {"ok": False, **body}), BAD_MESSAGE, NOON)
    assert words in str(error)
    assert len(str(error)) < 300
