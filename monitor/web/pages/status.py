"""How the monitor itself fares: accounts, blind spots, the outbox, expected false alerts."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from monitor.config import load
from monitor.errors import ConfigError
from monitor.status import read_status
from monitor.web.rendering import page
from monitor.web.site import Site, site_of

router = APIRouter(include_in_schema=False)


@router.get("/status")
def show(request: Request) -> Response:
    """Show it."""
    site = site_of(request)
    with site.store.reading() as tx:
        status = read_status(tx, site.settings(), site.clock())
    return page(
        request,
        "status.html",
        title="Status",
        found=status,
        states=_counted_states([account["state"] for account in status["accounts"]]),
        delays={hub: _durations(seconds) for hub, seconds in status["delays"].items()},
        windows={
            hub: timedelta(seconds=quota["window_seconds"])
            for hub, quota in status["quotas"].items()
            if quota["window_seconds"]
        },
        database=site.environment.database_shown,
        directory=str(site.directory),
        problems=_problems(site),
    )


def _counted_states(states: list[str]) -> list[tuple[str, int]]:
    return [
        (state, states.count(state)) for state in ("ok", "learning", "failing", "unknown") if state in states
    ]


def _durations(seconds: dict[str, int]) -> dict[str, timedelta]:
    return {name: timedelta(seconds=number) for name, number in seconds.items()}


def _problems(site: Site) -> tuple[str, ...]:
    """Return what is wrong with the files just now: the monitor goes on with the last good ones."""
    try:
        load(site.directory)
    except ConfigError as error:
        return error.problems
    return ()
