"""What a single variable may be: checks that raise ValueError("wrong; remedy"), never with the value."""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,}")
# Lower case, no space or full stop; letters of any script. Source: Slack help, "Channel name requirements".
_CHANNEL_NAME = re.compile(r"#[\w-]{1,80}")
# Workspaces of Slack and of GovSlack post here.
_WEBHOOK_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_WEBHOOK_PATHS = ("/services/", "/workflows/")


def url(text: str) -> str:
    """Return an http or https address."""
    _parts(text)
    return text


def endpoint(text: str) -> str:
    """Return an http or https address that paths are added to, without a slash at its end."""
    parts = _parts(text)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must have no user, `?` or `#`; write only https://host and perhaps a path")
    return text.rstrip("/")


def slack_api_url(text: str) -> str:
    """Return where Slack's methods live, with the slash at its end that they are added to."""
    address = endpoint(text)
    if not is_encrypted(address):
        raise ValueError("would get the token unencrypted; write https://, unless it is on this machine")
    return f"{address}/"


def webhook_url(text: str, api_url: str | None) -> str:
    """Return the address of an incoming webhook: Slack's own, or on this machine or the host of SLACK_API_URL."""
    if text.startswith(("xoxb-", "xapp-", "xoxp-")):
        raise ValueError("is a token; put a bot token (xoxb-…) into SLACK_BOT_TOKEN")
    parts = _parts(text)
    host = parts.hostname or ""
    if is_loopback(host) or (api_url and host == urlsplit(api_url).hostname and is_encrypted(text)):
        return text
    clean = (
        parts.scheme == "https" and parts.netloc in _WEBHOOK_HOSTS and not parts.query and not parts.fragment
    )
    if not clean or not parts.path.startswith(_WEBHOOK_PATHS) or ".." in parts.path:
        raise ValueError("is no Slack webhook; copy it whole: https://hooks.slack.com/services/T…/B…/…")
    return text


def token(text: str) -> str:
    """Return a token that may travel in a header."""
    if text[0] in "'\"" or text[-1] in "'\"":
        raise ValueError("has quotes round it that would be sent along; remove them")
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("has spaces, line breaks or letters that no token has; copy it again")
    return text


def bot_token(text: str) -> str:
    """Return a Slack bot token, or say what was put in its place."""
    if text.startswith("xapp-"):
        raise ValueError(
            "is an app-level token (xapp-…); set the bot token (xoxb-…) of “OAuth & Permissions”"
        )
    if text.startswith(("http://", "https://")):
        raise ValueError("is an address; put a webhook's address into SLACK_WEBHOOK_URL")
    if text.startswith("xoxp-"):
        raise ValueError("is a person's token (xoxp-…); set the bot token (xoxb-…) of “OAuth & Permissions”")
    token(text)
    if not text.startswith(("xoxb-", "xoxe.xoxb-")):
        raise ValueError("is no bot token; set the one that begins with xoxb-, of “OAuth & Permissions”")
    return text


def channel(text: str) -> str:
    """Return a channel's id, or its name after `#`."""
    if _CHANNEL_ID.fullmatch(text) or (_CHANNEL_NAME.fullmatch(text) and text == text.lower()):
        return text
    remedy = "set the channel's id, such as C0123456789 (at the end of the channel's details), or #its-name"
    if _CHANNEL_NAME.fullmatch(f"#{text}") and text == text.lower():
        remedy = f"did you mean #{text}? Better set the channel's id, such as C0123456789"
    raise ValueError(f"is no channel; {remedy}")


def database_url(text: str, cwd: Path) -> str:
    """Return the address of an SQLite file, made absolute, or of a PostgreSQL database, with its driver named."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        raise ValueError(
            "is no address; write sqlite:////path/to/monitor.db or postgresql://user@host/database"
        )
    if scheme == "sqlite":
        return f"sqlite:///{_sqlite_path(rest, cwd)}"
    if scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise ValueError(f"no database of kind {scheme[:20]!r}; write sqlite:///… or postgresql://…")
    try:
        urlsplit(text).port  # noqa: B018  (reading it checks it)
    except ValueError:
        raise ValueError(
            "has no valid host and port; write / ? # @ : in a password as %2F %3F %23 %40 %3A"
        ) from None
    return f"postgresql+psycopg://{rest}"


def _sqlite_path(rest: str, cwd: Path) -> str:
    path, question, query = rest.removeprefix("/").partition("?")
    if not rest.startswith("/") or not path or path == ":memory:" or path.startswith("file:"):
        raise ValueError("names no file, so nothing would be kept; write sqlite:////path/to/monitor.db")
    return f"{cwd / Path(path).expanduser()}{question}{query}"


def without_password(address: str) -> str:
    """Return a database's address as it may be shown."""
    address = re.sub(r"(?i)\b(password|passfile|sslpassword)=[^&]*", r"\1=***", address)
    head, at, tail = address.rpartition("@")
    scheme, separator, user = head.partition("://")
    if not at or not address.startswith("postgresql"):
        return address
    return f"{scheme}{separator}{user.partition(':')[0]}{':***' if ':' in user else ''}@{tail}"


def notices(hf_endpoint: str | None, hf_token: str | None, slack_channel: str | None) -> Iterator[str]:
    """Say what works, yet not as well as it could."""
    if slack_channel and slack_channel.startswith("#"):
        yield (
            "SLACK_CHANNEL is a name; set the channel's id (C…), or a doubtful message cannot be looked up "
            "and may arrive twice"
        )
    if hf_token and hf_endpoint and not is_encrypted(hf_endpoint):
        yield "HF_TOKEN travels unencrypted: HF_ENDPOINT begins with http://"


def is_encrypted(address: str) -> bool:
    """Whether nobody on the way can read what is sent to the address."""
    parts = urlsplit(address)
    return parts.scheme == "https" or is_loopback(parts.hostname)


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not re.fullmatch(r"[!-~]+", text):
        raise ValueError("is no address; write it whole, with http:// or https://")
    return parts
