"""Whom the monitor watches: every organisation with its accounts, and how to change that."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from monitor.config import load
from monitor.core.types import Organization
from monitor.errors import ConfigError
from monitor.web.rendering import page
from monitor.web.site import site_of

router = APIRouter(include_in_schema=False)


@router.get("/watchlist")
def show(request: Request) -> Response:
    """Show the files as they are now, good or bad."""
    directory = site_of(request).directory
    organizations: tuple[Organization, ...] = ()
    problems: tuple[str, ...] = ()
    try:
        organizations = load(directory).organizations
    except ConfigError as error:
        problems = error.problems
    return page(
        request,
        "watchlist.html",
        title="Watch list",
        organizations=sorted(organizations, key=lambda one: one.name.casefold()),
        problems=problems,
        place=str(directory / "organizations.toml"),
    )
