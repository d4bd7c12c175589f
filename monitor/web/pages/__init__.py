"""The pages for people: one module a page, each with its router."""

from monitor.web.pages import (
    alerts,
    editing,
    organization,
    overview,
    release,
    releases,
    sign_in,
    status,
    watchlist,
)

PAGES = tuple(
    one.router
    for one in (overview, releases, release, organization, alerts, watchlist, editing, status, sign_in)
)
