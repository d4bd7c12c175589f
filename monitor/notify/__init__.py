"""Deliver notifications: one module a kind of receiver, behind one small Protocol."""

from typing import Protocol

from monitor.core.types import Notification


class Notifier(Protocol):
    """What delivers to one kind of receiver. Raises NotifyError, nothing else."""

    def send(self, notification: Notification) -> str:
        """Deliver and return the receiver's own reference to the message, "" where it gives none."""
        ...


class Finder(Protocol):
    """A notifier that can look whether a doubtful notification arrived."""

    def find(self, notification: Notification) -> str | None:
        """Return the reference of a notification that did arrive; None when it surely did not.

        Raises NotifyError: RETRY to look again later, BAD_DESTINATION where no look is possible at all.
        """
        ...
