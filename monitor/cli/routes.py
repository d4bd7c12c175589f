"""The command about who is told of what: routes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from monitor.cli.context import environment, known_organizations, read_config, reading, say
from monitor.cli.output import emit, format_option, grid
from monitor.config import Config
from monitor.core.appearances import duration
from monitor.core.history import Rules
from monitor.core.routing import BRIEF, CHANGES, KINDS, Mode, Routing, Topic, topics_of
from monitor.core.telling import AlertKind
from monitor.core.types import Level

if TYPE_CHECKING:
    from monitor.store.muting import Mute

# What need not be about an organisation.
_OF_NOBODY = (AlertKind.HEALTH.value, BRIEF)
# Which key of [notify] says how a kind goes out.
_KEYS = {"release": "releases", "change": "changes"}
_COLUMNS = (
    *("organization", "kind", "change", "level", "receivers", "route", "mode"),
    *("due_at", "held_until", "muted", "muted_until"),
)


@click.group("routes")
def routes_command() -> None:
    """Say who is told of what, and when."""


@routes_command.command("test")
@click.argument("what", nargs=-1, required=True, metavar="[ORG] KIND")
@click.option("--change", type=click.Choice(CHANGES), help="Which change [default: each].")
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    help="How sure a change of cadence is [default: each].",
)
@click.option("--name", "names", multiple=True, help="A repository of it, for routes by name; repeatable.")
@format_option
def routes_test(
    what: tuple[str, ...], change: str | None, level: str | None, names: tuple[str, ...], form: str
) -> None:
    """Say where something would go now, by which route, how and when; sends nothing.

    KIND is release, cadence, change, health or brief; the last two need no ORG.

    Example: release-monitor routes test alibaba change --change licence
    """
    from monitor.app import rules
    from monitor.clock import utc_now
    from monitor.config.receivers import unreachable
    from monitor.store.muting import mutes

    config, env, now = read_config(), environment(), utc_now()
    topics = [
        replace(topic, names=names)
        for topic in _topics(what, config)
        if change in (None, topic.change) and level in (None, topic.level.value)
    ]
    if not topics:
        raise click.UsageError("--change is for KIND change, and --level watching for cadence")
    for doubt in unreachable(config.settings.routes, env):
        say(doubt)
    with reading() as tx:
        muted = {mute.organization: mute for mute in mutes(tx, now)}
    plan = rules(config, env)
    rows = [_row(topic, plan, muted.get(topic.organization or ""), now) for topic in topics]
    emit(form, rows, columns=_COLUMNS, table=lambda: _table(rows, plan, now))
    for place in sorted({place for topic in topics for place in _by_name(topic, plan.routing)}):
        say(f"route {place + 1} asks for a name besides; try --name with a repository's")


def _topics(what: tuple[str, ...], config: Config) -> list[Topic]:
    """Return everything of that kind that may be told."""
    kind = what[-1]
    if kind not in KINDS or len(what) > 2:
        raise click.UsageError(f"write [ORG] KIND, and KIND is one of {', '.join(KINDS)}")
    if len(what) == 1 and kind not in _OF_NOBODY:
        raise click.UsageError(f"name the organisation as well: ORG {kind}")
    if len(what) == 1 or kind == BRIEF:
        return [Topic(kind)]
    known_organizations(what[:1], config)
    organization = next(one for one in config.organizations if one.key == what[0])
    return [topic for topic in topics_of(organization) if topic.kind == kind]


def _row(topic: Topic, rules: Rules, mute: "Mute | None", now: datetime) -> dict[str, Any]:
    routing, timetable = rules.routing, rules.timetable
    mode, place = routing.mode_of(topic), routing.place_of(topic)
    if topic.kind == BRIEF:
        due_at = timetable.next_brief(now)
        mode = mode if due_at else Mode.OFF
    else:
        due_at = timetable.next_digest(now) if mode is Mode.DIGEST else now
        due_at += rules.settle if topic.kind == AlertKind.RELEASE and mode is Mode.EACH else timedelta(0)
    is_muted = mute is not None and mute.silences(topic.kind, topic.level, now)
    is_told = mode is not Mode.OFF and not is_muted
    return {
        "organization": topic.organization,
        "kind": topic.kind,
        "change": topic.change,
        "level": topic.level.value,
        "receivers": list(routing.receivers_of(topic)) if is_told else [],
        "route": None if place is None else place + 1,
        "mode": mode.value,
        "due_at": due_at if is_told else None,
        "held_until": timetable.quiet_until(due_at) if is_told and due_at else None,
        "muted": is_muted,
        "muted_until": mute.until if mute and is_muted else None,
    }


def _by_name(topic: Topic, routing: Routing) -> Iterator[int]:
    """Yield the places of routes that a name might lead to."""
    taken_at = routing.place_of(topic)
    for place, route in enumerate(routing.routes[:taken_at]):
        if route.match.name and not topic.names and replace(route.match, name=()).fits(topic):
            yield place


def _table(rows: list[dict[str, Any]], rules: Rules, now: datetime) -> str:
    return grid(
        ["what", "goes to", "by", f"when ({rules.timetable.time_zone})"],
        [
            [
                _what(row),
                ", ".join(row["receivers"]) or "nobody",
                f"route {row['route']}" if row["route"] else "no route",
                _when(row, rules, now),
            ]
            for row in rows
        ],
        empty="",
    )


def _what(row: dict[str, Any]) -> str:
    about = row["change"] or ("possible" if row["level"] == Level.WATCHING else None)
    return " ".join(filter(None, [row["organization"], row["kind"], about and f"({about})"]))


def _when(row: dict[str, Any], rules: Rules, now: datetime) -> str:
    """Say when it goes out, or why not."""
    key = "watching" if row["level"] == Level.WATCHING else _KEYS.get(row["kind"], row["kind"])
    if row["mode"] == Mode.OFF:
        return f'never: [notify] {key} = "off"'
    if row["muted"]:
        until = _local(row["muted_until"], rules) if row["muted_until"] else "its cadence changes"
        return f"not now: muted until {until}"
    if row["kind"] == BRIEF:
        text = _local(row["due_at"], rules)
    elif row["mode"] == Mode.DIGEST:
        text = f"in the digest of {_local(row['due_at'], rules)}"
    elif row["due_at"] > now:
        text = f"{duration(row['due_at'] - now, seconds=True)} after its first repository is seen"
    else:
        text = "at once"
    held = row["held_until"]
    return text if held is None else f"{text}; quiet until {_local(held, rules)}"


def _local(at: datetime, rules: Rules) -> str:
    return f"{at.astimezone(ZoneInfo(rules.timetable.time_zone)):%Y-%m-%d %H:%M}"
