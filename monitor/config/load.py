"""Read the configuration of a folder; pydantic is imported only by those who do."""

from pathlib import Path

from monitor.config.files import read_contents
from monitor.config.model import Config


def load(directory: Path) -> Config:
    """Read and check organizations.toml and settings.toml; a missing or empty settings.toml means the defaults.

    Raises ConfigError with every problem of both files, one line each: "file: key: what is wrong; remedy".
    """
    # Here and not above: pydantic takes a tenth of a second, which commands that only read the log are spared.
    from monitor.config.parse import parse

    return parse(read_contents(directory), directory)
