"""Deliver notifications: one module a kind of receiver, behind one small Protocol."""

from typing import Protocol, runtime_checkable

from monitor.core.telling import Notification


class Notifier(Protocol):
    """What delivers to one kind of receiver. Raises NotifyError, nothing else."""

    def send(self, notification: Notification) -> str:
        """Deliver and return the receiver's own reference to the message, "" where it gives none."""
        ...


@runtime_checkable
class Finder(Protocol):
    """A notifier that can look whether a doubtful notification arrived."""

    def find(self, notification: Notification) -> str | None:
        """Return the reference of a notification that did arrive; None when it surely did not.

        Raises NotifyError: RETRY to look again later, BAD_DESTINATION where no look is possible at all.
        """
        ...


@runtime_checkable
class Editor(Protocol):
    """A notifier that can replace a message that it sent."""

    def edit(self, notification: Notification) -> bool:
        """Replace the message that `notification.edits` refers to; False where that can be done no more.

        Doing it twice does no harm. Raises NotifyError.
        """
        ...


@runtime_checkable
class Checker(Protocol):
    """A notifier that can say who it is, before anything is sent."""

    def check(self) -> str:
        """Return in a few words under which name it delivers, and where. Raises NotifyError."""
        ...
