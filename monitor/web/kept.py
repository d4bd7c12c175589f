"""Keep what takes long to read, for a while."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


# Whoever asks while a value is made anew gets the old one, unless it is older than so many times its age.
_STALE = 4


@dataclass(slots=True)
class Kept(Generic[T]):
    """A value that is made anew when it is older than `age`, by one of those who ask; the others need not wait."""

    make: Callable[[], T]
    age: timedelta
    _value: tuple[datetime, T] | None = None
    _making: Lock = field(default_factory=Lock)

    def get(self, now: datetime) -> T:
        """Return the value. Whatever `make` raises, it raises, and nothing is kept."""
        if (value := self._kept(now, self.age)) is not None:
            return value[0]
        can_wait = self._kept(now, _STALE * self.age)
        if not self._making.acquire(blocking=can_wait is None):
            assert can_wait is not None  # noqa: S101 - else it would have waited
            return can_wait[0]
        try:
            if (value := self._kept(now, self.age)) is None:  # else somebody made it while we waited
                value = (self.make(),)
                self._value = (now, value[0])
            return value[0]
        finally:
            self._making.release()

    def _kept(self, now: datetime, age: timedelta) -> tuple[T] | None:
        """Return the value if it is no older; one from the future, of a clock that was set back, does not count."""
        kept = self._value
        return (kept[1],) if kept and timedelta(0) <= now - kept[0] < age else None
