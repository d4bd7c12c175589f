"""Whom the monitor watches: every organisation with its accounts, and how to change that."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from monitor.config import load
from monitor.config.edit import updates
from monitor.core.types import Organization
from monitor.errors import ConfigError
from monitor.web.rendering import page
from monitor.web.site import site_of

router = APIRouter(include_in_schema=False)

Key = Annotated[str, Query(pattern=r"^[a-z0-9-]*$", max_length=80)]


@router.get("/watchlist")
def show(request: Request, saved: Key = "", removed: Key = "", doubtful: Key = "") -> Response:
    """Show the files as they are now, good or bad, and what was just done to them."""
    directory = site_of(request).directory
    organizations: tuple[Organization, ...] = ()
    shipped: tuple[Organization, ...] = ()
    problems: tuple[str, ...] = ()
    try:
        config = load(directory)
        organizations, shipped = config.organizations, updates(config)
    except ConfigError as error:
        problems = error.problems
    return page(
        request,
        "watchlist.html",
        title="Watch list",
        organizations=sorted(organizations, key=lambda one: one.name.casefold()),
        shipped=shipped,
        problems=problems,
        saved=next((one for one in organizations if one.key == saved), None),
        removed=removed if removed and removed not in {one.key for one in organizations} else None,
        is_doubtful=bool(doubtful),
        place=str(directory / "organizations.toml"),
    )
