"""What the environment says: endpoints, secrets and where the database is."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from monitor import addresses
from monitor.config import variables
from monitor.errors import ConfigError

HF_ENDPOINT = "https://huggingface.co"
MODELSCOPE_ENDPOINT = "https://modelscope.cn"
GITHUB_API_URL = "https://api.github.com"
OPENROUTER_API_URL = "https://openrouter.ai/api/v1"
SLACK_API_URL = "https://slack.com/api/"
_SECRETS = (
    *("DATABASE_URL", "HF_TOKEN", "MODELSCOPE_TOKEN", "GITHUB_TOKEN"),
    *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_WEBHOOK_URL"),
    *("MONITOR_WEBHOOK_URL", "MONITOR_WEBHOOK_SECRET", "MONITOR_APPRISE_URL", "MONITOR_PING_URL"),
    *("MONITOR_WEB_TOKEN", "MONITOR_WEB_READ_TOKEN"),
)
# Any number of further receivers, each with a name; `_FILE` behind it is no part of that.
_APPRISE = re.compile(r"MONITOR_APPRISE_URL_(\w+?)(_FILE)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables of this version, checked; secrets do not show in its repr. MONITOR_CONFIG: `find_directory`.

    `notices` are sentences for the person who runs it: what works, yet not as well as it could.
    """

    database_url: str = field(repr=False)
    database_shown: str  # without its password
    hf_endpoint: str = HF_ENDPOINT
    hf_token: str | None = field(default=None, repr=False)
    modelscope_endpoint: str = MODELSCOPE_ENDPOINT
    modelscope_token: str | None = field(default=None, repr=False)
    github_api_url: str = GITHUB_API_URL
    github_token: str | None = field(default=None, repr=False)
    openrouter_api_url: str = OPENROUTER_API_URL
    contact: str | None = None  # who runs this, for the operators of hubs
    slack_bot_token: str | None = field(default=None, repr=False)
    slack_channel: str | None = None
    slack_webhook_url: str | None = field(default=None, repr=False)
    slack_api_url: str = SLACK_API_URL
    slack_app_token: str | None = field(default=None, repr=False)
    webhook_url: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    apprise_urls: Mapping[str, str] = field(default_factory=dict, repr=False)  # by the receiver's name
    ping_url: str | None = field(default=None, repr=False)
    web_token: str | None = field(default=None, repr=False)  # changes things
    web_read_token: str | None = field(default=None, repr=False)
    notices: tuple[str, ...] = ()


def read(environ: Mapping[str, str], cwd: Path | None = None) -> Environment:
    """Read and check the variables; empty ones count as not set.

    Relative paths start at `cwd`. Raises ConfigError with every problem; no message holds a secret.
    """
    reader = _Reader(environ)
    here = cwd or Path.cwd()
    database = reader.take("DATABASE_URL", lambda text: variables.database_url(text, here))
    if database is None and "DATABASE_URL" not in reader.values:
        database = reader.default_database()
    slack_api_url = reader.take("SLACK_API_URL", addresses.slack_api_url)
    webhook_url = reader.take("SLACK_WEBHOOK_URL", lambda text: addresses.webhook_url(text, slack_api_url))
    found = Environment(
        database_url=database or "",
        database_shown=addresses.without_password(database or ""),
        hf_endpoint=reader.take("HF_ENDPOINT", addresses.endpoint) or HF_ENDPOINT,
        hf_token=reader.take("HF_TOKEN", addresses.token),
        modelscope_endpoint=reader.take("MODELSCOPE_ENDPOINT", addresses.endpoint) or MODELSCOPE_ENDPOINT,
        modelscope_token=reader.take("MODELSCOPE_TOKEN", addresses.token),
        github_api_url=reader.take("GITHUB_API_URL", addresses.endpoint) or GITHUB_API_URL,
        github_token=reader.take("GITHUB_TOKEN", addresses.token),
        openrouter_api_url=reader.take("OPENROUTER_API_URL", addresses.endpoint) or OPENROUTER_API_URL,
        contact=reader.take("MONITOR_CONTACT", addresses.contact),
        slack_bot_token=reader.take("SLACK_BOT_TOKEN", addresses.bot_token),
        slack_channel=reader.take("SLACK_CHANNEL", variables.channel),
        slack_webhook_url=webhook_url,
        slack_api_url=slack_api_url or SLACK_API_URL,
        slack_app_token=reader.take("SLACK_APP_TOKEN", addresses.app_token),
        webhook_url=reader.take("MONITOR_WEBHOOK_URL", addresses.private_url),
        webhook_secret=reader.take("MONITOR_WEBHOOK_SECRET", addresses.signing_secret),
        apprise_urls=_apprise_urls(reader),
        ping_url=reader.take("MONITOR_PING_URL", addresses.url),
        web_token=reader.take("MONITOR_WEB_TOKEN", addresses.web_token),
        web_read_token=reader.take("MONITOR_WEB_READ_TOKEN", addresses.web_token),
    )
    reader.check_slack()
    reader.check_halves()
    if reader.problems:
        raise ConfigError(reader.problems)
    return replace(found, notices=tuple(variables.notices(found.slack_channel, _tokens(found))))


def _apprise_urls(reader: "_Reader") -> dict[str, str]:
    """Return the addresses that Apprise sends to, by receiver: "apprise", "apprise:name"."""
    found = {"apprise": reader.take("MONITOR_APPRISE_URL", addresses.apprise_url)}
    for name, variable in reader.apprise.items():
        found[f"apprise:{name}"] = reader.take(variable, addresses.apprise_url)
    return {receiver: address for receiver, address in found.items() if address}


def _tokens(found: Environment) -> tuple[variables.Sent, ...]:
    return (
        variables.Sent("HF_TOKEN", found.hf_token, "HF_ENDPOINT", found.hf_endpoint, HF_ENDPOINT),
        variables.Sent(
            "MODELSCOPE_TOKEN",
            found.modelscope_token,
            "MODELSCOPE_ENDPOINT",
            found.modelscope_endpoint,
            MODELSCOPE_ENDPOINT,
        ),
        variables.Sent(
            "GITHUB_TOKEN", found.github_token, "GITHUB_API_URL", found.github_api_url, GITHUB_API_URL
        ),
    )


class _Reader:
    """Takes one variable after the other and gathers what is wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []
        self.values = {name: text.strip() for name, text in environ.items() if text.strip()}
        named = sorted(filter(None, map(_APPRISE.fullmatch, self.values)), key=lambda match: match[1])
        self.apprise = {m[1].lower(): m[0].removesuffix(m[2] or "") for m in named if m[1] != "FILE"}
        for name in (*_SECRETS, *self.apprise.values()):
            self._read_file(name)

    def take(self, name: str, check: Callable[[str], str]) -> str | None:
        """Return the checked value; None where it is not set or wrong."""
        if not self.values.get(name):
            return None
        try:
            return check(self.values[name])
        except (ValueError, RuntimeError) as error:  # RuntimeError: a `~` for somebody who has no home folder
            self.problems.append(f"{name}: {error}")
            return None

    def check_slack(self) -> None:
        """Refuse settings that go by halves or contradict each other."""
        token, channel, webhook = (
            name in self.values for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_WEBHOOK_URL")
        )
        if token and not channel:
            self.problems.append(
                "SLACK_CHANNEL: is not set, but SLACK_BOT_TOKEN is; set it to the channel's id, such as C0123456789"
            )
        if token and webhook:
            self.problems.append(
                "SLACK_WEBHOOK_URL: is set besides SLACK_BOT_TOKEN; keep the token: only with it can a doubtful "
                "message be looked up"
            )
        if channel and not token:
            self.problems.append(
                "SLACK_CHANNEL: is set without SLACK_BOT_TOKEN; "
                + (
                    "unset it: a webhook has a channel of its own"
                    if webhook
                    else "set the token, or unset both"
                )
            )

    def check_halves(self) -> None:
        """Refuse what is of no use alone."""
        if "SLACK_APP_TOKEN" in self.values and "SLACK_BOT_TOKEN" not in self.values:
            self.problems.append("SLACK_APP_TOKEN: is set without SLACK_BOT_TOKEN; set both, or unset it")
        webhook, secret = "MONITOR_WEBHOOK_URL", "MONITOR_WEBHOOK_SECRET"
        if webhook in self.values and secret not in self.values:
            self.problems.append(
                f"{secret}: is not set, but {webhook} is; `release-monitor notify secret` prints a new one"
            )
        if secret in self.values and webhook not in self.values:
            self.problems.append(f"{secret}: is set without {webhook}; set both, or unset it")

    def default_database(self) -> str | None:
        """Return the SQLite file in the user's data folder."""
        try:
            return f"sqlite:///{data_directory(self.values) / 'monitor.db'}"
        except RuntimeError:
            self.problems.append(
                "DATABASE_URL: is not set, and there is no home folder for the default; set it"
            )
            return None

    def _read_file(self, name: str) -> None:
        path = self.values.get(f"{name}_FILE")
        if path is None:
            return
        if name in self.values:
            self.problems.append(f"{name}_FILE: is set besides {name}; unset one of them")
            return
        # Whatever comes of the file, the variable is set: no default takes its place.
        self.values[name] = ""
        try:
            self.values[name] = Path(path).read_text(encoding="utf-8").strip()
        except UnicodeDecodeError:
            self.problems.append(f"{name}_FILE: {path} is not UTF-8; write the secret into it as plain text")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no valid path"
            self.problems.append(
                f"{name}_FILE: {path} cannot be read ({reason}); correct the path or its permissions"
            )
        else:
            if not self.values[name]:
                self.problems.append(f"{name}_FILE: {path} is empty; write the secret into it")


def data_directory(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return the user's data folder of this program, absolute. Raises RuntimeError where the user has no home."""
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    if platform == "win32":
        base = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    # The XDG specification says to ignore a relative path.
    return (base if base.is_absolute() else home / ".local" / "share") / "release-monitor"
