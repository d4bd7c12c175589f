"""Watch thousands of organisations day by day, as the engine would, and note the first alarms."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from benchmarks.cadence.kernel import Watch, best_window, evidence, prepare, silence
from benchmarks.cadence.past import NEVER, Bools, Floats, Ints, Past
from monitor.core.cadence.estimate import _DOWN, _UP
from monitor.core.cadence.evidence import Limits
from monitor.core.cadence.report import _SHOWN
from monitor.core.types import Direction

CHANNELS = FASTER, SLOWER, SILENT = (0, 1, 2)
_RATIOS = (_UP, _DOWN)
_NEEDED = (_SHOWN[Direction.FASTER], _SHOWN[Direction.SLOWER])


@dataclass
class Alarms:
    """The first alarm of each organisation by level and channel (axes level, channel, organisation): NEVER without one.

    `start`, `phi` and `prior_days` are what the engine knew then; `every` lists each alarm that was acted on: day,
    organisation, channel.
    """

    day: Ints
    start: Ints
    phi: Floats
    prior_days: Floats
    every: list[tuple[int, int, int]] = field(default_factory=list)

    @classmethod
    def none(cls, levels: int, organizations: int) -> Self:
        """Begin without any."""
        shape = (levels, len(CHANNELS), organizations)
        return cls(np.full(shape, NEVER), np.zeros(shape, np.int64), np.zeros(shape), np.zeros(shape))

    def note(self, place: tuple[int, int], who: Ints, day: int, watch: Watch) -> None:
        """Note alarms at a level and channel; of each organisation only the first stays."""
        new = who[self.day[place][who] == NEVER]
        self.day[place][new] = day
        self.start[place][new] = watch.start[new]
        self.phi[place][new] = watch.phi[new]
        self.prior_days[place][new] = watch.prior_days[new]

    def missing(self, channels: tuple[int, ...]) -> Bools:
        """Tell which organisations still have no alarm at some level of one of the channels."""
        found: Bools = (self.day[:, list(channels)] == NEVER).any(axis=(0, 1))
        return found


def live(past: Past, watch: Watch, days: range, limits: Limits) -> Alarms:
    """Let the days pass and act on every alarm as the engine does: a silence lasts, a change begins a new baseline."""
    alarms = Alarms.none(1, len(watch.start))
    for day in days:
        who = prepare(past, watch, day)
        silent = silence(past, watch, who, day, limits.probability) < 1
        quiet, rest = who[silent], who[~silent]
        watch.silent[quiet] = past.last(quiet, day)
        alarms.note((0, SILENT), quiet, day, watch)
        alarms.every += [(day, one, SILENT) for one in quiet.tolist()]
        if len(rest):
            _act(past, watch, alarms, rest, day, limits.threshold)
    return alarms


def _act(past: Past, watch: Watch, alarms: Alarms, who: Ints, day: int, threshold: float) -> None:
    """Begin a new baseline where the pace changed; "slower" is asked first."""
    nats = evidence(past, watch, who, day)
    changed: set[int] = set()
    for channel in (SLOWER, FASTER):
        for one in who[nats[channel] > threshold].tolist():
            window, released = best_window(past, watch, one, day, _RATIOS[channel])
            if one not in changed and released >= _NEEDED[channel]:
                changed.add(one)
                alarms.note((0, channel), np.array([one]), day, watch)
                alarms.every.append((day, one, channel))
                watch.rebase(one, day, day - window)


def look(
    past: Past, watch: Watch, days: range, levels: tuple[Limits, ...], channels: tuple[int, ...] = CHANNELS
) -> Alarms:
    """Let the days pass and note the first alarm of each channel by itself, acting on none.

    An organisation is watched until it has an alarm in each of the channels at each level.
    """
    alarms = Alarms.none(len(levels), len(watch.start))
    for day in days:
        who = prepare(past, watch, day)
        who = who[alarms.missing(channels)[who]]
        for level, limits in enumerate(levels):
            alarms.note(
                (level, SILENT), who[silence(past, watch, who, day, limits.probability) < 1], day, watch
            )
        if len(who):
            _note_changes(past, watch, alarms, who, day, levels)
    return alarms


def _note_changes(
    past: Past, watch: Watch, alarms: Alarms, who: Ints, day: int, levels: tuple[Limits, ...]
) -> None:
    nats = evidence(past, watch, who, day)
    for level, limits in enumerate(levels):
        for channel in (FASTER, SLOWER):
            over = who[(nats[channel] > limits.threshold) & (alarms.day[level, channel, who] == NEVER)]
            shown = [
                best_window(past, watch, one, day, _RATIOS[channel])[1] >= _NEEDED[channel]
                for one in over.tolist()
            ]
            alarms.note((level, channel), over[np.array(shown, dtype=bool)], day, watch)
