"""Answers as the Hugging Face Hub dresses them: JSON, pages, quota, entity tags, packing."""

import base64
import gzip
import json
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from monitor.core.types import Quota
from monitor.demo.repo import digest
from monitor.demo.server import Answer, Request

Headers = tuple[tuple[str, str], ...]

_JSON = ("Content-Type", "application/json; charset=utf-8")


class Meter:
    """Counts the requests of one bucket in fixed windows. Safe for many threads."""

    def __init__(self, bucket: str, quota: Quota) -> None:
        self._bucket = bucket
        self._quota = quota
        self._ends: datetime | None = None
        self._left = quota.requests
        self._lock = Lock()

    def count(self, now: datetime) -> tuple[int, Headers]:
        """Count one request; return what remains, negative if it is one too many, and the headers saying so."""
        with self._lock:
            if self._ends is None or now >= self._ends:
                self._ends, self._left = now + self._quota.window, self._quota.requests
            self._left -= 1
            left, seconds = self._left, int((self._ends - now).total_seconds())
        window = int(self._quota.window.total_seconds())
        return left, (
            ("RateLimit", f'"{self._bucket}";r={max(left, 0)};t={seconds}'),
            ("RateLimit-Policy", f'"fixed window";"{self._bucket}";q={self._quota.requests};w={window}'),
        )


def json_answer(value: object, status: int = 200, headers: Headers = ()) -> Answer:
    """Return the value as JSON, as compact as the hub writes it."""
    return Answer(status, (_JSON, *headers), json.dumps(value, separators=(",", ":")).encode())


def next_page(request: Request, keyset: object) -> tuple[str, str]:
    """Return the header that links to what comes after: the same request with a cursor."""
    cursor = base64.b64encode(json.dumps(keyset, separators=(",", ":")).encode()).decode()
    pairs = [(key, value) for key, values in request.query.items() for value in values if key != "cursor"]
    base = f"http://{request.headers.get('host', '')}{request.path}"
    return "Link", f'<{base}?{urlencode([*pairs, ("cursor", cursor)])}>; rel="next"'


def read_cursor(encoded: str | None) -> Any:
    """Return what `next_page` was given, None without a cursor."""
    return None if encoded is None else json.loads(base64.b64decode(encoded))


def dressed(answer: Answer, headers: Headers, request: Request, etags: bool) -> Answer:
    """Add the quota and a weak entity tag; spare the body that the client has; pack what it can unpack."""
    headers = (*answer.headers, *headers, ("X-Powered-By", "huggingface-moon"))
    if etags:
        etag = f'W/"{len(answer.body):x}-{digest(answer.body)[:27]}"'
        headers = (*headers, ("ETag", etag))
        if answer.status == 200 and request.headers.get("if-none-match") == etag:
            return Answer(304, headers)
    if len(answer.body) < 1024 or "gzip" not in request.headers.get("accept-encoding", ""):
        return Answer(answer.status, headers, answer.body)
    headers = (*headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return Answer(answer.status, headers, gzip.compress(answer.body, compresslevel=1, mtime=0))
