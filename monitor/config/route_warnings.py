"""What is wrong with routes in view of who is watched: errors, and what merely makes no sense."""

from collections.abc import Collection, Iterator, Sequence

from monitor.config.rules import suggestion
from monitor.core.routing import Route, unused
from monitor.core.types import Organization


def problems(routes: Sequence[Route], organizations: Sequence[Organization]) -> Iterator[str]:
    """Yield a problem for each organisation of a route that is not watched."""
    known = [organization.key for organization in organizations]
    for number, route in enumerate(routes, start=1):
        for key in route.match.organization:
            if key not in known:
                near = suggestion(key, known) or "; add it to organizations.toml, or take it out here"
                yield f"route {number}: match.organization: no organisation `{key}`{near}"


def warnings(routes: Sequence[Route], organizations: Sequence[Organization]) -> Iterator[str]:
    """Yield a warning for each group or country that nobody has, and for each route to which nothing ever comes."""
    groups = {group for organization in organizations for group in organization.groups}
    countries = {organization.country for organization in organizations if organization.country}
    of_no_use = unused(routes, organizations)
    for place, route in enumerate(routes):
        number = place + 1
        said = [
            *_of_nobody("group", route.match.group, groups),
            *_of_nobody("country", route.match.country, countries),
        ]
        yield from (f"route {number}: {text}" for text in said)
        if place in of_no_use and not said:
            yield f"route {number}: {_TAKEN if of_no_use[place] else _CONTRADICTION}"


_TAKEN = "nothing comes to it: the routes before it take everything that it fits; move it up"
_CONTRADICTION = "fits nothing that can happen: what it asks for contradicts itself"


def _of_nobody(key: str, asked: Sequence[str], had: Collection[str]) -> Iterator[str]:
    for value in asked:
        if value not in had:
            yield f"match.{key}: no organisation has `{value}`{suggestion(value, had)}"
