"""Releases: a list, and one of them whole."""

from datetime import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from monitor.core.card import Openness
from monitor.core.lineage import why_one
from monitor.store.answers import evidence_of
from monitor.store.browsing import MOST_ROWS, Sort, releases
from monitor.store.browsing import Query as Wanted
from monitor.store.changes_of import changes_of
from monitor.store.correcting import corrections_about
from monitor.store.corrections import merged_into, no_release
from monitor.store.release_log import find_release, find_releases
from monitor.web.api import rows
from monitor.web.api.shapes import (
    NOT_FOUND,
    REFUSED,
    Asked,
    Day,
    Hub,
    Id,
    Key,
    Page,
    Text,
    link_next,
    moment,
    refuse_unknown,
)
from monitor.web.filters import usual_order
from monitor.web.site import site_of

router = APIRouter(tags=["releases"])

Not = SkipJsonSchema[None]  # not given
Cursor = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=4000)]


class Filters(Asked):
    """How the list is narrowed down and sorted; as on its page, but organisations may be several."""

    search: Text = ""
    organization: list[Key] = Field([], max_length=100)
    country: Text = ""
    hub: Hub | Not = None
    kind: Text = ""
    licence: Text = ""
    openness: Openness | Not = None
    since: Day | Not = Field(None, description="released on this day or later, or at this moment")
    until: Day | Not = Field(None, description="released by the end of this day, or by this moment")
    sort: Sort = Sort.RELEASED
    order: Literal["asc", "desc"] | Not = Field(
        None, description="names from A, all else from the greatest, if not given"
    )
    after: Cursor | Not = Field(None, description="where the part before ended, from its `next`")
    limit: int = Field(50, ge=1, le=MOST_ROWS)

    def query(self) -> Wanted:
        """Return what is asked of the store. Raises HTTPException 400 for what cannot be."""
        order = self.order or usual_order(self.sort)
        try:
            return Wanted(
                organizations=tuple(self.organization),
                country=self.country or None,
                hub=self.hub,
                kind=self.kind or None,
                licence=self.licence or None,
                openness=self.openness,
                since=moment(self.since, time.min),
                until=moment(self.until, time.max),
                search=self.search or None,
                sort=self.sort,
                descending=order == "desc",
                after=self.after,
                limit=self.limit,
            )
        except ValueError as error:
            raise HTTPException(400, f"after: {error}") from None


@router.get("/releases", response_model=Page[rows.Release], responses={**REFUSED, **NOT_FOUND})
def list_releases(request: Request, response: Response, asked: Annotated[Filters, Query()]) -> Any:
    """List releases, the newest first, a part at a time."""
    wanted = asked.query()
    with site_of(request).browsing() as tx:
        refuse_unknown(tx, asked.organization)
        page = releases(tx, wanted)
        items = find_releases(tx, [row["id"] for row in page.rows])
    return {"items": items, "next": link_next(request, response, page.next)}


@router.get(
    "/releases/{release_id}",
    response_model=rows.WholeRelease,
    responses={**NOT_FOUND, 301: {"description": "It was merged into the release that Location leads to."}},
)
def show_release(request: Request, release_id: Id) -> Any:
    """Show one release: its repositories, why these are one, what people corrected, what changed since."""
    with site_of(request).store.reading() as tx:
        found = find_release(tx, release_id)
        if found is None:
            merged = merged_into(tx, release_id)
            if merged is None:
                raise HTTPException(404, no_release(tx, release_id))
            return RedirectResponse(f"/api/releases/{merged[0]}", 301)
        row, release = found
        return {
            **row,
            "why": list(why_one(release)),
            "corrections": corrections_about(tx, row["organization"], release),
            "changes": changes_of(tx, [known.key for known in release.repos]),
            "evidence": evidence_of(tx, release_id),
        }
