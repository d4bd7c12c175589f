"""The commands on whom nobody is told of for a while: mute, unmute."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.context import has_config, opened_app, read_config, reading, say
from monitor.cli.output import Row, emit, format_option, grid
from monitor.config import suggestion
from monitor.config.rules import parse_duration
from monitor.core.text import counted
from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.store import Transaction

_USUAL = timedelta(days=7)
_LONGEST = timedelta(days=3650)
_COLUMNS = ("organization", "until", "since", "by")


def _length(_: click.Context, __: click.Parameter, text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        length = parse_duration(int(text) if text.isdecimal() else text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if not timedelta(0) < length <= _LONGEST:
        raise click.BadParameter(f'{text} is out of bounds; write "1s" to "{_LONGEST.days}d"')
    return length


@click.command("mute")
@click.argument("organization", metavar="[ORG]", required=False)
@click.argument("length", metavar="[TIME]", required=False, callback=_length)
@click.option("--until-change", is_flag=True, help="Until its cadence changes; that is told.")
@format_option
def mute_command(organization: str | None, length: timedelta | None, until_change: bool, form: str) -> None:
    """Tell nobody of an organisation for a while [default: 7d]; alone, list who is muted.

    Its alerts are recorded all the same. What waits to be told is withheld for good; what is being sent, or
    may have arrived, goes out.

    Example: release-monitor mute baidu 3d
    """
    from monitor.store.muting import Mute, mute, mutes

    if length is not None and until_change:
        raise click.UsageError("name a time or --until-change, not both")
    if organization is None:
        if until_change:
            raise click.UsageError("name the organisation to mute")
        return _list(form)
    with opened_app() as app, app.store.writing() as tx:
        key, now = _ever_watched(tx, organization), app.clock()
        withheld = mute(tx, Mute(key, None if until_change else now + (length or _USUAL), now))
        made = next(one for one in mutes(tx, now) if one.organization == key)
    click.echo(
        f"Muted {made.name} {made.until_text()}: alerts are recorded, nobody is told. "
        f"`release-monitor unmute {key}` ends it."
    )
    if withheld:
        say(f"{counted(withheld, 'message that waited is', 'messages that waited are')} withheld")
    return None


@click.command("unmute")
@click.argument("organization", metavar="ORG")
def unmute_command(organization: str) -> None:
    """Tell of a muted organisation again; what was not told meanwhile is in `alerts`."""
    from monitor.store.muting import mutes, unmute

    with opened_app() as app, app.store.writing() as tx:
        key = _ever_watched(tx, organization)
        muted = [one for one in mutes(tx, app.clock()) if one.organization == key]
        unmute(tx, key)
    click.echo(f"{muted[0].name} is told of again." if muted else f"{key} was not muted.")


def _list(form: str) -> None:
    from monitor.clock import utc_now
    from monitor.store.muting import mutes

    with reading() as tx:
        found = mutes(tx, utc_now())
    rows: list[Row] = [one.row() for one in found]
    emit(
        form,
        rows,
        columns=_COLUMNS,
        table=lambda: grid(
            ["organisation", "muted", "since", "by"],
            [
                [one.organization, one.until_text(), f"{one.made_at:%Y-%m-%d %H:%M} UTC", one.made_by]
                for one in found
            ],
            empty="Nobody is muted. Example: release-monitor mute baidu 3d",
        ),
    )


def _ever_watched(tx: "Transaction", key: str) -> str:
    """Return the key of an organisation that the database knows. Raises ConfigError."""
    from monitor.store.reading import organization_keys

    known = organization_keys(tx)
    if key in known:
        return key
    if has_config() and key in [organization.key for organization in read_config().organizations]:
        raise ConfigError(
            [f"{key}: is not watched yet; `release-monitor poll {key}` and `release-monitor run` take it up"]
        )
    raise ConfigError([f"no organisation {key!r} was ever watched{suggestion(key, known)}"])
