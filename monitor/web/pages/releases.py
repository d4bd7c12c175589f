"""The release log: every launch, narrowed down, searched, sorted, a page at a time."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from monitor.config import HUBS
from monitor.store.asking import organization_names
from monitor.store.browsing import count, releases
from monitor.web.filters import FIELDS, Filters
from monitor.web.rendering import page
from monitor.web.site import site_of

router = APIRouter(include_in_schema=False)

PATH = "/releases"


@router.get(PATH)
def show(request: Request) -> Response:
    """Show the page of the list that the address asks for."""
    site, params = site_of(request), request.query_params
    filters = Filters.of(params)
    query = filters.query(params.get("after"), params.get("before"))
    with site.browsing() as tx:
        found = releases(tx, query)
        total = count(tx, query)
        names = organization_names(tx)
    return page(
        request,
        "releases.html",
        title="Releases",
        filters=filters,
        fields=FIELDS,
        found=found,
        total=total,
        names=names,
        by_name=sorted(names.items(), key=lambda pair: pair[1].casefold()),
        choices=site.choices(),
        hubs=HUBS,
        chips=filters.chips(PATH, names),
        list_path=PATH,
        older=filters.address(PATH, after=found.next) if found.next else None,
        newer=filters.address(PATH, before=found.previous) if found.previous else None,
    )
