"""Which folder holds the configuration; a starter is put there where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.bundled import bundled
from monitor.config.files import ORGANIZATIONS, SETTINGS, read_contents, replace_file
from monitor.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Found:
    """The folder of the configuration; `notice` says so where the starter was just copied there, else ""."""

    directory: Path
    notice: str = ""


def directory_named(option: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """Return the folder by its name alone: `option` (--config), else MONITOR_CONFIG, else ./config.

    Raises ConfigError for a `~` of somebody who has no home folder.
    """
    named = option or Path(environ.get("MONITOR_CONFIG", "").strip() or "config")
    try:
        return cwd / named.expanduser()
    except RuntimeError as error:
        problem = "there is no such home folder; name another folder with --config or MONITOR_CONFIG"
        raise ConfigError([f"{named}: {problem}"]) from error


def find_directory(option: Path | None, environ: Mapping[str, str], cwd: Path) -> Found:
    """Return the folder that `directory_named` names.

    Where it lacks organizations.toml the starter config is copied there; what is there already is kept.
    Raises ConfigError where that is impossible.
    """
    directory = directory_named(option, environ, cwd)
    if (directory / ORGANIZATIONS).exists():
        return Found(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = (
            f"the starter config cannot be put there ({error.strerror}); name another folder with --config"
        )
        raise ConfigError([f"{directory}: {problem}"]) from error
    starter = bundled("config")
    # Whom to watch comes last: its presence means that the folder is complete.
    for name in (SETTINGS, ORGANIZATIONS):
        if not (directory / name).exists():
            replace_file(directory / name, (starter / name).read_bytes())
    return Found(directory, f"there was no configuration in {directory}: the starter config was copied there")


def fingerprint(directory: Path) -> str:
    """Return a text that changes whenever a file in the folder does; compare it with Config.fingerprint.

    Raises ConfigError where a file is there but cannot be read.
    """
    return read_contents(directory).fingerprint
