"""Put the site together: routes, errors, and what every request passes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from monitor import __version__
from monitor.web.api import api
from monitor.web.errors import Caught, answer_errors
from monitor.web.etags import Etags
from monitor.web.exports import router as exports
from monitor.web.feeds import router as feeds
from monitor.web.guard import Guard, allow_writing
from monitor.web.health import router as health
from monitor.web.limits import BodyLimit
from monitor.web.metrics import router as metrics
from monitor.web.pages import PAGES
from monitor.web.remembered import Remembered
from monitor.web.rendering import STATIC
from monitor.web.site import Site

_AT_ONCE = 4  # threads; of anyio's 40 all would want the one interpreter
_LARGE = 2_000  # bytes; what is smaller fits into a packet or two as it is


def application(site: Site) -> FastAPI:
    """Return the whole site as an ASGI application."""
    app = FastAPI(
        title="release-monitor",
        version=__version__,
        description="Who released what, when, how often, and is that changing?",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=_few_at_once,
        dependencies=[Depends(allow_writing)],
    )
    app.state.site = site
    for router in (health, metrics, api(site.access), feeds, exports, *PAGES):
        app.include_router(router)
    app.mount("/static", _KeptFiles(directory=STATIC), name="static")
    answer_errors(app)
    # The last one added is the first to be passed.
    app.add_middleware(Caught)
    app.add_middleware(Etags)
    app.add_middleware(GZipMiddleware, minimum_size=_LARGE, compresslevel=4)
    app.add_middleware(Remembered, site=site)
    app.add_middleware(BodyLimit)
    app.add_middleware(Guard, site=site)
    return app


@asynccontextmanager
async def _few_at_once(_app: FastAPI) -> AsyncIterator[None]:
    """Work on few requests at a time, in the order in which they came: more would only get in each other's way."""
    to_thread.current_default_thread_limiter().total_tokens = _AT_ONCE
    yield


class _KeptFiles(StaticFiles):
    """Files whose addresses change with their content: a browser need not ask again."""

    def file_response(self, *args: object, **kwargs: object):  # type: ignore[no-untyped-def]
        """Return the file, to be kept for a year."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
