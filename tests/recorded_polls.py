"""Polls of the most popular models that somebody else recorded, as a hub that can be polled again."""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.demo.hub import DemoRepo
from monitor.demo.server import Answer, Request
from servers import StandInHub, json_answer
from world import listed

# Beside the repository: the recordings are not ours to ship.
RECORDING = Path(__file__).parents[2] / "shared" / "data" / "hf-polls-2026-04.jsonl.gz"


@dataclass(frozen=True, slots=True)
class RecordedPoll:
    """What was on the list at one moment."""

    at: datetime
    repos: tuple[DemoRepo, ...]


def load_polls(owners: Iterable[str]) -> list[RecordedPoll]:
    """Every recorded poll in order of time, with what it showed of these accounts. Raises FileNotFoundError."""
    wanted, polls = frozenset(owners), dict[str, list[DemoRepo]]()
    with gzip.open(RECORDING, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            repos = polls.setdefault(row["captured_at"], [])
            if row["repo_id"].partition("/")[0] in wanted:
                repos.append(_repo(row))
    return [RecordedPoll(_time(at), tuple(polls[at])) for at in sorted(polls)]


def show(hub: StandInHub, poll: RecordedPoll) -> None:
    """Let the listings show just what was on the list then, while direct looks show all that ever was."""
    now = {repo.name: repo for repo in poll.repos}
    hub.repos = tuple(({repo.name: repo for repo in hub.repos} | now).values())

    def popular_alone(request: Request, answer: Answer) -> Answer:
        if request.path != "/api/models" or answer.status != 200:
            return answer
        return json_answer(json.dumps([row for row in listed(answer) if row["id"] in now]))

    hub.spoil = popular_alone


def _repo(row: Mapping[str, Any]) -> DemoRepo:
    created_at = _time(row["created_at"])
    return DemoRepo(
        name=row["repo_id"],
        created_at=created_at,
        public_from=created_at,
        pipeline_tag=row["pipeline_tag"],
        library=row["library_name"],
        tags=tuple(row["tags"]),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
