"""What the cadence engine remembers of an organisation from one day to the next, and what it reports."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from monitor.core.types import Direction, Level, Regime


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

    Spells are about what was called a change: a possible one is no spell.
    """

    regime: Regime
    since: date
    until: date | None = None
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class CadenceState:
    """The state of one organisation's cadence after the last day that was decided about.

    The baseline begins at the end of `baseline` (None before the first release day). `phi` is its dispersion,
    `own_phi` what its own past alone says, `anchor` the phi that it brought along into a new baseline.
    `change` is the last alert-level "faster" or "slower" while it is news. `incident` is the latest crossing of
    what is open: something possible in any direction, or a silence. `seen` is how many release days were known.
    """

    last_tick: date
    seen: int
    baseline: date | None = None
    learnt: bool = False
    phi: float = 1.0
    own_phi: float | None = None
    anchor: float | None = None
    quiet_until: date | None = None
    change: Crossing | None = None
    incident: Crossing | None = None
    spells: tuple[Spell, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values that JSON can hold."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "CadenceState":
        """Read what `to_json` gave."""
        fields = dict(raw)
        for name in ("last_tick", "baseline", "quiet_until"):
            fields[name] = _day(raw[name])
        for name in ("change", "incident"):
            fields[name] = _crossing(raw[name]) if raw[name] else None
        fields["spells"] = tuple(map(_spell, raw["spells"]))
        return cls(**fields)


def _crossing(raw: Mapping[str, Any]) -> Crossing:
    """Read a crossing as `CadenceState.to_json` writes it."""
    fields = dict(raw)
    between = raw["changed_between"]
    return Crossing(
        **fields
        | {
            "level": Level(raw["level"]),
            "direction": Direction(raw["direction"]),
            "decided_on": date.fromisoformat(raw["decided_on"]),
            "changed_on": _day(raw["changed_on"]),
            "changed_between": tuple(map(date.fromisoformat, between)) if between else None,
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
) -> tuple[Spell, ...]:
    """Begin a spell with its rate; the one that it ends had the rate before, and later ones never were."""
    earlier = [spell for spell in spells if spell.since < since]
    if earlier:
        earlier[-1] = replace(earlier[-1], until=since, rate=before or earlier[-1].rate)
    return (*earlier, Spell(regime, since, None, rate))


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
        Regime(raw["regime"]), date.fromisoformat(raw["since"]), _day(raw["until"]), _rate(raw["rate"])
    )
