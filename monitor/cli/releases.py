"""The commands that look at one release and correct how repositories are grouped: releases."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.context import ever_watched, opened_app, reading, say
from monitor.cli.output import Row, day_text, emit, format_option, grid
from monitor.cli.prose import indented, paragraph
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.core.types import Release
    from monitor.store import Transaction
    from monitor.store.correcting import Corrected

_ID = click.IntRange(1, 2**31 - 1)  # what a database may have given


@click.group("releases")
def releases_command() -> None:
    """Look at one release, and correct which repositories are one; a correction outlives every later poll."""


@releases_command.command("show")
@click.argument("release_id", type=_ID, metavar="ID")
@format_option
def releases_show(release_id: int, form: str) -> None:
    """Show a release: its repositories, where it appeared first, why these are one, corrections, the evidence.

    `log --format csv` has the ids. Example: release-monitor releases show 12
    """
    from monitor.store.answers import evidence_of
    from monitor.store.correcting import corrections_about

    with reading() as tx:
        logged, release = _found(tx, release_id)
        about = corrections_about(tx, logged["organization"], release)
        evidence = evidence_of(tx, logged["id"])
    row = {**logged, "why": list(_why(release)), "corrections": about, "evidence": evidence}
    emit(form, row, columns=SHOW_COLUMNS, table=lambda: _shown(row))


def _found(tx: "Transaction", release_id: int) -> "tuple[Row, Release]":
    """Return a release, or the one into which people merged it, which is said. Raises ConfigError."""
    from monitor.store.corrections import merged_into, no_release
    from monitor.store.release_log import find_release

    found = find_release(tx, release_id)
    if found is None and (merged := merged_into(tx, release_id)) is not None:
        say(no_release(tx, release_id))
        found = find_release(tx, merged[0])
    if found is None:
        raise ConfigError([no_release(tx, release_id)])
    return found


SHOW_COLUMNS = (
    *("id", "organization", "name", "kind", "released_at", "basis", "first_seen_at", "hubs"),
    *("weights", "licence", "url", "why"),
)


@releases_command.command("merge")
@click.argument("release_ids", type=_ID, nargs=-1, required=True, metavar="ID ID...")
def releases_merge(release_ids: tuple[int, ...]) -> None:
    """Make one release of several of an organisation; the oldest id stays, and the others lead to it.

    Whatever joins one of them later is in it; undone, each has its own id again. Example: release-monitor releases
    merge 12 15
    """
    from monitor.store.correcting import merge

    _correct(lambda tx, now: merge(tx, release_ids, now))


@releases_command.command("split")
@click.argument("release_id", type=_ID, metavar="ID")
@click.option(
    "--repo", "repos", multiple=True, required=True, metavar="OWNER/NAME", help="What leaves; repeatable."
)
@click.option("--only", is_flag=True, help="Nothing else leaves: the quantisations that are there stay.")
def releases_split(release_id: int, repos: tuple[str, ...], only: bool) -> None:
    """Make a release of its own, with a new id, of some repositories of a release.

    Their quantisations, and their copies on other hubs, go along, now and later. Example: release-monitor releases
    split 12 --repo acme/Lyra-7B-Base
    """
    from monitor.store.correcting import split

    _correct(lambda tx, now: split(tx, release_id, repos, now, only=only))


@releases_command.command("discard")
@click.argument("release_id", type=_ID, metavar="ID")
def releases_discard(release_id: int) -> None:
    """Take what is no release out of the log, with later formats of its models; it counts no more.

    Example: release-monitor releases discard 12
    """
    from monitor.store.correcting import discard

    _correct(lambda tx, now: discard(tx, release_id, now))
    click.echo(f"release {release_id} left the log")


@releases_command.command("rename")
@click.argument("release_id", type=_ID, metavar="ID")
@click.argument("name")
def releases_rename(release_id: int, name: str) -> None:
    """Give a release another name. Example: release-monitor releases rename 12 "Lyra 2" """
    from monitor.store.correcting import rename

    _correct(lambda tx, now: rename(tx, release_id, name, now))


@releases_command.command("undo")
@click.argument("number", type=_ID)
def releases_undo(number: int) -> None:
    """Take a correction back; `releases corrections` lists them. Example: release-monitor releases undo 3"""
    from monitor.store.correcting import undo

    _correct(lambda tx, now: undo(tx, number, now), undone=True)


@releases_command.command("corrections")
@click.argument("organizations", nargs=-1, metavar="[ORG]...")
@format_option
def releases_corrections(organizations: tuple[str, ...], form: str) -> None:
    """List what people corrected, the oldest first."""
    from monitor.store.correcting import all_corrections

    with reading() as tx:
        rows = all_corrections(tx, ever_watched(tx, organizations, "ORG"))
    emit(form, rows, columns=CORRECTION_COLUMNS, table=lambda: _corrections_table(rows))


CORRECTION_COLUMNS = ("number", "organization", "kind", "repos", "rest", "name", "made_at")


def _correct(change: "Callable[[Transaction, datetime], Corrected]", *, undone: bool = False) -> None:
    """Correct something in one transaction, and say what is now what."""
    with opened_app() as app, app.store.writing() as tx:
        done = change(tx, app.clock())
    for release in done.releases:
        click.echo("\n".join(_now(done.organization, release)))
    if done.along:
        say(paragraph(f"along went {', '.join(done.along)}; with --only they stay"))
    if undone:
        for line in _undone(done):
            say(paragraph(line))
    else:
        say(f"correction {done.number}; `release-monitor releases undo {done.number}` takes it back")


def _undone(done: "Corrected") -> Iterator[str]:
    """Say what is undone, and which corrections about the same repositories remain."""
    kind = done.correction.kind.value
    same = [str(row["number"]) for row in done.remaining if row["kind"] == kind]
    if done.differs:
        yield f"correction {done.number} is undone"
    elif same:
        what = "corrections" if len(same) > 1 else "correction"
        verb = _HOLDS[kind] if len(same) > 1 else _HOLDS[kind].replace(" ", "s ", 1)
        yield f"correction {done.number} is undone; nothing changes: {what} {', '.join(same)} {verb}"
    else:
        yield f"correction {done.number} is undone; nothing changes: these are grouped and named so without it"
    yield from (f"correction {row['number']} remains: {_what(row)}" for row in done.remaining)


_HOLDS = {
    "merge": "hold them together",
    "split": "hold them apart",
    "rename": "name them",
    "discard": "keep them out of the log",
}


def _now(organization: str, release: "Release") -> Iterator[str]:
    """Say what a release is now: its name, its day, and below them its repositories."""
    from monitor.core.text import clean, counted

    models = [known for known in release.repos if not known.is_witness]
    names = dict.fromkeys(clean(known.repo.name) for known in models)
    hubs = {known.hub for known in models}
    where = f" on {len(hubs)} hubs" if len(hubs) > 1 else ""
    day = day_text(release.released_at) if release.released_at else "undated"
    number = counted(len(models), "repository", "repositories")
    yield f"release {release.id} of {organization} is now {clean(release.name)} ({day}, {number}{where}):"
    yield from indented(", ".join(names))


def _why(release: "Release") -> Sequence[str]:
    """Return in sentences why these repositories are one release."""
    from monitor.core.lineage import why_one

    return why_one(release)


def _shown(row: Row) -> str:
    return "\n".join(_lines(row))


def _lines(row: Row) -> Iterator[str]:
    from monitor.core.appearances import hub_name
    from monitor.core.text import clean

    released = f"{day_text(row['released_at'])} ({row['basis']})" if row["released_at"] else "unknown"
    yield f"{row['id']}  {clean(row['name'])}, {row['organization']}, {row['kind']}, released {released}"
    first = [f"{hub_name(hub)} {day_text(at)}" for hub, at in row["first_on"].items()]
    yield f"first on: {', '.join(first)}" if first else "on no hub that hosts models"
    yield ""
    yield _repos_table(row["repos"])
    for title, sentences in (
        ("why these are one", row["why"]),
        ("corrections", [_correction_line(one) for one in row["corrections"]]),
        ("evidence", [_evidence_line(one) for one in row["evidence"]]),
    ):
        if sentences:
            yield f"\n{title}:"
            yield from (paragraph(sentence, "  ") for sentence in sentences)


def _repos_table(repos: Sequence[Row]) -> str:
    return grid(
        ["hub", "repository", "created", "first seen", "state", "weights"],
        [
            [
                r["hub"],
                r["id"],
                day_text(r["created_at"]),
                day_text(r["first_seen_at"]),
                r["state"],
                r["weights"],
            ]
            for r in repos
        ],
        empty="no repository",
        fold=["weights", "created", "first seen"],
    )


def _evidence_line(row: Row) -> str:
    from monitor.core.text import clean, counted, listed

    when = f"{row['received_at']:%Y-%m-%d %H:%M:%S} UTC"
    answer = f"{row['url']} answered {row['status']} with {counted(row['size'], 'byte', 'bytes')}"
    repos = clean(listed(row["repos"]))
    return f"{row['what']} ({repos}), {when}: {answer}, SHA-256 {row['sha256']}"


def _correction_line(row: Row) -> str:
    return f"{row['number']} ({day_text(row['made_at'])}): {_what(row)}"


def _what(row: Row) -> str:
    """Say what a correction says."""
    repos, rest = ", ".join(row["repos"]), ", ".join(row["rest"])
    if row["kind"] == "rename":
        return f"{repos} is called {row['name']}"
    if row["kind"] == "discard":
        return f"no release: {repos}"
    return f"{repos} {'with' if row['kind'] == 'merge' else 'apart from'} {rest}"


def _corrections_table(rows: Sequence[dict[str, Any]]) -> str:
    return grid(
        ["number", "made", "organisation", "kind", "what"],
        [[r["number"], day_text(r["made_at"]), r["organization"], r["kind"], _what(r)] for r in rows],
        empty="Nothing was corrected. Example: release-monitor releases merge 12 15",
        texts=["what"],
    )
