"""What a question is, and how a list of them is put to one hub."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from monitor.core.text import clean, cut
from monitor.errors import HubError
from monitor.hubs.probing import Prober

UNTOLD = "cannot be told"
_LONGEST = 300

Said = tuple[str, str]  # answer and evidence


@dataclass(frozen=True, slots=True)
class Question:
    """A statement about a hub, and the function that finds out whether it holds."""

    text: str
    find_out: Callable[[Prober], Said]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one question; `answer` is None where the hub could not be asked, `evidence` says why."""

    hub: str
    question: str
    answer: str | None
    evidence: str


def ask(prober: Prober, questions: Iterable[Question]) -> Iterator[Finding]:
    """Put the questions to a hub, one after the other; a failure is the finding of its question alone."""
    for question in questions:
        answer: str | None
        try:
            answer, evidence = question.find_out(prober)
        except HubError as error:
            answer, evidence = None, str(error)
        yield Finding(prober.access.hub, question.text, answer, cut(clean(evidence), _LONGEST))


def yes(fact: bool) -> str:
    """Write an answer.

    >>> yes(True), yes(False)
    ('yes', 'no')
    """
    return "yes" if fact else "no"
