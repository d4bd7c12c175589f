"""Which addresses and tokens we give a secret to, or take for one: checked in full before the first request."""

import re
from urllib.parse import urlsplit

from monitor.errors import ConfigError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# A whole address out of few characters: no user, query, fragment, back-slash, blank or look-alike letter.
_ADDRESS = re.compile(
    r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[\w./~%+-]*)?", re.ASCII | re.IGNORECASE
)
_WEBHOOK = re.compile(
    r"https://hooks\.slack(-gov)?\.com(:443)?/(services|workflows)(/[\w-]+)+/?", re.ASCII | re.IGNORECASE
)


def checked_api_url(url: str) -> str:
    """Return the base address of Slack's API with a slash at its end; it gets the token, so https or loopback.

    Raises ConfigError.
    """
    found = _ADDRESS.fullmatch(url)
    if not found:
        raise ConfigError(["SLACK_API_URL: not an address of the form https://host/api/"])
    if found[1].lower() != "https" and _host(url) not in _LOOPBACK:
        raise ConfigError(["SLACK_API_URL: must begin with https://, because it receives the bot token"])
    return url if url.endswith("/") else url + "/"


def checked_webhook_url(url: str, api_url: str | None = None) -> str:
    """Return the address if it is an incoming webhook: at Slack, on loopback, or at the host of SLACK_API_URL.

    Raises ConfigError; its text does not repeat the address, which is a secret.
    """
    if _WEBHOOK.fullmatch(url):
        return url
    found = _ADDRESS.fullmatch(url)
    if url.startswith("xox"):
        raise ConfigError(["SLACK_WEBHOOK_URL: this is a token; it belongs in SLACK_BOT_TOKEN"])
    ours = {*_LOOPBACK} | ({_host(checked_api_url(api_url))} if api_url else set())
    if not found or _host(url) not in ours or (found[1].lower() != "https" and _host(url) not in _LOOPBACK):
        raise ConfigError(["SLACK_WEBHOOK_URL: not of the form https://hooks.slack.com/services/…"])
    return url


def checked_token(token: str) -> str:
    """Return the bot token without blanks around it; say which secret was given in its place.

    Raises ConfigError; its text does not repeat the token.
    """
    bare = token.strip()
    if not bare:
        raise ConfigError(["SLACK_BOT_TOKEN: is empty"])
    if bare.startswith("xapp-"):
        raise ConfigError(["SLACK_BOT_TOKEN: this is an app token; it belongs in SLACK_APP_TOKEN"])
    if bare.lower().startswith(("http:", "https:")):
        raise ConfigError(["SLACK_BOT_TOKEN: this is an address; a webhook's belongs in SLACK_WEBHOOK_URL"])
    if not re.fullmatch(r"[A-Za-z0-9._-]+", bare):
        raise ConfigError(["SLACK_BOT_TOKEN: holds a character that no token has; is it quoted or cut?"])
    return bare


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
