"""The monitor itself: what it told, and how it fares."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from monitor.core.telling import AlertKind
from monitor.core.types import Level
from monitor.status import read_status
from monitor.store.alert_list import MOST_ROWS, AlertQuery, alert_page
from monitor.web.api import own_rows
from monitor.web.api.shapes import NOT_FOUND, Asked, Key, Page, link_next, refuse_unknown
from monitor.web.site import site_of

router = APIRouter(tags=["monitor"])

Not = SkipJsonSchema[None]  # not given
Place = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Which(Asked):
    """Which alerts."""

    organization: Key | Not = None
    kind: list[AlertKind] = Field([], max_length=10)
    level: Level | Not = None
    after: Place | Not = Field(None, description="where the part before ended, from its `next`")
    limit: int = Field(50, ge=1, le=MOST_ROWS)


@router.get("/alerts", response_model=Page[own_rows.Alert], responses=NOT_FOUND)
def list_alerts(request: Request, response: Response, asked: Annotated[Which, Query()]) -> Any:
    """List alerts with the state of their delivery, the newest first, a part at a time."""
    query = AlertQuery(
        asked.organization, tuple(asked.kind), asked.level, after=asked.after, limit=asked.limit
    )
    with site_of(request).store.reading() as tx:
        refuse_unknown(tx, [asked.organization] if asked.organization else [])
        page = alert_page(tx, query)
    return {"items": page.rows, "next": link_next(request, response, page.next)}


@router.get("/status", response_model=own_rows.Status)
def show_status(request: Request) -> Any:
    """Show how the monitor fares: accounts, blind spots, delays, outbox, expected false alerts."""
    site = site_of(request)
    with site.store.reading() as tx:
        found = read_status(tx, site.settings(), site.clock())
    return {**found, "database": site.environment.database_shown, "config": str(site.directory)}
