"""A stand-in for OpenRouter's catalogue, with its shape, its hidden default, and faults."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from monitor.core.types import Listing, Unchanged
from monitor.demo.server import Answer, LocalServer, Request
from monitor.hubs.openrouter import OpenRouter
from servers import Clock, json_answer

CREATED = 1_777_000_000  # 2026-04-24T03:06:40Z


@contextmanager
def openrouter(
    url: str, clock: Callable[[], datetime] | None = None, seconds: float = 5
) -> Iterator[OpenRouter]:
    """Look at a server as at OpenRouter; a request may last so many seconds."""
    hub = OpenRouter(url, clock or Clock(), timedelta(seconds=seconds))
    try:
        yield hub
    finally:
        hub.close()


class StandInOpenRouter:
    """The hub, on a free port of 127.0.0.1 while the context lasts; `rows` may be changed at any time.

    `faults` are given instead of the true answers, one a request; `envelope` is added beside the rows.
    """

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]] = (),
        *,
        faults: Iterable[Answer | None] = (),
        envelope: Mapping[str, object] | None = None,
    ) -> None:
        self.rows = list(rows)
        self.requests: list[Request] = []
        self.faults = list(faults)
        self._envelope = envelope or {}
        self._server = LocalServer(self._answer)

    @property
    def url(self) -> str:
        """The endpoint, to be used as OPENROUTER_API_URL."""
        return f"{self._server.url}/api/v1"

    def __enter__(self) -> "StandInOpenRouter":
        self._server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.__exit__(None, None, None)

    def _answer(self, request: Request) -> Answer:
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return fault
        if request.path != "/api/v1/models":
            return json_answer('{"error":{"message":"Not Found","code":404}}', 404)
        wanted = request.first("output_modalities") or "text"
        shown = [row for row in self.rows if wanted == "all" or wanted in _outputs(row)]
        offset, limit = request.first("offset"), request.first("limit")
        if limit is not None:
            shown = shown[int(offset or 0) :][: min(int(limit), 1000)]
        return json_answer(json.dumps({"data": shown, **self._envelope}))


def model(name: str, slug: str | None = None, **more: object) -> dict[str, Any]:
    """A row of the catalogue."""
    return {
        "id": name,
        "canonical_slug": slug or name.partition(":")[0],
        "hugging_face_id": None,
        "name": name,
        "created": CREATED,
        "description": "",
        "context_length": 1048576,
        "architecture": {
            "modality": "text->text",
            "input_modalities": ["text"],
            "output_modalities": ["text"],
        },
        "pricing": {"prompt": "0.00000091", "completion": "0.00000286"},
        "top_provider": {"context_length": 1048576, "is_moderated": False},
        "supported_parameters": ["tools"],
        "expiration_date": None,
        "links": {"details": f"/api/v1/models/{slug or name}/endpoints"},
        **more,
    }


def whole(seen: Listing | Unchanged) -> Listing:
    """What was seen, which is a listing."""
    assert isinstance(seen, Listing)
    return seen


def _outputs(row: Mapping[str, Any]) -> list[str]:
    outputs: list[str] = row["architecture"]["output_modalities"]
    return outputs
