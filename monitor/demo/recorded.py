"""The recorded history that the demo replays."""

import gzip
import json
from datetime import datetime
from importlib.resources import files

from monitor.demo.repo import DemoRepo


def load_recorded() -> tuple[DemoRepo, ...]:
    """Return the repositories of eight laboratories, each public from its creation (see data/NOTICE)."""
    packed = files("monitor.demo").joinpath("data", "listings.jsonl.gz").read_bytes()
    return tuple(_repo(line) for line in gzip.decompress(packed).decode().splitlines())


def _repo(line: str) -> DemoRepo:
    row = json.loads(line)
    created_at = datetime.fromisoformat(row["createdAt"])
    return DemoRepo(
        name=row["id"],
        created_at=created_at,
        public_from=created_at,
        pipeline_tag=row.get("pipeline_tag"),
        library=row.get("library_name"),
        tags=tuple(row.get("tags", ())),
    )
