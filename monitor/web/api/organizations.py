"""Organisations: whom we watch, and one of them with its rhythm."""

from typing import Any

from fastapi import APIRouter, Request

from monitor.store.cadence_rows import history_rows
from monitor.store.organization_rows import organization_rows
from monitor.web.api import rows
from monitor.web.api.shapes import NOT_FOUND, Items, KeyInPath, refuse_unknown
from monitor.web.site import site_of

router = APIRouter(tags=["organizations"])


@router.get("/organizations", response_model=Items[rows.Organization])
def list_organizations(request: Request) -> Any:
    """List everybody who is or was watched."""
    with site_of(request).store.reading() as tx:
        return {"items": organization_rows(tx)}


@router.get("/organizations/{key}", response_model=rows.WholeOrganization, responses=NOT_FOUND)
def show_organization(request: Request, key: KeyInPath) -> Any:
    """Show one with its cadence and the regimes that it went through."""
    site = site_of(request)
    now = site.clock()
    with site.store.reading() as tx:
        refuse_unknown(tx, [key])
        (row,) = organization_rows(tx, key=key)
    (judged,) = site.judged_of([key])
    return {**row, "cadence": judged.row, "history": history_rows(judged.cadence, now)}
