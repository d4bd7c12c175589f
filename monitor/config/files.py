"""The two files as bytes: read together, replaced whole."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import ConfigError, NotWritableError

ORGANIZATIONS = "organizations.toml"
SETTINGS = "settings.toml"


@dataclass(frozen=True, slots=True)
class Contents:
    """Both files at one moment; None where a file is missing."""

    organizations: bytes | None
    settings: bytes | None

    @property
    def fingerprint(self) -> str:
        """A short text that differs for different contents."""
        digest = hashlib.sha256()
        for content in (self.organizations, self.settings):
            digest.update(b"missing;" if content is None else b"%d;" % len(content) + content)
        return digest.hexdigest()[:16]


def read_contents(directory: Path) -> Contents:
    """Read both files. Raises ConfigError where one is there but cannot be read."""
    contents: list[bytes | None] = []
    problems = []
    for name in (ORGANIZATIONS, SETTINGS):
        try:
            contents.append((directory / name).read_bytes())
        except FileNotFoundError:
            contents.append(None)
        except OSError as error:
            problems.append(f"{directory / name}: cannot be read ({error.strerror}); check its permissions")
    if problems:
        raise ConfigError(problems)
    return Contents(*contents)


def replace_file(path: Path, content: bytes) -> None:
    """Put the content in the file's place at once: whoever reads sees the old file or the new one, whole.

    Follows a symbolic link, keeps the file's mode. Raises NotWritableError and leaves the old file where that fails.
    """
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
        _sync_directory(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise NotWritableError(
            [f"{path}: cannot be written ({error.strerror}); check its folder's permissions"]
        ) from error


def _sync_directory(directory: Path) -> None:
    """Make a rename outlive a power cut, where the system lets a folder be opened for that."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
