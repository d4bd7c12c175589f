"""Packages of npm for tests: installed once from a lock file, whichever of the tests' processes comes first."""

import fcntl
import shutil
import subprocess
from pathlib import Path


class NoPackagesError(Exception):
    """They cannot be installed here; the message says why."""


def installed(pinned: Path, folder: Path) -> Path:
    """Return the folder with what the lock file in `pinned` names; it is made anew where that file has changed.

    Raises NoPackagesError.
    """
    if not shutil.which("npm"):
        raise NoPackagesError("no npm here")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # npm takes away what another npm puts there
        done, wanted = folder / "installed.json", (pinned / "package-lock.json").read_bytes()
        if not done.exists() or done.read_bytes() != wanted:
            done.unlink(missing_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(pinned / name, folder)
            _install(folder)
            done.write_bytes(wanted)
    return folder


def _install(folder: Path) -> None:
    command = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        raise NoPackagesError("npm did not end within two minutes") from None
    if done.returncode:
        raise NoPackagesError(f"npm could not install them: {done.stderr[-300:]}")
