"""/healthz: the process is up. /readyz: the database answers and accounts are being seen."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from monitor.core.flat import time_text
from monitor.errors import StoreError
from monitor.store.migrate import foreign_revision
from monitor.store.reading import accounts
from monitor.web.site import Site, site_of

router = APIRouter(include_in_schema=False)

# A sweep of the longest list takes less, at every hub's quota.
FRESH = timedelta(hours=7)


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the process is up."""
    return {"status": "up"}


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """Say whether the pages can be believed: 503 with the reason where the database or the polls fail."""
    site = site_of(request)
    try:
        problem = _problem(site)
    except StoreError:
        problem = "the database cannot be read"
    status = {"status": "ready"} if problem is None else {"status": "not ready", "reason": problem}
    return JSONResponse(status, 200 if problem is None else 503)


def _problem(site: Site) -> str | None:
    """Return what is wrong, None where all is well: the schema is ours, and some account was seen lately."""
    if revision := foreign_revision(site.store.engine):
        return f"the database has another version's schema ({revision})"
    with site.store.reading() as tx:
        seen = [one["last_seen_at"] for one in accounts(tx) if one["last_seen_at"]]
    if not seen:
        return "no account was seen yet"
    every = site.settings().poll.every or timedelta(0)
    # Where accounts are seen once a day, one look may fail.
    if site.clock() - max(seen) > max(FRESH, 2 * every):
        return f"no account was seen since {time_text(max(seen))}"
    return None
