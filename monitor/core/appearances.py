"""Say on which hub a release appeared first, and where it has not appeared yet."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from monitor.core.contents import ConfirmationKind
from monitor.core.dating import EARLIEST, LATEST, dated, place, span
from monitor.core.text import clean, counted, cut
from monitor.core.types import WITNESSES, Basis, KnownRepo, Organization, Release, Weights
from monitor.core.witnesses import witness_since

HUB_NAMES = {
    "huggingface": "Hugging Face",
    "modelscope": "ModelScope",
    "github": "GitHub",
    "openrouter": "OpenRouter",
}

# A release that is not on a hub by then is not awaited there any more.
AWAITED = timedelta(days=14)

# As many witnesses of one kind are named.
_CONFIRMED = 2

_LONGEST = 60  # characters of the name of a file that somebody attached

_SAME_TIME = timedelta(hours=1)
_IN_HOURS = timedelta(hours=48)


def hub_name(hub: str) -> str:
    """Return what people call a hub."""
    return HUB_NAMES.get(hub, hub)


def listed(names: Sequence[str]) -> str:
    """Write names as one does in a sentence.

    >>> listed(["A", "B", "C"])
    'A, B and C'
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def duration(length: timedelta, *, seconds: bool = False) -> str:
    """Say how long something took, in minutes, hours or days; short ones in seconds where those matter.

    >>> duration(timedelta(hours=9)), duration(timedelta(days=3, hours=5))
    ('9 h', '3 days')
    """
    if seconds and length < timedelta(minutes=2):
        return f"{round(length.total_seconds())} s"
    if length < timedelta(hours=1):
        return f"{max(1, round(length / timedelta(minutes=1)))} min"
    if length < _IN_HOURS:
        return f"{round(length / timedelta(hours=1))} h"
    return counted(round(length / timedelta(days=1)), "day", "days")


def first_on(release: Release) -> dict[str, datetime | None]:
    """Return when a release appeared on each hub, in order of first appearance; None where nobody knows.

    On a model hub that is when the first repository that holds weights became public (the first at all where none
    does); for a witness the earliest time that it states.
    """
    firsts = _firsts([known for known in release.repos if not known.is_witness])
    is_dated = release.released_at is not None
    appeared = {hub: (place(k), dated(k)[0] if is_dated else None) for hub, k in firsts.items()}
    for known in release.repos:
        if known.is_witness:
            since = witness_since(known)
            new = (since or LATEST, since)
            appeared[known.hub] = min(appeared.get(known.hub, new), new, key=lambda entry: entry[0])
    return {hub: at for hub, (_, at) in sorted(appeared.items(), key=lambda item: item[1][0])}


def lead_text(release: Release, organization: Organization, now: datetime) -> str:
    """Say which model hub had a release first, by how much, and where it is still to come; "" without weights.

    It is still to come where the organisation has an account and no weights of this release, for 14 days.
    """
    models = [known for known in release.repos if not known.is_witness]
    firsts = _firsts([known for known in models if known.weights is not Weights.PENDING])
    if not firsts:
        return ""
    order = sorted(firsts.values(), key=place)
    pending = _pending(organization, firsts, release, now)
    text = _order_text(order)
    if len(order) == 1:
        text = f"{hub_name(order[0].hub)} {'first' if pending else 'only'}"
    return "; ".join([text, *(f"{hub_name(hub)} pending" for hub in pending)])


def confirmed(release: Release) -> tuple[tuple[str, str], ...]:
    """Return what witnesses know of a release, as labels and texts: its code, further weights, who serves it."""
    code: list[str] = []
    weights: list[tuple[datetime, str]] = []
    served: dict[str, datetime] = {}
    for known in release.repos:
        told = (*known.repo.confirms, *(known.contents.confirms if known.contents else ()))
        if any(each.kind is ConfirmationKind.CODE for each in told):
            code.append(known.repo.url + _since(witness_since(known)))
        for each in told:
            if each.kind is ConfirmationKind.WEIGHTS:
                weights.append(
                    (each.at or LATEST, f"{_short(each.text)} on {hub_name(known.hub)}{_since(each.at)}")
                )
            elif each.kind is ConfirmationKind.SERVED:
                served[known.hub] = min(each.at or LATEST, served.get(known.hub, LATEST))
    on = [f"on {hub_name(hub)}{_since(None if at == LATEST else at)}" for hub, at in served.items()]
    attached = [text for _, text in sorted(weights)]
    facts = (("Code", _few(code)), ("Weights too", _few(attached)), ("Served", _few(on)))
    return tuple((label, text) for label, text in facts if text)


def _since(at: datetime | None) -> str:
    return f" since {at:%Y-%m-%d}" if at else ""


def _short(text: str) -> str:
    return cut(clean(text), _LONGEST)


def _few(texts: Sequence[str]) -> str:
    more = len(texts) - _CONFIRMED
    return ", ".join(texts[:_CONFIRMED]) + (f" and {more} more" if more > 0 else "")


def model_hubs(organization: Organization) -> tuple[str, ...]:
    """Return the hubs on which an organisation can make a release, each once."""
    return tuple(dict.fromkeys(a.hub for a in organization.accounts if a.hub not in WITNESSES))


def _pending(
    organization: Organization, there: Iterable[str], release: Release, now: datetime
) -> tuple[str, ...]:
    if release.released_at is None or now - release.released_at > AWAITED:
        return ()
    return tuple(hub for hub in model_hubs(organization) if hub not in there)


def _order_text(order: Sequence[KnownRepo]) -> str:
    """Tell the order of the first repositories on several hubs, as far as our sight of them lets it be told."""
    first, *later = order
    names = [hub_name(known.hub) for known in order]
    if all(place(known) - place(first) < _SAME_TIME for known in later):
        return f"{listed(names)} at about the same time"
    if any(_cannot_tell(first, known) for known in later):
        return f"{listed(names)}; which came first is not known"
    gaps = [f"{hub_name(known.hub)} {duration(place(known) - place(first))} later" for known in later]
    basis = (
        "" if all(dated(known)[1] is Basis.OBSERVED for known in order) else " (by the hubs' creation times)"
    )
    return ", ".join([f"{names[0]} first", *gaps]) + basis


def _cannot_tell(first: KnownRepo, other: KnownRepo) -> bool:
    """Tell whether either could have been the first, and by enough to matter: nobody looked in between."""
    if EARLIEST in (place(first), place(other)) or LATEST in (place(first), place(other)):
        return True
    return span(other)[0] < span(first)[1] and place(other) - place(first) >= _SAME_TIME


def _firsts(models: Sequence[KnownRepo]) -> dict[str, KnownRepo]:
    """Return the first repository on each hub, of those with weights where there are any."""
    firsts: dict[str, KnownRepo] = {}
    for known in sorted(
        models, key=lambda k: k.weights is Weights.PENDING
    ):  # within that in the release's order
        firsts.setdefault(known.hub, known)
    return firsts
