"""Say a decision to people: one function for each kind of alert. Plain text; receivers format and escape it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from monitor.core.appearances import confirmed, duration, hub_name, lead_text, listed, model_hubs
from monitor.core.cadence.budget import part_in_words, share_real, years_in_words
from monitor.core.cadence.evidence import limits
from monitor.core.cadence.state import Crossing, Rate
from monitor.core.change_messages import access_words
from monitor.core.companions import Companions
from monitor.core.dating import EARLIEST, place
from monitor.core.pacing import pacing_text
from monitor.core.telling import Link, Message
from monitor.core.text import counted
from monitor.core.types import (
    Account,
    Basis,
    Budgets,
    Direction,
    KnownRepo,
    Level,
    Organization,
    Release,
    Repo,
    Weights,
)
from monitor.core.variants import parameters_text, variants_text

# A message names this many repositories or releases; the rest are counted.
NAMED = 10


def release_message(
    organization: Organization,
    release: Release,
    told: Sequence[KnownRepo],
    now: datetime,
    first_told_at: datetime | None = None,
    releases: Sequence[Release] = (),
) -> Message:
    """Say that a release was launched, or that repositories joined it: `told` are those to be told of.

    `now` decides whether the release is still awaited on the organisation's other hubs. Of a message that is written
    anew, `first_told_at` is when it was written first: what was seen since makes its launch no older. `releases` are
    all of the organisation's, which the launch is compared with.
    """
    repos = sorted(told, key=lambda known: (len(known.repo.name), known.repo.name))
    others = _told_before(release, repos, first_told_at)
    facts = (
        ("Kind", "" if release.kind == "other" else release.kind),
        ("Released", _dating(release)),
        ("Hubs", lead_text(release, organization, now) if len(model_hubs(organization)) > 1 else ""),
        ("Variants", variants_text(repos)),
        ("Parameters", parameters_text(repos)),
        ("Licence", _shared(_licence(known.repo) for known in repos)),
        (
            "Access",
            _shared(access_words(gated) for k in repos if (gated := k.repo.gated) not in (None, "no")),
        ),
        ("Found late", _found_late(repos)),
        *confirmed(release),
    )
    links, more = _links(repos)
    return Message(
        title=_launch_title(organization, release, repos, others),
        lead=_launch_lead(repos, release, releases, is_new=not others),
        facts=tuple((label, value) for label, value in facts if value),
        links_title="Repositories",
        links=links,
        more=more,
        url=repos[0].repo.url,
    )


def late_releases_message(
    organization: Organization, account: Account, releases: Sequence[Release], since: datetime, now: datetime
) -> Message:
    """Say in one message what was launched while an account could not be seen, from `since` to `now`."""
    recent = _newest_first(releases)
    links, more = _release_links(recent)
    return Message(
        title=f"{organization.name}: {counted(len(recent), 'release', 'releases')} found after"
        f" {duration(now - since)} out of sight",
        lead=f"{account} could not be seen from {_minute(since)} to {_minute(now)}. What became public meanwhile is"
        " dated by its creation where that lies in between, else by the end of that time.",
        links_title="Releases",
        links=links,
        more=more,
        url=links[0].url if links else None,
    )


def cadence_message(
    organization: Organization, crossing: Crossing, behind: Sequence[Release], budgets: Budgets
) -> Message:
    """Say that the cadence changed: from what to what, since when, on which releases, and how sure."""
    since, releases = _CADENCE_LABELS[crossing.direction]
    facts = []
    if crossing.before and crossing.direction is not Direction.RESUMED:
        facts.append(("Before", _rate(crossing.before)))
    if crossing.after and crossing.direction in (Direction.FASTER, Direction.SLOWER):
        facts.append(("Since then", _rate(crossing.after)))
    if crossing.changed_on:
        facts.append((since, _changed(crossing)))
    links, more = _release_links(_newest_first(behind))
    return Message(
        title=_cadence_title(organization, crossing, behind),
        lead=f"{crossing.evidence[:1].upper()}{crossing.evidence[1:]}.",
        facts=tuple(facts),
        links_title=releases,
        links=links,
        more=more,
        note=_how_sure(crossing, budgets),
        url=links[0].url if links else None,
    )


def with_company(message: Message, companions: Companions) -> Message:
    """Add to a change of cadence what the others of the organisation's country, or all others, did since then."""
    said = str(companions)
    return replace(message, facts=(*message.facts, ("The others", f"{said[:1].upper()}{said[1:]}")))


# Why a release has no date, by whether its first repository is older than the hub's memory of dates.
_UNDATED = {True: "before 2022-03-03 (the hub does not know when)", False: "not known"}

# What the date is called, and what the releases are.
_CADENCE_LABELS = {
    Direction.FASTER: ("Changed", "The releases behind it"),
    Direction.SLOWER: ("Changed", "The releases since then"),
    Direction.SILENT: ("Silent since", "The last release"),
    Direction.RESUMED: ("Resumed", "The release"),
}


def _told_before(
    release: Release, told: Sequence[KnownRepo], first_told_at: datetime | None
) -> list[KnownRepo]:
    """Return what of a release was launched before: with weights, and on a hub that hosts them."""
    keys = {known.key for known in told}
    return [
        known
        for known in release.repos
        if known.key not in keys and not known.is_witness and known.weights is not Weights.PENDING
        if first_told_at is None or known.first_seen_at < first_told_at
    ]


def _launch_title(
    organization: Organization, release: Release, told: Sequence[KnownRepo], others: Sequence[KnownRepo]
) -> str:
    """Title a launch, its arrival on another hub, or further repositories of it."""
    if not others:
        return f"{organization.name} released {release.name}"
    new_hubs = {known.hub for known in told} - {known.hub for known in others}
    if new_hubs == {known.hub for known in told}:
        return f"{organization.name}: {release.name} is on {listed(_hub_names(told))} now too"
    what = told[0].repo.short_name if len(told) == 1 else f"{len(told)} repositories"
    return f"{organization.name} added {what} to {release.name}"


def _launch_lead(
    told: Sequence[KnownRepo], release: Release, releases: Sequence[Release], *, is_new: bool
) -> str:
    """Say how much it is, whether it was hidden for days, and where the launch stands among others."""
    where = f"{counted(len(told), 'repository', 'repositories')} on {listed(_hub_names(told))}"
    if days := max(map(_days_hidden, told)):
        where += f"; created {counted(days, 'day', 'days')} before becoming public"
    if not is_new and release.released_at:
        where += f"; part of the launch of {_day(release.released_at)}"
    pacing = pacing_text(release, releases) if is_new and releases else ""
    return f"{where}. {pacing}".rstrip()


def _hub_names(repos: Iterable[KnownRepo]) -> list[str]:
    return sorted({hub_name(known.hub) for known in repos})


def _found_late(told: Sequence[KnownRepo]) -> str:
    """Say between which moments became public what the monitor could not see then; "" where it saw all."""
    brackets = [known.published_between for known in told if known.found_late and known.published_between]
    if not brackets:
        return ""
    low, high = min(low for low, _ in brackets), max(high for _, high in brackets)
    what = "it" if len(brackets) == len(told) else f"{len(brackets)} of {len(told)} repositories"
    return f"{what} became public between {_minute(low)} and {_minute(high)}, out of the monitor's sight"


def _days_hidden(known: KnownRepo) -> int:
    if known.published_between is None or known.repo.created_at is None:
        return 0
    return max(0, (known.published_between[0] - known.repo.created_at).days)


def _dating(release: Release) -> str:
    if release.released_at is None:
        return _UNDATED[place(release.repos[0]) == EARLIEST]
    basis = "" if release.basis is Basis.OBSERVED else " (the hub's creation time)"
    return f"{_minute(release.released_at)}{basis}"


def _cadence_title(organization: Organization, crossing: Crossing, behind: Sequence[Release]) -> str:
    """Say in about ten words who does what now, and what did before."""
    may = "may have " if crossing.level is Level.WATCHING else "has "
    if crossing.direction is Direction.SILENT:
        return f"{organization.name} {may}fallen silent{_for_days(crossing)}"
    if crossing.direction is Direction.RESUMED:
        return f"{organization.name} has resumed releasing" + (f": {behind[0].name}" if behind else "")
    verb = "sped up" if crossing.direction is Direction.FASTER else "slowed down"
    if crossing.before and crossing.after:
        rates = f": {crossing.before.per_month:.1f} → {crossing.after.per_month:.1f} release days a month"
        return f"{organization.name} {may}{verb}{rates}"
    return f"{organization.name} {may}{verb}"


def _for_days(crossing: Crossing) -> str:
    """Say for how long there was no release: a silence began the day after the last one."""
    if crossing.changed_on is None:
        return ""
    days = (crossing.decided_on - crossing.changed_on).days + 1
    return f": no release for {counted(days, 'day', 'days')}"


def _how_sure(crossing: Crossing, budgets: Budgets) -> str:
    """Say how often chance alone would raise this, and of a change of pace how many such alerts are real.

    A budget is for "faster" and "slower" together; "silent" has a probability of its own.
    """
    if crossing.direction is Direction.RESUMED:
        return ""
    is_alert = crossing.level is Level.ALERT
    budget = budgets.alert if is_alert else budgets.watch
    silent = crossing.direction is Direction.SILENT
    years = years_in_words(limits(budget).probability if silent else budget)
    share = f"; of all of this kind about {part_in_words(share_real(budget))} are real"
    real = "" if silent else share
    if is_alert:
        return f"Chance alone raises such an alert about once in {years} for an organisation{real}."
    return f"Possible, no more: chance alone raises such a notice about once in {years} for an organisation{real}."


def _changed(crossing: Crossing) -> str:
    if crossing.changed_between is None:
        return f"{crossing.changed_on}"
    low, high = crossing.changed_between
    return f"{crossing.changed_on} (80% sure: {low} to {high})" if low != high else f"{crossing.changed_on}"


def _rate(rate: Rate) -> str:
    return f"{rate.per_month:.1f} release days a month (95%: {rate.low:.1f} to {rate.high:.1f})"


def _named(release: Release) -> str:
    return f"{release.name} ({_day(release.released_at or release.first_seen_at)})"


def _newest_first(releases: Iterable[Release]) -> list[Release]:
    return sorted(releases, key=lambda release: release.released_at or release.first_seen_at, reverse=True)


def _release_links(releases: Sequence[Release]) -> tuple[tuple[Link, ...], int]:
    links = tuple(Link(_named(release), release.repos[0].repo.url) for release in releases[:NAMED])
    return links, max(0, len(releases) - NAMED)


def _links(repos: Sequence[KnownRepo]) -> tuple[tuple[Link, ...], int]:
    return tuple(Link(k.repo.name, k.repo.url) for k in repos[:NAMED]), max(0, len(repos) - NAMED)


def _licence(repo: Repo) -> str | None:
    """Name a licence; a hub calls one that it does not know "other"."""
    if repo.licence != "other":
        return repo.licence or repo.licence_name
    return f"its own, {repo.licence_name}" if repo.licence_name else "its own"


def _shared(values: Iterable[str | None]) -> str:
    """Return the distinct values, as text; "" where none is known."""
    return ", ".join(sorted({value for value in values if value}))


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _day(at: datetime) -> date:
    return at.date()
