"""ModelScope's OpenAPI on this machine, with the shapes, limits and omissions of the real one.

Source: modelscope.cn/.well-known/openapi.json and answers recorded from it.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from monitor.demo.server import Answer, LocalServer, Request

_JSON = ("Content-Type", "application/json; charset=utf-8")
_LARGEST_PAGE = 50
_USUAL_PAGE = 10
_MOST = 3000
_SORTS = ("default", "downloads", "likes", "last_modified")


def model(
    name: str, modified: datetime = datetime(2026, 5, 2, tzinfo=UTC), **keys: object
) -> dict[str, object]:
    """A row as the hub shows it; `keys` replace or add to it, and ... removes one."""
    row: dict[str, object] = {
        "id": name,
        "display_name": name.rpartition("/")[2],
        "description": "",
        "tasks": ["text-generation"],
        "tags": ["license:apache-2.0", "library:safetensors", "model_type:qwen2"],
        "downloads": 100,
        "likes": 3,
        "params": 494_032_768,
        "file_size": 999_000_000,
        "license": "apache-2.0",
        "private": False,
        "gated": False,
        "login_required": False,
        "created_at": "2026-05-01T00:00:00Z",
        "last_modified": modified.strftime("%Y-%m-%dT%H:%M:%SZ"),
    } | keys
    return {key: value for key, value in row.items() if value is not ...}


def models(count: int, owner: str = "acme") -> list[dict[str, object]]:
    """So many rows of one owner, the first modified last."""
    newest = datetime(2026, 5, 2, tzinfo=UTC)
    return [model(f"{owner}/M{i}", newest - timedelta(minutes=i)) for i in range(count)]


class ModelScopeServer:
    """The hub, on a free port of 127.0.0.1 while the context lasts; `requests` holds what it was asked.

    `rows` may be changed at any time. `faults` are given instead of the true answers, one a request; None lets a
    request through. `before` is called ahead of each true answer, with its number from 1. After `granted` requests
    every one is refused with 429. A row that is private is shown to those alone who have `token`.
    """

    def __init__(
        self,
        rows: Iterable[dict[str, object]] = (),
        *,
        faults: Iterable[Answer | None] = (),
        before: Callable[[int], object] | None = None,
        granted: int | None = None,
        token: str | None = None,
    ) -> None:
        self.rows = list(rows)
        self.faults = list(faults)
        self.requests: list[Request] = []
        self._before = before
        self._granted = granted
        self._token = token
        self._server = LocalServer(self._answer)

    @property
    def url(self) -> str:
        """The endpoint, to be used as MODELSCOPE_ENDPOINT."""
        return self._server.url

    def __enter__(self) -> "ModelScopeServer":
        self._server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.__exit__(None, None, None)

    def _answer(self, request: Request) -> Answer:
        self.requests.append(request)
        if self._granted is not None and len(self.requests) > self._granted:
            return failed(429, "TooManyRequests", ("Retry-After", "17"))
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return fault
        if self._before:
            self._before(len(self.requests))
        said = request.headers.get("authorization")
        if said is not None and said != f"Bearer {self._token}":
            return failed(401, "InvalidAuthentication")
        shown = [row for row in self.rows if said or row.get("private") is not True]
        if request.path == "/openapi/v1/models":
            return self._list(request, shown)
        name = request.path.removeprefix("/openapi/v1/models/")
        found = next((row for row in shown if row.get("id") == name), None)
        return enveloped(found) if found else failed(404, "ModelNotFound")

    def _list(self, request: Request, rows: list[dict[str, object]]) -> Answer:
        number = int(request.first("page_number") or 1)
        size = min(int(request.first("page_size") or _USUAL_PAGE), _LARGEST_PAGE)
        sort = request.first("sort") or "default"
        if sort not in _SORTS or number < 1 or number * size > _MOST:
            return failed(400, "InvalidParameter")
        if owner := request.first("owner"):
            rows = [row for row in rows if str(row.get("id")).partition("/")[0] == owner]
        if prefix := request.first("search"):
            rows = [row for row in rows if str(row.get("id")).partition("/")[2].startswith(prefix)]
        if sort != "default":
            rows = sorted(rows, key=lambda row: str(row.get(sort)), reverse=True)
        shown = rows[(number - 1) * size : number * size]
        return enveloped(
            {"models": shown, "total_count": len(rows), "page_number": number, "page_size": size}
        )


def enveloped(data: object) -> Answer:
    """An answer as the hub wraps it."""
    body = {"success": True, "request_id": "b1946ac9", "data": data}
    return Answer(200, (_JSON,), json.dumps(body).encode())


def failed(status: int, code: str, *headers: tuple[str, str]) -> Answer:
    """A failure as the hub tells it."""
    body = {"success": False, "request_id": "b1946ac9", "code": code, "message": f"{code}: see the manual"}
    return Answer(status, (_JSON, *headers), json.dumps(body).encode())
