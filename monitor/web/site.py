"""The site: what every page needs, and the application made of pages, API and feeds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Request

from monitor.config import Environment, Settings
from monitor.core.replays import Compared
from monitor.store import Store, Transaction
from monitor.store.browsing import facets
from monitor.store.cards import catch_up
from monitor.store.verdicts import Judged, verdicts
from monitor.web.access import Access, Level
from monitor.web.attempts import Attempts
from monitor.web.kept import Kept
from monitor.web.overview import Overview, overview
from monitor.web.rhythm import replays

if TYPE_CHECKING:
    from monitor.hubs import Hub

# Values with how many releases have each, by field.
Choices = dict[str, list[tuple[str, int]]]


_AT_A_GLANCE = timedelta(seconds=30)
_CHOICES = timedelta(minutes=2)
_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Site:
    """What pages are made of. `settings` returns those in force; `hubs` are asked before somebody is watched.

    `fresh` is for how long what a page says may be said again. `kept` holds what takes longer to read than a page may
    take.
    """

    store: Store
    clock: Callable[[], datetime]
    environment: Environment
    access: Access
    directory: Path  # of the configuration
    settings: Callable[[], Settings]
    hubs: "Mapping[str, Hub]"
    fresh: timedelta = timedelta(seconds=2)
    kept: "KeptValues" = field(init=False)
    attempts: Attempts = field(default_factory=Attempts, init=False)

    def __post_init__(self) -> None:
        """Prepare what is kept; nothing is read yet."""
        kept = KeptValues(
            Kept(self._judged, _AT_A_GLANCE),
            Kept(self._overview, _AT_A_GLANCE),
            Kept(self._choices, _CHOICES),
            Kept(self._replays, _AN_HOUR),
        )
        object.__setattr__(self, "kept", kept)

    @contextmanager
    def browsing(self) -> Iterator[Transaction]:
        """Read, after whatever lists still lack has been made."""
        catch_up(self.store)
        with self.store.reading() as tx:
            yield tx

    def judged(self) -> list[Judged]:
        """Return the verdicts on everybody who is watched, at most half a minute old."""
        return self.kept.judged.get(self.clock())

    def judged_of(self, keys: Sequence[str]) -> list[Judged]:
        """Return the verdicts on these, by their keys; on those who are not watched any more as of this moment."""
        found = {one.cadence.key: one for one in self.judged()}
        others = [key for key in keys if key not in found]
        if others:
            with self.store.reading() as tx:
                past = verdicts(tx, others, self.settings().cadence, self.clock())
            found |= {one.cadence.key: one for one in past}
        return [found[key] for key in sorted(set(keys))]

    def overview(self) -> Overview:
        """Return every organisation at a glance, at most a minute old."""
        return self.kept.overview.get(self.clock())

    def choices(self) -> Choices:
        """Return by which values lists can be narrowed down, at most two minutes old."""
        return self.kept.choices.get(self.clock())

    def replays(self) -> dict[str, list[Compared]]:
        """Return what other budgets would have told, at most an hour old; making it takes seconds."""
        return self.kept.replays.get(self.clock())

    def _replays(self) -> dict[str, list[Compared]]:
        with self.store.reading() as tx:
            return replays(tx, self.settings().cadence, self.clock())

    def _judged(self) -> list[Judged]:
        with self.store.reading() as tx:
            return verdicts(tx, (), self.settings().cadence, self.clock())

    def _overview(self) -> Overview:
        judged = self.judged()
        with self.store.reading() as tx:
            return overview(tx, judged, self.clock())

    def _choices(self) -> Choices:
        with self.browsing() as tx:
            return facets(tx)


@dataclass(frozen=True, slots=True)
class KeptValues:
    """What is read once for many."""

    judged: Kept[list[Judged]]
    overview: Kept[Overview]
    choices: Kept[Choices]
    replays: Kept[dict[str, list[Compared]]]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: what they may do, and the session they do it in, if any."""

    level: Level
    session: str | None = None

    @classmethod
    def nobody(cls) -> "Visitor":
        """Return somebody of whom nothing is known."""
        return cls(Level.NOTHING)

    @property
    def may_change(self) -> bool:
        """Whether they may change things."""
        return self.level >= Level.CHANGE


def site_of(request: Request) -> Site:
    """Return the site that a request came to."""
    site: Site = request.app.state.site
    return site


def visitor_of(request: Request) -> Visitor:
    """Return who asks."""
    visitor: Visitor = request.state.visitor
    return visitor
