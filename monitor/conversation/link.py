"""The connection through which Slack sends us envelopes: opened by us, renewed as Slack asks, acknowledged at once."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from socket import SHUT_RDWR, socket
from threading import BoundedSemaphore
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from monitor.addresses import is_loopback
from monitor.conversation.slack import DEADLINE, SlackClient
from monitor.core.text import clean, cut
from monitor.notify.guard import Guard, NotSentError, TooLateError
from monitor.notify.slack_http import silent_logger

log = structlog.get_logger()

# Seconds between pings. Four without an answer, or one that cannot be sent, and the connection is taken for dead.
PING = 2.0

# What is answered at once, and how much may wait for that: more is not listened to.
WORKERS, MOST_WAITING = 4, 100

_LONGEST_ID = 100
_BUFFER = 64 * 1024  # bytes; slack_sdk calls itself once for each bufferful of a message

_NEW_TOKEN = "make a new app-level token with the scope connections:write and set SLACK_APP_TOKEN"  # noqa: S105
# Slack's words for a token that is of no use until a person does what stands on the right.
_REMEDIES = {
    **dict.fromkeys(("invalid_auth", "not_authed", "token_expired", "token_revoked"), _NEW_TOKEN),
    "account_inactive": _NEW_TOKEN,
    "missing_scope": "give the app-level token the scope connections:write",
    "not_allowed_token_type": "SLACK_APP_TOKEN must be an app-level token (xapp-…)",
    "forbidden_team": "the app-level token is of another workspace",
}

# Takes an envelope's id and what is in it.
Receive = Callable[[str, Mapping[str, Any]], None]


class LinkError(Exception):
    """No connection came about; `needs_a_person` where none will before somebody acts."""

    def __init__(self, message: str, *, needs_a_person: bool = False) -> None:
        super().__init__(message)
        self.needs_a_person = needs_a_person


class Link:
    """A connection to Slack. `receive` is called for each envelope, by a few threads."""

    def __init__(self, app_token: str, client: SlackClient, receive: Receive, ping: float = PING) -> None:
        self._receive = receive
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="slack-answer")
        self._room = BoundedSemaphore(MOST_WAITING)
        self._last_error = ""
        self._socket = _Socket(
            app_token=app_token,
            logger=silent_logger(),  # its own logger shows addresses that hold a ticket
            web_client=client,
            auto_reconnect_enabled=False,  # `connect` is called again, at growing steps
            ping_interval=ping,
            receive_buffer_size=_BUFFER,
            on_error_listeners=[self._note_error],
        )
        self._socket.socket_mode_request_listeners.append(self._take)

    @property
    def is_connected(self) -> bool:
        """Whether envelopes can come."""
        return self._socket.is_connected()

    def connect(self) -> None:
        """Open the connection, or raise LinkError."""
        self._last_error = ""
        try:
            Guard(DEADLINE).run(lambda: self._socket.connect_to_new_endpoint(force=True))
        except SlackApiError as error:
            raise _refusal(error) from None
        except Exception as error:  # whatever slack_sdk's parts raise; a ticket may stand in the text
            raise LinkError(f"cannot reach Slack: {_reason(error)}") from None
        if not self.is_connected:
            raise LinkError(f"Slack's socket took no connection: {self._last_error or 'no reason was given'}")

    def close(self) -> None:
        """Close the connection, and wait for the answers that are being made."""
        self._socket.wake()
        self._socket.close()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _take(self, client: BaseSocketModeClient, envelope: SocketModeRequest) -> None:
        """Acknowledge an envelope before anything else: Slack waits three seconds, and an answer may take longer."""
        id_ = envelope.envelope_id
        if not isinstance(id_, str) or not 0 < len(id_) <= _LONGEST_ID:
            return
        try:
            client.send_socket_mode_response(SocketModeResponse(envelope_id=id_))
        except Exception as error:  # Slack sends it again, which does no harm
            log.debug("slack_not_acknowledged", error=type(error).__name__)
        if not self._room.acquire(blocking=False):
            log.warning("slack_not_listened_to", reason=f"{MOST_WAITING} requests wait for an answer")
            return
        try:
            self._workers.submit(self._answer, id_, envelope.payload)
        except RuntimeError:  # we are closing
            self._room.release()

    def _answer(self, envelope: str, payload: Mapping[str, Any]) -> None:
        try:
            self._receive(envelope, payload)
        except Exception:  # a bug; the pool would swallow it without a word
            log.exception("slack_request_crashed")
        finally:
            self._room.release()

    def _note_error(self, error: Exception) -> None:
        self._last_error = _reason(error)


class _Socket(SocketModeClient):
    def issue_new_wss_url(self) -> str:
        """Ask for an address to connect to. slack_sdk's own way sleeps for as long as a server tells it to."""
        answer = self.web_client.apps_connections_open(app_token=self.app_token)
        url = _address(str(answer.get("url") or ""), str(self.web_client.base_url))
        if proxy_bypass(urlsplit(url).hostname or ""):  # NO_PROXY, of which slack_sdk knows nothing
            self.proxy = None
        return url

    def connect(self) -> None:
        """Connect, and mend what would spoil the new session."""
        super().connect()
        if (session := self.current_session) is not None:
            _mend(session)

    def wake(self) -> None:
        """End the waits for a frame and for a message: slack_sdk closes a connection only between two."""
        self.closed = True
        self.message_queue.put(None)
        sock = self.current_session.sock if self.current_session else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)


def _mend(session: Connection) -> None:
    """Let a session notice when the other side hangs up, and end when two threads end it at the same time."""
    disconnect = session.disconnect

    def disconnect_once() -> None:
        with suppress(AttributeError):  # the other thread took the socket away between a look and a call
            disconnect()

    session.disconnect = disconnect_once  # type: ignore[method-assign]
    if session.sock is not None:
        session.sock = cast(Any, _HungUp(session.sock))


class _HungUp:
    """A socket that tells when the other side hung up.

    slack_sdk takes the end of a stream for silence, and asks for more without a pause until five pings failed.
    """

    def __init__(self, sock: socket) -> None:
        self._sock = sock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def recv(self, size: int) -> bytes:
        """Return what came; raise ConnectionResetError at the end."""
        data = self._sock.recv(size)
        if not data:
            raise ConnectionResetError("the other side hung up")
        return data


def _address(url: str, api_url: str) -> str:
    """Return the address of a socket that is encrypted, or raise LinkError: slack_sdk encrypts port 443 alone."""
    parts = urlsplit(url)
    is_encrypted = parts.scheme == "wss" and parts.port in (None, 443)
    is_local = is_loopback(parts.hostname) and is_loopback(urlsplit(api_url).hostname)
    if not parts.hostname or not (is_encrypted or is_local):
        raise LinkError("Slack's answer has no address of an encrypted socket in it")
    return url


def _refusal(error: SlackApiError) -> LinkError:
    answer = error.response.data
    word = answer.get("error") if isinstance(answer, dict) else None
    said = cut(clean(word), 60) if isinstance(word, str) else f"HTTP {error.response.status_code}"
    remedy = _REMEDIES.get(said)
    return LinkError(
        f"Slack answered {said}" + (f": {remedy}" if remedy else ""), needs_a_person=remedy is not None
    )


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, LinkError | NotSentError | TooLateError):  # in our words
        return str(reason)
    said = getattr(reason, "strerror", None)
    return str(said).lower() if said else type(reason).__name__
