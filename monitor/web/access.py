"""Who may read and who may change things: tokens, sessions, and where a request may come from. No I/O."""

import hmac
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.config import Environment, WebSettings
from monitor.errors import ConfigError

COOKIE = "release_monitor"
SESSION = timedelta(days=30)

_SESSION = re.compile(r"([12])\.([0-9]{1,11})\.[0-9a-f]{64}")
# A name or a number with its port; anything else in a Host header has no business there.
_HOST = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class Level(IntEnum):
    """What somebody may do; each includes those before it."""

    NOTHING = 0
    READ = 1
    CHANGE = 2


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one site. `anybody` is what is allowed without a token; `host` is where it is reached."""

    anybody: Level
    change_token: str | None = field(default=None, repr=False)
    read_token: str | None = field(default=None, repr=False)
    hosts: frozenset[str] = frozenset()
    public_url: str | None = None

    @classmethod
    def of(cls, web: WebSettings, environment: Environment) -> "Access":
        """Return the rules that the settings and the environment mean.

        Raises ConfigError for an address that others can reach while nobody said that everybody may read.
        """
        is_private = is_loopback(web.host)
        if not (is_private or web.open or environment.web_read_token):
            raise ConfigError(
                [
                    f"settings.toml: web.address: {web.host} can be reached from other machines; set "
                    "MONITOR_WEB_READ_TOKEN, or `open = true` in [web] if everybody who reaches it may read"
                ]
            )
        needs_token = environment.web_read_token is not None and not web.open
        public = urlsplit(web.public_url).hostname if web.public_url else None
        return cls(
            Level.NOTHING if needs_token else Level.READ,
            environment.web_token,
            environment.web_read_token,
            frozenset(name.casefold() for name in (web.host, "localhost", public) if name),
            web.public_url,
        )

    @property
    def can_change(self) -> bool:
        """Whether anybody may change anything from here: only with MONITOR_WEB_TOKEN."""
        return self.change_token is not None

    def level_of(self, token: str | None) -> Level:
        """Return what somebody with this token may do; a wrong one is worth nothing more than none."""
        if token and self.change_token and _same(token, self.change_token):
            return Level.CHANGE
        if token and self.read_token and _same(token, self.read_token):
            return max(self.anybody, Level.READ)
        return self.anybody

    def knows(self, token: str) -> bool:
        """Tell whether a token is one of ours, whatever it is worth."""
        return any(_same(token, ours) for ours in self._tokens())

    def can_guess(self, is_password: bool) -> bool:
        """Tell whether a token that is given could be a guess: a password where all may read is some proxy's."""
        return any(self._tokens()) and not (is_password and self.anybody >= Level.READ)

    def session(self, level: Level, now: datetime) -> str:
        """Return the value of a cookie that says for 30 days what its holder may do."""
        text = f"{int(level)}.{int((now + SESSION).timestamp())}"
        return f"{text}.{self._sign(level, text)}"

    def level_in(self, session: str | None, now: datetime) -> Level | None:
        """Return what a cookie says that its holder may do; None for one that is forged or out of date."""
        parts = _SESSION.fullmatch(session or "")
        if session is None or parts is None or int(parts[2]) < now.timestamp():
            return None
        level = Level(int(parts[1]))
        text, _, signature = session.rpartition(".")
        expected = self._sign(level, text)
        return level if expected is not None and _same(signature, expected) else None

    def form_token(self, session: str) -> str | None:
        """Return what a form of this session must carry: other sites cannot know it. None for no session of ours."""
        parts = _SESSION.fullmatch(session)
        return self._sign(Level(int(parts[1])), f"form {session}") if parts else None

    def is_form_of(self, session: str | None, token: str | None) -> bool:
        """Tell whether a form was ours, made for this session."""
        expected = self.form_token(session or "")
        return expected is not None and _same(token or "", expected)

    def knows_host(self, host: str | None) -> bool:
        """Tell whether a Host header names us: else another site's name may have been bound to this address.

        A number is always fine: names are what can be rebound (https://en.wikipedia.org/wiki/DNS_rebinding).
        """
        name = _host_name(host or "")
        return name is not None and (name in self.hosts or _is_number(name))

    def is_ours(self, origin: str, host: str, scheme: str) -> bool:
        """Tell whether an Origin header names this site, as reached by this request or as its readers know it."""
        public = self.public_url.casefold() if self.public_url else None
        return origin in {f"{scheme}://{host}", public}

    def _tokens(self) -> tuple[str, ...]:
        return tuple(token for token in (self.change_token, self.read_token) if token)

    def _sign(self, level: Level, text: str) -> str | None:
        """Sign with the token that gives this level: who lacks it cannot, and nobody can where there is none.

        Changing a token ends the sessions that began with it. What readers hold tells nothing of the other token.
        """
        token = self.change_token if level == Level.CHANGE else self.read_token
        return hmac.new(token.encode(), text.encode(), sha256).hexdigest() if token else None


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine alone."""
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)


def bearer(headers: Mapping[str, str]) -> str | None:
    """Return the token of an Authorization header: Bearer, or the password of Basic, which feed readers know."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return value.strip()
    if not is_password(headers):
        return None
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:
        return None


def is_password(headers: Mapping[str, str]) -> bool:
    """Tell whether an Authorization header is Basic's, which browsers remember and send unasked."""
    return headers.get("authorization", "").partition(" ")[0].casefold() == "basic"


def _host_name(host: str) -> str | None:
    if not _HOST.fullmatch(host):
        return None
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
