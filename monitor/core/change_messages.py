"""Say to people what happened to repositories and accounts that we knew. Plain text; receivers format and escape it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.core.absence import MADE_AGAIN
from monitor.core.appearances import duration, hub_name
from monitor.core.dating import dated
from monitor.core.telling import Link, Message
from monitor.core.text import clean, counted, cut
from monitor.core.types import Account, Change, ChangeKind, KnownRepo, Organization

# A message names this many repositories; the rest are counted.
NAMED = 10

# Of these before and after say no more than the title.
_WITHOUT_STATES = (ChangeKind.WITHDRAWN, ChangeKind.RETURNED, ChangeKind.DISABLED)

_DIFFERENCE = 600  # characters of a difference that are shown


@dataclass(frozen=True, slots=True)
class _Saying:
    """How one way to change is said: the verb of the title, with the place of its object, and the lead."""

    verb: str
    lead: str


_SAYINGS = {
    "withdrawn": _Saying(
        "withdrew",
        "Missing from two complete listings, and a direct look finds nothing: deleted or made private.",
    ),
    "made again": _Saying(
        "withdrew",
        "Deleted, and made again under the same name: by the hub's own id it is another repository.",
    ),
    "returned": _Saying("made {} public again", "Withdrawn before, public again: not counted as a release."),
    "renamed": _Saying("renamed", "It is the same as before, and its history is kept."),
    "licence": _Saying(
        "changed the licence of",
        "The licence that the repository states is another one now; the weights may be the same.",
    ),
    "licence text": _Saying(
        "changed the licence of", "The text of a licence file was edited; the weights may be the same."
    ),
    "gating": _Saying("changed the access to", "Who may download it, and how, has changed."),
    "gated": _Saying("gated", "Who wants to download it has to ask now, or to accept terms."),
    "opened": _Saying("opened", "Everybody may download it now, without asking."),
    "weights": _Saying(
        "replaced the weights of",
        "The repository holds other weights now than before; whoever pinned no commit gets different ones.",
    ),
    "weights arrived": _Saying(
        "added the weights of", "The repository was there without weights; now they can be downloaded."
    ),
    "weights gone": _Saying(
        "removed the weights of", "The repository is still there and holds no weights any more."
    ),
    "disabled": _Saying("disabled", "The hub itself lets nobody download it now."),
    "enabled": _Saying("enabled {} again", "The hub lets it be downloaded again."),
}

# The title where changes of one kind went different ways.
_MIXED = {
    ChangeKind.WEIGHTS: "changed the weights of",
    ChangeKind.GATING: "changed the access to",
    ChangeKind.DISABLED: "disabled or enabled",
}

# Such a short state of before or after stands in the title.
_IN_TITLE = 24

_ACCESS = {
    "no": "open to everybody",
    "auto": "gated, approved automatically",
    "manual": "gated, approved by hand",
}


def access_words(gated: str) -> str:
    """Say who may download what a hub states as `gated`: "no", "auto" or "manual"."""
    return _ACCESS.get(gated, gated)


def change_message(
    organization: Organization, changes: Sequence[Change], known: Iterable[KnownRepo] = ()
) -> Message:
    """Say what happened to known repositories: all changes of one kind in one poll of one account.

    `known` is what was known of the organisation's repositories before.
    """
    first = changes[0]
    repos = list(dict.fromkeys(change.repo for change in changes))
    what = first.repo if len(repos) == 1 else counted(len(repos), "repository", "repositories")
    return Message(
        title=_title(organization, changes, what),
        lead=" ".join([*dict.fromkeys(_saying(change).lead for change in changes), *_difference(changes)]),
        facts=(*_files(changes), *_past(changes, known)),
        links_title="Repositories",
        links=tuple(
            Link(_before_after(change), None if change.kind is ChangeKind.WITHDRAWN else change.url)
            for change in changes[:NAMED]
        ),
        more=max(0, len(changes) - NAMED),
        note=f"Seen on {hub_name(first.hub)} at {first.seen_at:%Y-%m-%d %H:%M} UTC.",
    )


def account_renamed_message(account: Account, listed_as: str) -> Message:
    """Tell the owner of the configuration that an account has another name on its hub now, and what to write."""
    return Message(
        title=f"{account} is now called {listed_as}",
        lead=f"The monitor follows it under its new name. {hub_name(account.hub)} may give the old one to somebody"
        " else: put the new name into organizations.toml.",
        facts=(
            ("Section", f"[{account.organization}]"),
            ("Write", f'{account.hub} = ["{listed_as}"]'),
            ("Instead of", f'"{account.name}"; other accounts in that list stay'),
        ),
    )


def unread_message(account: Account, rows: int, reasons: Sequence[str]) -> Message:
    """Tell that some of an account's rows cannot be read, and what follows from it."""
    return Message(
        title=f"{counted(rows, 'row', 'rows')} of {account} cannot be read",
        lead="They are set aside: what they hold is not in the log, and nothing of this account counts as withdrawn "
        "meanwhile. The rest of it is followed as always.",
        facts=(("Why", cut("; ".join(reasons), _DIFFERENCE)),),
        note="The hub may say something new that this version does not know. `release-monitor status` counts them.",
    )


def _title(organization: Organization, changes: Sequence[Change], what: str) -> str:
    first = changes[0]
    verbs = {_saying(change).verb for change in changes}
    verb = verbs.pop() if len(verbs) == 1 else _MIXED[first.kind]
    # Disabling is the hub's act, not the organisation's.
    hub = f": {hub_name(first.hub)}" if first.kind is ChangeKind.DISABLED else ""
    done = verb.replace("{}", what) if "{}" in verb else f"{verb} {what}"
    return f"{organization.name}{hub} {done}{_states(changes)}"


def _states(changes: Sequence[Change]) -> str:
    """Write before and after into the title, where one licence is concerned and both are short."""
    change = changes[0]
    if len(changes) > 1 or change.kind is not ChangeKind.LICENCE or change.detail:
        return ""
    before, after = _licence(change.before), _licence(change.after)
    return f": {before} → {after}" if max(len(before), len(after)) <= _IN_TITLE else ""


def _licence(stated: str | None) -> str:
    """Name a licence; a hub calls one that it does not know "other"."""
    return "its own" if stated == "other" else stated or "none"


def _saying(change: Change) -> _Saying:
    way: str = change.kind.value
    if change.kind is ChangeKind.WITHDRAWN and (change.after or "").startswith(MADE_AGAIN):
        way = "made again"
    elif change.kind is ChangeKind.LICENCE and change.detail:
        way = "licence text"
    elif change.kind is ChangeKind.GATING and "no" in (change.before, change.after):
        way = "gated" if change.before == "no" else "opened"
    elif change.kind is ChangeKind.DISABLED and change.after == "no":
        way = "enabled"
    elif change.kind is ChangeKind.WEIGHTS and change.after == "none":
        way = "weights gone"
    elif change.kind is ChangeKind.WEIGHTS and change.before in ("pending", "none"):
        way = "weights arrived"
    return _SAYINGS[way]


def _difference(changes: Sequence[Change]) -> Iterator[str]:
    """Quote what was taken out of the first licence text that differs, and what was put in."""
    edited = [change for change in changes if change.kind is ChangeKind.LICENCE and change.detail]
    if not edited:
        return
    lines = (edited[0].detail or "").splitlines()
    out, into = (clean(" ".join(line[1:] for line in lines if line.startswith(sign))) for sign in "-+")
    if len({change.repo for change in changes}) > 1:
        yield f"In {edited[0].repo}:"
    # What one of the two leaves of the room is the other's.
    for label, text, other in (("Taken out", out, into), ("Put in", into, out)):
        if text:
            room = max(_DIFFERENCE // 2, _DIFFERENCE - len(other))
            yield f"{label}: “{cut(text, room)}”"


def _files(changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """Name the weight files that were replaced, where one repository is concerned."""
    for change in changes:
        if len(changes) == 1 and change.kind is ChangeKind.WEIGHTS and change.detail:
            yield "Files", cut(", ".join(change.detail.splitlines()), _DIFFERENCE)


def _past(changes: Sequence[Change], known: Iterable[KnownRepo]) -> Iterator[tuple[str, str]]:
    """Say for how long what was withdrawn had been there, and since when it has been missing."""
    keys = {(c.hub, c.hub_id) for c in changes if c.kind is ChangeKind.WITHDRAWN}
    gone = [one for one in known if one.key in keys]
    since = sorted(at for one in gone if (at := dated(one)[0]))
    if since:
        age = duration(changes[0].seen_at - since[0])
        days = f"{since[0]:%Y-%m-%d}"
        yield "Was public", f"{'' if len(gone) == 1 else 'the oldest '}for {age}, since {days}"
    missing = [one.missing_since for one in gone if one.missing_since]
    if missing:
        yield "Missing since", f"{min(missing):%Y-%m-%d %H:%M} UTC"


def _before_after(change: Change) -> str:
    if change.kind is ChangeKind.RENAMED:
        return f"{change.before} → {change.after}"
    if change.kind is ChangeKind.GATING:
        return f"{change.repo}: {access_words(change.before or '')} → {access_words(change.after or '')}"
    if change.kind is ChangeKind.LICENCE and change.before is not None:
        return f"{change.repo}: {_licence(change.before)} → {_licence(change.after)}"
    if change.before is not None and change.kind not in _WITHOUT_STATES:
        return f"{change.repo}: {change.before} → {change.after}"
    return change.repo
