"""Give all who ask for a page at about the same time the same answer: it is made once in a second or two."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.web.etags import Comparing
from monitor.web.site import Site, Visitor

# Whether the process fares well is asked of it now; files are kept by browsers; exports come as they are read.
_LIVE = ("/healthz", "/readyz", "/metrics", "/static/", "/sign-in", "/watchlist")
_MOST, _LARGEST = 200, 128 * 1024  # answers, and bytes of one


@dataclass(frozen=True, slots=True)
class _Answer:
    """A whole answer, and when it was asked for."""

    start: Message
    body: bytes
    at: datetime

    @property
    def can_be_kept(self) -> bool:
        """Whether it is right for others too, and small enough."""
        return self.start["status"] == 200 and len(self.body) <= _LARGEST


class Remembered:
    """Remembers what pages say for as long as the site's `fresh` says; whoever is signed in gets everything anew.

    It lives in the one thread of the event loop, hence without a lock.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app, self._site = app, site
        self._kept: OrderedDict[Hashable, _Answer] = OrderedDict()
        self._making: dict[Hashable, asyncio.Future[_Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; who asks while another's answer to the same is made waits for that one."""
        key = _key(scope) if self._site.fresh else None
        if key is None:
            await self._app(scope, receive, send)
            return
        answer = self._fresh(key) or await self._made(key, scope, receive)
        comparing = Comparing(Headers(scope=scope).get("if-none-match", ""), send)
        await comparing({**answer.start, "headers": list(answer.start["headers"])})
        await comparing({"type": "http.response.body", "body": answer.body})

    def _fresh(self, key: Hashable) -> _Answer | None:
        kept = self._kept.get(key)
        # A clock that was set back must not keep an answer for ever.
        is_fresh = kept is not None and timedelta(0) <= self._site.clock() - kept.at < self._site.fresh
        return kept if is_fresh else None

    async def _made(self, key: Hashable, scope: Scope, receive: Receive) -> _Answer:
        if (making := self._making.get(key)) is not None:
            return await asyncio.shield(making)
        making = self._making[key] = asyncio.get_running_loop().create_future()
        try:
            answer = await self._make(scope, receive)
        except BaseException as error:
            making.set_exception(error)
            making.exception()  # whether or not somebody waits for it
            raise
        finally:
            del self._making[key]
        making.set_result(answer)
        if answer.can_be_kept:
            self._keep(key, answer)
        return answer

    async def _make(self, scope: Scope, receive: Receive) -> _Answer:
        """Have the page made, whole: whoever asked knows nothing of what others have."""
        headers = [pair for pair in scope["headers"] if pair[0] != b"if-none-match"]
        at, starts, parts = self._site.clock(), list[Message](), list[bytes]()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                starts.append(message)
            else:
                parts.append(message.get("body", b""))

        await self._app({**scope, "headers": headers}, receive, collect)
        return _Answer(starts[0], b"".join(parts), at)

    def _keep(self, key: Hashable, answer: _Answer) -> None:
        self._kept[key] = answer
        self._kept.move_to_end(key)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)


def _key(scope: Scope) -> Hashable | None:
    """Return what answers are the same for; None where each has to be made: a form has the token of its session."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    visitor: Visitor = scope["state"]["visitor"]
    path: str = scope["path"]
    if visitor.session is not None or path.startswith(_LIVE) or path.endswith(".csv"):
        return None
    headers = Headers(scope=scope)
    takes_gzip = "gzip" in headers.get("accept-encoding", "")
    return visitor.level, headers.get("host"), takes_gzip, path, scope["query_string"]
