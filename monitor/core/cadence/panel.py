"""Did a whole group of organisations change its pace, or only one of them?

The evidence for a common change is the product of the likelihood ratios of all, each with its own baseline, its own
unknown rate and its own dispersion, mixed over the day and the size of the change as for one organisation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import exp, log

from monitor.core.cadence.estimate import likeliest
from monitor.core.cadence.evidence import BEFORE, DOWN, UP, WINDOWS, Counts, both_limits, log_ratios
from monitor.core.cadence.record import Record, Timeline
from monitor.core.cadence.report import days_of_release
from monitor.core.cadence.state import CadenceState, regime_start
from monitor.core.types import Budgets, Direction, Level, Regime

# No member brings more than such a part of what is needed: one laboratory is no group.
_MOST = 1 / 3
_CLEAR = log(3)  # nats: a member clearly moved if that makes its counts three times likelier
_TOGETHER, _ALONE = log(10), 0.0  # nats of the others for a common change: with the group above, alone below
_SMALLEST = 2  # organisations
_RATIOS = {Direction.FASTER: UP, Direction.SLOWER: DOWN}


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation of a panel: its state and its record."""

    state: CadenceState
    line: Timeline

    @classmethod
    def of(cls, state: CadenceState, record: Record) -> "Member":
        """Number the days of a record."""
        return cls(state, Timeline.of(record))


@dataclass(frozen=True, slots=True)
class GroupRegime:
    """The pace of a panel of organisations taken together, as of the end of a day.

    `level` is None while steady or learning; `changed_between` is the 80% set of the change date. `released` release
    days were counted since then where the members' own former paces made `expected`; `moved` are those who clearly
    moved in that direction, `leaning` is how many did at all, of `judged` that have enough of a past.
    """

    regime: Regime
    level: Level | None
    changed_on: date | None
    changed_between: tuple[date, date] | None
    released: int
    expected: float
    moved: tuple[str, ...]
    leaning: int
    judged: int
    why: str


class Company(StrEnum):
    """Whether an organisation's change is its own."""

    ALONE = "alone"
    TOGETHER = "with the group"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the others of a panel did since one of them changed; `moved` clearly did the same, of `others` judged.

    They had `released` release days since then, where their own earlier paces make `expected`.
    """

    company: Company
    direction: Direction
    moved: tuple[str, ...]
    others: int
    released: int
    expected: float

    def text(self, others: str) -> str:
        """Say it; `others` says who they are: "others watched", "others in CN"."""
        verb = "sped up" if self.direction is Direction.FASTER else "slowed down"
        those, moved = f"of {self.others} {others}", len(self.moved) or "none"
        since = (
            f"{days_of_release(self.released)} since then, where their earlier pace makes {self.expected:.0f}"
        )
        if self.company is Company.UNCLEAR:
            return f"whether others {verb} too cannot be told: {those}, {moved} clearly did; all together {since}"
        if self.company is Company.ALONE:
            most = f"{those}, {moved} clearly {verb} too, most have not"
            return most if self.moved else f"only this one {verb}: {those}, none clearly did"
        if self.moved:
            return f"{those}, {moved} clearly {verb} too, and so did all together: {since}"
        return f"{those}, none clearly {verb} by itself, but all together did: {since}"


@dataclass(frozen=True, slots=True)
class _Part:
    """What one member shows in one window: its release days, what its former pace makes expected, its log ratios."""

    name: str
    released: int
    expected: float
    nats: tuple[float, ...]


def group_regime(members: Mapping[str, Member], budgets: Budgets, day: date) -> GroupRegime:
    """Say whether the members as a group are faster or slower than before, at the end of a day.

    Nothing is remembered: what is said holds as long as the evidence is above the watching level.
    """
    alert, watch = both_limits(budgets)
    cases = [_case(members, direction, day.toordinal(), alert.threshold) for direction in _RATIOS]
    best = max(cases, key=lambda case: case.nats)
    judged = max((len(parts) for _, parts in best.windows), default=0)
    if judged < _SMALLEST:
        have = "organisation has" if len(members) == 1 else "organisations have"
        why = f"{judged} of {len(members)} {have} enough of a past; {_SMALLEST} are needed"
        return GroupRegime(Regime.LEARNING, None, None, None, 0, 0.0, (), 0, judged, why)
    if best.nats <= watch.threshold:
        why = f"no common change of {judged} organisations shown"
        return GroupRegime(Regime.STEADY, None, None, None, 0, 0.0, (), 0, judged, why)
    return _describe(best, day, Level.ALERT if best.nats > alert.threshold else Level.WATCHING)


def compare(organization: str, members: Mapping[str, Member], day: date) -> Comparison | None:
    """Say whether the others of the panel changed when one of them did; None if it has no open change.

    With the group: the others' counts since then are ten times likelier under a common change. Alone: they are
    likelier under none.
    """
    open_change = _open_change(members[organization].state)
    if open_change is None or open_change[0] > day:  # of a day that has not come: the clock was wrong then
        return None
    since, direction = open_change
    others = {name: member for name, member in members.items() if name != organization}
    parts = _parts(others, direction, day.toordinal(), (day - since).days + 1)
    moved = tuple(part.name for part in parts if _has_moved(part))
    nats = log(_mean_ratio(parts, 1e9))
    company = Company.TOGETHER if nats > _TOGETHER else Company.ALONE if nats < _ALONE else Company.UNCLEAR
    return Comparison(
        company=company,
        direction=direction,
        moved=moved,
        others=len(parts),
        released=sum(part.released for part in parts),
        expected=sum(part.expected for part in parts),
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """What speaks for a common change in one direction: each window with its parts, and its evidence."""

    direction: Direction
    windows: tuple[tuple[int, tuple[_Part, ...]], ...]
    weights: tuple[float, ...]

    @property
    def nats(self) -> float:
        total = sum(self.weights)
        return log(total) if total > 0 else float("-inf")


def _case(members: Mapping[str, Member], direction: Direction, day: int, threshold: float) -> _Case:
    windows, weights, before = [], [], 0
    for window in WINDOWS:
        parts = _parts(members, direction, day, window)
        windows.append((window, parts))
        is_group = len(parts) >= _SMALLEST
        weights.append((window - before) * _mean_ratio(parts, _MOST * threshold) if is_group else 0.0)
        before = window
    return _Case(direction, tuple(windows), tuple(weights))


def _parts(members: Mapping[str, Member], direction: Direction, day: int, window: int) -> tuple[_Part, ...]:
    found = (_part(name, member, direction, day, window) for name, member in members.items())
    return tuple(part for part in found if part is not None)


def _part(name: str, member: Member, direction: Direction, day: int, window: int) -> _Part | None:
    """Weigh one member's window; None where too little of its past lies before it.

    Its baseline begins with its last own change before the window: what changed within is what is asked about.
    """
    line, state = member.line, member.state
    before = day - window
    begun = regime_start(state.spells, before - BEFORE)
    start = max(begun, line.horizon(day)) if begun is not None else before
    if line.count(start, before) < 1:
        return None
    inside, exposure = line.count(before, day), line.exposure(before, day)
    counts = Counts(line.count(start, day), line.exposure(start, day), (), state.prior_days)
    former = line.count(start, before) / line.exposure(start, before)
    nats = log_ratios(counts, state.phi, inside, exposure, _RATIOS[direction])
    return _Part(name, inside, former * exposure, tuple(nats))


def _mean_ratio(parts: Sequence[_Part], most: float) -> float:
    """Return the mean over the sizes of a change of the product of the members' likelihood ratios."""
    sums = [
        sum(min(nats, most) for nats in column) for column in zip(*(part.nats for part in parts), strict=True)
    ]
    return sum(exp(min(total, 700.0)) for total in sums) / len(sums) if sums else 1.0


def _has_moved(part: _Part) -> bool:
    return log(sum(map(exp, part.nats)) / len(part.nats)) > _CLEAR


def _open_change(state: CadenceState) -> tuple[date, Direction] | None:
    """Return since when the change or silence is that is open, and which way it goes."""
    alerts = (one for one in (state.incident, state.change) if one and one.level is Level.ALERT)
    found = next(alerts, None)
    if found is None or found.changed_on is None:
        return None
    direction = Direction.FASTER if found.direction is Direction.FASTER else Direction.SLOWER
    return found.changed_on, direction


def _describe(case: _Case, day: date, level: Level) -> GroupRegime:
    best = max(range(len(case.windows)), key=lambda place: _density(case, place))
    window, parts = case.windows[best]
    chosen = likeliest(case.weights)
    released, expected = sum(part.released for part in parts), sum(part.expected for part in parts)
    up = case.direction is Direction.FASTER
    leaning = sum(part.released > part.expected if up else part.released < part.expected for part in parts)
    since = day - timedelta(window - 1)
    moved = tuple(part.name for part in parts if _has_moved(part))
    why = (
        f"{released} release days of {len(parts)} organisations in the {window} days since {since}, where their "
        f"earlier pace makes {expected:.0f}; {leaning} of {len(parts)} {'above' if up else 'below'} their own pace, "
        f"{len(moved)} of them clearly"
    )
    return GroupRegime(
        regime=Regime(case.direction),
        level=level,
        changed_on=since,
        changed_between=(
            day - timedelta(case.windows[chosen[-1]][0] - 1),
            day - timedelta(case.windows[chosen[0] - 1][0] if chosen[0] else 0),
        ),
        released=released,
        expected=expected,
        moved=moved,
        leaning=leaning,
        judged=len(parts),
        why=why,
    )


def _density(case: _Case, place: int) -> float:
    """Return the evidence a day: a window stands for as many days as it is longer than the one before."""
    before = case.windows[place - 1][0] if place else 0
    return case.weights[place] / (case.windows[place][0] - before)
