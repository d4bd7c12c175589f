"""One organisation: its verdict, its chart, its regimes and gaps, its releases and alerts."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from monitor.config import suggestion
from monitor.store import Transaction
from monitor.store.alert_list import AlertQuery, alert_page
from monitor.store.asking import organization_names
from monitor.store.browsing import Query, releases
from monitor.store.cadence_rows import history_rows
from monitor.store.reading import accounts
from monitor.store.verdicts import Judged
from monitor.web.rendering import page
from monitor.web.rhythm import BUDGETS, drawing, gaps
from monitor.web.site import Site, site_of

router = APIRouter(include_in_schema=False)

Key = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]

_RELEASES = 20
_ALERTS = 10


@router.get("/organizations/{key}")
def show(request: Request, key: Key) -> Response:
    """Show it; one that is watched no longer has its page, too."""
    site = site_of(request)
    now = site.clock()
    with site.browsing() as tx:
        name, one = _judged(tx, site, key)
        listed, longest = gaps(one.cadence.launches, now.date())
        chart = drawing(name, one.cadence, now)
        shown: dict[str, Any] = {
            "regimes": list(reversed(history_rows(one.cadence, now))),
            "releases": releases(tx, Query(organizations=(key,), limit=_RELEASES)),
            "alerts": alert_page(tx, AlertQuery(organization=key, limit=_ALERTS)).rows,
            "accounts": [account for account in accounts(tx) if account["organization"] == key],
        }
    return page(
        request,
        "organization.html",
        title=name,
        key=key,
        name=name,
        country=one.cadence.country,
        row=one.row,
        chart=Markup(chart) if chart else None,  # noqa: S704 - escapes its texts
        gaps=listed,
        longest=longest,
        **shown,
    )


@router.get("/organizations/{key}/replay")
def show_replay(request: Request, key: Key) -> Response:
    """Show what other budgets would have told of it; made once an hour for everybody."""
    site = site_of(request)
    with site.store.reading() as tx:
        name, _ = _judged(tx, site, key)
    trials = {
        budget: [one for one in compared if one.row.organization == key]
        for budget, compared in site.replays().items()
    }
    return page(
        request,
        "replay.html",
        title=f"{name}: other budgets",
        key=key,
        name=name,
        present=site.settings().cadence,
        budgets=BUDGETS,
        trials=trials,
    )


def _judged(tx: Transaction, site: Site, key: str) -> tuple[str, Judged]:
    """Return an organisation's name and verdict. Raises HTTPException 404 for one that was never watched."""
    names = organization_names(tx)
    if key not in names:
        raise HTTPException(
            404,
            f"No organisation has the key “{key}”{suggestion(key, names).replace('`', '“', 1).replace('`', '”')}",
        )
    return names[key], site.judged_of([key])[0]
