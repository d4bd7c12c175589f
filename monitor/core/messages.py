"""Say a decision to people: one function for each kind of alert. Plain text; receivers format and escape it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from math import sqrt

from monitor.core.cadence.state import Crossing, Rate
from monitor.core.text import counted
from monitor.core.types import (
    Basis,
    Budgets,
    Change,
    ChangeKind,
    Direction,
    KnownRepo,
    Level,
    Link,
    Message,
    Organization,
    Release,
)

# A message names this many repositories; the rest are counted.
NAMED = 10


def release_message(organization: Organization, release: Release, fresh: Sequence[KnownRepo]) -> Message:
    """Say that a release was launched, or that repositories joined it: `fresh` are those to be told of now."""
    repos = sorted(fresh, key=lambda known: (len(known.repo.name), known.repo.name))
    is_launch = len(fresh) == len(release.repos)
    title = (
        f"{organization.name} released {release.name}"
        if is_launch
        else f"{organization.name}: {counted(len(fresh), 'more repository', 'more repositories')} of {release.name}"
    )
    facts = [("Kind", release.kind), ("Released", _dating(release))]
    if licence := _shared(known.repo.licence for known in repos):
        facts.append(("Licence", licence))
    if size := _sizes(repos):
        facts.append(("Parameters", size))
    if gated := _shared(known.repo.gated for known in repos if known.repo.gated not in (None, "no")):
        facts.append(("Access", f"gated ({gated})"))
    links, more = _links(repos)
    return Message(
        title=title,
        lead=_launch_lead(release, repos),
        facts=tuple(facts),
        links_title="Repositories",
        links=links,
        more=more,
        url=repos[0].repo.url,
    )


def cadence_message(
    organization: Organization, crossing: Crossing, behind: Sequence[Release], budgets: Budgets
) -> Message:
    """Say that the cadence changed: from what to what, since when, on which releases, and how sure."""
    since, releases = _CADENCE_LABELS[crossing.direction]
    facts = []
    if crossing.before:
        facts.append(("Before", _rate(crossing.before)))
    if crossing.after and crossing.direction in (Direction.FASTER, Direction.SLOWER):
        facts.append(("Since then", _rate(crossing.after)))
    if crossing.changed_on:
        facts.append((since, _changed(crossing)))
    recent = sorted(behind, key=lambda release: release.released_at or release.first_seen_at, reverse=True)
    links = tuple(Link(_named(release), release.repos[0].repo.url) for release in recent[:NAMED])
    return Message(
        title=_cadence_title(organization, crossing),
        lead=f"{crossing.evidence[:1].upper()}{crossing.evidence[1:]}.",
        facts=tuple(facts),
        links_title=releases,
        links=links,
        more=max(0, len(recent) - NAMED),
        note=_how_sure(crossing, budgets),
        url=links[0].url if links else None,
    )


# What the date is called, and what the releases are.
_CADENCE_LABELS = {
    Direction.FASTER: ("Changed", "The releases behind it"),
    Direction.SLOWER: ("Changed", "The releases since then"),
    Direction.SILENT: ("Silent since", "The last release"),
    Direction.RESUMED: ("Resumed", "The release"),
}

_CHANGE_TITLES = {
    ChangeKind.WITHDRAWN: "withdrew",
    ChangeKind.RETURNED: "made public again",
    ChangeKind.RENAMED: "renamed",
    ChangeKind.LICENCE: "changed the licence of",
    ChangeKind.GATING: "changed the access to",
}


def change_message(organization: Organization, changes: Sequence[Change]) -> Message:
    """Say what happened to known repositories: all changes of one kind in one poll of one account."""
    first = changes[0]
    what = first.repo if len(changes) == 1 else counted(len(changes), "repository", "repositories")
    return Message(
        title=f"{organization.name} {_CHANGE_TITLES[first.kind]} {what}",
        lead=_change_lead(first),
        links_title="Repositories",
        links=tuple(
            Link(_before_after(change), None if change.kind is ChangeKind.WITHDRAWN else change.url)
            for change in changes[:NAMED]
        ),
        more=max(0, len(changes) - NAMED),
        note=f"Seen on {first.hub} at {_minute(first.seen_at)}.",
    )


def _change_lead(change: Change) -> str:
    if change.kind is ChangeKind.WITHDRAWN and change.after is not None:
        return "Deleted, and made again under the same name: by the hub's own id it is another repository."
    if change.kind is ChangeKind.WITHDRAWN:
        return "Missing from two complete listings, and a direct look finds nothing: deleted or made private."
    return {
        ChangeKind.RETURNED: "Withdrawn before, public again: not counted as a release.",
        ChangeKind.RENAMED: "By the hub's own id it is the same as before; its history is kept.",
        ChangeKind.LICENCE: "The licence that the hub states is another one now; the weights may be the same.",
        ChangeKind.GATING: "Who may download it, and how, has changed.",
    }.get(change.kind, "")


def _before_after(change: Change) -> str:
    if change.kind is ChangeKind.RENAMED:
        return f"{change.before} → {change.after}"
    if change.before is not None:
        return f"{change.repo}: {change.before} → {change.after}"
    return change.repo


def _launch_lead(release: Release, repos: Sequence[KnownRepo]) -> str:
    hubs = sorted({known.hub for known in repos})
    count = counted(len(repos), "repository", "repositories")
    late = [k for k in repos if k.published_between and k.repo.created_at and _days_hidden(k) >= 1]
    if late:
        days = max(_days_hidden(known) for known in late)
        return (
            f"{count} on {' and '.join(hubs)}; created {counted(days, 'day', 'days')} before becoming public."
        )
    return f"{count} on {' and '.join(hubs)}."


def _days_hidden(known: KnownRepo) -> int:
    if known.published_between is None or known.repo.created_at is None:
        return 0
    return max(0, (known.published_between[0] - known.repo.created_at).days)


def _dating(release: Release) -> str:
    if release.released_at is None:
        return "before 2022-03-03 (the hub does not know when)"
    basis = "" if release.basis is Basis.OBSERVED else " (the hub's creation time)"
    return f"{_minute(release.released_at)}{basis}"


def _cadence_title(organization: Organization, crossing: Crossing) -> str:
    may = "may have " if crossing.level is Level.WATCHING else "has "
    if crossing.direction is Direction.SILENT:
        return f"{organization.name} {may}fallen silent"
    if crossing.direction is Direction.RESUMED:
        return f"{organization.name} has resumed releasing"
    verb = "sped up" if crossing.direction is Direction.FASTER else "slowed down"
    if crossing.before and crossing.after:
        rates = f": {crossing.before.per_month:.1f} → {crossing.after.per_month:.1f} release days a month"
        return f"{organization.name} {may}{verb}{rates}"
    return f"{organization.name} {may}{verb}"


def _how_sure(crossing: Crossing, budgets: Budgets) -> str:
    """Say how often chance alone would raise this: a probability p a year means once in about 1/p years.

    A budget is for "faster" and "slower" together; "silent" has a p of its own, 1 - sqrt(1 - P).
    """
    if crossing.direction is Direction.RESUMED:
        return ""
    is_alert = crossing.level is Level.ALERT
    budget = budgets.alert if is_alert else budgets.watch
    chance = 1 - sqrt(1 - budget) if crossing.direction is Direction.SILENT else budget
    years = f"about once in {1 / chance:.0f} years for an organisation"
    if is_alert:
        return f"Chance alone raises such an alert {years}."
    return f"Possible, no more: chance alone raises such a notice {years}."


def _changed(crossing: Crossing) -> str:
    if crossing.changed_between is None:
        return f"{crossing.changed_on}"
    low, high = crossing.changed_between
    return f"{crossing.changed_on} (80% sure: {low} to {high})" if low != high else f"{crossing.changed_on}"


def _rate(rate: Rate) -> str:
    return f"{rate.per_month:.1f} release days a month (95%: {rate.low:.1f} to {rate.high:.1f})"


def _named(release: Release) -> str:
    return f"{release.name} ({_day(release.released_at or release.first_seen_at)})"


def _links(repos: Sequence[KnownRepo]) -> tuple[tuple[Link, ...], int]:
    return tuple(Link(k.repo.name, k.repo.url) for k in repos[:NAMED]), max(0, len(repos) - NAMED)


def _sizes(repos: Sequence[KnownRepo]) -> str:
    sizes = sorted({known.repo.parameters for known in repos if known.repo.parameters})
    if not sizes:
        return ""
    low, high = human_count(sizes[0]), human_count(sizes[-1])
    return low if low == high else f"{low} to {high}"


def human_count(number: int) -> str:
    """Write a number of parameters as people do.

    >>> human_count(684_531_386_000)
    '685B'
    """
    for unit, size in (("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if number >= size:
            value = number / size
            return f"{value:.0f}{unit}" if value >= 10 else f"{value:.1f}{unit}"
    return str(number)


def _shared(values: Iterable[str | None]) -> str:
    """Return the distinct values, as text; "" where none is known."""
    return ", ".join(sorted({value for value in values if value}))


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _day(at: datetime) -> date:
    return at.date()
