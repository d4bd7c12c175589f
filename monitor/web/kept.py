"""Keep what takes long to read, for a while."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Kept(Generic[T]):
    """A value that is made anew when it is older than `age`; many who ask at once wait for one of them to make it."""

    make: Callable[[], T]
    age: timedelta
    _value: tuple[datetime, T] | None = None
    _lock: Lock = field(default_factory=Lock)

    def get(self, now: datetime) -> T:
        """Return the value. Whatever `make` raises, it raises, and nothing is kept."""
        with self._lock:
            # A clock that was set back must not keep a value for ever.
            if self._value is None or not timedelta(0) <= now - self._value[0] < self.age:
                self._value = (now, self.make())
            return self._value[1]
