"""Errors as pages for people and as JSON for machines."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.errors import StoreError
from monitor.web.rendering import render

log = structlog.get_logger()

# Everything else is for people.
MACHINES = (
    "/api/",
    "/feed",
    "/metrics",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/releases.csv",
    "/repos.csv",
)


def refused(scope: Scope, status: int, detail: str, wait: int | None = None) -> Response:
    """Return the answer to a request that is not let in: 401 asks for the token in the way that suits who asks.

    `wait` is after how many seconds it may be made again.
    """
    headers = {"retry-after": str(wait)} if wait is not None else {}
    response = _refusal(scope, status, detail)
    response.headers.update(headers)
    return response


def _refusal(scope: Scope, status: int, detail: str) -> Response:
    headers = {"www-authenticate": 'Basic realm="release-monitor", charset="UTF-8"'} if status == 401 else {}
    if is_machine(scope["path"]):
        return JSONResponse({"detail": detail}, status, headers)
    # A page has a form for the token; the browser's own box would cover it.
    template = "sign_in.html" if status == 401 else "error.html"
    return render(template, status, detail=detail, title=title_of(status), path=scope["path"])


def is_machine(path: str) -> bool:
    """Tell whether an address is for programs."""
    return path.startswith(MACHINES) or path.endswith("/feed.atom")


def title_of(status: int) -> str:
    """Return the words of a status code."""
    return HTTPStatus(status).phrase


def answer_errors(app: FastAPI) -> None:
    """Have every error answered as its page or as {"detail"}."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StoreError, _database)


class Caught:
    """Answers what nobody foresaw with a page that gives nothing away.

    Inside of everything else, so that this answer too gets the headers of every answer: a handler of `Exception`
    would stand outside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an answer that has begun can only be cut off."""
        has_begun = False

        async def send_noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception as error:
            if scope["type"] != "http" or has_begun:
                raise
            log.error("page_failed", path=scope["path"], exc_info=error)
            answer = refused(scope, 500, "Something is wrong with this page; the monitor's log says what.")
            await answer(scope, receive, send)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    if error.status_code == 401:
        return refused(request.scope, 401, str(error.detail))
    return _answer(request, error.status_code, str(error.detail), error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    if request.url.path.startswith("/api/"):
        kept = [{key: one[key] for key in ("type", "loc", "msg")} for one in error.errors()]
        return JSONResponse({"detail": kept}, 422)
    said = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
    # An id that cannot be one leads nowhere, as does one that nobody has.
    if any(one["loc"][0] == "path" for one in error.errors()):
        return _answer(request, 404, "There is no such page.")
    return _answer(request, 400, said)


def _database(request: Request, error: Exception) -> Response:
    log.error("page_failed", path=request.url.path, error=str(error))
    return _answer(request, 503, "The database cannot be read just now; the monitor's log says why.")


def _answer(request: Request, status: int, detail: str, headers: object = None) -> Response:
    given = dict(headers) if isinstance(headers, dict) else None
    if is_machine(request.url.path):
        return JSONResponse({"detail": detail}, status, given)
    return render("error.html", status, detail=detail, title=title_of(status), path=request.url.path)
