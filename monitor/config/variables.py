"""What a channel and a database's address may be: checks that raise ValueError("wrong; remedy"), without the value."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from monitor.addresses import is_encrypted, is_loopback

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{2,}")
# Lower case, no space or full stop; letters of any script. Source: Slack help, "Channel name requirements".
_CHANNEL_NAME = re.compile(r"#[\w-]{1,80}")


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


@dataclass(frozen=True, slots=True)
class Sent:
    """A token and where it is sent, by the names of their variables; `usual` is the endpoint's default."""

    token_name: str
    token: str | None = field(repr=False)
    endpoint_name: str
    endpoint: str
    usual: str


def notices(slack_channel: str | None, sent: Iterable[Sent]) -> Iterator[str]:
    """Say what works, yet not as well as it could, or not as expected."""
    if slack_channel and slack_channel.startswith("#"):
        yield (
            "SLACK_CHANNEL is a name; set the channel's id (C…), or a doubtful message cannot be looked up "
            "and may arrive twice"
        )
    for one in sent:
        host = urlsplit(one.endpoint).hostname
        if not one.token or is_loopback(host):
            continue
        if not is_encrypted(one.endpoint):
            yield f"{one.token_name} travels unencrypted: {one.endpoint_name} begins with http://"
        elif host != urlsplit(one.usual).hostname:
            yield f"{one.token_name} is sent to {host}, which {one.endpoint_name} names"
