"""What watching an organisation would show, with what the log knows of it already."""

from collections.abc import Iterable
from datetime import datetime

from monitor.core.preview import Known, Preview, preview
from monitor.core.types import Budgets, Listing, Organization
from monitor.store import Transaction
from monitor.store.corrections import corrections_of
from monitor.store.judging import fleet
from monitor.store.repos import known_repos


def foresee(
    tx: Transaction, organization: Organization, listings: Iterable[Listing], budgets: Budgets, now: datetime
) -> Preview:
    """Foresee it from listings of accounts that are not watched yet; nothing is written."""
    key = organization.key
    known = Known(known_repos(tx, key), corrections_of(tx, key), fleet(tx))
    return preview(organization, known, listings, budgets, now)
