"""The surroundings of a process, on SQLite."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import Surroundings


@pytest.fixture
def here(tmp_path: Path, sqlite_url: str) -> Iterator[Surroundings]:
    """A configuration, a SQLite database, a hub with one account, and a Slack."""
    with Surroundings(tmp_path, sqlite_url) as surroundings:
        yield surroundings
