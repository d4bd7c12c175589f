"""What takes long to read is read by one of those who ask, while the others have what was read before."""

from datetime import timedelta
from threading import Event, Thread

import pytest

from monitor.web.kept import Kept
from servers import Clock

MINUTE = timedelta(minutes=1)


def test_a_value_is_made_anew_once_it_is_too_old_or_from_the_future(clock: Clock) -> None:
    numbers = iter(range(10))
    kept = Kept(lambda: next(numbers), MINUTE)
    assert [kept.get(clock.now), kept.get(clock.now + MINUTE / 2), kept.get(clock.now + MINUTE)] == [0, 0, 1]
    assert kept.get(clock.now) == 2


def test_nobody_else_waits_while_one_makes_it_anew(clock: Clock) -> None:
    begun, may_end = Event(), Event()
    values = iter(["old", "new"])

    def make() -> str:
        if (value := next(values)) == "new":
            begun.set()
            may_end.wait(10)
        return value

    kept, got = Kept(make, MINUTE), list[str]()
    assert kept.get(clock.now) == "old"
    maker = Thread(target=lambda: got.append(kept.get(clock.now + 2 * MINUTE)))
    maker.start()
    assert begun.wait(10)
    assert kept.get(clock.now + 2 * MINUTE) == "old"
    may_end.set()
    maker.join(10)
    assert got == ["new"]


def test_what_could_not_be_made_is_tried_again(clock: Clock) -> None:
    answers: list[object] = [OSError("disk"), "value"]

    def make() -> object:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    kept = Kept(make, MINUTE)
    with pytest.raises(OSError, match="disk"):
        kept.get(clock.now)
    assert kept.get(clock.now) == "value"
