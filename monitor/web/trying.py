"""What comes of an organisation before it is saved: whether hubs know its accounts, and what watching it would show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.charts.drawing import svg
from monitor.config import Config
from monitor.core.launch_chart import cadence_chart
from monitor.core.preview import Preview, in_lines
from monitor.core.types import WITNESSES, Account, Listing, Organization
from monitor.hubs.accounts import Checked, check, listed
from monitor.store.foreseeing import foresee
from monitor.web.site import Site

# As long as somebody waits for a page: for the answer whether an account exists, and for all that is in it.
_FOR_A_CHECK = timedelta(seconds=8)
_FOR_A_LISTING = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Trial:
    """What hubs say of the new accounts, what watching would show, and of which accounts that is not known and why."""

    checked: dict[Account, Checked]
    preview: Preview | None = None
    chart: str | None = None
    unseen: tuple[tuple[Account, str], ...] = ()

    @property
    def lines(self) -> Sequence[str]:
        """The preview in words."""
        return tuple(in_lines(self.preview)) if self.preview else ()

    def unknown(self) -> dict[str, str]:
        """Return by hub what is wrong with its accounts."""
        found: dict[str, str] = {}
        for account, said in self.checked.items():
            if said.problem:
                text = f"{account.name}: {said.problem}"
                found[account.hub] = f"{found[account.hub]}; {text}" if account.hub in found else text
        return found


def newcomers(organization: Organization, config: Config) -> list[Account]:
    """Return the accounts of it that the configuration does not watch."""
    watched = {(account.hub, account.name) for account in config.accounts}
    return [one for one in organization.accounts if (one.hub, one.name) not in watched]


def checked(site: Site, organization: Organization, config: Config) -> Trial:
    """Ask the hubs about the accounts that are new."""
    return Trial(check(newcomers(organization, config), site.hubs, _FOR_A_CHECK))


def tried(site: Site, organization: Organization, config: Config) -> Trial:
    """Ask the hubs about the accounts that are new, and foresee what watching them would show."""
    first = checked(site, organization, config)
    found = [account for account, said in first.checked.items() if not said.problem]
    makers = [account for account in found if account.hub not in WITNESSES]
    answers = listed(makers, site.hubs, _FOR_A_LISTING)
    now = site.clock()
    with site.store.reading() as tx:
        listings = [one for one in answers.values() if isinstance(one, Listing)]
        preview = foresee(tx, organization, listings, config.settings.cadence, now)
    chart = cadence_chart(organization.name, preview.days, now.date()) if preview.days else None
    return Trial(
        first.checked,
        preview if listings or preview.repos else None,
        svg(chart, in_page=True) if chart else None,
        tuple((account, str(one)) for account, one in answers.items() if not isinstance(one, Listing)),
    )
