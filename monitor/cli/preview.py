"""Show what watching an organisation would give, before it is saved."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from monitor.cli.context import opened_app, say
from monitor.config import Config
from monitor.core.types import WITNESSES, Account, Listing, Organization
from monitor.errors import HubError, MonitorError

if TYPE_CHECKING:
    from monitor.app import App


def show_preview(organization: Organization, accounts: Sequence[Account], config: Config) -> None:
    """Ask the hubs for accounts that are new, and say on stderr what watching them would give.

    What cannot be asked is said, and nothing else comes of it: whom to watch is a person's to say.
    """
    from monitor.core.preview import in_lines
    from monitor.store.foreseeing import foresee

    try:
        with opened_app() as app:
            listings = list(_listings(app, [one for one in accounts if one.hub not in WITNESSES]))
            if listings:
                with app.store.reading() as tx:
                    found = foresee(tx, organization, listings, config.settings.cadence, app.clock())
                first, *rest = in_lines(found)
                say("\n  ".join([f"preview: {first}", *rest]))
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
