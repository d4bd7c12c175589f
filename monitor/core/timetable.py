"""When digests and the weekly brief go out, and when nothing does: times of day in a named time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Local times, by the clock on the wall: where a change of the clock skips one, what was due comes an hour later,
    and where it repeats one, only the first counts.

    `digest` None is every full hour. `quiet` is from and until; it may run over midnight. `brief` is a weekday, 0 for
    Monday, and a time.
    """

    time_zone: str = "UTC"
    digest: time | None = time(9)
    quiet: tuple[time, time] | None = None
    brief: tuple[int, time] | None = (0, time(9))

    def next_digest(self, now: datetime) -> datetime:
        """Return when the next digest goes out: later than now."""
        if self.digest is None:
            return now.replace(minute=0, second=0, microsecond=0) + _HOUR
        today = self._local(now).date()
        days = (today + n * _DAY for n in (-1, 0, 1, 2))
        return next(at for day in days if (at := self._moment(day, self.digest)) > now)

    def quiet_until(self, now: datetime) -> datetime | None:
        """Return when the present quiet hours end; None where it is not quiet."""
        if self.quiet is None:
            return None
        begin, end = self.quiet
        today = self._local(now).date()
        for day in (today - _DAY, today):
            until = self._moment(day + _DAY if end <= begin else day, end)
            if self._moment(day, begin) <= now < until:
                return until
        return None

    def last_brief(self, now: datetime) -> datetime | None:
        """Return when the latest weekly brief was due, up to now; None where there is none."""
        if self.brief is None:
            return None
        weekday, at = self.brief
        today = self._local(now).date()
        latest = today - timedelta(days=(today.weekday() - weekday) % WEEK.days)
        moment = self._moment(latest, at)
        return moment if moment <= now else self._moment(latest - WEEK, at)

    def next_brief(self, now: datetime) -> datetime | None:
        """Return when the next weekly brief is due: later than now; None where there is none."""
        if self.brief is None:
            return None
        weekday, at = self.brief
        today = self._local(now).date()
        coming = today + timedelta(days=(weekday - today.weekday()) % WEEK.days)
        moment = self._moment(coming, at)
        return moment if moment > now else self._moment(coming + WEEK, at)

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.time_zone))

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.time_zone)).astimezone(UTC)
