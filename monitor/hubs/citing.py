"""Cite the answers of hubs: where they came from, when, and the hash of what they said."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

import httpx
import httpx2

from monitor.core.citations import Citation

RECEIVED_AT = (
    "received_at"  # the extension of a client library's response that has the time of the wire's answer
)


def cite(
    response: httpx.Response | httpx2.Response, rows: Iterable[object] = (), key: str = "id"
) -> Citation:
    """Cite an answer that came through a client library; `rows` and `key` as for `citation`."""
    received_at: datetime = response.extensions[RECEIVED_AT]
    return citation(str(response.url), response.status_code, response.content, received_at, rows, key)


def citation(
    url: str,
    status: int,
    body: bytes,
    received_at: datetime,
    rows: Iterable[object] = (),
    key: str = "id",
) -> Citation:
    """Cite an answer by its unpacked body; of the rows in it each has a repository's name under the key."""
    named = (row.get(key) for row in rows if isinstance(row, dict))
    shows = frozenset(name for name in named if isinstance(name, str))
    return Citation(url, status, sha256(body).hexdigest(), len(body), received_at, shows)
