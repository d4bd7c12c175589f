"""What the cadence engine remembers of an organisation from one day to the next, and what it reports."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from monitor.core.cadence.fleet import Estimate, Own
from monitor.core.cadence.record import Timeline
from monitor.core.types import Direction, Level, Regime

PRIOR_DAYS = 15.0  # the Gamma prior of a rate weighs as much as one release day in so many days
_FORMER = {"own_phi", "origin"}  # what older versions remembered


@dataclass(frozen=True, slots=True)
class Rate:
    """Release days a month (a twelfth of 365.25 days), with a 95% interval."""

    per_month: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """The day on which the evidence for a change of cadence crossed a level; told once.

    `decided_on` is the day at whose end the evidence was enough. The new cadence began on `changed_on`, with
    80% probability within `changed_between` (None where the day is known). `odds` are the odds of a change against
    none, None for "silent" and "resumed". `release_days` are those that speak for it.
    """

    level: Level
    direction: Direction
    decided_on: date
    changed_on: date | None
    changed_between: tuple[date, date] | None
    before: Rate | None
    after: Rate | None
    odds: float | None
    release_days: tuple[date, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch with one regime; `until` (exclusive) is None for the present one.

    Spells are about what was called a change: a possible one is no spell. It began, with 80% probability, within
    `between` (None where the day is known); `before` is the rate that it changed from, where it was told with one.
    """

    regime: Regime
    since: date
    until: date | None = None
    rate: Rate | None = None
    between: tuple[date, date] | None = None
    before: Rate | None = None


@dataclass(frozen=True, slots=True)
class CadenceState:
    """The state of one organisation's cadence after the last day that was decided about.

    The baseline begins at the end of `baseline` (None before the first release day), see `start`. `phi` is its
    dispersion, `own` what its own past alone says, `anchor` the phi that it brought along into a new baseline;
    `prior_days` is how long one release day takes in the middle of the fleet.
    `change` is the last alert-level "faster" or "slower" while it is news. `incident` is the latest crossing of
    what is open: something possible in any direction, or a silence. `seen` is how many release days were known.
    `hindsight` is a change that only looking back showed (see core.cadence.onboarding): it is lived through from the
    day before it, else from the first release day. While it is news it is the `change`, at the watching level.
    """

    last_tick: date
    seen: int
    baseline: date | None = None
    learnt: bool = False
    phi: float = 1.0
    own: Own | None = None
    prior_days: float = PRIOR_DAYS
    anchor: float | None = None
    quiet_until: date | None = None
    change: Crossing | None = None
    incident: Crossing | None = None
    spells: tuple[Spell, ...] = ()
    hindsight: Crossing | None = None

    def start(self, line: Timeline, day: int) -> int:
        """Return the day (`date.toordinal`) at whose end begins what a day is compared with."""
        return max(self.baseline.toordinal() if self.baseline else 0, line.horizon(day))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values that JSON can hold."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "CadenceState":
        """Read what `to_json` gave."""
        fields = {name: value for name, value in raw.items() if name not in _FORMER}
        fields["own"] = read_own(raw.get("own"))
        for name in ("last_tick", "baseline", "quiet_until"):
            fields[name] = _day(raw.get(name))
        for name in ("change", "incident", "hindsight"):
            fields[name] = _crossing(raw[name]) if raw.get(name) else None
        fields["spells"] = tuple(map(_spell, raw["spells"]))
        return cls(**fields)


def read_own(raw: Mapping[str, Any] | None) -> Own | None:
    """Read `CadenceState.own` as `to_json` writes it."""
    if raw is None:
        return None
    gaps, blocks, long_blocks = (Estimate(**raw[name]) for name in ("gaps", "blocks", "long_blocks"))
    return Own(gaps, blocks, long_blocks, raw["rate"])


def _crossing(raw: Mapping[str, Any]) -> Crossing:
    """Read a crossing as `CadenceState.to_json` writes it."""
    fields = dict(raw)
    return Crossing(
        **fields
        | {
            "level": Level(raw["level"]),
            "direction": Direction(raw["direction"]),
            "decided_on": date.fromisoformat(raw["decided_on"]),
            "changed_on": _day(raw["changed_on"]),
            "changed_between": _between(raw["changed_between"]),
            "before": _rate(raw["before"]),
            "after": _rate(raw["after"]),
            "release_days": tuple(map(date.fromisoformat, raw["release_days"])),
        }
    )


def enter(
    spells: tuple[Spell, ...],
    regime: Regime,
    since: date,
    before: Rate | None = None,
    rate: Rate | None = None,
    between: tuple[date, date] | None = None,
) -> tuple[Spell, ...]:
    """Begin a spell with its rate; the one that it ends had the rate before, and later ones never were.

    A silence has no pace: it keeps its own rate, none.
    """
    earlier = [spell for spell in spells if spell.since < since]
    if earlier:
        last = earlier[-1]
        had = last.rate if last.regime is Regime.SILENT else before or last.rate
        earlier[-1] = replace(last, until=since, rate=had)
    return (*earlier, Spell(regime, since, None, rate, between, before))


def regime_start(spells: tuple[Spell, ...], latest: int) -> int | None:
    """Return the day (`date.toordinal`) at whose end the pace began that went on at the end of a day, if one did.

    "Steady" and "silent" go on with the pace before them.
    """
    paces = (spell for spell in spells if spell.regime not in (Regime.STEADY, Regime.SILENT))
    starts = [spell.since.toordinal() - (spell.regime is not Regime.LEARNING) for spell in paces]
    return max((start for start in starts if start <= latest), default=None)


def _plain(value: Any) -> Any:
    """Turn dates into ISO 8601 and tuples into lists, at any depth."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _day(raw: str | None) -> date | None:
    return date.fromisoformat(raw) if raw else None


def _rate(raw: Mapping[str, float] | None) -> Rate | None:
    return Rate(**raw) if raw else None


def _spell(raw: Mapping[str, Any]) -> Spell:
    return Spell(
        Regime(raw["regime"]),
        date.fromisoformat(raw["since"]),
        _day(raw["until"]),
        _rate(raw["rate"]),
        _between(raw.get("between")),
        _rate(raw.get("before")),
    )


def _between(raw: Sequence[str] | None) -> tuple[date, date] | None:
    return (date.fromisoformat(raw[0]), date.fromisoformat(raw[1])) if raw else None
