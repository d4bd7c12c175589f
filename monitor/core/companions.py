"""Whom an organisation that changed its pace is compared with: its country, or everybody who is watched."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from monitor.core.cadence.panel import Comparison, Member, compare

ALL = "all"  # the group of everybody
_ENOUGH = 5  # others with enough of a past make a group


@dataclass(frozen=True, slots=True)
class Companions:
    """What the others of a group did; `group` is a country (ISO 3166-1 alpha-2) or "all"."""

    group: str
    compared: Comparison

    def __str__(self) -> str:
        return self.compared.text("others watched" if self.group == ALL else f"others in {self.group}")


def companions(
    organization: str, countries: Mapping[str, str | None], members: Mapping[str, Member], day: date
) -> Companions | None:
    """Say whether an organisation changed alone, as of the end of a day; None where it has no open change.

    `members` has every organisation with a cadence, `countries` where each is from. A country with fewer than five
    others to compare with is no group: everybody is.
    """
    country = countries.get(organization)
    if organization not in members:
        return None
    if country is not None:
        compatriots = {key: member for key, member in members.items() if countries.get(key) == country}
        compared = compare(organization, compatriots, day)
        if compared is None or compared.others >= _ENOUGH:
            return Companions(country, compared) if compared else None
    compared = compare(organization, members, day)
    return Companions(ALL, compared) if compared and compared.others > 1 else None  # one other is no group
