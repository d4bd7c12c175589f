"""How often who releases: cadences, regimes so far, groups, and the analyst's table."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.exceptions import HTTPException

from monitor.core.counts import By
from monitor.store import counting
from monitor.store.cadence_rows import group_rows, history_rows
from monitor.store.verdicts import Judged
from monitor.web.api import rows
from monitor.web.api.shapes import NOT_FOUND, Asked, Items, Key, refuse_unknown
from monitor.web.site import Site, site_of

router = APIRouter(tags=["rhythm"])

_KINDS = ("organization", "country", "group", "all")


class Whose(Asked):
    """Whose; everybody's who is watched where nobody is named."""

    organization: list[Key] = Field([], max_length=100)


class Which(Asked):
    """Which groups: every country, every group of organizations.toml, everybody as one, or one group by its name."""

    group: Key = "country"


class Counted(Asked):
    """By which period and for whom to count."""

    by: By = By.MONTH
    group: Key = Field(
        "organization", description="organization, country, group, all, or the name of a group"
    )


@router.get("/cadence", response_model=Items[rows.Cadence], responses=NOT_FOUND)
def list_cadences(request: Request, asked: Annotated[Whose, Query()]) -> Any:
    """List the present cadence of organisations; everybody's may be half a minute old."""
    return {"items": [one.row for one in _judged(site_of(request), asked.organization)]}


@router.get("/cadence/history", response_model=Items[rows.Spell], responses=NOT_FOUND)
def list_history(request: Request, asked: Annotated[Whose, Query()]) -> Any:
    """List every regime that organisations went through."""
    site = site_of(request)
    judged = _judged(site, asked.organization)
    return {"items": [row for one in judged for row in history_rows(one.cadence, site.clock())]}


@router.get("/cadence/groups", response_model=Items[rows.GroupCadence], responses=NOT_FOUND)
def list_group_cadences(request: Request, asked: Annotated[Which, Query()]) -> Any:
    """List the pace of groups, each of whose organisations is compared with its own past."""
    site = site_of(request)
    with site.store.reading() as tx:
        groups = _known(asked.group, counting.compared_groups(tx, asked.group))
    cadences = [one.cadence for one in site.judged()]
    return {"items": group_rows(cadences, groups, site.settings().cadence, site.clock())}


@router.get("/counts", response_model=Items[rows.Count], responses=NOT_FOUND)
def list_counts(request: Request, asked: Annotated[Counted, Query()]) -> Any:
    """Count launches, release days, repositories and blind days by period."""
    site = site_of(request)
    with site.store.reading() as tx:
        groups = _known(asked.group, counting.groups(tx, asked.group))
        return {"items": counting.count_table(tx, groups, asked.by, site.clock()).rows}


def _judged(site: Site, keys: list[str]) -> list[Judged]:
    """Return the verdicts on some, or on everybody. Raises HTTPException 404 for one that was never watched."""
    if not keys:
        return site.judged()
    with site.store.reading() as tx:
        refuse_unknown(tx, keys)
    return site.judged_of(keys)


def _known(kind: str, groups: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the groups of each organisation. Raises HTTPException 404 where nobody is in one of that name."""
    if not groups and kind not in _KINDS:
        raise HTTPException(404, f"no organisation is in a group {kind!r}")
    return groups
