"""Sign in with a token, and sign out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from monitor.web.access import COOKIE, SESSION
from monitor.web.guard import client
from monitor.web.rendering import page
from monitor.web.site import site_of, visitor_of

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def sign_in_page(request: Request) -> Response:
    """Show the form."""
    return page(request, "sign_in.html", title="Sign in", detail="")


@router.post("/sign-in")
def sign_in(request: Request, token: Annotated[str, Form(max_length=500)] = "") -> Response:
    """Begin a session, if the token is one of ours."""
    site, token = site_of(request), token.strip()
    is_right = site.access.knows(token)
    wait = site.attempts.wait(client(request.scope), is_right, site.clock())
    if wait is not None:
        detail = f"There were too many wrong tokens; try again in {wait} seconds."
        answer: Response = page(request, "sign_in.html", 429, title="Sign in", detail=detail)
        answer.headers["retry-after"] = str(wait)
        return answer
    if not is_right:
        return page(
            request, "sign_in.html", 401, title="Sign in", detail="That token is not one of this monitor's."
        )
    level = site.access.level_of(token)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE,
        site.access.session(level, site.clock()),
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_is_encrypted(request),
    )
    return answer


@router.post("/sign-out")
def sign_out(request: Request, form: Annotated[str, Form()] = "") -> Response:
    """End the session here; a form of another site cannot do it."""
    if not site_of(request).access.is_form_of(visitor_of(request).session, form):
        raise HTTPException(403, "That form is not one of this session; load the page again.")
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=_is_encrypted(request))
    return answer


def _is_encrypted(request: Request) -> bool:
    public = site_of(request).access.public_url
    return request.url.scheme == "https" or bool(public and public.startswith("https://"))
