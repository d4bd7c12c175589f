"""What the environment says: endpoints, secrets and where the database is."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor import addresses
from monitor.config import variables
from monitor.errors import ConfigError

HF_ENDPOINT = "https://huggingface.co"
SLACK_API_URL = "https://slack.com/api/"
_SECRETS = ("DATABASE_URL", "HF_TOKEN", "SLACK_BOT_TOKEN", "SLACK_WEBHOOK_URL", "MONITOR_PING_URL")


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables of this version, checked; secrets do not show in its repr. MONITOR_CONFIG: `find_directory`.

    `notices` are sentences for the person who runs it: what works, yet not as well as it could.
    """

    database_url: str = field(repr=False)
    database_shown: str  # without its password
    hf_endpoint: str = HF_ENDPOINT
    hf_token: str | None = field(default=None, repr=False)
    slack_bot_token: str | None = field(default=None, repr=False)
    slack_channel: str | None = None
    slack_webhook_url: str | None = field(default=None, repr=False)
    slack_api_url: str = SLACK_API_URL
    ping_url: str | None = field(default=None, repr=False)
    notices: tuple[str, ...] = ()


def read(environ: Mapping[str, str], cwd: Path | None = None) -> Environment:
    """Read and check the variables; empty ones count as not set.

    Relative paths start at `cwd`. Raises ConfigError with every problem; no message holds a secret.
    """
    reader = _Reader(environ)
    here = cwd or Path.cwd()
    database = reader.take("DATABASE_URL", lambda text: variables.database_url(text, here))
    api_url = reader.take("SLACK_API_URL", addresses.slack_api_url)
    webhook = reader.take("SLACK_WEBHOOK_URL", lambda text: addresses.webhook_url(text, api_url))
    endpoint = reader.take("HF_ENDPOINT", addresses.endpoint)
    hf_token = reader.take("HF_TOKEN", addresses.token)
    bot_token = reader.take("SLACK_BOT_TOKEN", addresses.bot_token)
    channel = reader.take("SLACK_CHANNEL", variables.channel)
    ping_url = reader.take("MONITOR_PING_URL", addresses.url)
    reader.check_slack()
    if database is None and "DATABASE_URL" not in reader.values:
        database = reader.default_database()
    if reader.problems or database is None:
        raise ConfigError(reader.problems)
    return Environment(
        database_url=database,
        database_shown=addresses.without_password(database),
        hf_endpoint=endpoint or HF_ENDPOINT,
        hf_token=hf_token,
        slack_bot_token=bot_token,
        slack_channel=channel,
        slack_webhook_url=webhook,
        slack_api_url=api_url or SLACK_API_URL,
        ping_url=ping_url,
        notices=tuple(variables.notices(endpoint, hf_token, channel)),
    )


class _Reader:
    """Takes one variable after the other and gathers what is wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []
        self.values = {name: text.strip() for name, text in environ.items() if text.strip()}
        for name in _SECRETS:
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
