"""How large a request may be, and how long it may take to arrive."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.web.errors import refused

BODY = 64 * 1024  # bytes; our longest form is a tenth of that
_PATIENCE = 20.0  # seconds for a body to arrive


class BodyLimit:
    """Reads the body of a request before anybody works on it, and refuses one that is too large or too slow."""

    def __init__(self, app: ASGIApp, most: int = BODY, patience: float = _PATIENCE) -> None:
        self._app, self._most, self._patience = app, most, patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose body is small enough."""
        if scope["type"] != "http" or not _has_body(headers := Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        body = None
        # A length that is no number never gets here: the server refuses it.
        if int(headers.get("content-length", "0")) <= self._most:
            try:
                async with asyncio.timeout(self._patience):
                    body = await self._read(receive)
            except TimeoutError:
                await refused(scope, 408, "The request took too long to arrive.")(scope, receive, send)
                return
        if body is None:
            detail = f"The request is larger than {self._most // 1024} KiB."
            await refused(scope, 413, detail)(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _read(self, receive: Receive) -> Message | None:
        """Return the body as one message, None if it is too large; or that the client went away."""
        parts = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            parts += message.get("body", b"")
            if len(parts) > self._most:
                return None
            if not message.get("more_body"):
                return {"type": "http.request", "body": bytes(parts), "more_body": False}


def _has_body(headers: Headers) -> bool:
    return "content-length" in headers or "transfer-encoding" in headers


def _replayed(first: Message, receive: Receive) -> Receive:
    kept = [first]

    async def replay() -> Message:
        return kept.pop() if kept else await receive()

    return replay
