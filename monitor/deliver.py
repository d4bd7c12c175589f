"""Deliver notifications: claim one, send it, note what became of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from monitor.core.schedule import retry_after_attempt
from monitor.core.types import Notification
from monitor.errors import NotifyError, Outcome, StoreError
from monitor.notify import Finder, Notifier
from monitor.store import Store, Transaction, outbox

log = structlog.get_logger()

# Slack takes one message a second and channel.
PACE = timedelta(seconds=1)

# A doubtful notification is looked up when it must have arrived or can no longer: a send takes 10 s at most.
SETTLED = timedelta(seconds=12)

# How often a receiver that needs a person is tried, in case that person has come.
PROBE = timedelta(minutes=10)

# With a quarter of an hour between attempts, this is a week.
MOST_ATTEMPTS = 680

PLAINEST = 2


class Deliverer:
    """Delivers the notifications of one store. `notifier_for` returns None for a receiver that is not set up."""

    def __init__(
        self,
        store: Store,
        notifier_for: Callable[[str], Notifier | None],
        clock: Callable[[], datetime],
        *,
        pace: timedelta = PACE,
    ) -> None:
        self._store = store
        self._notifier_for = notifier_for
        self._clock = clock
        self._pace = pace

    def deliver_one(self) -> Notification | None:
        """Deliver the oldest notification that is due, and return it; None when nothing is due.

        1. Claim it, and commit: nobody else sends it, and a crash from here on leaves it doubtful, not lost.
        2. If it may have arrived already, look; what arrived is not sent again.
        3. Write that it is being sent, and when, and commit; then send. No transaction is open meanwhile.
        4. Write what became of it.
        """
        with self._store.writing() as tx:
            notification = outbox.claim(tx, self._clock())
        if notification is None:
            return None
        notifier = self._notifier_for(notification.receiver)
        try:
            if notifier is None:
                raise NotifyError("its setting is missing", Outcome.BAD_DESTINATION)
            reference = self._find(notifier, notification)
            if reference is None:
                with self._store.writing() as tx:
                    notification = outbox.stamp_attempt(tx, notification, self._clock())
                reference = notifier.send(notification)
        except NotifyError as error:
            self._note_error(notification, notifier, error)
        except StoreError:
            raise  # nothing is known of the message: its lease runs out, and then it is looked up
        except Exception:  # a bug that one message brings out must not stop the others
            log.exception("delivery_crashed", receiver=notification.receiver)
            self._note_error(
                notification, notifier, NotifyError("see the monitor's log", Outcome.BAD_MESSAGE)
            )
        else:
            self._note_sent(notification, reference)
        return notification

    def deliver_all(self, wait: Callable[[float], object], patience: timedelta) -> int:
        """Deliver everything that is due, pacing itself, until nothing is due within `patience`; return how many.

        `wait` is called with seconds. What a person parked by a wrong setting is tried once more first.
        """
        with self._store.writing() as tx:
            outbox.retry_parked(tx, self._clock())
        handled = 0
        while True:
            if self.deliver_one() is not None:
                handled += 1
                continue
            with self._store.reading() as tx:
                due = outbox.next_due(tx)
            now = self._clock()
            if due is None or due - now > patience:
                return handled
            wait(max(0.05, (due - now).total_seconds()))

    def _find(self, notifier: Notifier, notification: Notification) -> str | None:
        """Return the reference of a doubtful notification that did arrive."""
        if not (notification.doubtful and notification.attempted_at and isinstance(notifier, Finder)):
            return None
        try:
            return notifier.find(notification)
        except NotifyError as error:
            if error.outcome is Outcome.BAD_DESTINATION:
                return None  # no look is possible there: better twice than never
            raise NotifyError(str(error), Outcome.DOUBTFUL, error.retry_after or SETTLED) from error

    def _note_sent(self, notification: Notification, reference: str) -> None:
        now = self._clock()
        with self._store.writing() as tx:
            outbox.mark_sent(tx, notification, reference, now, ready_at=now + self._pace)
        log.info("notification_sent", receiver=notification.receiver, title=notification.message.title)

    def _note_error(self, notification: Notification, notifier: Notifier | None, error: NotifyError) -> None:
        now = self._clock()
        with self._store.writing() as tx:
            if error.outcome is Outcome.BAD_DESTINATION:
                is_news = outbox.park(tx, notification, str(error), now, probe_at=now + PROBE)
            else:
                is_news = notification.attempts <= 1
                _retry_or_give_up(tx, notification, isinstance(notifier, Finder), error, now)
        say = log.warning if is_news else log.debug
        say(
            "notification_not_sent",
            receiver=notification.receiver,
            outcome=error.outcome.value,
            error=str(error),
        )


def _retry_or_give_up(
    tx: Transaction, notification: Notification, can_look: bool, error: NotifyError, now: datetime
) -> None:
    plainness = notification.plainness
    if error.outcome is Outcome.BAD_MESSAGE:
        if plainness >= PLAINEST:
            outbox.mark_failed(tx, notification, str(error), now)
            return
        outbox.mark_retry(tx, notification, str(error), now, doubtful=False, plainness=plainness + 1)
        return
    if notification.attempts >= MOST_ATTEMPTS:
        outbox.mark_failed(tx, notification, str(error), now)
        return
    doubtful = error.outcome is Outcome.DOUBTFUL
    step = SETTLED if doubtful and can_look else retry_after_attempt(notification.attempts)
    retry_at = now + (error.retry_after or step)
    outbox.mark_retry(tx, notification, str(error), retry_at, doubtful=doubtful, plainness=plainness)
