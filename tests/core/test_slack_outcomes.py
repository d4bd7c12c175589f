"""Every answer that Slack is known to give has one meaning, and one that is not known is doubtful."""

from datetime import UTC, datetime, timedelta
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

# The errors of chat.postMessage and the common ones, by https://docs.slack.dev/reference/methods/chat.postMessage.
WORDS = {
    RETRY: "ratelimited rate_limited request_timeout message_limit_exceeded",
    DOUBTFUL: "internal_error fatal_error service_unavailable team_added_to_org no_such_word_yet",
    BAD_MESSAGE: (
        "as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message cant_update_message "
        "draft_not_found edit_window_closed message_not_found thread_not_found "
        "duplicate_channel_not_found duplicate_message_not_found invalid_arg_name invalid_arguments "
        "invalid_array_arg invalid_attachments invalid_blocks invalid_blocks_format invalid_blocks_some_day "
        "invalid_charset invalid_form_data invalid_metadata_format invalid_metadata_schema invalid_post_type "
        "markdown_text_conflict metadata_must_be_sent_from_app metadata_too_large missing_file_data "
        "missing_post_type msg_blocks_too_long msg_too_long no_text too_many_attachments too_many_contact_cards"
    ),
    BAD_DESTINATION: (
        "access_denied accesslimited account_inactive app_access_restricted channel_not_found "
        "deprecated_endpoint ekm_access_denied enterprise_is_restricted invalid_auth is_archived is_bot "
        "messages_tab_disabled method_deprecated missing_scope no_permission not_allowed_token_type not_authed "
        "not_in_channel org_login_required restricted_action restricted_action_non_threadable_channel "
        "restricted_action_read_only_channel restricted_action_thread_locked "
        "restricted_action_thread_only_channel send_on_behalf_not_allowed "
        "slack_connect_file_link_sharing_blocked team_access_not_granted team_not_found token_expired "
        "token_revoked two_factor_setup_required unknown_method"
    ),
}
WORD_TABLE = [(word, outcome) for outcome, words in WORDS.items() for word in words.split()]


def test_at_least_seventy_codes_each_have_one_class() -> None:
    assert len(dict(WORD_TABLE)) == len(WORD_TABLE) == 73
    assert {outcome for _, outcome in WORD_TABLE} == {RETRY, DOUBTFUL, BAD_MESSAGE, BAD_DESTINATION}


@pytest.mark.parametrize(("word", "outcome"), WORD_TABLE)
def test_each_error_of_the_web_api_has_one_meaning(word: str, outcome: Outcome) -> None:
    assert bot_outcome(Reply(200, {}, {"ok": False, "error": word})) is outcome


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
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
    ],
)
def test_each_shape_of_an_answer_of_the_web_api_has_one_meaning(
    status: int, body: object, outcome: Outcome | None
) -> None:
    assert bot_outcome(Reply(status, {}, body)) is outcome


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
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
    ],
)
def test_each_answer_of_a_webhook_has_one_meaning(status: int, body: str, outcome: Outcome | None) -> None:
    assert webhook_outcome(Reply(status, {}, decoded(body))) is outcome


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
