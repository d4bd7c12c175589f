"""Read from an address how a list of releases is narrowed down, and write it back into links."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from monitor.config import HUBS
from monitor.core.appearances import hub_name
from monitor.store.browsing import Query, Sort

ROWS = 50
_LONGEST = 200  # characters of a value

# The fields of the form, with what each is called where it is shown that it is set.
FIELDS = {
    "search": "Search",
    "organization": "Organisation",
    "country": "Country",
    "hub": "Hub",
    "kind": "Kind",
    "licence": "Licence",
    "openness": "Weights",
    "since": "Since",
    "until": "Until",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address asks for. `given` has its values by field, as they were written."""

    given: Mapping[str, str]
    sort: Sort
    descending: bool

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "Filters":
        """Read the parameters of an address; what has no value counts as not given. Raises HTTPException 400."""
        given = {name: params[name].strip() for name in FIELDS if params.get(name, "").strip()}
        for name, value in given.items():
            if len(value) > _LONGEST or "\0" in value:
                raise HTTPException(400, f"{name}: is longer than {_LONGEST} characters; shorten it")
        if given.get("hub", HUBS[0]) not in HUBS:
            raise HTTPException(400, f"hub: must be one of {', '.join(HUBS)}")
        sort = params.get("sort") or Sort.RELEASED
        if sort not in set(Sort):
            raise HTTPException(400, f"sort: must be one of {', '.join(Sort)}")
        order = params.get("order") or usual_order(Sort(sort))
        if order not in ("asc", "desc"):
            raise HTTPException(400, 'order: must be "asc" or "desc"')
        return cls(given, Sort(sort), order == "desc")

    def query(self, after: str | None = None, before: str | None = None, limit: int = ROWS) -> Query:
        """Return what is asked of the store. Raises HTTPException 400 for a day or cursor that is none."""
        try:
            return Query(
                organizations=(self.given["organization"],) if "organization" in self.given else (),
                since=self._day("since", time.min),
                until=self._day("until", time.max),
                sort=self.sort,
                descending=self.descending,
                after=after or None,
                before=before or None,
                limit=limit,
                **{
                    name: self.given.get(name)
                    for name in ("country", "hub", "kind", "licence", "openness", "search")
                },
            )
        except ValueError as error:
            raise HTTPException(400, f"after, before: {error}; go back to the first page") from None

    def address(self, path: str, **changes: str | None) -> str:
        """Return the address of the same list with some fields changed; None takes one away."""
        values = {
            **self.given,
            "sort": self.sort.value,
            "order": "desc" if self.descending else "asc",
            **changes,
        }
        if values["sort"] == Sort.RELEASED and values["order"] == "desc":
            values = {name: value for name, value in values.items() if name not in ("sort", "order")}
        return address_of(path, values)

    def sorted_by(self, path: str, sort: str) -> str:
        """Return the address of the list sorted by something, the other way round if it is already."""
        usual = usual_order(Sort(sort))
        present = "desc" if self.descending else "asc"
        order = ("asc" if present == "desc" else "desc") if self.sort == sort else usual
        return self.address(path, sort=sort, order=order)

    def chips(self, path: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return what is set, in words, each with the address of the list without it."""
        found = []
        for name, value in self.given.items():
            shown = {"hub": hub_name(value), "organization": names.get(value, value)}.get(name, value)
            found.append((f"{FIELDS[name]}: {shown}", self.address(path, **{name: None})))
        return found

    def _day(self, name: str, at: time) -> datetime | None:
        """Return the moment that a day means: its beginning, or its end."""
        if name not in self.given:
            return None
        try:
            day = date.fromisoformat(self.given[name])
        except ValueError:
            raise HTTPException(400, f"{name}: is no day; write it as 2026-04-24") from None
        return datetime.combine(day, at, UTC)


def address_of(path: str, values: Mapping[str, object], **more: object) -> str:
    """Return an address with those parameters that have a value."""
    query = urlencode({name: value for name, value in {**values, **more}.items() if value})
    return f"{path}?{query}" if query else path


def usual_order(sort: Sort) -> str:
    """Return in which order people expect a column first: names from A, numbers and days from the greatest."""
    return "asc" if sort in (Sort.NAME, Sort.ORGANIZATION) else "desc"
