"""How well repositories are grouped into releases, against labels made by hand.

    python -m benchmarks.grouping [LABELS.csv ...]

B-cubed F1 is averaged over repositories, within an organisation (Bagga and Baldwin 1998); a release is exact when
just its repositories were found together. Nothing is fitted: the window of 14 days is the labellers' own, and the
two others change F1 by less than 0.01 between half and twice their lengths. What could be fitted to a laboratory
are the lists of words (monitor/core/vocabulary.py). So "left out" groups each laboratory as if the lists had been
written without it: a listed word that occurs in no other laboratory's names is spelt so that no list has it.
"line, 30 days" is a simple rule on the same reading of names.
"""

import argparse
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from monitor.core.lineage import group
from monitor.core.names import read_name
from monitor.core.types import CREATION_KNOWN_FROM
from monitor.core.vocabulary import FIELDS, FOREIGN, FORMATS, ROLES, SYNONYMS, TIERS

DATA = Path(__file__).parent / "data"
LABELS = DATA / "release-labels.csv"
MORE = DATA / "release-labels-more.csv"
# As measured before anything was changed because of them; see data/NOTICE.
FIRST_RUN = {
    "openbmb, internlm": (0.951, 0.849),
    "codefuse-ai, opendatalab, huawei-noah, janhq": (0.898, 0.800),
}
LISTED = FORMATS | ROLES | TIERS | FIELDS | SYNONYMS.keys()


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled repository."""

    name: str  # without its owner
    at: datetime
    release: str


@dataclass(frozen=True, slots=True)
class Score:
    """How a grouping compares; sums, so that scores can be added."""

    repos: int = 0
    precision: float = 0.0
    recall: float = 0.0
    releases: int = 0
    exact: int = 0

    def __add__(self, other: "Score") -> "Score":
        """Add up two organisations."""
        return Score(
            self.repos + other.repos,
            self.precision + other.precision,
            self.recall + other.recall,
            self.releases + other.releases,
            self.exact + other.exact,
        )

    @property
    def f1(self) -> float:
        """B-cubed F1."""
        return 2 * self.precision * self.recall / (self.precision + self.recall) / self.repos

    def __str__(self) -> str:
        """The figures as a table has them."""
        return f"{self.f1:6.3f} {self.exact / self.releases:6.2f}"


Grouper = Callable[[Sequence[Row]], Sequence[object]]


def read_labels(path: Path) -> dict[str, list[Row]]:
    """Return each organisation's labelled repositories, in the order in which they were created."""
    found: dict[str, list[Row]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["repo_id"].rpartition("/")[2]
            at = datetime.fromisoformat(row["created_at"])
            found[row["organization"]].append(Row(name, at, row["release"]))
    return {key: sorted(rows, key=lambda row: (row.at, row.name.casefold())) for key, rows in found.items()}


def score(rows: Sequence[Row], grouper: Grouper) -> Score:
    """Compare a grouping of one organisation with its labels."""
    found = grouper(rows)
    pairs = Counter(zip((row.release for row in rows), found, strict=True))
    labelled, grouped = Counter(row.release for row in rows), Counter(found)
    return Score(
        repos=len(rows),
        precision=sum(n * n / grouped[key] for (_, key), n in pairs.items()),
        recall=sum(n * n / labelled[release] for (release, _), n in pairs.items()),
        releases=len(labelled),
        exact=sum(n == labelled[release] == grouped[key] for (release, key), n in pairs.items()),
    )


def ours(rows: Sequence[Row]) -> list[int]:
    """Group as the monitor does."""
    early = datetime.min.replace(tzinfo=UTC)
    return group(
        (row.name, row.at, True) if row.at >= CREATION_KNOWN_FROM else (row.name, early, False)
        for row in rows
    )


def alone(rows: Sequence[Row]) -> list[int]:
    """Every repository is a release."""
    return list(range(len(rows)))


def after_quiet_hours(rows: Sequence[Row]) -> list[int]:
    """A release begins after 48 hours without a new repository."""
    numbers = [0]
    for before, row in pairwise(rows):
        numbers.append(numbers[-1] + (row.at - before.at > timedelta(hours=48)))
    return numbers


def by_line(rows: Sequence[Row]) -> list[tuple[object, ...]]:
    """Names that are equal without size, role and format are one release for 30 days."""
    began: dict[tuple[str, ...], datetime] = {}
    keys: list[tuple[object, ...]] = []
    for row in rows:
        line = read_name(row.name).line
        if row.at - began.setdefault(line, row.at) > timedelta(days=30):
            began[line] = row.at
        keys.append((line, began[line]))
    return keys


def left_out(rows: Sequence[Row], others: Iterable[Row]) -> Grouper:
    """Return a grouper that knows no listed word which occurs in none of the others' names."""
    elsewhere = {word for row in others for word in _pieces(row.name.casefold())}

    def known(word: str) -> str:
        low = word.casefold()
        is_listed = low in LISTED or FOREIGN.fullmatch(low) is not None
        return f"{word}qq" if is_listed and low not in elsewhere else word

    masked = [Row("".join(map(known, _pieces(row.name))), row.at, row.release) for row in rows]
    return lambda _: ours(masked)


def _pieces(name: str) -> list[str]:
    """Return the words of a name, and what is between them."""
    return re.split(r"([-_.])", name)


def main() -> None:
    """Print every laboratory's figures, and the sums."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", nargs="*", type=Path, default=[LABELS, MORE])
    files = {path.name: read_labels(path) for path in parser.parse_args().labels}
    everything = {key: rows for labels in files.values() for key, rows in labels.items()}
    rules: dict[str, Grouper] = {
        "alone": alone,
        "48 quiet hours": after_quiet_hours,
        "line, 30 days": by_line,
        "ours": ours,
    }
    print("B-cubed F1 and the share of releases found exactly; the bars are 0.950 and 0.85")
    print(f"{'':24}" + "".join(f"{rule:>16}" for rule in (*rules, "ours, left out")))
    for name, labels in files.items():
        totals = [Score()] * (len(rules) + 1)
        for key, rows in labels.items():
            others = [row for other, theirs in everything.items() if other != key for row in theirs]
            scores = [score(rows, grouper) for grouper in (*rules.values(), left_out(rows, others))]
            totals = [total + one for total, one in zip(totals, scores, strict=True)]
            print(f"{key:18} {len(rows):5}" + "".join(f"{one!s:>16}" for one in scores))
        print(f"{name:24}" + "".join(f"{total!s:>16}" for total in totals), end="\n\n")
    print("When labels were new to the rules, before anything was mended because of them:")
    for which, (f1, exact) in FIRST_RUN.items():
        print(f"  {which:48} {f1:.3f} {exact:6.2f}")


if __name__ == "__main__":
    main()
