"""The wait that an answer asks for."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT = timedelta(hours=1)


def wait_asked_for(
    headers: Mapping[str, str], sent_at: datetime | None, otherwise: str = ""
) -> timedelta | None:
    """Return the wait of `Retry-After`, at most an hour; None where it asks for none that can be read.

    Seconds, whole or decimal, or an HTTP date (RFC 9110, 10.2.3); a date counts from the answer's own Date, so
    that the two clocks need not agree, else from `sent_at`. `otherwise` is read where there is no such header.
    """
    named = {name.lower(): value for name, value in headers.items()}
    asked = str(named.get("retry-after", "")).strip() or otherwise
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{0,12})?", asked):
        return min(timedelta(seconds=math.ceil(float(asked) * 1000) / 1000), LONGEST_WAIT)
    until, since = _date(asked), _date(str(named.get("date", ""))) or sent_at
    if until is None or since is None:
        return None
    return min(max(until - since, timedelta(0)), LONGEST_WAIT)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
