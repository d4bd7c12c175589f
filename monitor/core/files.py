"""What differs in the files of a repository between two looks into it: weights and licence texts."""

from collections.abc import Iterator
from difflib import unified_diff

from monitor.core.contents import Contents, Inspection, LicenceText
from monitor.core.types import KnownRepo, Repo, Weights

NAMED = 5  # files that a change names
_DETAIL = 4000  # characters of a licence's difference that are kept

# Before, after, and what else there is to show.
Difference = tuple[str, str, str | None]


def weights_now(known: KnownRepo | None, repo: Repo, inspection: Inspection | None) -> Weights:
    """Tell whether a repository holds weights; what nobody tells is as it was, and there in a new one.

    It is emptied only where something was there before: one that never held any counts as it stands. A listing alone
    does not say so: one hub's count of bytes is too little to call weights removed.
    """
    before = known.weights if known else None
    there = repo.has_weights if inspection is None else bool(inspection.now.weights)
    if there is None:
        return before or Weights.YES
    if there:
        return Weights.YES
    if known is None or known.weights is Weights.PENDING:
        return Weights.PENDING
    return Weights.NONE if inspection is not None and _held_some(known, inspection) else known.weights


def weights_difference(known: KnownRepo, now: Weights, inspection: Inspection | None) -> Difference | None:
    """Return how the weights changed: arrived, gone, or replaced in place; None where they did not.

    Replaced means that something which was there is there no longer, under any name. Files that are added beside
    the others, renamed ones, and commits to anything else are no change of the weights.
    """
    before = (inspection.before or known.contents) if inspection else None
    if known.weights is not now:
        count = len(inspection.now.weights) if inspection else 0
        arrived = _files(count) if count else "public"
        return known.weights.value, arrived if now is Weights.YES else "none", None
    if inspection is None or before is None or now is not Weights.YES:
        return None
    lost = set(before.weights.values()) - set(inspection.now.weights.values())
    if not lost:
        return None
    paths = sorted(path for path, content in before.weights.items() if content in lost)
    return (
        f"{_files(len(before.weights))} at {before.revision[:10]}",
        f"{_files(len(inspection.now.weights))} at {inspection.now.revision[:10]}, {len(paths)} replaced or removed",
        "\n".join(paths[:NAMED]) + (f"\nand {len(paths) - NAMED} more" if len(paths) > NAMED else ""),
    )


def licence_differences(known: KnownRepo, inspection: Inspection | None) -> Iterator[Difference]:
    """Yield how each licence text changed: where it stands now and stood before, and the difference."""
    before = (inspection.before or known.contents) if inspection else None
    if inspection is None or before is None:
        return
    texts = {text.path: text for text in inspection.texts}
    for path in sorted({*before.licences, *inspection.now.licences}):
        if before.licences.get(path) != inspection.now.licences.get(path):
            detail = _diff(texts[path], before, inspection.now) if path in texts else None
            yield _place(path, before), _place(path, inspection.now), detail


def licence_words(repo: Repo) -> str:
    """Name a repository's licence as the hub states it: its id, and the name and link of one that has none."""
    more = ", ".join(text for text in (repo.licence_name, repo.licence_link) if text)
    return f"{repo.licence or 'none'} ({more})" if more else repo.licence or "none"


def _held_some(known: KnownRepo, inspection: Inspection) -> bool:
    """Tell whether a repository held weights: its files say so, else that their header was read."""
    had = inspection.before or known.contents
    return known.repo.parameters is not None if had is None else bool(had.weights)


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"


def _place(path: str, contents: Contents) -> str:
    return f"{path} at {contents.revision[:10]}" if path in contents.licences else f"no {path}"


def _diff(text: LicenceText, before: Contents, now: Contents) -> str | None:
    """Show how a text changed; nothing where a file that is or was there could not be read."""
    if (text.before is None and text.path in before.licences) or (
        text.after is None and text.path in now.licences
    ):
        return None
    lines = unified_diff((text.before or "").splitlines(), (text.after or "").splitlines(), lineterm="", n=0)
    shown = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return "\n".join(shown)[:_DETAIL] or None
