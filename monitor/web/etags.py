"""Answer 304 where the reader has the same page already (RFC 9110, 13.1.2)."""

from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Etags:
    """Gives each whole answer to a GET an ETag by its content; answers that come in pieces pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, without a body where that is known to the reader."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        await self._app(scope, receive, Comparing(known, send))


class Comparing:
    """Holds the beginning of an answer back until its body tells whether the reader knows it."""

    def __init__(self, known: str, send: Send) -> None:
        self._known, self._send = [tag.strip().removeprefix("W/") for tag in known.split(",")], send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer, or keep it until the next one comes."""
        if message["type"] == "http.response.start" and message["status"] == 200:
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            start, self._start = self._start, None
            if not message.get("more_body"):
                message = self._tagged(start, message)
            await self._send(start)
            await self._send(message)

    def _tagged(self, start: Message, body: Message) -> Message:
        headers = MutableHeaders(scope=start)
        tag = headers.setdefault("etag", f'"{sha256(body.get("body", b"")).hexdigest()[:32]}"')
        if tag.removeprefix("W/") not in self._known:
            return body
        start["status"] = 304
        for name in ("content-length", "content-type"):
            if name in headers:
                del headers[name]
        return {**body, "body": b""}
