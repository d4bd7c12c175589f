"""Make and undo people's corrections: group the organisation anew at once, and have its cadence judged anew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from monitor.core.corrections import (
    LONGEST_NAME,
    Correction,
    CorrectionKind,
    Key,
    discarded_with,
    parted_from,
    with_their_formats,
)
from monitor.core.releases import regroup
from monitor.core.text import clean, cut
from monitor.core.types import WITNESSES, KnownRepo, Release
from monitor.errors import ConfigError
from monitor.store import Transaction
from monitor.store.corrected_alerts import note_correction, note_undone
from monitor.store.corrections import (
    Formers,
    add,
    correction,
    corrections_of,
    former_ids,
    no_release,
)
from monitor.store.polling import lock
from monitor.store.reading import JsonRow
from monitor.store.release_log import find_release
from monitor.store.repos import Rewrite, known_repos, revive, write_repos
from monitor.store.tables import CorrectionRow, OrganizationRow, ReleaseRow, RepoRow


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction that was made or undone, and the releases, as they are now, that hold what it is about.

    `differs` tells whether these were other releases before. `remaining` are the other corrections about them.
    `along` are the names of the repositories that left with those that were to leave.
    """

    organization: str
    correction: Correction
    releases: tuple[Release, ...]
    differs: bool
    remaining: tuple[JsonRow, ...]
    along: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The number of the correction."""
        return self.correction.number


def merge(tx: Transaction, release_ids: Iterable[int], now: datetime) -> Corrected:
    """Make one release of several, under the oldest's id. Raises ConfigError."""
    wanted = sorted(set(release_ids))
    if len(wanted) < 2:
        raise ConfigError(["releases merge: name at least two different releases"])
    key, members = _locked(tx, wanted)
    oldest, *others = wanted
    joining = frozenset(one for release_id in others for one in members[release_id])
    made = Correction(0, CorrectionKind.MERGE, joining, frozenset(members[oldest]))
    return _make(tx, key, made, now, _formers(tx, key, members))


def discard(tx: Transaction, release_id: int, now: datetime) -> Corrected:
    """Take a release out of the log, with what comes later of its models. Raises ConfigError."""
    key, members = _locked(tx, [release_id])
    made = Correction(0, CorrectionKind.DISCARD, frozenset(members[release_id]))
    return _make(tx, key, made, now, _formers(tx, key, members))


def split(
    tx: Transaction, release_id: int, names: Iterable[str], now: datetime, *, only: bool = False
) -> Corrected:
    """Make a release of its own of some repositories ("owner/name") of a release. Raises ConfigError.

    The other formats and copies of the same models go along, unless `only` these are to leave.
    """
    key, members = _locked(tx, [release_id])
    repos = members[release_id]
    wanted = {name.casefold() for name in names}
    named = frozenset(one for one, known in repos.items() if known.repo.name.casefold() in wanted)
    lacking = wanted - {repos[one].repo.name.casefold() for one in named}
    if lacking:
        raise ConfigError(_not_in(release_id, repos.values(), sorted(lacking)))
    apart = named if only else with_their_formats(named, repos.values())
    if apart == repos.keys():
        hint = "leave at least one" if apart == named else "with --only other formats of the same model stay"
        raise ConfigError([f"release {release_id} would be left without a repository; {hint}"])
    done = _make(tx, key, Correction(0, CorrectionKind.SPLIT, apart, frozenset(repos) - apart), now)
    return replace(done, along=tuple(sorted(repos[one].repo.name for one in apart - named)))


def rename(tx: Transaction, release_id: int, name: str, now: datetime) -> Corrected:
    """Give a release another name. Raises ConfigError."""
    shown = cut(clean(name), LONGEST_NAME)
    if not shown:
        raise ConfigError(["releases rename: the name is empty"])
    key, members = _locked(tx, [release_id])
    repos = frozenset(members[release_id])
    parted = parted_from(repos, corrections_of(tx, key))
    return _make(tx, key, Correction(0, CorrectionKind.RENAME, repos, parted, shown), now)


def undo(tx: Transaction, number: int, now: datetime) -> Corrected:
    """Take a correction back. Raises ConfigError."""
    key = tx.scalar(select(CorrectionRow.organization).where(CorrectionRow.id == number))
    if key is not None:
        lock(tx, key)
    row = tx.get(CorrectionRow, number, with_for_update=True)
    if row is None:
        raise ConfigError([f"no correction {number}; `release-monitor releases corrections` lists them"])
    if row.organization != key:  # whose lock we do not hold
        raise ConfigError([f"correction {number} changed hands just now; try again"])
    undone, formers = correction(row), former_ids([row])
    tx.delete(row)
    tx.flush()
    note_undone(tx, key, undone, now)
    return _apply(tx, key, undone, now, formers)


def all_corrections(tx: Transaction, organizations: Sequence[str] = ()) -> list[JsonRow]:
    """Return corrections, the oldest first, with the present names of the repositories that they are about."""
    query = select(CorrectionRow).order_by(CorrectionRow.id)
    if organizations:
        query = query.where(CorrectionRow.organization.in_(organizations))
    rows = tx.scalars(query).all()
    names = _names(tx, {row.organization for row in rows})
    return [
        {
            "number": row.id,
            "organization": row.organization,
            "kind": row.kind,
            "repos": [names.get((hub, hub_id), hub_id) for hub, hub_id, *_ in row.repos],
            "rest": [names.get((hub, hub_id), hub_id) for hub, hub_id, *_ in row.rest],
            "name": row.name,
            "made_at": row.made_at,
        }
        for row in rows
    ]


def corrections_about(tx: Transaction, organization: str, release: Release) -> list[JsonRow]:
    """Return the corrections that name a repository of a release."""
    return _about(tx, organization, frozenset(known.key for known in release.repos))


def _about(tx: Transaction, organization: str, keys: frozenset[Key]) -> list[JsonRow]:
    about = {one.number for one in corrections_of(tx, organization) if not keys.isdisjoint(one.about)}
    return [row for row in all_corrections(tx, [organization]) if row["number"] in about]


def _names(tx: Transaction, organizations: Iterable[str]) -> dict[Key, str]:
    query = select(RepoRow.hub, RepoRow.hub_id, RepoRow.name).where(
        RepoRow.organization.in_(list(organizations))
    )
    return {(hub, hub_id): name for hub, hub_id, name in tx.execute(query)}


def _locked(tx: Transaction, release_ids: Sequence[int]) -> tuple[str, dict[int, dict[Key, KnownRepo]]]:
    """Lock the one organisation of some releases; return it, and the repositories of each but for witnesses."""
    query = select(ReleaseRow.id, ReleaseRow.organization).where(ReleaseRow.id.in_(release_ids))
    of = {row.id: row.organization for row in tx.execute(query)}
    _refuse_unknown(tx, release_ids, of)
    if len(set(of.values())) > 1:
        owners = ", ".join(f"{release_id} is of {of[release_id]}" for release_id in sorted(of))
        raise ConfigError([f"a release is of one organisation: {owners}"])
    key = next(iter(of.values()))
    lock(tx, key)
    members: dict[int, dict[Key, KnownRepo]] = {release_id: {} for release_id in release_ids}
    for known in known_repos(tx, key):
        if known.release_id in members and known.hub not in WITNESSES:
            members[known.release_id][known.key] = known
    _refuse_unknown(tx, release_ids, [one for one, repos in members.items() if repos])  # a poll was faster
    return key, members


def _refuse_unknown(tx: Transaction, release_ids: Iterable[int], known: Iterable[int]) -> None:
    unknown = sorted(set(release_ids) - set(known))
    if unknown:
        raise ConfigError([no_release(tx, one) for one in unknown])


def _not_in(release_id: int, repos: Iterable[KnownRepo], lacking: Iterable[str]) -> list[str]:
    has = ", ".join(sorted({known.repo.name for known in repos})[:10])
    return [f"release {release_id} has no repository {name!r}; it has {has}" for name in lacking]


def _formers(tx: Transaction, organization: str, members: Mapping[int, Iterable[Key]]) -> Formers:
    """Return the ids that repositories have, and had before."""
    earlier = former_ids(tx.scalars(select(CorrectionRow).where(CorrectionRow.organization == organization)))
    return {
        one: list(dict.fromkeys([release_id, *earlier.get(one, ())]))
        for release_id, repos in members.items()
        for one in repos
    }


def _make(
    tx: Transaction, organization: str, made: Correction, now: datetime, formers: Formers | None = None
) -> Corrected:
    numbered = replace(made, number=add(tx, organization, made, now, formers))
    note_correction(tx, organization, numbered, now)
    return _apply(tx, organization, numbered, now)


def _apply(
    tx: Transaction, organization: str, changed: Correction, now: datetime, formers: Formers | None = None
) -> Corrected:
    """Group the organisation anew now that one of its corrections was made, or is there no more.

    What the globs keep out, and what waits for its next poll after it changed hands, is in no release and stays so.
    What is apart again gets the id back that it had by `formers`.
    """
    known = known_repos(tx, organization)
    before = _holding(tx, organization, changed)
    back = discarded_with(changed.repos, known) if changed.kind is CorrectionKind.DISCARD else ()
    grouped = tuple(one for one in known if one.is_witness or one.release_id is not None or one.key in back)
    releases = _regrouped(grouped, corrections_of(tx, organization), changed)
    if formers:
        releases = _with_former_ids(tx, organization, releases, formers)
    write_repos(tx, [Rewrite(organization, known, (), releases)])
    if changed.kind is not CorrectionKind.RENAME:
        _judge_anew(tx, organization, now)
    tx.flush()
    tx.expire_all()
    after = _holding(tx, organization, changed)
    others = (row for row in _about(tx, organization, changed.about) if row["number"] != changed.number)
    return Corrected(organization, changed, after, _outlines(before) != _outlines(after), tuple(others))


def _regrouped(
    known: Sequence[KnownRepo], corrections: Sequence[Correction], changed: Correction
) -> tuple[Release, ...]:
    """Group anew; what is apart from the rest now has no claim on the id that they had together."""
    theirs = {one.release_id for one in known if one.key in changed.rest}
    releases = regroup(known, corrections)
    if not theirs:
        return releases
    moved = frozenset[Key]()
    for release in releases:
        keys = frozenset(one.key for one in release.repos)
        if not keys.isdisjoint(changed.repos) and keys.isdisjoint(changed.rest):
            moved |= keys
    return regroup((_without_id(one) if _shares(one, moved, theirs) else one for one in known), corrections)


def _with_former_ids(
    tx: Transaction, organization: str, releases: Iterable[Release], formers: Formers
) -> tuple[Release, ...]:
    """Give releases that are new the ids that they had before they were merged, where nobody has these."""
    lost = {one for ids in formers.values() for one in ids}
    lost -= set(tx.scalars(select(ReleaseRow.id).where(ReleaseRow.id.in_(lost))))
    found, revived = list[Release](), list[Release]()
    for release in releases:
        theirs = (one for known in release.repos for one in formers.get(known.key, ()) if one in lost)
        former = next(theirs, None) if release.id is None else None
        if former is not None:
            lost.remove(former)
            revived.append(replace(release, id=former))
        found.append(release if former is None else revived[-1])
    revive(tx, organization, revived)
    return tuple(found)


def _shares(known: KnownRepo, moved: frozenset[Key], ids: set[int | None]) -> bool:
    return known.key in moved and known.release_id in ids


def _without_id(known: KnownRepo) -> KnownRepo:
    return replace(known, release_id=None)


def _judge_anew(tx: Transaction, organization: str, now: datetime) -> None:
    """Have the cadence lived through again from the first release, silently up to the day that was judged before."""
    yesterday = now.date() - timedelta(days=1)
    anew = update(OrganizationRow).where(OrganizationRow.key == organization)
    judged_until = func.coalesce(OrganizationRow.judged_until, yesterday)
    tx.connection().execute(anew.values(cadence=None, judged_until=judged_until, unjudged=True))


def _holding(tx: Transaction, organization: str, changed: Correction) -> tuple[Release, ...]:
    ids = {one.release_id for one in known_repos(tx, organization) if one.key in changed.about}
    found = (find_release(tx, release_id) for release_id in sorted(filter(None, ids)))
    return tuple(release for _, release in filter(None, found))


def _outlines(releases: Iterable[Release]) -> list[tuple[int | None, str, frozenset[Key]]]:
    return [(one.id, one.name, frozenset(known.key for known in one.repos)) for one in releases]
