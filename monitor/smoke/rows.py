"""What the questions read out of listings."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from monitor.core.text import counted
from monitor.errors import HubError, Trouble
from monitor.smoke.asking import UNTOLD, Said, yes

Row = dict[str, object]


def objects(value: object) -> list[Row]:
    """Return the rows of a list. Raises HubError where it is none, or holds anything else than objects."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise HubError("no list of objects where rows belong", Trouble.SHAPE)
    return value


def member(value: object, key: str) -> object:
    """Return what stands under a key, None where nothing does. Raises HubError where the value is no object."""
    if not isinstance(value, dict):
        raise HubError(f"no object where {key!r} belongs", Trouble.SHAPE)
    return value.get(key)


def newest_first(rows: Sequence[Row], key: str) -> Said:
    """Say whether the rows' times fall."""
    times = [str(row.get(key) or "") for row in rows]
    if len(times) < 2 or not all(times):
        return UNTOLD, f"{counted(sum(map(bool, times)), 'row', 'rows')} with {key} of {len(times)}"
    rising = sum(later > earlier for earlier, later in pairwise(times))
    return yes(not rising), f"{len(times)} rows, {rising} out of order, from {times[0]} back to {times[-1]}"


def owners(rows: Sequence[Row], key: str = "id") -> str:
    """Say whose rows these are, the commonest first.

    >>> owners([{"id": "a/x"}, {"id": "b/y"}, {"id": "a/z"}])
    '3 rows: a (2), b (1)'
    >>> owners([])
    '0 rows'
    """
    count = Counter(str(row.get(key)).partition("/")[0] for row in rows)
    named = ", ".join(f"{owner} ({n})" for owner, n in count.most_common(5))
    return counted(len(rows), "row", "rows") + (f": {named}" if named else "")


def having(rows: Sequence[Row], key: str) -> int:
    """Count the rows in which something stands under the key."""
    return sum(row.get(key) is not None for row in rows)
