"""How many wrong tokens one client may give."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock

WRONG_TOKENS = 10
_WINDOW = timedelta(minutes=1)
_CLIENTS = 1000


class Attempts:
    """Slows down whoever guesses tokens: ten wrong ones a minute from one address, then none is looked at.

    Kept in memory, for the last thousand addresses; an IPv6 network of 64 bits, which is what one customer gets,
    counts as one.
    """

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def wait(self, address: str, is_right: bool, now: datetime) -> int | None:
        """Count a token that was given; return for how many seconds none is looked at, None if this one may be."""
        client = _client(address)
        with self._lock:
            wrong = self._wrong.get(client, deque())
            # What lies ahead was counted before the clock was set back.
            while wrong and not timedelta(0) <= now - wrong[0] < _WINDOW:
                wrong.popleft()
            if len(wrong) >= WRONG_TOKENS:
                return ceil((wrong[0] + _WINDOW - now).total_seconds())
            if not is_right:
                wrong.append(now)
                self._wrong[client] = wrong
                self._wrong.move_to_end(client)
                if len(self._wrong) > _CLIENTS:
                    self._wrong.popitem(last=False)
        return None


def _client(address: str) -> str:
    try:
        number = ip_address(address)
    except ValueError:
        return address
    if isinstance(number, IPv6Address):
        return str(number.ipv4_mapped or int(number) >> 64)
    return str(number)
