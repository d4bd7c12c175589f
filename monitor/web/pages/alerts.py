"""Alerts, each with what it said and what became of its delivery."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from monitor.charts.drawing import svg
from monitor.core.telling import AlertKind
from monitor.store.alert_list import AlertQuery, alert_page, find_alert
from monitor.store.asking import organization_names
from monitor.web.filters import address_of
from monitor.web.rendering import page
from monitor.web.site import site_of

router = APIRouter(include_in_schema=False)

AlertId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Cursor = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


@router.get("/alerts")
def show(
    request: Request,
    organization: Annotated[str, Query(max_length=80, pattern=r"^[^\x00]*$")] = "",
    kind: Literal["", "release", "cadence", "change", "health"] = "",
    level: Literal["", "alert", "watching"] = "",
    after: Cursor = None,
    before: Cursor = None,
) -> Response:
    """Show a page of them, the newest first."""
    site = site_of(request)
    query = AlertQuery(
        organization or None, (kind,) if kind else (), level or None, after=after, before=before
    )
    with site.store.reading() as tx:
        found, names = alert_page(tx, query), organization_names(tx)
    given = {"organization": organization, "kind": kind, "level": level}
    return page(
        request,
        "alerts.html",
        title="Alerts",
        found=found,
        names=names,
        by_name=sorted(names.items(), key=lambda pair: pair[1].casefold()),
        kinds=list(AlertKind),
        given=given,
        older=address_of("/alerts", given, after=found.next) if found.next else None,
        newer=address_of("/alerts", given, before=found.previous) if found.previous else None,
    )


@router.get("/alerts/{alert_id}")
def show_one(request: Request, alert_id: AlertId) -> Response:
    """Show one, with its chart."""
    site = site_of(request)
    with site.store.reading() as tx:
        alert, names = find_alert(tx, alert_id), organization_names(tx)
    if alert is None:
        raise HTTPException(404, f"There is no alert {alert_id}.")
    message = alert["message"]
    chart = Markup(svg(message.chart, in_page=True)) if message.chart else None  # noqa: S704 - escapes its texts
    return page(
        request, "alert.html", title=message.title, alert=alert, message=message, chart=chart, names=names
    )
