"""Where the files are that travel with the package: its migrations and its starter config."""

from pathlib import Path


def bundled(name: str) -> Path:
    """Return the folder `name` ("config", "migrations") that belongs to this version of the package.

    An installed wheel carries it as `monitor/_bundled/NAME`; in a checkout it stands beside the package.
    Raises FileNotFoundError where neither is there.
    """
    # importlib.resources would give the same folder, and takes ten times as long to import.
    package = Path(__file__).parent
    for place in (package / "_bundled" / name, package.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"this installation lacks its folder {name!r}; install release-monitor again")
