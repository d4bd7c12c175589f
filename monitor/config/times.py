"""What times of day and time zones may be: plain checks that raise ValueError("wrong; remedy")."""

import re
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

from monitor.config.rules import shown, suggestion

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_DAILY = re.compile(f"daily ({_CLOCK})")
_HOURS = re.compile(f"({_CLOCK})-({_CLOCK})")
_WEEKLY = re.compile(f"({'|'.join(_WEEKDAYS)}) ({_CLOCK})")
# A time of day as people write it: "9:00", "9.00", "0900", "9h", "9 am".
_LOOSE_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.h]?([0-9]{2}))?\s*(?:h|uhr|o'clock)?\s*(am|pm)?", re.IGNORECASE)


def parse_digest(value: object) -> time | None:
    """Read when digests go out: "hourly" (None) or "daily HH:MM"."""
    if value == "hourly":
        return None
    if isinstance(value, str) and (match := _DAILY.fullmatch(value)):
        return time.fromisoformat(match[1])
    clock = _clock_in(value, "daily ")
    remedy = f'did you mean "daily {clock}"?' if clock else 'write "hourly", or "daily 09:00"'
    raise ValueError(f"{shown(value)} is no time for digests; {remedy}")


def parse_quiet_hours(value: object) -> tuple[time, time] | None:
    """Read when nothing is sent: "off" (None) or "HH:MM-HH:MM", over midnight where that is meant."""
    if value == "off":
        return None
    if isinstance(value, str) and (match := _HOURS.fullmatch(value)):
        if match[1] == match[2]:
            raise ValueError(f'{shown(value)} begins when it ends; write "off" to be told at any hour')
        return time.fromisoformat(match[1]), time.fromisoformat(match[2])
    parts = re.split(r"\s*(?:-|–|—|\bto\b|\bbis\b)\s*", value) if isinstance(value, str) else []
    clocks = [_clock_in(part) for part in parts]
    is_near = len(clocks) == 2 and all(clocks)
    remedy = f'did you mean "{"-".join(clocks)}"?' if is_near else 'write "22:00-07:00", or "off"'
    raise ValueError(f"{shown(value)} are no quiet hours; {remedy}")


def parse_brief(value: object) -> tuple[int, time] | None:
    """Read when the weekly brief is due: "off" (None) or a weekday and a time; Monday is 0."""
    if value == "off":
        return None
    if isinstance(value, str) and (match := _WEEKLY.fullmatch(value)):
        return _WEEKDAYS.index(match[1]), time.fromisoformat(match[2])
    raise ValueError(f"{shown(value)} is no time for a weekly brief; {_brief_remedy(value)}")


def _brief_remedy(value: object) -> str:
    word, _, rest = str(value).strip().lower().partition(" ")
    day = next(
        (day for day in _WEEKDAYS if len(word) > 1 and (day.startswith(word) or word == f"{day}s")), ""
    )
    clock = _clock_in(rest) or "09:00"
    return f'did you mean "{day} {clock}"?' if day else 'write "monday 09:00", or "off"'


def check_time_zone(name: str) -> str:
    """Return the name of a time zone. Source: the IANA time zone database."""
    try:
        ZoneInfo(name)
    # OSError: a continent, which is a folder; a name too long for a file.
    except (LookupError, ValueError, OSError):
        raise ValueError(f"{shown(name)} is no time zone{_nearest_zone(name)}") from None
    return name


def _nearest_zone(name: str) -> str:
    # The others are old names, or offsets: Etc/GMT+8 is eight hours *behind*.
    zones = [zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")]
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in sorted(zones)}
    wanted = name.strip().replace(" ", "_").casefold()
    if wanted.rpartition("/")[2] in cities:
        return f"; did you mean `{cities[wanted.rpartition('/')[2]]}`?"
    near = suggestion(wanted, zones) if "/" in wanted else ""
    return near or '; name a city\'s, such as "Europe/Berlin" or "Asia/Shanghai", or "UTC"'


def _clock_in(value: object, prefix: str = "") -> str:
    """Return the time of day that is meant, as HH:MM; "" where none is."""
    text = value.strip().lower().removeprefix(prefix).strip() if isinstance(value, str) else ""
    match = _LOOSE_CLOCK.fullmatch(text)
    if not match:
        return ""
    hour, minute, last = int(match[1]), int(match[2] or 0), 12 if match[3] else 24
    if hour > last or minute > 59:
        return ""
    return f"{hour % last + 12 * (match[3] == 'pm'):02}:{minute:02}"
