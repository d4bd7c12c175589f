"""Deliver notifications: claim one, send it, note what became of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from monitor.core.reading_on import leading_to_pages
from monitor.core.schedule import IN_ORDER, retry_after_attempt
from monitor.core.telling import Notification
from monitor.core.timetable import Timetable
from monitor.errors import NotifyError, Outcome, StoreError
from monitor.notify import Editor, Finder, Notifier
from monitor.store import Store, Transaction, edits, outbox

log = structlog.get_logger()

# Slack takes one message a second and channel.
PACE = timedelta(seconds=1)

# A doubtful notification is looked up when it must have arrived or can no longer: a send takes 10 s at most.
SETTLED = timedelta(seconds=12)

# How often a receiver that needs a person is tried, in case that person has come.
PROBE = timedelta(minutes=10)

# With five minutes between attempts, the least there is, this is a week: then a notification has failed for good.
MOST_ATTEMPTS = 2_000

# After so many looks that failed, some hours of them, it is sent again: better twice than never.
MOST_LOOKS = 20

# The steps are: full; without its chart; plain sections; one line of text.
PLAINEST = 3


class Deliverer:
    """Delivers the notifications of one store. `notifier_for` returns None for a receiver that is not set up.

    `timetable` is asked before each message: quiet hours hold from the moment in which they are set. `public_url`
    likewise: where readers find our pages, None where messages lead to the hub.
    """

    def __init__(
        self,
        store: Store,
        notifier_for: Callable[[str], Notifier | None],
        clock: Callable[[], datetime],
        timetable: Callable[[], Timetable],
        *,
        pace: timedelta = PACE,
        public_url: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._store = store
        self._notifier_for = notifier_for
        self._clock = clock
        self._timetable = timetable
        self._pace = pace
        self._public_url = public_url

    def deliver_one(self) -> Notification | None:
        """Deliver the oldest notification that is due, and return it; None when nothing is due.

        1. Claim it, and commit: nobody else sends it, and a crash from here on leaves it doubtful, not lost.
        2. If it may have arrived already, look; what arrived is not sent again.
        3. Write that it is being sent, and when, and commit; then send. No transaction is open meanwhile.
        4. Write what became of it.
        Where nothing is to be sent, a message that says something else by now is edited.
        """
        timetable = self._timetable()
        with self._store.writing() as tx:
            receivers, now = self._receivers(tx), self._clock()
            claimed = outbox.claim(tx, receivers, timetable, now) or edits.claim_edit(
                tx, receivers, timetable, now
            )
        notifier = self._notifier_for(claimed.receiver) if claimed else None
        if claimed is None or notifier is None:
            return None
        try:
            if claimed.edits is not None:
                self._edit(notifier, claimed)
            elif (reference := self._deliver(notifier, claimed)) is not None:
                self._note_sent(claimed, reference)
        except StoreError:
            raise  # nothing is known of the message: its lease runs out, and then it is looked up
        except Exception:  # a bug that one message brings out must not stop the others
            log.exception("delivery_crashed", receiver=claimed.receiver)
            self._note_bug(claimed, can_look=isinstance(notifier, Finder))
        return claimed

    def _deliver(self, notifier: Notifier, notification: Notification) -> str | None:
        """Return the receiver's reference; None where it was not delivered, and that is noted."""
        try:
            reference = self._find(notifier, notification)
        except NotifyError as error:
            self._note_failed_look(notification, error)
            return None
        if reference is not None:
            return reference
        with self._store.writing() as tx:
            stamped = outbox.stamp_attempt(tx, notification, self._clock())
        if stamped is None:
            return None
        try:
            return notifier.send(leading_to_pages(stamped, self._public_url()))
        except NotifyError as error:
            self._note_error(stamped, error, can_look=isinstance(notifier, Finder))
            return None

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
                due = outbox.next_due(tx, self._receivers(tx))
            now = self._clock()
            quiet_until = self._timetable().quiet_until(now)
            due = max(due, quiet_until) if due and quiet_until else due
            if due is None or due - now > patience:
                return handled
            wait(max(0.05, (due - now).total_seconds()))

    def _receivers(self, tx: Transaction) -> list[str]:
        """Return the receivers that are set up here; what waits for others is for another process to send."""
        return [name for name in outbox.receivers(tx) if self._notifier_for(name) is not None]

    def _find(self, notifier: Notifier, notification: Notification) -> str | None:
        """Return the reference of a doubtful notification that did arrive."""
        is_new = notification.attempted_at is None or not notification.doubtful
        if is_new or notification.attempts > MOST_LOOKS or not isinstance(notifier, Finder):
            return None
        try:
            return notifier.find(notification)
        except NotifyError as error:
            if error.outcome is Outcome.BAD_DESTINATION:
                return None  # no look is possible there: better twice than never
            raise

    def _edit(self, notifier: Notifier, notification: Notification) -> None:
        """Replace what was sent before, where its receiver can do that; else it stays as it is."""
        try:
            is_edited = isinstance(notifier, Editor) and notifier.edit(
                leading_to_pages(notification, self._public_url())
            )
        except NotifyError as error:
            self._note_failed_edit(notification, error)
            return
        now = self._clock()
        with self._store.writing() as tx:
            edits.mark_edited(tx, notification, ready_at=now + self._pace)
        log.info(
            "notification_edited" if is_edited else "notification_not_edited", receiver=notification.receiver
        )

    def _note_failed_edit(self, notification: Notification, error: NotifyError) -> None:
        """Edit it later, plainer where its shape was refused, and in the end not at all: nobody waits for that."""
        now, is_refused = self._clock(), error.outcome is Outcome.BAD_MESSAGE
        plainness = _plainer(notification) if is_refused else notification.plainness
        wait = error.retry_after or retry_after_attempt(notification.attempts)
        with self._store.writing() as tx:
            if plainness > PLAINEST or notification.attempts >= MOST_ATTEMPTS:
                edits.mark_edited(tx, notification, now)
            else:
                ready_at = now + (error.retry_after or self._pace)
                edits.retry_edit(tx, notification, now + wait, ready_at, plainness)
        self._tell(notification, error, is_news=notification.attempts <= 1)

    def _note_sent(self, notification: Notification, reference: str) -> None:
        now = self._clock()
        with self._store.writing() as tx:
            outbox.mark_sent(tx, notification, reference, now, ready_at=now + self._pace)
        log.info("notification_sent", receiver=notification.receiver, title=notification.message.title)

    def _note_failed_look(self, notification: Notification, error: NotifyError) -> None:
        """Look again later, more and more rarely: whether it arrived is still not known."""
        now = self._clock()
        wait = error.retry_after or max(SETTLED, retry_after_attempt(notification.attempts))
        holds = bool(error.retry_after) or notification.attempts <= IN_ORDER
        retry = outbox.Retry(
            now + wait,
            doubtful=True,
            plainness=notification.plainness,
            holds_receiver=holds,
            counts=True,
            reached=bool(error.retry_after),
        )
        with self._store.writing() as tx:
            is_news = outbox.mark_retry(tx, notification, str(error), retry, now)
        self._tell(notification, error, is_news=is_news)

    def _note_bug(self, notification: Notification, *, can_look: bool) -> None:
        """Try it plainer, after a look: nobody knows what had happened when the bug struck."""
        now = self._clock()
        bug = NotifyError("the monitor stumbled over it; see its log", Outcome.DOUBTFUL)
        if notification.edits is not None:
            self._note_failed_edit(notification, bug)
            return
        plainer = replace(notification, plainness=min(_plainer(notification), PLAINEST))
        retry = replace(_retry(plainer, bug, now, can_look=can_look), reached=True)
        with self._store.writing() as tx:
            outbox.mark_retry(tx, notification, str(bug), retry, now)

    def _note_error(self, notification: Notification, error: NotifyError, *, can_look: bool) -> None:
        now = self._clock()
        with self._store.writing() as tx:
            if error.outcome is Outcome.BAD_DESTINATION:
                is_news = outbox.park(tx, notification, str(error), now, probe_at=now + PROBE)
            elif _is_hopeless(notification, error):
                is_refused = error.outcome is Outcome.BAD_MESSAGE
                is_news = outbox.give_up(tx, notification, str(error), now, is_refused=is_refused)
            else:
                retry = _retry(notification, error, now, can_look=can_look)
                is_news = outbox.mark_retry(tx, notification, str(error), retry, now)
        self._tell(notification, error, is_news=is_news)

    def _tell(self, notification: Notification, error: NotifyError, *, is_news: bool) -> None:
        say = log.warning if is_news else log.debug
        say(
            "notification_not_sent",
            receiver=notification.receiver,
            outcome=error.outcome.value,
            error=str(error),
        )


def _is_hopeless(notification: Notification, error: NotifyError) -> bool:
    """Tell whether it can never be delivered: refused at its plainest, or tried for a week."""
    if error.outcome is Outcome.BAD_MESSAGE:
        return notification.plainness >= PLAINEST
    return notification.attempts >= MOST_ATTEMPTS


def _plainer(notification: Notification) -> int:
    """Return the next step of plainness; to leave the chart out is none where there is no chart."""
    return max(notification.plainness + 1, 1 if notification.message.chart else 2)


def _retry(notification: Notification, error: NotifyError, now: datetime, *, can_look: bool) -> outbox.Retry:
    """Say how to try again; the receiver's own wish replaces the step."""
    attempts, plainness = notification.attempts, notification.plainness
    if error.outcome is Outcome.BAD_MESSAGE:
        return outbox.Retry(now, doubtful=False, plainness=_plainer(notification))
    doubtful = error.outcome is Outcome.DOUBTFUL
    step = retry_after_attempt(attempts)
    if doubtful and can_look:
        step = max(SETTLED, step)
    # What the receiver itself asked for concerns all messages; a step of ours need not, in the end.
    asked = error.retry_after or timedelta(0)
    holds = bool(asked) or attempts <= IN_ORDER
    return outbox.Retry(now + (asked or step), doubtful, plainness, holds_receiver=holds, reached=bool(asked))
