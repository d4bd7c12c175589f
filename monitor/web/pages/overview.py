"""The overview: every organisation at a glance, a year of launches, what is newest."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from monitor.charts.heat_map import first_day, heat_map
from monitor.store.alert_list import AlertQuery, alert_page
from monitor.store.browsing import Query as Wanted
from monitor.store.browsing import launches_by_day, releases
from monitor.web.overview import SORTS, chosen
from monitor.web.rendering import page
from monitor.web.site import site_of

router = APIRouter(include_in_schema=False)

_NEWEST = 10
_ALERTS = 5


@router.get("/")
def show(
    request: Request,
    sort: Literal["news", "name", "last", "rate"] = "news",
    country: Annotated[str | None, Query(max_length=10)] = None,
    group: Annotated[str | None, Query(max_length=80)] = None,
) -> Response:
    """Show it, in the order and of the country or group that is asked for."""
    site = site_of(request)
    now = site.clock()
    today = now.date()
    shown = site.overview()
    with site.browsing() as tx:
        launches = launches_by_day(tx, first_day(today), today)
        newest = releases(tx, Wanted(limit=_NEWEST)).rows
        alerts = alert_page(tx, AlertQuery(limit=_ALERTS, kinds=("cadence", "change"))).rows
    lines = chosen(shown.lines, sort, today, country or None, group or None)
    return page(
        request,
        "overview.html",
        title="Overview",
        shown=shown,
        lines=lines,
        sort=sort,
        sorts=SORTS,
        country=country,
        group=group,
        countries=sorted({line.country for line in shown.lines if line.country}),
        groups=sorted({name for line in shown.lines for name in line.groups}),
        heat=Markup(heat_map(launches, today, "/releases?since={day}&until={day}")),  # noqa: S704 - escapes its texts
        newest=newest,
        alerts=alerts,
        names={line.key: line.name for line in shown.lines},
    )
