"""What every request passes: whose name it came by, who asks, and the headers of every answer."""

from collections.abc import Iterable

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.web.access import COOKIE, Access, Level, bearer, is_password
from monitor.web.errors import refused
from monitor.web.site import Site, Visitor, site_of, visitor_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

# Open to whoever asks: whether the process lives is no secret, and the sign-in form needs its looks.
_OPEN = frozenset({"/healthz", "/readyz", "/sign-in"})
_SIGNING = frozenset({"/sign-in", "/sign-out"})

HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Lets in who may come in, and says who that is; written as plain ASGI, since every request passes."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app, self._site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        session = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        visitor = self._visitor(headers, session)
        refusal = self._refusal(scope, headers, visitor)
        scope.setdefault("state", {})["visitor"] = visitor
        answer: ASGIApp = refusal or self._app
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}  # the server leaves the body out
        await answer(scope, receive, _with_headers(send))

    def _visitor(self, headers: Headers, session: str | None) -> Visitor:
        access: Access = self._site.access
        token = bearer(headers)
        if token is not None and access.knows(token):
            level = access.level_of(token)
            # A browser sends a password by itself, with forms of other sites too: it is for reading.
            return Visitor(min(level, Level.READ) if is_password(headers) else level)
        level_in = access.level_in(session, self._site.clock())
        if level_in is None:
            return Visitor(access.anybody)
        return Visitor(max(access.anybody, level_in), session)

    def _refusal(self, scope: Scope, headers: Headers, visitor: Visitor) -> Response | None:
        access, host = self._site.access, headers.get("host", "")
        if not access.knows_host(host):
            return refused(
                scope, 421, "This site is not known by that name; set `public_url` in [web] to allow it."
            )
        origin = headers.get("origin")
        if (
            scope["method"] not in SAFE
            and origin is not None
            and not access.is_ours(origin, host, scope["scheme"])
        ):
            return refused(scope, 403, "The request came from another site.")
        return self._guessing(scope, headers, visitor) or _lacking(scope, visitor)

    def _guessing(self, scope: Scope, headers: Headers, visitor: Visitor) -> Response | None:
        """Look at a token that was given, unless too many were wrong lately; sessions are never kept waiting."""
        token, access = bearer(headers), self._site.access
        if not token or not access.can_guess(is_password(headers)):
            return None
        wait = self._site.attempts.wait(client(scope), access.knows(token), self._site.clock())
        if wait is None or visitor.session:
            return None
        return refused(scope, 429, "Too many wrong tokens.", wait)


def _lacking(scope: Scope, visitor: Visitor) -> Response | None:
    path = scope["path"]
    if path in _OPEN or path.startswith("/static/") or visitor.level >= Level.READ:
        return None
    return refused(scope, 401, "Reading needs the token of MONITOR_WEB_READ_TOKEN.")


def allow_writing(request: Request) -> None:
    """Refuse who may not change things, before any route that writes: a dependency of all, whatever one forgets.

    Raises HTTPException: 401 for somebody without a session, else 403.
    """
    visitor, access = visitor_of(request), site_of(request).access
    if request.method not in _WRITING or request.url.path in _SIGNING or visitor.may_change:
        return
    if not access.can_change:
        raise HTTPException(403, "Nothing can be changed from here: MONITOR_WEB_TOKEN is not set.")
    status = 401 if visitor.session is None else 403
    raise HTTPException(status, "Changing things needs the token of MONITOR_WEB_TOKEN.")


def client(scope: Scope) -> str:
    """Return the address that a request came from; behind a proxy that is the proxy's."""
    return scope["client"][0] if scope.get("client") else ""


def _with_headers(send: Send, extra: Iterable[tuple[str, str]] = tuple(HEADERS.items())) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in extra:
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-cache")
            headers.add_vary_header("Cookie, Authorization")
        await send(message)

    return send_with_headers
