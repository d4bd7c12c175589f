"""The JSON interface: what the commands print with `--format json`, by address; /openapi.json describes it."""

from fastapi import APIRouter, Depends
from fastapi.security import HTTPBasic, HTTPBearer

from monitor.web.access import Access, Level
from monitor.web.api import changes, monitor, organizations, releases, rhythm
from monitor.web.api.shapes import ERRORS

_PARTS = (releases, changes, organizations, rhythm, monitor)


def api(access: Access) -> APIRouter:
    """Return its addresses; where reading needs a token, their description says so."""
    # The guard has let in who gets here: these only describe.
    schemes = (HTTPBearer(auto_error=False), HTTPBasic(auto_error=False))
    is_closed = access.anybody < Level.READ
    router = APIRouter(
        prefix="/api",
        responses=ERRORS if is_closed else {status: said for status, said in ERRORS.items() if status != 401},
        dependencies=[Depends(scheme) for scheme in schemes] if is_closed else [],
    )
    for part in _PARTS:
        router.include_router(part.router)
    return router
