"""What an address or a token may be, and how one is shown: checks that raise ValueError("wrong; remedy").

No message repeats the value: it may be a secret.
"""

import binascii
import ipaddress
import re
from base64 import b64decode
from urllib.parse import SplitResult, urlsplit

# No user, query, fragment, back-slash or blank: nothing that two programs could read as two addresses.
_PLAIN = re.compile(
    r"https?://([\w.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[\w./~%+-]*)?", re.ASCII | re.IGNORECASE
)
# Workspaces of Slack and of GovSlack post here.
_SLACK_WEBHOOK = re.compile(r"https://hooks\.slack(-gov)?\.com/(services|workflows)(/[\w-]+)+/?", re.ASCII)


def url(text: str) -> str:
    """Return an http or https address."""
    _parts(text)
    return text


def endpoint(text: str) -> str:
    """Return an http or https address that paths are added to, without a slash at its end."""
    _parts(text)
    if not _PLAIN.fullmatch(text):
        raise ValueError("must have no user, `?` or `#`; write only https://host and perhaps a path")
    return text.rstrip("/")


def slack_api_url(text: str) -> str:
    """Return where Slack's methods live, with the slash at its end that they are added to."""
    address = endpoint(text)
    if not is_encrypted(address):
        raise ValueError("would get the token unencrypted; write https://, unless it is on this machine")
    return f"{address}/"


def webhook_url(text: str, api_url: str | None = None) -> str:
    """Return the address of an incoming webhook: Slack's own, or on this machine or the host of SLACK_API_URL."""
    if text.startswith(("xox", "xapp-")):
        raise ValueError("is a token; put a bot token (xoxb-…) into SLACK_BOT_TOKEN")
    host = _parts(text).hostname
    ours = is_loopback(host) or (api_url and host == urlsplit(api_url).hostname and is_encrypted(text))
    if not (_SLACK_WEBHOOK.fullmatch(text) or (ours and _PLAIN.fullmatch(text))):
        raise ValueError("is no Slack webhook; copy it whole: https://hooks.slack.com/services/T…/B…/…")
    return text


def token(text: str) -> str:
    """Return a token that may travel in a header; one that may not would be shown in the error about it."""
    if text[:1] in ("'", '"') or text[-1:] in ("'", '"'):
        raise ValueError("has quotes round it that would be sent along; remove them")
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("has spaces, line breaks or letters that no token has; copy it again")
    return text


def contact(text: str) -> str:
    """Return the address that a hub's operators may write to; it stands in the comment of a User-Agent header.

    Such a comment ends at a bracket and takes no line break. Source: RFC 9110, 5.6.5 and 10.1.5.
    """
    if not re.fullmatch(r"[!-~]{1,200}", text) or set(text) & set("()\\"):
        raise ValueError("has blanks, brackets or letters that a header cannot take; write them otherwise")
    if not re.fullmatch(r"https?://.+|(mailto:)?[^@:/]+@[^@:/]+", text):
        raise ValueError("is no address; write a page, https://…, or an e-mail address")
    return text


def bot_token(text: str) -> str:
    """Return a Slack bot token, or say what was put in its place."""
    permissions = "of “OAuth & Permissions”"
    if text.startswith("xapp-"):
        raise ValueError(f"is an app-level token (xapp-…); set the bot token (xoxb-…) {permissions}")
    if text.lower().startswith(("http:", "https:")):
        raise ValueError("is an address; put a webhook's address into SLACK_WEBHOOK_URL")
    if text.startswith("xoxp-"):
        raise ValueError(f"is a person's token (xoxp-…); set the bot token (xoxb-…) {permissions}")
    if not re.fullmatch(r"[\w.-]+", token(text), re.ASCII):
        raise ValueError("has a character that no bot token has; copy it again")
    if not text.startswith(("xoxb-", "xoxe.xoxb-")):
        raise ValueError(f"is no bot token; set the one that begins with xoxb-, {permissions}")
    return text


def app_token(text: str) -> str:
    """Return a Slack app-level token, with which Slack's messages to us are fetched."""
    if text.startswith("xox"):
        raise ValueError("is no app-level token; set the one that begins with xapp-, of “Basic Information”")
    if not re.fullmatch(r"xapp-[\w-]+", token(text), re.ASCII):
        raise ValueError("is no app-level token; copy the one that begins with xapp-, of “Basic Information”")
    return text


def web_token(text: str) -> str:
    """Return a token of our own pages; one that could be guessed is refused."""
    if len(token(text)) < 16:
        raise ValueError(
            "is shorter than 16 characters and could be guessed; `openssl rand -hex 24` prints a good one"
        )
    return text


def private_url(text: str) -> str:
    """Return an address that what we send can be read at and nowhere on the way."""
    if "@" in urlsplit(url(text)).netloc:
        raise ValueError("has a user in it, who is not sent; what we send is signed instead: remove it")
    if not is_encrypted(text):
        raise ValueError("would be readable on the way; write https://, unless it is on this machine")
    return text


def signing_secret(text: str) -> str:
    """Return a secret that messages are signed with: whsec_ and 24 to 64 bytes in Base64.

    Source: Standard Webhooks specification, "Signature scheme".
    """
    remedy = "`release-monitor notify secret` prints a new one"
    if not token(text).startswith("whsec_"):
        raise ValueError(f"is no secret for webhooks: those begin with whsec_; {remedy}")
    try:
        length = len(b64decode(text.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        raise ValueError(f"is no Base64 after whsec_; copy it again, or {remedy}") from None
    if not 24 <= length <= 64:
        raise ValueError(f"has {length} bytes and not 24 to 64; {remedy}")
    return text


def apprise_url(text: str) -> str:
    """Return an address as Apprise writes them: a service, `://`, and what that service needs."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*://[!-~]+", text):
        raise ValueError(
            "is no address of Apprise; write one, such as mailto://… or ntfy://…, with %20 for a blank "
            "(https://github.com/caronc/apprise/wiki)"
        )
    return text


def without_password(address: str) -> str:
    """Return a database's address as it may be shown."""
    address = re.sub(r"(?i)\b(password|passfile|sslpassword)=[^&]*", r"\1=***", address)
    head, at, tail = address.rpartition("@")
    scheme, separator, user = head.partition("://")
    if not at or address.startswith("sqlite"):
        return address
    return f"{scheme}{separator}{user.partition(':')[0]}{':***' if ':' in user else ''}@{tail}"


def is_encrypted(address: str) -> bool:
    """Whether nobody on the way can read what is sent to the address."""
    parts = urlsplit(address)
    return parts.scheme == "https" or is_loopback(parts.hostname)


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine: localhost, 127.0.0.0/8 or ::1."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode(
            "idna"
        )  # as sockets do: no empty or endless part between full stops
        whole = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not re.fullmatch(r"[!-~]+", text):
        raise ValueError("is no address; write it whole, with http:// or https://")
    return parts
