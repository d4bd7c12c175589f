"""What happened, in one order, for clients that follow."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from monitor.store.following import follow, last_number, number_new
from monitor.web.api.rows import ChangeEntry, ReleaseEntry
from monitor.web.api.shapes import REFUSED, Asked, Items, link_next
from monitor.web.site import site_of

router = APIRouter(tags=["changes"])

Entry = Annotated[ChangeEntry | ReleaseEntry, Field(discriminator="type")]

MOST = 200


class From(Asked):
    """Where to go on."""

    since: str = Field(
        "0",
        pattern=r"^(latest|[0-9]{1,18})$",
        description="the `cursor` of the answer before; `latest` begins with what happens from now on",
        examples=["0", "latest"],
    )
    limit: int = Field(100, ge=1, le=MOST)


class Followed(Items[Entry]):
    """What happened since."""

    cursor: str = Field(description="what to ask with as `since` the next time")
    next: str = Field(description="the address to ask then")
    is_all: bool = Field(description="whether that was all so far; otherwise there is more at once")


@router.get("/changes", response_model=Followed, responses=REFUSED)
def list_changes(request: Request, response: Response, asked: Annotated[From, Query()]) -> Any:
    """List every change of a repository and every release, the oldest first, each once.

    A release comes again whenever what lists show of it has changed, at its new place alone.
    """
    site = site_of(request)
    with site.browsing():  # what was released is numbered with its card
        pass
    is_all = number_new(site.store)
    with site.store.reading() as tx:
        since = last_number(tx) if asked.since == "latest" else int(asked.since)
        try:
            found = follow(tx, since, asked.limit)
        except ValueError as error:
            raise HTTPException(400, f"since: {error}; begin anew with 0 or latest") from None
    cursor = str(found.last)
    return {
        "items": found.rows,
        "cursor": cursor,
        "next": link_next(request, response, cursor, "since"),
        "is_all": is_all and found.is_all,
    }
