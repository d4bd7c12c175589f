"""Show what watching an organisation would give, before it is saved."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from monitor.cli.context import opened_app, say
from monitor.config import Config
from monitor.core.types import WITNESSES, Account, Listing, Organization
from monitor.errors import HubError, MonitorError

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.core.cadence.state import Crossing
    from monitor.core.preview import Preview


def show_preview(organization: Organization, accounts: Sequence[Account], config: Config) -> None:
    """Ask the hubs for accounts that are new, and say on stderr what watching them would give.

    What cannot be asked is said, and nothing else comes of it: whom to watch is a person's to say.
    """
    try:
        with opened_app() as app:
            listings = list(_listings(app, [one for one in accounts if one.hub not in WITNESSES]))
            if listings:
                for line in _lines(_preview(app, organization, listings, config)):
                    say(line)
    except MonitorError as error:
        say(f"no preview: {error}")


def _listings(app: "App", accounts: Sequence[Account]) -> Iterator[Listing]:
    with app.hubs() as hubs:
        for account in accounts:
            try:
                listing = hubs[account.hub].list_repos(account)
            except HubError as error:
                say(f"no preview of {account}: {error}")
            else:
                if isinstance(listing, Listing):
                    yield listing


def _preview(
    app: "App", organization: Organization, listings: Sequence[Listing], config: Config
) -> "Preview":
    from monitor.core.preview import Known, preview
    from monitor.store.corrections import corrections_of
    from monitor.store.judging import fleet
    from monitor.store.repos import known_repos

    key = organization.key
    with app.store.reading() as tx:
        known = Known(known_repos(tx, key), corrections_of(tx, key), fleet(tx))
    return preview(organization, known, listings, config.settings.cadence, app.clock())


def _lines(found: "Preview") -> Iterator[str]:
    from monitor.core.text import counted
    from monitor.core.types import Level

    since = f" since {found.since}" if found.since else ""
    undated = f" ({found.undated:,} without a date)" if found.undated else ""
    yield (
        f"preview: {counted(found.repos, 'repository', 'repositories')}, "
        f"{counted(found.releases, 'release', 'releases')}{since}{undated}"
    )
    yield f"  now {_regime(found)}"
    alerts = [one for one in found.crossings if one.level is Level.ALERT]
    possible = counted(len(found.crossings) - len(alerts), "possible change", "possible changes")
    yield f"  in the last 2 years it would have raised {counted(len(alerts), 'alert', 'alerts')} and {possible}"
    yield from (f"  {_line(one)}" for one in found.crossings)


def _regime(found: "Preview") -> str:
    verdict = found.verdict
    rate = f", {verdict.rate_per_month:.1f} release days a month" if verdict.rate_per_month else ""
    return f"{verdict.regime}{rate}: {verdict.why}"


def _line(crossing: "Crossing") -> str:
    raised_on = crossing.decided_on + timedelta(days=1)  # when the day that decided is over
    return f"{raised_on}  {crossing.level} {crossing.direction}: {crossing.evidence}"
