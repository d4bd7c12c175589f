"""Ask Slack whether the app is set up as it must be, without posting anything."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from monitor import addresses
from monitor.core.checkup import SUBJECT, Finding, State, Use, missing_scopes, scopes_used
from monitor.core.telling import Message
from monitor.core.text import clean, cut
from monitor.errors import NotifyError, Outcome
from monitor.notify.blocks import blocks
from monitor.notify.guard import Guard, without
from monitor.notify.slack_http import GuardedWebClient
from monitor.notify.slack_outcomes import Reply, bot_outcome, failure, refusal

_DEADLINE = timedelta(seconds=10)
_UNCLEAR = (Outcome.RETRY, Outcome.DOUBTFUL)  # nothing was answered, or nothing of use
_INVITE = "in Slack, open the channel and write /invite @release-monitor"
_COPY = "copy its id from the bottom of the channel's details; for a private channel also /invite @release-monitor"
_SCOPES_AT = "OAuth & Permissions → Bot Token Scopes"

T = TypeVar("T")


class SlackCheckup:
    """Looks at one app of Slack: its token, its scopes, its channels, its connection."""

    def __init__(self, token: str, base_url: str, use: Use, deadline: timedelta = _DEADLINE) -> None:
        self._token = addresses.bot_token(token)
        self._base_url = addresses.slack_api_url(base_url)
        self._use = use
        self._deadline = deadline

    def token(self) -> list[Finding]:
        """Say whose token it is, and which scopes it lacks; Slack names those that it has in a header."""
        try:
            answer = self._ask(self._token, lambda client: client.auth_test())
        except NotifyError as error:
            return [Finding("Slack: token", State.PROBLEM, str(error), _token_remedy(error))]
        who, where = (cut(clean(str(answer.get(key) or "?")), 80) for key in ("user", "team"))
        return [Finding("Slack: token", State.OK, f"@{who} in {where}"), *self._scopes(answer)]

    def channel(self, channel: str) -> Finding:
        """Say whether a channel is there and open, and can be read, which is done after a doubtful send."""
        subject = f"Slack: channel {channel}"
        if not re.fullmatch(r"[CDG][A-Z0-9]{2,}", channel):
            return Finding(
                subject, State.WARNING, "is a name: doubtful messages cannot be looked up there", _COPY
            )
        try:
            if self._is_archived(channel):
                text = "is archived: nothing can be posted"
                return Finding(subject, State.PROBLEM, text, "unarchive it, or choose another one")
            self._ask(self._token, lambda client: client.conversations_history(channel=channel, limit=1))
        except NotifyError as error:
            return _channel_finding(subject, error)
        return Finding(subject, State.OK, "can be read, so no message comes twice")

    def connection(self, app_token: str) -> Finding:
        """Say whether commands and clicks can be heard: whether Slack opens a connection for the app-level token."""
        subject = "Slack: commands"
        try:
            self._ask(app_token, lambda client: client.apps_connections_open(app_token=app_token))
        except NotifyError as error:
            remedy = (
                "api.slack.com/apps → your app → Basic Information → App-Level Tokens → Generate Token and Scopes → "
                "connections:write; set it as SLACK_APP_TOKEN; and Socket Mode → Enable"
            )
            return Finding(subject, State.PROBLEM, str(error), remedy)
        return Finding(subject, State.OK, "can be heard: Slack opens the connection")

    def message(self, sample: Message) -> Finding | None:
        """Say whether Slack takes a message of ours, where it offers to look; None where it does not.

        Source: https://docs.slack.dev/reference/methods/blocks.validate.
        """
        subject = "Slack: messages"
        try:
            self._ask(
                self._token,
                lambda client: client.api_call("blocks.validate", json={"blocks": blocks(sample)}),
            )
        except NotifyError as error:
            if "unknown_method" in str(error):
                return None
            remedy = "none is needed: it is sent plainer; please report it"
            return Finding(subject, State.WARNING, f"Slack would refuse one with a chart: {error}", remedy)
        return Finding(subject, State.OK, "Slack takes one with a chart")

    def _is_archived(self, channel: str) -> bool:
        """Tell whether a channel is surely archived. Slack puts bots out of those, so that they cannot read them."""
        try:
            answer = self._ask(self._token, lambda client: client.conversations_info(channel=channel))
        except NotifyError as error:
            if error.outcome in _UNCLEAR:
                raise
            return False  # a private channel, or an app of an older manifest: the history says what it can
        about = answer.get("channel")
        return isinstance(about, dict) and about.get("is_archived") is True

    def _scopes(self, answer: SlackResponse) -> list[Finding]:
        names = {name.lower(): value for name, value in answer.headers.items()}
        if "x-oauth-scopes" not in names:
            return [
                Finding(
                    SUBJECT, State.WARNING, "Slack did not say which the app has", f"look at {_SCOPES_AT}"
                )
            ]
        granted = {name.strip() for name in str(names["x-oauth-scopes"]).split(",")}
        missing = list(missing_scopes(granted, self._use))
        return missing or [Finding(SUBJECT, State.OK, f"all {len(scopes_used(self._use))} are there")]

    def _ask(self, token: str, call: Callable[[GuardedWebClient], T]) -> T:
        guard = Guard(self._deadline.total_seconds())
        client = GuardedWebClient(token, self._base_url, guard)
        try:
            return guard.run(lambda: call(client))
        except SlackApiError as error:
            reply = Reply(error.response.status_code, error.response.headers, error.response.data)
            raised = refusal(reply, bot_outcome(reply) or Outcome.DOUBTFUL, None)
        except NotifyError as error:
            raised = error
        except Exception as error:
            # slack_sdk raises whatever its parts raise; all of it means "no clear answer".
            raised = failure(error)
        raise without((self._token, token), raised) from None


def check_slack(
    checkup: SlackCheckup, channels: Sequence[str], app_token: str | None, sample: Message
) -> Iterator[Finding]:
    """Yield everything that can be found out of Slack; with a bad token that is all that is said."""
    token = checkup.token()
    yield from token
    if token[0].state is State.PROBLEM:
        return
    yield from map(checkup.channel, channels)
    if app_token:
        yield checkup.connection(app_token)
    if found := checkup.message(sample):
        yield found


def _channel_finding(subject: str, error: NotifyError) -> Finding:
    said = str(error)
    if "not_in_channel" in said:
        text = "the bot is not in it; it can post there and joins when it must read, if it has the scopes for both"
        return Finding(subject, State.WARNING, text, _INVITE)
    if "channel_not_found" in said:
        text = "there is no such channel, or it is private and archived, or private and the bot is not in it"
        return Finding(subject, State.PROBLEM, text, _COPY)
    if "missing_scope" in said:
        text = "cannot be read: a doubtful message is sent again, and may come twice"
        return Finding(
            subject, State.WARNING, text, f"{_SCOPES_AT} → channels:history, groups:history; then reinstall"
        )
    return Finding(subject, State.PROBLEM, said, _COPY if error.outcome is Outcome.BAD_DESTINATION else None)


def _token_remedy(error: NotifyError) -> str:
    if error.outcome in _UNCLEAR:
        return "check this machine's network, HTTPS_PROXY, and SLACK_API_URL if you set it"
    return (
        "api.slack.com/apps → your app → OAuth & Permissions: set the Bot User OAuth Token as SLACK_BOT_TOKEN"
    )
