"""Decide who is told of what, and whether at once or in a digest."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import partial
from itertools import chain

from monitor.core.globs import fits
from monitor.core.telling import AlertKind
from monitor.core.types import ChangeKind, Level, Organization

# What routes can ask for as `kind`: those of alerts, and the weekly brief.
BRIEF = "brief"
KINDS = (*(kind.value for kind in AlertKind), BRIEF)
# ... and as `change`: what is published is told as a release.
CHANGES = tuple(kind.value for kind in ChangeKind if kind is not ChangeKind.PUBLISHED)


class Mode(StrEnum):
    """How alerts of one kind go out. `alerts` lists them all, whatever this says."""

    EACH = "each"
    DIGEST = "digest"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Topic:
    """What an alert is about, as far as routes can ask. `kind` is that of the alert, or "brief".

    `change` is the kind of a change; `names` are names of repositories without their owner.
    """

    kind: str
    level: Level = Level.ALERT
    organization: str | None = None
    country: str | None = None
    groups: tuple[str, ...] = ()
    change: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """What a route asks for; an empty field asks for nothing. `name` has globs, one of which must fit a repository."""

    organization: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    name: tuple[str, ...] = ()

    def fits(self, topic: Topic) -> bool:
        """Tell whether a topic has everything that is asked for."""
        has: Mapping[str, tuple[str | None, ...]] = {
            "organization": (topic.organization,),
            "country": (topic.country,),
            "group": topic.groups,
            "kind": (topic.kind,),
            "change": (topic.change,),
            "level": (topic.level.value,),
        }
        asked = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "name"}
        if any(wanted and not set(wanted) & set(has[name]) for name, wanted in asked.items()):
            return False
        return not self.name or any(fits(name, glob) for name in topic.names for glob in self.name)


@dataclass(frozen=True, slots=True)
class Route:
    """Where what fits goes: receivers such as "slack:C0123456789"."""

    match: Match
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Routing:
    """Who is told of what. `receivers` are told of whatever no route fits; `modes` are by kind, and "watching"."""

    receivers: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    modes: Mapping[str, Mode] = field(default_factory=dict)

    @property
    def in_use(self) -> frozenset[str]:
        """Everybody who may be told of something."""
        return frozenset(chain(self.receivers, *(route.receivers for route in self.routes)))

    def place_of(self, topic: Topic) -> int | None:
        """Return the place of the first route that fits, from 0 on; None where none does."""
        return next((place for place, route in enumerate(self.routes) if route.match.fits(topic)), None)

    def receivers_of(self, topic: Topic) -> tuple[str, ...]:
        """Return who is told: the receivers of the first route that fits, each once."""
        place = self.place_of(topic)
        return self.receivers if place is None else tuple(dict.fromkeys(self.routes[place].receivers))

    def told(self, topic: Topic, spared: Collection[str] = ()) -> tuple[str, ...]:
        """Return who is told: what goes wrong with some receivers is told to others, off the route if need be."""
        others = tuple(name for name in self.receivers_of(topic) if name not in spared)
        return others or tuple(name for name in self.receivers if name not in spared)

    def mode_of(self, topic: Topic) -> Mode:
        """Return how it goes out; what is only possible has a mode of its own."""
        name = "watching" if topic.level is Level.WATCHING else topic.kind
        return self.modes.get(name, Mode.EACH)


def topics_of(organization: Organization) -> Iterator[Topic]:
    """Yield what may be told of an organisation, but for the names of its repositories."""
    about = partial(
        Topic,
        organization=organization.key,
        country=organization.country,
        groups=organization.groups,
    )
    yield about(AlertKind.RELEASE.value)
    yield from (about(AlertKind.CADENCE.value, level) for level in Level)
    yield from (about(AlertKind.CHANGE.value, change=change) for change in CHANGES)
    yield about(AlertKind.HEALTH.value)


def unused(routes: Sequence[Route], organizations: Iterable[Organization]) -> dict[int, bool]:
    """Return the places of routes to which nothing comes: True where others before take it all, False where none fits.

    A route that asks for names takes nothing from those behind it: nobody knows which names there will be.
    """
    of_nobody = (Topic(AlertKind.HEALTH.value), Topic(BRIEF))
    told = chain(of_nobody, chain.from_iterable(map(topics_of, organizations)))
    matches = [replace(route.match, name=()) for route in routes]
    fitting, reached = set[int](), set[int]()
    for topic in told:
        places = [place for place, match in enumerate(matches) if match.fits(topic)]
        taken_at = next((place for place in places if not routes[place].match.name), len(routes))
        fitting.update(places)
        reached.update(place for place in places if place <= taken_at)
    return {place: place in fitting for place in range(len(routes)) if place not in reached}
